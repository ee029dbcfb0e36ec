using System.Diagnostics;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Bench.Figures;
using Spectre.Console;
using Topology;
using Installation = Topology.Installation;
using MessageSpec = Pennypost.Dispatcher.V1.MessageSpec;

namespace Pennypost.Bench.Dispatching;

/// <summary>
/// Commands through the whole dispatcher (consume, accept, route, open, permit, hold, intent, call to a provider that takes no time, outcome, capture, acknowledge), beside consumers that do nothing, in
/// interleaved rounds; and what the parts cost by themselves.
/// </summary>
internal sealed class DispatcherBench : IAsyncDisposable
{
    private const int Drains = 20_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    private readonly Installation installation;
    private readonly OwnProcess provider;
    private readonly Drained drained;
    private readonly Campaign campaign;

    private DispatcherBench(Installation installation, OwnProcess provider)
    {
        (this.installation, this.provider) = (installation, provider);
        drained = new Drained(installation.Broker.Hosts[0], "dispatcher", RabbitServer.Password);
        campaign = new Campaign(installation.DispatcherOf(), installation.CreditsOf(), Installation.As(), "seat");
    }

    public static async Task<int> RunAsync(int messages, int rounds, CancellationToken ct)
    {
        // What is measured is how much it can do, not how much it does at once.
        Environment.SetEnvironmentVariable("Dispatcher__OverduePerSecond", "100000");
        var provider = await OwnProcess.SelfAsync("serve", "provider");
        await using var bench = new DispatcherBench(await Installation.StartAsync(new() { CreditsInstances = 1, DispatcherInstances = 1, Gateway = false, PatientTimes = true }), provider);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{messages:N0} InMails a round through one dispatcher, one credits service and one router on one Redis (appendfsync always) and one RabbitMQ (quorum queues), {Environment.ProcessorCount} cores for all of them; {Drains:N0} messages a round for consumers that do nothing."));
        await bench.campaign.ConnectAsync(provider.Address, Installation.ProviderKey, ct);
        // Compiled and cached, before anything counts.
        await bench.DispatchAsync(messages, ct);
        var (raw, masstransit, ours, credits, calls) = (new List<Drain>(), new List<Drain>(), new List<Dispatched>(), new List<Drain>(), new List<Drain>());
        for (var round = 0; round < rounds; round++)
        {
            var bodies = Campaign.InMails(["nobody"], Drains).Select(Body).ToList();
            raw.Add(await bench.drained.RawAsync(bodies, ct));
            masstransit.Add(await bench.drained.MassTransitAsync(bodies, ct));
            ours.Add(await bench.DispatchAsync(messages, ct));
            credits.Add(await bench.HoldAndCaptureAsync(messages, ct));
            calls.Add(await bench.CallProviderAsync(messages, ct));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"round {round + 1}: raw {raw[^1].PerSecond:N0}/s, MassTransit {masstransit[^1].PerSecond:N0}/s, dispatcher {ours[^1].PerSecond:N0}/s"));
        }

        Print(raw, masstransit, ours, credits, calls);
        return 0;
    }

    private static void Print(List<Drain> raw, List<Drain> masstransit, List<Dispatched> ours, List<Drain> credits, List<Drain> calls)
    {
        var table = new Table().AddColumns("", "messages/s", "x MassTransit", "CPU us a message");
        void Row(string name, IEnumerable<double> rates, IEnumerable<double> cpu) => table.AddRow(
            name, Text(Interval.Of(rates), "N0"), Text(Interval.Of(rates.Zip(masstransit, (rate, control) => rate / control.PerSecond)), "0.000"), Text(Interval.Of(cpu), "N0"));
        Row("raw RabbitMQ.Client", raw.Select(one => one.PerSecond), raw.Select(one => one.CpuMicros));
        Row("MassTransit, no-op", masstransit.Select(one => one.PerSecond), masstransit.Select(one => one.CpuMicros));
        Row("dispatcher, all of it", ours.Select(one => one.PerSecond), ours.Select(one => one.Cpu.Values.Sum()));
        foreach (var process in ours[0].Cpu.Keys)
            Row("  of it " + process, ours.Select(one => double.NaN), ours.Select(one => one.Cpu[process]));
        Row("hold and capture alone, with its caller", credits.Select(one => one.PerSecond), credits.Select(one => one.CpuMicros));
        Row("look-up and chat alone, by the caller", calls.Select(one => one.PerSecond), calls.Select(one => one.CpuMicros));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No });
        console.Profile.Width = 160;
        console.Write(table);
        console.WriteLine("Median (and between which values it lies, 95 %). CPU of the dispatcher's row: dispatcher, credits, router and Redis; the broker and the provider stub come on top for all.");
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Redis: {Interval.Of(ours.Select(one => one.RedisCommands)).Median:0.0} commands a message, of which {Interval.Of(ours.Select(one => one.Commits)).Median:0.0} commits of a shard."));
    }

    private static string Text(Interval interval, string format) => double.IsNaN(interval.Median)
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{interval.Median.ToString(format, CultureInfo.InvariantCulture)} ({interval.Low.ToString(format, CultureInfo.InvariantCulture)}-{interval.High.ToString(format, CultureInfo.InvariantCulture)})");

    private static byte[] Body(MessageSpec spec) => Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(spec));

    /// <summary>From the first command on the queue to the last call at the provider; processor time until nothing is left to do.</summary>
    private async Task<Dispatched> DispatchAsync(int messages, CancellationToken ct)
    {
        var bodies = Campaign.InMails(await campaign.SendersAsync(messages, ct), messages).Select(Body).ToList();
        var until = provider.Committed().Commits + messages;
        var (cpu, redis) = (Cpu(), await RedisAsync());
        var started = Stopwatch.GetTimestamp();
        await using (var connection = await drained.ConnectAsync(ct))
            await Drained.PublishAsync(connection, $"pennypost.commands.{Installation.Tenant}", bodies, ct);
        while (provider.Committed().Commits < until)
        {
            if (Stopwatch.GetElapsedTime(started) > Limit)
                throw new TimeoutException($"{until - provider.Committed().Commits} of {messages} messages were not sent within {Limit.TotalMinutes:0} minutes.");
            await Task.Delay(5, ct);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await UntilQuietAsync(ct);
        var (used, after) = (Cpu(), await RedisAsync());
        return new Dispatched(
            messages / seconds,
            used.ToDictionary(process => process.Key, process => (process.Value - cpu[process.Key]) * 1e6 / messages),
            (after.Commands - redis.Commands) / (double)messages,
            (after.Scripts - redis.Scripts) / (double)messages);
    }

    private async Task UntilQuietAsync(CancellationToken ct)
    {
        for (var before = Cpu().Values.Sum(); ;)
        {
            await Task.Delay(Settling, ct);
            var now = Cpu().Values.Sum();
            if (now - before < 0.1 * Settling.TotalSeconds)
                return;
            before = now;
        }
    }

    private SortedDictionary<string, double> Cpu() => new(StringComparer.Ordinal)
    {
        ["dispatcher"] = installation.Dispatchers[0].CpuSeconds,
        ["credits"] = installation.Credits[0].CpuSeconds,
        ["router"] = installation.Router.CpuSeconds,
        ["redis"] = Process.GetProcessById(installation.Redis!.Id).TotalProcessorTime.TotalSeconds,
    };

    private async Task<(long Commands, long Scripts)> RedisAsync()
    {
        await using var redis = await installation.Redis!.ConnectAsync();
        var server = redis.GetServer(installation.Redis.ConnectionString);
        long Calls(string command) => (server.Info("commandstats").SelectMany(group => group).FirstOrDefault(pair => pair.Key == "cmdstat_" + command).Value is { } stats)
            ? long.Parse(stats.Split(',')[0].Split('=')[1], CultureInfo.InvariantCulture)
            : 0;
        return (Calls("evalsha") + Calls("eval"), Calls("xadd"));
    }

    /// <summary>The ledger's part by itself: a hold and its capture for each message.</summary>
    private async Task<Drain> HoldAndCaptureAsync(int messages, CancellationToken ct)
    {
        var senders = await campaign.SendersAsync(messages, ct);
        var ledger = installation.CreditsOf();
        double Used() => Environment.CpuUsage.TotalTime.TotalSeconds + installation.Credits[0].CpuSeconds + Process.GetProcessById(installation.Redis!.Id).TotalProcessorTime.TotalSeconds;
        var (started, cpu) = (Stopwatch.GetTimestamp(), Used());
        await Parallel.ForEachAsync(Enumerable.Range(0, messages), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = ct }, async (number, stopping) =>
        {
            var (pool, hold) = (senders[number % senders.Count], $"h-{number}");
            await ledger.PlaceHoldAsync(new() { PoolId = pool, HoldId = hold, AccountId = pool }, Installation.As(), DateTime.UtcNow + CallLimit, stopping);
            await ledger.CaptureHoldAsync(new() { PoolId = pool, HoldId = hold, SendTime = Timestamp.FromDateTime(DateTime.UtcNow.AddSeconds(-1)) }, Installation.As(), DateTime.UtcNow + CallLimit, stopping);
        });
        return new Drain(messages, Stopwatch.GetElapsedTime(started).TotalSeconds, Used() - cpu);
    }

    /// <summary>The provider's part by itself: a look-up and a chat for each message.</summary>
    private async Task<Drain> CallProviderAsync(int messages, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = provider.Address, Timeout = CallLimit };
        var (started, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await Parallel.ForEachAsync(Enumerable.Range(0, messages), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = ct }, async (number, stopping) =>
        {
            await http.GetByteArrayAsync(new Uri($"/api/v1/users/p-{number}?account_id=a&linkedin_api=sales_navigator", UriKind.Relative), stopping);
            using var form = new MultipartFormDataContent { { new StringContent("a"), "account_id" }, { new StringContent($"p-{number}"), "attendees_ids" }, { new StringContent("Hello"), "text" } };
            using var answer = await http.PostAsync(new Uri("/api/v1/chats", UriKind.Relative), form, stopping);
            answer.EnsureSuccessStatusCode();
        });
        return new Drain(messages, Stopwatch.GetElapsedTime(started).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
    }

    public async ValueTask DisposeAsync()
    {
        await installation.DisposeAsync();
        await provider.DisposeAsync();
    }

    /// <summary>Messages a second, processor time of each process in microseconds a message, and what Redis did for each.</summary>
    private sealed record Dispatched(double PerSecond, IReadOnlyDictionary<string, double> Cpu, double RedisCommands, double Commits);
}
