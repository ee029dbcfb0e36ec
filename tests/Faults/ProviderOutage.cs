using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pennypost.Types.V1;

namespace Faults;

/// <summary>X14: the provider answers every call with 503 for some minutes, and heals: how often it was asked meanwhile, and how soon as much is sent as before.</summary>
public static class ProviderOutage
{
    private const double PerSecond = 5;
    private const double AllowedOverBudget = 1.1;
    private const double WantedOfBefore = 0.95;

    /// <summary>As <c>Dispatcher:Provider</c> has them unless told otherwise.</summary>
    private const int AtOnce = 32, TriesOfACall = 3;

    /// <summary>The longest pause, and how many go before it: 5 and 10 seconds.</summary>
    private static readonly TimeSpan _break = TimeSpan.FromSeconds(20);
    private const int ShorterBreaks = 2;

    private static readonly TimeSpan _span = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(5);

    /// <summary>Whoever was looked up in vain waits ten minutes and a fifth.</summary>
    private static readonly TimeSpan _lookedAtAgain = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    public static Row Row { get; } = new("X14", "The provider answers everything with 503, for as many seconds, and then heals", 600, new() { DispatcherInstances = 1 }, RunAsync) { InOneGo = true };

    private static async Task<Outcome> RunAsync(Installation installation, int seconds, CancellationToken ct)
    {
        var most = (int)(PerSecond * (seconds + 6 * _span.TotalSeconds));
        await using var load = await MessageLoad.StartAsync(installation, most, TimeSpan.FromSeconds(1 / PerSecond));
        await load.MoreAsync((int)(PerSecond * 10), _limit);
        var callsBefore = await CallsAsync(installation);
        var before = await SentAsync(installation, load, ct);
        // Counted over the same half minute as the circuit's samples, and a little more.
        callsBefore = await CallsAsync(installation) - callsBefore;

        var askedBefore = await CallsAsync(installation);
        await installation.ControlAsync("faults", JsonSerializer.Serialize(new { endpoint = "*", kind = "http", status = 503, rate = 1 }));
        await Task.Delay(TimeSpan.FromSeconds(seconds), ct);
        using (var healed = await installation.Provider.DeleteAsync(new Uri("/sandbox/v1/faults", UriKind.Relative), ct))
            healed.EnsureSuccessStatusCode();
        var asked = await CallsAsync(installation) - askedBefore;

        // As many failures as there were successes in its sampling time open the circuit; with what is under way just then, each with its retries; after that one call whenever it half-opens.
        var budget = callsBefore + (AtOnce * TriesOfACall) + ShorterBreaks + Math.Ceiling(seconds / _break.TotalSeconds);
        await Task.Delay(_span, ct);
        var after = await SentAsync(installation, load, ct);
        var violations = new List<string>();
        if (asked > AllowedOverBudget * budget)
            violations.Add($"the provider was asked {asked} times while it was out, and the budget is {budget}");
        if (after < WantedOfBefore * before)
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"{after:0.0} messages a second were sent {_span.TotalSeconds:0} s after it healed, and {before:0.0} before"));
        var (found, inDoubt) = await load.CheckAsync(_lookedAtAgain);
        return new Outcome
        {
            Faults = seconds,
            Acknowledged = load.Accepted.Count,
            Violations = [.. violations, .. found],
            Remark = string.Create(CultureInfo.InvariantCulture, $"{asked} calls in {seconds} s (budget {budget:0}); {before:0.0} messages a second before, {after:0.0} from {_span.TotalSeconds:0} s after it healed ({after / before:0.00}x); {inDoubt} sends were in doubt"),
        };
    }

    /// <summary>Messages a second of those that are handed over in the next half minute, and not of those that waited before: sent a few seconds later.</summary>
    private static async Task<double> SentAsync(Installation installation, MessageLoad load, CancellationToken ct)
    {
        var (known, started) = (load.Accepted.Count, Stopwatch.GetTimestamp());
        await Task.Delay(_span, ct);
        var (seconds, ids) = (Stopwatch.GetElapsedTime(started).TotalSeconds, load.Accepted.Skip(known).ToList());
        await Task.Delay(_settling, ct);
        var sent = 0;
        foreach (var id in ids)
            sent += (await installation.DispatcherOf().GetMessageAsync(new() { MessageId = id }, Installation.As(), DateTime.UtcNow + _limit, ct)).Message.State == MessageState.Sent ? 1 : 0;
        return sent / seconds;
    }

    private static async Task<long> CallsAsync(Installation installation) =>
        (await installation.LookAsync("ledger")).GetProperty("calls").EnumerateArray().Sum(one => one.GetProperty("calls").GetInt64());
}
