using Grpc.Core;

namespace Pennypost.Gateway.Rest;

/// <summary>An HTTP request as a call: its headers, the host's own limit as its deadline, and its end when the client leaves.</summary>
internal sealed class RestCall : ServerCallContext, IDisposable
{
    private readonly HttpContext http;
    private readonly CancellationTokenSource ending;
    private readonly Metadata headers = [];

    public RestCall(HttpContext http, string method, TimeSpan limit)
    {
        this.http = http;
        MethodCore = method;
        DeadlineCore = DateTime.UtcNow + limit;
        ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        ending.CancelAfter(limit);
        // Only what authentication needs; gRPC metadata takes fewer characters than HTTP.
        foreach (var value in http.Request.Headers.Authorization)
            if (value is not null && value.All(c => c is >= ' ' and <= '~')) headers.Add("authorization", value);
        // Where grpc-dotnet's own GetHttpContext looks.
        UserState["__HttpContext"] = http;
    }

    protected override string MethodCore { get; }
    protected override string HostCore => http.Request.Host.Value ?? "";
    protected override string PeerCore => $"{http.Connection.RemoteIpAddress}:{http.Connection.RemotePort}";
    protected override DateTime DeadlineCore { get; }
    protected override Metadata RequestHeadersCore => headers;
    protected override CancellationToken CancellationTokenCore => ending.Token;
    protected override Metadata ResponseTrailersCore { get; } = [];
    protected override Status StatusCore { get; set; }
    protected override WriteOptions? WriteOptionsCore { get; set; }
    protected override AuthContext AuthContextCore { get; } = new(null, []);
    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();
    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;

    public void Dispose() => ending.Dispose();
}
