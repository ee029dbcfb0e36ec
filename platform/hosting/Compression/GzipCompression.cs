using System.IO.Compression;
using Grpc.Net.Compression;

namespace Pennypost.Hosting.Compression;

/// <summary>gzip (RFC 1952) whose empty message is a valid empty member.</summary>
public sealed class GzipCompression : ICompressionProvider
{
    // Header without name or time, a final empty block, and the checksum and length of nothing.
    private static readonly byte[] EmptyMember =
    [
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff,
        3, 0,
        0, 0, 0, 0,
        0, 0, 0, 0,
    ];

    /// <inheritdoc/>
    public string EncodingName => "gzip";

    /// <inheritdoc/>
    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new NeverEmptyStream(new GZipStream(stream, compressionLevel ?? MessageCompression.DefaultLevel, leaveOpen: true), stream, EmptyMember);

    /// <inheritdoc/>
    public Stream CreateDecompressionStream(Stream stream) => new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
}
