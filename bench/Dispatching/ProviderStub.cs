using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Pennypost.Bench.Dispatching;

/// <summary>A provider that takes no time and remembers nothing but who was written to, and when first: so that what is measured is what stands before it.</summary>
internal static class ProviderStub
{
    /// <summary>Before the identifiers that it gives to people.</summary>
    private const string IdPrefix = "ACw";

    /// <summary>Serves until its input ends; each line before that asks how many chats were started, and with how many people.</summary>
    public static async Task<int> ServeAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var chats = 0L;
        var written = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        app.MapGet("/api/v1/users/{id}", (string id) => Results.Json(Profile(id)));
        app.MapPost("/api/v1/chats", async (HttpRequest request) =>
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            var form = await request.ReadFormAsync();
            written.TryAdd(form["attendees_ids"].ToString()[IdPrefix.Length..], now);
            var number = Interlocked.Increment(ref chats);
            return Results.Json(new JsonObject { ["object"] = "ChatStarted", ["chat_id"] = $"chat-{number}", ["message_id"] = $"message-{number}" }, statusCode: 201);
        });
        app.MapGet("/api/v1/accounts/{id}", (string id) => Results.Json(new JsonObject { ["id"] = id, ["sources"] = new JsonArray(new JsonObject { ["status"] = "OK" }) }));
        app.MapGet("/api/v1/linkedin/inmail_balance", () => Results.Json(new JsonObject { ["sales_navigator"] = 100 }));
        app.MapGet("/bench/written", (string to) => Results.Json(written.Where(one => one.Key.StartsWith(to, StringComparison.Ordinal)).ToDictionary()));
        app.MapFallback(() => Results.Json(new JsonObject { ["items"] = new JsonArray() }));
        await app.StartAsync(ct);
        Console.WriteLine(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        while (await Console.In.ReadLineAsync(ct) is not null)
            Console.WriteLine($"{Interlocked.Read(ref chats)} {written.Count} 0 0");
        await app.StopAsync(ct);
        await app.DisposeAsync();
        return 0;
    }

    private static JsonObject Profile(string id) => new()
    {
        ["provider_id"] = IdPrefix + id,
        ["public_identifier"] = id,
        ["network_distance"] = "SECOND_DEGREE",
        ["is_open_profile"] = false,
        ["can_send_inmail"] = true,
        ["is_open_to_work"] = false,
    };
}
