using System.IO.Compression;
using Grpc.AspNetCore.Server;
using Grpc.Net.Client;

namespace Pennypost.Hosting.Compression;

/// <summary>Gives servers and channels compression that other languages' clients understand for every message, also for an empty one.</summary>
public static class MessageCompression
{
    /// <summary>
    /// gzip and deflate for what this server receives and sends. The server keeps its own providers only where none are given, so both are.
    /// Whether responses are compressed is for <see cref="GrpcServiceOptions.ResponseCompressionAlgorithm"/> to say.
    /// </summary>
    public static GrpcServiceOptions UseMessageCompression(this GrpcServiceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.CompressionProviders = [new GzipCompression(), new DeflateCompression()];
        return options;
    }

    /// <summary>gzip and deflate for what this channel receives, and for calls that ask for it. They stand before the client's own of the same name.</summary>
    public static GrpcChannelOptions UseMessageCompression(this GrpcChannelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.CompressionProviders = [new GzipCompression(), new DeflateCompression()];
        return options;
    }

    // Messages are small and many: the time to compress them counts more than the last byte.
    internal const CompressionLevel DefaultLevel = CompressionLevel.Fastest;
}
