using Grpc.Core;
using Pennypost.Gateway.V1;

namespace Pennypost.Api.Tests;

/// <summary>F64: a request has a name, by which all that was logged of it is found, in whichever service.</summary>
public sealed class NamingRequests(OverheardApi running) : IClassFixture<OverheardApi>
{
    [Fact]
    public async Task An_answer_over_REST_tells_the_trace_that_its_caller_began_F64()
    {
        var world = await running.WorldAsync("named");
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/messages/no-such");
        request.Headers.Authorization = new("Bearer", world.Key.Text.Reveal());
        // Whoever traces already says so; else the gateway begins a trace.
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        using var response = await running.Http.SendAsync(request);

        var name = Assert.Single(response.Headers.GetValues("x-request-id"));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", name);
        var line = await LineAsync(name);
        Assert.Contains("GET /v1/messages/{message_id}: 404 after ", line, StringComparison.Ordinal);
        Assert.Contains($", for named by key {world.Key.KeyId} ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_over_gRPC_is_named_and_logged_with_its_status_F64()
    {
        var world = await running.WorldAsync("called");
        var client = new PennypostService.PennypostServiceClient(running.Channel);

        var call = client.GetMessageAsync(new() { MessageId = "no-such" }, new Metadata { { "authorization", $"Bearer {world.Key.Text.Reveal()}" } });
        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);

        var name = (await Headers(call, refused)).GetValue("x-request-id")!;
        Assert.Contains("/pennypost.gateway.v1.PennypostService/GetMessage: NotFound after ", await LineAsync(name), StringComparison.Ordinal);
    }

    // An answer that is nothing but its status has its headers among the trailers.
    private static async Task<Metadata> Headers(AsyncUnaryCall<GetMessageResponse> call, RpcException refused) =>
        await call.ResponseHeadersAsync is { } headers && headers.GetValue("x-request-id") is not null ? headers : refused.Trailers;

    /// <summary>The line is written when the answer is out.</summary>
    private async Task<string> LineAsync(string request)
    {
        for (var look = 0; look < 100; look++)
        {
            if (running.Overheard.With(request).FirstOrDefault(line => line.Contains("RequestLog", StringComparison.Ordinal)) is { } line)
                return line;
            await Task.Delay(20);
        }

        return $"There is no line of {request}.";
    }
}
