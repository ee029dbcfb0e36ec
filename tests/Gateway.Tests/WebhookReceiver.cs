using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pennypost.Gateway.WebhooksOut;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Tests;

/// <summary>A delivery as it came.</summary>
internal sealed record Delivered(string Id, long Timestamp, string Signature, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public string Subject => Json["subject"]!.GetValue<string>();

    public long Sequence => long.Parse(Json["sequence"]?.GetValue<string>() ?? "0", System.Globalization.CultureInfo.InvariantCulture);

    public bool IsSignedBy(string secret) => Signature.Split(' ').Contains(Signatures.Sign([new Secret(secret)], Id, Timestamp, Encoding.UTF8.GetBytes(Body)));
}

/// <summary>Somebody's web server on loopback: notes what comes, and answers as the test wants.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private WebApplication app = null!;

    public ConcurrentQueue<Delivered> Came { get; } = new();

    /// <summary>The status of the answer.</summary>
    public Func<Delivered, int> Answer { get; set; } = _ => 200;

    public Func<Delivered, Task> Before { get; set; } = _ => Task.CompletedTask;

    public string? RedirectTo { get; set; }

    public Uri Url { get; private set; } = null!;

    public IReadOnlyList<Delivered> Of(string subject) => [.. Came.Where(delivered => delivered.Subject == subject)];

    public static async Task<WebhookReceiver> StartAsync()
    {
        var receiver = new WebhookReceiver();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        receiver.app = builder.Build();
        receiver.app.MapPost("/hook", receiver.TakeAsync);
        await receiver.app.StartAsync();
        receiver.Url = new Uri(new Uri(receiver.app.Urls.First()), "/hook");
        return receiver;
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var headers = http.Request.Headers;
        var delivered = new Delivered(headers["webhook-id"]!, long.Parse(headers["webhook-timestamp"]!, System.Globalization.CultureInfo.InvariantCulture), headers["webhook-signature"]!, await reader.ReadToEndAsync());
        Assert.Equal("application/json", http.Request.ContentType);
        Assert.False(headers.ContainsKey("traceparent"));
        await Before(delivered);
        var status = Answer(delivered);
        // What is refused did not come.
        if (status is >= 200 and < 300) Came.Enqueue(delivered);
        http.Response.StatusCode = status;
        if (RedirectTo is not null) http.Response.Headers.Location = RedirectTo;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
