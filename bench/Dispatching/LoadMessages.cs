using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Pennypost.Credits.V1;
using Pennypost.Dispatcher.V1;

namespace Pennypost.Bench.Dispatching;

/// <summary>The services that a load is for: somebody else started them.</summary>
internal sealed record Addresses(Uri Dispatcher, Uri Credits, Uri Sandbox, string SandboxKey, string Token, string Tenant);

/// <summary>Messages for a dispatcher that runs already, with its credits and the sandbox provider: how many it takes a second, and how many it sends.</summary>
internal static class LoadMessages
{
    private const int AtOnce = 32;
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static async Task<int> RunAsync(Addresses addresses, int messages, CancellationToken ct)
    {
        using var toDispatcher = GrpcChannel.ForAddress(addresses.Dispatcher);
        using var toCredits = GrpcChannel.ForAddress(addresses.Credits);
        using var sandbox = new HttpClient { BaseAddress = addresses.Sandbox, Timeout = CallLimit };
        sandbox.DefaultRequestHeaders.Add("X-API-KEY", addresses.SandboxKey);
        var headers = new Metadata { { "authorization", $"Bearer {addresses.Token}" }, { "pennypost-tenant", addresses.Tenant } };
        var dispatcher = new DispatcherService.DispatcherServiceClient(toDispatcher);
        // So that a second run sends messages of its own.
        var campaign = new Campaign(dispatcher, new CreditsService.CreditsServiceClient(toCredits), headers, string.Create(CultureInfo.InvariantCulture, $"load{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}"));
        await campaign.ConnectAsync(addresses.Sandbox, addresses.SandboxKey, ct);
        var senders = await campaign.SendersAsync(messages, ct);
        var inMails = Campaign.InMails(senders, messages).ToList();
        await WorldAsync(sandbox, new { keep_existing = true, accounts = senders.Select(id => new { id, subscriptions = new[] { new { plan = "sales_navigator", balance = 100 } } }) }, ct);
        foreach (var some in inMails.Chunk(500))
            await WorldAsync(sandbox, new { keep_existing = true, prospects = some.Select(spec => new { id = spec.Prospect.Profile }) }, ct);

        var before = await SentAsync(sandbox, ct);
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(inMails, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (spec, stopping) =>
            await dispatcher.AcceptAsync(new() { Message = spec }, headers, DateTime.UtcNow + CallLimit, stopping));
        Said("Took", messages, started);
        while (await SentAsync(sandbox, ct) - before < messages)
        {
            if (Stopwatch.GetElapsedTime(started) > Limit)
            {
                var sent = await SentAsync(sandbox, ct) - before;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Only {sent:N0} were sent within {Limit.TotalMinutes:0} minutes."));
                return 1;
            }

            await Task.Delay(50, ct);
        }

        Said("Sent", messages, started);
        return 0;
    }

    private static void Said(string what, int messages, long started)
    {
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {messages:N0} messages in {seconds:0.0} s: {messages / seconds:N0} a second."));
    }

    private static async Task WorldAsync(HttpClient sandbox, object world, CancellationToken ct)
    {
        using var answer = await sandbox.PostAsJsonAsync(new Uri("/sandbox/v1/world", UriKind.Relative), world, ct);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(ct));
    }

    private static async Task<long> SentAsync(HttpClient sandbox, CancellationToken ct) =>
        (await sandbox.GetFromJsonAsync<JsonElement>(new Uri("/sandbox/v1/ledger", UriKind.Relative), ct)).GetProperty("deliveries").GetInt64();
}
