using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;
using Grpc.Net.Compression;
using Pennypost.Hosting.Compression;

namespace Pennypost.Hosting.Tests.Compressing;

public sealed class CompressingMessages : IAsyncLifetime
{
    private readonly EchoServer server = new() { ResponseEncoding = "gzip" };

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    private static ICompressionProvider Provider(string encoding) => encoding == "gzip" ? new GzipCompression() : new DeflateCompression();

    private static byte[] Compress(string encoding, byte[] message)
    {
        using var target = new MemoryStream();
        using (var compressing = Provider(encoding).CreateCompressionStream(target, null)) compressing.Write(message);
        return target.ToArray();
    }

    private static byte[] Decompress(string encoding, byte[] compressed)
    {
        using var message = new MemoryStream();
        using (var decompressing = Provider(encoding).CreateDecompressionStream(new MemoryStream(compressed))) decompressing.CopyTo(message);
        return message.ToArray();
    }

    /// <summary>What gzip 1.12 and zlib write for nothing; the level and system bytes of the header are free.</summary>
    [Theory]
    [InlineData("gzip", "1F8B08000000000000FF03000000000000000000")]
    [InlineData("deflate", "789C030000000001")]
    public void Writes_a_valid_form_of_nothing(string encoding, string expected)
    {
        Assert.Equal(expected, Convert.ToHexString(Compress(encoding, [])));
        Assert.Empty(Decompress(encoding, Compress(encoding, [])));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Writes_a_valid_form_of_nothing_when_disposed_asynchronously(string encoding)
    {
        using var target = new MemoryStream();
        await using (var compressing = Provider(encoding).CreateCompressionStream(target, CompressionLevel.Optimal))
        {
            await compressing.WriteAsync(ReadOnlyMemory<byte>.Empty);
            await compressing.FlushAsync();
        }

        Assert.NotEmpty(target.ToArray());
        Assert.True(target.CanWrite);
        Assert.Empty(Decompress(encoding, target.ToArray()));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public void Gives_back_what_was_compressed(string encoding) =>
        Prop.ForAll<byte[]>(message => Decompress(encoding, Compress(encoding, message)).SequenceEqual(message)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Carries_full_and_empty_messages_compressed_both_ways(string encoding)
    {
        using var channel = server.Channel(options => options.UseMessageCompression());
        var client = new Echo.EchoClient(channel);
        var compressed = new Metadata { { "grpc-internal-encoding-request", encoding } };

        Assert.Equal(encoding, (await client.SayAsync(new Word { Text = "encoding" }, compressed)).Text);
        Assert.Equal(new Word(), await client.SayAsync(new Word(), compressed));
        var large = new string('z', 200_000);
        Assert.Equal(large, (await client.SayAsync(new Word { Text = large }, compressed)).Text);

        using var chat = client.Chat(compressed);
        foreach (var text in new[] { "", "a", "", large, "" })
        {
            await chat.RequestStream.WriteAsync(new Word { Text = text });
            Assert.True(await chat.ResponseStream.MoveNext());
            Assert.Equal(text, chat.ResponseStream.Current.Text);
        }
        await chat.RequestStream.CompleteAsync();
    }

    /// <summary>As another language's client sees it: frames written and read by hand over HTTP/2.</summary>
    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Reads_and_answers_an_empty_frame_that_is_compressed(string encoding)
    {
        await using var compressing = new CompressingEchoServer(encoding);
        await compressing.StartAsync();
        var request = Frame(compressed: true, Compress(encoding, []));

        var response = await compressing.PostAsync("/pennypost.hosting.tests.Echo/Say", encoding, request);

        Assert.Equal(1, response[0]);
        var length = BinaryPrimitives.ReadInt32BigEndian(response.AsSpan(1));
        Assert.True(length > 0, "a compressed frame of no bytes is no valid member");
        Assert.Equal(5 + length, response.Length);
        Assert.Equal(Compress(encoding, []), response[5..]);
    }

    private static byte[] Frame(bool compressed, byte[] payload)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    /// <summary>A server that compresses every response.</summary>
    private sealed class CompressingEchoServer(string encoding) : IAsyncDisposable
    {
        private readonly EchoServer server = new() { ResponseEncoding = encoding };
        private readonly HttpClient http = new() { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        public Task StartAsync() => server.InitializeAsync();

        public async Task<byte[]> PostAsync(string path, string requestEncoding, byte[] frame)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, path)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(frame) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
            request.Headers.Add("te", "trailers");
            request.Headers.Add("grpc-encoding", requestEncoding);
            request.Headers.Add("grpc-accept-encoding", "identity,gzip,deflate");
            using var response = await http.SendAsync(request);
            var body = await response.Content.ReadAsByteArrayAsync();
            Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
            Assert.Equal(requestEncoding, response.Headers.GetValues("grpc-encoding").Single());
            return body;
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await server.DisposeAsync();
        }
    }
}
