using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sandbox.Tests;

/// <summary>Somebody who listens to webhooks, and may refuse the first few.</summary>
internal sealed class HookReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private int refusals;

    private HookReceiver(WebApplication app, int refusals)
    {
        this.app = app;
        this.refusals = refusals;
    }

    public ConcurrentQueue<(IHeaderDictionary Headers, JsonElement Body)> Got { get; } = new();

    public string Url => app.Urls.First() + "/hook";

    public static async Task<HookReceiver> StartAsync(int refusals = 0)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new HookReceiver(app, refusals);
        app.MapPost("/hook", async (HttpContext http) =>
        {
            using var document = await JsonDocument.ParseAsync(http.Request.Body);
            if (Interlocked.Decrement(ref receiver.refusals) >= 0)
                return Results.StatusCode(500);
            receiver.Got.Enqueue((new HeaderDictionary(http.Request.Headers.ToDictionary()), document.RootElement.Clone()));
            return Results.Ok();
        });
        await app.StartAsync();
        return receiver;
    }

    public async Task<IReadOnlyList<JsonElement>> BodiesAsync(int count)
    {
        await Wait.UntilAsync(() => Task.FromResult(Got.Count >= count));
        return [.. Got.Select(g => g.Body)];
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}

internal static class Wait
{
    /// <summary>Waits for a condition, at most ten seconds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var deadline = Environment.TickCount64 + 10_000; Environment.TickCount64 < deadline; await Task.Delay(10))
        {
            if (await condition())
                return;
        }

        Assert.Fail("The condition did not come true within ten seconds.");
    }
}
