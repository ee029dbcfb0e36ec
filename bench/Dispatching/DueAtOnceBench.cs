using System.Diagnostics;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Bench.Figures;
using Pennypost.Dispatcher.V1;
using Pennypost.Types.V1;
using Spectre.Console;
using Installation = Topology.Installation;

namespace Pennypost.Bench.Dispatching;

/// <summary>
/// X12: messages of one tenant that all fall due at one instant, on Redis, while another's live traffic goes on. Most of their senders' days are full after 30 of them, so that the rest are looked at, and put off to another day: that is what
/// a renewal for everybody is like.
/// </summary>
internal sealed class DueAtOnceBench(Installation installation, OwnProcess provider) : IAsyncDisposable
{
    private const int PerSender = 1_000;
    private const int AtOnce = 256;
    private const double LivePerSecond = 5;
    private const int Seed = 12;

    /// <summary>Within a tenant, what is due first goes first; a tenant that has little to send does not wait for one that has much.</summary>
    private const string LiveTenant = "other";

    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);

    /// <summary>Later than everything is handed over.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(12);

    /// <summary>How long a live message may take until it counts as not sent.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DispatcherService.DispatcherServiceClient dispatcher = installation.DispatcherOf();

    private static DateTime Deadline => DateTime.UtcNow + CallLimit;

    public static async Task<int> RunAsync(int messages, TimeSpan span, CancellationToken ct)
    {
        var provider = await OwnProcess.SelfAsync("serve", "provider");
        var installation = await Installation.StartAsync(new() { CreditsInstances = 1, DispatcherInstances = 1, Gateway = false, PatientTimes = true });
        await using var bench = new DueAtOnceBench(installation, provider);
        return await bench.MeasureAsync(messages, span, ct);
    }

    private async Task<int> MeasureAsync(int messages, TimeSpan span, CancellationToken ct)
    {
        var backlog = NewCampaign("wait", Installation.Tenant);
        await backlog.ConnectAsync(provider.Address, Installation.ProviderKey, ct);
        await using var dispatching = installation.StoreOf("dispatcher");
        await using var crediting = installation.StoreOf("credits");
        var due = await dispatching.NowAsync(ct) + Ahead;
        var empty = await RedisBytesAsync();
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Campaign.InMails(await backlog.SendersAsync(messages, ct, PerSender), messages), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (spec, stopping) =>
            {
                spec.NotBefore = Timestamp.FromDateTimeOffset(due);
                await dispatcher.AcceptAsync(new() { Message = spec }, Installation.As(), Deadline, stopping);
            });
        var (took, kept) = (Stopwatch.GetElapsedTime(started), await RedisBytesAsync() - empty);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{messages:N0} messages of {(messages + PerSender - 1) / PerSender:N0} senders were handed over in {took.TotalMinutes:0.0} minutes; Redis holds {kept / (double)messages:N0} bytes for each."));

        var warm = await LiveAsync(await LiveMessagesAsync("warm", TimeSpan.FromSeconds(10), ct), TimeSpan.FromSeconds(10), ct);
        var before = await LiveAsync(await LiveMessagesAsync("before", span, ct), span, ct);
        var specs = await LiveMessagesAsync("during", span, ct);
        await crediting.AdvanceClockAsync(due - await crediting.NowAsync(ct), ct);
        await dispatching.AdvanceClockAsync(due - await dispatching.NowAsync(ct), ct);
        var (sent, cpu, from) = (provider.Committed(), installation.Dispatchers[0].CpuSeconds, Stopwatch.GetTimestamp());
        var during = await LiveAsync(specs, span, ct);
        var (seconds, more) = (Stopwatch.GetElapsedTime(from).TotalSeconds, provider.Committed());
        Print(before, during);
        var (putOff, notSent) = await CountAsync(ct);
        // It goes on while it is counted.
        var (least, most) = (more.Commands - before.Sent - during.Sent - warm.Sent, provider.Committed().Commands - before.Sent - during.Sent - warm.Sent);
        var lost = messages - notSent < least || messages - notSent > most;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Of the {messages:N0}, in {seconds:0} s: {more.Commands - sent.Commands - during.Sent:N0} sent; {more.Commits - more.Commands:N0} people written to twice. A count of what is left, a little later: {notSent:N0}, of which {putOff:N0} were put off to another time. The dispatcher used {(installation.Dispatchers[0].CpuSeconds - cpu) / seconds:0.00} cores."));
        if (lost)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{messages - notSent:N0} are not waiting any more, and {least:N0} to {most:N0} were sent."));
        return more.Commits == more.Commands && during.Late == 0 && !lost ? 0 : 1;
    }

    /// <summary>New messages of another tenant, no more urgent than the others, with senders of their own: more than arrive in that time.</summary>
    private async Task<IReadOnlyList<MessageSpec>> LiveMessagesAsync(string name, TimeSpan span, CancellationToken ct)
    {
        var campaign = NewCampaign(name, LiveTenant);
        await campaign.ConnectAsync(provider.Address, Installation.ProviderKey, ct);
        var most = (int)(2 * LivePerSecond * span.TotalSeconds) + Campaign.PerSender;
        return [.. Campaign.InMails(await campaign.SendersAsync(most, ct), most)];
    }

    /// <summary>Hands them over at times that do not wait for each other; each latency counts from the time it was meant for.</summary>
    private async Task<Live> LiveAsync(IReadOnlyList<MessageSpec> specs, TimeSpan span, CancellationToken ct)
    {
        var (arrivals, meant, calls) = (new Arrivals(LivePerSecond, Seed), new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal), new List<Task>());
        var start = DateTimeOffset.UtcNow;
        while (arrivals.Advance() < span.TotalSeconds && meant.Count < specs.Count)
        {
            var at = start + TimeSpan.FromSeconds(arrivals.Next);
            if (at > DateTimeOffset.UtcNow)
                await Task.Delay(at - DateTimeOffset.UtcNow, ct);
            var spec = specs[meant.Count];
            meant[spec.MessageId] = at;
            calls.Add(dispatcher.AcceptAsync(new() { Message = spec }, Installation.As(LiveTenant), Deadline, ct).ResponseAsync);
        }

        await Task.WhenAll(calls);
        using var http = new HttpClient { BaseAddress = provider.Address, Timeout = CallLimit };
        var name = specs[0].AccountIds[0].Split('-')[0];
        for (var waited = Stopwatch.GetTimestamp(); ; await Task.Delay(100, ct))
        {
            var written = await http.GetFromJsonAsync<Dictionary<string, long>>(new Uri($"/bench/written?to={name}-", UriKind.Relative), ct) ?? [];
            if (written.Count >= meant.Count || Stopwatch.GetElapsedTime(waited) > Patience)
                return new Live(Quantiles.Of([.. written.Select(one => one.Value - meant[one.Key].ToUnixTimeMilliseconds()).Select(late => (double)late)]), written.Count, meant.Count - written.Count);
        }
    }

    private Campaign NewCampaign(string name, string tenant) => new(dispatcher, installation.CreditsOf(), Installation.As(tenant), name);

    /// <summary>How many wait for something else than their own time, and how many are not sent at all, by the dispatcher's own count. It goes on meanwhile: a little more than there was.</summary>
    private async Task<(long PutOff, long NotSent)> CountAsync(CancellationToken ct)
    {
        var (putOff, notSent, page) = (0L, 0L, "");
        do
        {
            var some = await dispatcher.GetBacklogAsync(new() { PageSize = 1_000, PageToken = page }, Installation.As(), Deadline, ct);
            putOff += some.Counts.Where(count => count is { State: MessageState.Waiting, Reason: not Reason.Unspecified }).Sum(count => count.Count);
            notSent += some.Counts.Sum(count => count.Count);
            page = some.NextPageToken;
        }
        while (page.Length > 0);
        return (putOff, notSent);
    }

    private async Task<long> RedisBytesAsync()
    {
        await using var redis = await installation.Redis!.ConnectAsync();
        var memory = redis.GetServer(installation.Redis.ConnectionString).Info("memory").SelectMany(group => group);
        return long.Parse(memory.First(pair => pair.Key == "used_memory").Value, CultureInfo.InvariantCulture);
    }

    private static void Print(Live before, Live during)
    {
        var table = new Table().AddColumns("live messages", "p50 ms", "p99 ms", "max ms", "sent", "not sent");
        void Row(string name, Live live) => table.AddRow(name, Text(live.Latency.P50), Text(live.Latency.P99), Text(live.Latency.Max), Text(live.Sent), Text(live.Late));
        Row("before", before);
        Row("while all of them are due", during);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No });
        console.Profile.Width = 120;
        console.Write(table);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"p99: {during.Latency.P99 / before.Latency.P99:0.00}x, p50: {during.Latency.P50 / before.Latency.P50:0.00}x"));
    }

    private static string Text(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await installation.DisposeAsync();
        await provider.DisposeAsync();
    }

    /// <summary>From the time at which each was meant to be handed over to the provider's sight of it.</summary>
    private sealed record Live(Quantiles Latency, int Sent, int Late);
}
