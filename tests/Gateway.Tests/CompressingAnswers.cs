using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Pennypost.Gateway.Tests;

// F68: gzip and br over REST.
public sealed class CompressingAnswers(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("gzip;q=1, br;q=0.5", "gzip")]
    [InlineData("deflate", null)]
    [InlineData("identity", null)]
    [InlineData(null, null)]
    public async Task A_large_answer_comes_as_the_caller_takes_it(string? accepted, string? encoding)
    {
        await gateway.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson("large", new string('x', 4_000)));
        var batch = $$"""{"messages": [{{string.Join(',', Enumerable.Range(0, 20).Select(i => RunningGateway.MessageJson($"c{i}")))}}]}""";

        foreach (var (method, path, body) in new[] { ("POST", "/v1/messages:batch", batch), ("GET", "/openapi.json", null), ("POST", "/v1/messages:batch?bad=1", batch.Replace("ada-lovelace", "a@b", StringComparison.Ordinal)) })
        {
            using var response = await SendAsync(method, path, body, accepted);
            var bytes = await response.Content.ReadAsByteArrayAsync();

            Assert.Equal(encoding is null ? [] : [encoding], response.Content.Headers.ContentEncoding);
            Assert.Equal(accepted is null ? [] : ["Accept-Encoding"], response.Headers.Vary);
            Assert.IsType<JsonObject>(JsonNode.Parse(Unpacked(bytes, encoding)), exactMatch: true);
            if (encoding is not null) Assert.True(bytes.Length < Unpacked(bytes, encoding).Length / 2, $"{path}: {bytes.Length}");
        }
    }

    [Theory]
    [InlineData("GET", "/v1/messages/none")]
    [InlineData("GET", "/v1/accounts")]
    public async Task A_small_answer_is_left_as_it_is(string method, string path)
    {
        using var response = await SendAsync(method, path, null, "gzip, br");

        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.InRange(response.Content.Headers.ContentLength!.Value, 2, 1_023);
    }

    [Theory]
    [InlineData("text/event-stream", "text/event-stream")]
    [InlineData("application/x-ndjson", "application/x-ndjson")]
    public async Task A_stream_is_never_compressed(string accept, string type)
    {
        await gateway.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson("streamed"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/messages/streamed:watch");
        request.Headers.Accept.ParseAdd(accept);
        request.Headers.AcceptEncoding.ParseAdd("gzip, br");
        using var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal((200, type), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.Contains("\"event\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string? body, string? accepted)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (accepted is not null) request.Headers.AcceptEncoding.ParseAdd(accepted);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await gateway.Http.SendAsync(request);
    }

    private static string Unpacked(byte[] bytes, string? encoding)
    {
        using var packed = new MemoryStream(bytes);
        using Stream stream = encoding switch { "br" => new BrotliStream(packed, CompressionMode.Decompress), "gzip" => new GZipStream(packed, CompressionMode.Decompress), _ => packed };
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
