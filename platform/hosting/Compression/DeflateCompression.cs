using System.IO.Compression;
using Grpc.Net.Compression;

namespace Pennypost.Hosting.Compression;

/// <summary>gRPC's "deflate", which is HTTP's: the zlib format (RFC 1950), not raw deflate. Its empty message is a valid empty stream.</summary>
public sealed class DeflateCompression : ICompressionProvider
{
    // Header for the default window, a final empty block, and the checksum of nothing, which is 1.
    private static readonly byte[] EmptyStream = [0x78, 0x9c, 3, 0, 0, 0, 0, 1];

    /// <inheritdoc/>
    public string EncodingName => "deflate";

    /// <inheritdoc/>
    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new NeverEmptyStream(new ZLibStream(stream, compressionLevel ?? MessageCompression.DefaultLevel, leaveOpen: true), stream, EmptyStream);

    /// <inheritdoc/>
    public Stream CreateDecompressionStream(Stream stream) => new ZLibStream(stream, CompressionMode.Decompress, leaveOpen: true);
}
