using System.Globalization;
using Spectre.Console;

namespace Pennypost.Bench;

/// <summary>How long is measured.</summary>
internal sealed record Rounds(int Count, TimeSpan Length)
{
    public static Rounds Quick { get; } = new(7, TimeSpan.FromSeconds(1.5));

    public static Rounds Full { get; } = new(15, TimeSpan.FromSeconds(5));
}

/// <summary>One measurement: answers, and what they cost in the server and in Redis; the client's own cost is left out.</summary>
internal sealed record Sample(long Operations, double Seconds, double ServerCpu, double RedisCpu)
{
    public double PerSecond => Operations / Seconds;

    public double ServerMicros => ServerCpu * 1e6 / Operations;

    public double RedisMicros => RedisCpu * 1e6 / Operations;

    public double CpuMicros => ServerMicros + RedisMicros;
}

/// <summary>Goal B1: a durable PlaceHold against a bare gRPC echo, on one hot pool and on 1,000 pools, in interleaved rounds with the echo before and after.</summary>
internal static class CreditsBench
{
    private const int Pools = 1_000;
    private const double MostDrift = 0.05;

    // A pool is opened with 100,000 credits: a hot round goes on to the next pool in time.
    private const long HoldsPerHotPool = 90_000;
    private const int HotPoolsPerRound = 8;

    public static async Task<int> RunAsync(Rounds rounds, CancellationToken ct)
    {
        await using var redis = await OwnProcess.RedisAsync();
        await using var credits = await OwnProcess.SelfAsync("serve-credits", "--redis", redis.Address.Authority);
        await using var echo = await OwnProcess.SelfAsync("serve-echo");
        using var creditsLoad = new Load(credits.Address);
        using var echoLoad = new Load(echo.Address);
        Conditions(rounds);

        for (var first = 0; first < Pools; first += 50)
            await Task.WhenAll(Enumerable.Range(first, 50).Select(pool => creditsLoad.OpenAsync($"pool-{pool}")));
        for (var warm = 0; warm < 3; warm++)
        {
            await EchoAsync("warm" + Text(warm));
            await HotAsync("warm" + Text(warm));
            await SpreadAsync("warm" + Text(warm));
        }

        var kept = new List<(Sample Echo, Sample Hot, Sample Spread)>();
        var dropped = new List<(Sample Echo, Sample Hot, Sample Spread)>();
        for (var round = 0; round < rounds.Count; round++)
        {
            ct.ThrowIfCancellationRequested();
            var before = await EchoAsync($"r{round}a");
            var hot = await HotAsync($"r{round}");
            var spread = await SpreadAsync($"r{round}");
            var after = await EchoAsync($"r{round}b");
            var control = new Sample(before.Operations + after.Operations, before.Seconds + after.Seconds, before.ServerCpu + after.ServerCpu, 0);
            var drift = Math.Abs(before.PerSecond - after.PerSecond) / Math.Min(before.PerSecond, after.PerSecond);
            (drift > MostDrift ? dropped : kept).Add((control, hot, spread));
            Say($"round {round + 1} of {rounds.Count}: echo {control.PerSecond:0}/s, hot {hot.PerSecond:0}/s, 1,000 pools {spread.PerSecond:0}/s; the echo drifted by {drift:P0}");
        }

        Report(kept, dropped, rounds);
        return 0;

        Task<Sample> EchoAsync(string name) => MeasureAsync(echoLoad, echo, null, rounds.Length / 2, _ => "pool-1", name);

        async Task<Sample> HotAsync(string name)
        {
            await Task.WhenAll(Enumerable.Range(0, HotPoolsPerRound).Select(pool => creditsLoad.OpenAsync($"hot-{name}-{pool}")));
            return await MeasureAsync(creditsLoad, credits, redis, rounds.Length, number => $"hot-{name}-{number / HoldsPerHotPool}", "h" + name);
        }

        Task<Sample> SpreadAsync(string name) => MeasureAsync(creditsLoad, credits, redis, rounds.Length, number => $"pool-{number % Pools}", "s" + name);
    }

    private static async Task<Sample> MeasureAsync(Load load, OwnProcess server, OwnProcess? redis, TimeSpan length, Func<long, string> poolOf, string name)
    {
        var (serverBefore, redisBefore) = (server.CpuSeconds(), redis?.CpuSeconds() ?? 0);
        var (operations, seconds) = await load.PlaceAsync(length, poolOf, name);
        return new Sample(operations, seconds, server.CpuSeconds() - serverBefore, (redis?.CpuSeconds() ?? 0) - redisBefore);
    }

    private static void Conditions(Rounds rounds)
    {
        Say($"{Environment.ProcessorCount} cores, {Environment.Version}, load before: {File.ReadAllText("/proc/loadavg").Split(' ')[0]}. Redis: appendfsync always, folder on {Path.GetTempPath()}.");
        Say($"{rounds.Count} rounds of echo, hot, 1,000 pools, echo; {rounds.Length.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s each; {Load.Connections} connections of {Load.CallersPerConnection} callers, closed loop.");
        Say("Client, server and Redis share the cores: throughput is bounded by the client (grpc-dotnet) too; CPU per operation leaves the client out.");
    }

    private static void Report(List<(Sample Echo, Sample Hot, Sample Spread)> kept, List<(Sample Echo, Sample Hot, Sample Spread)> dropped, Rounds rounds)
    {
        Say($"{dropped.Count} of {rounds.Count} rounds dropped: the echo drifted by more than 5 % within them.");
        var used = kept;
        if (kept.Count < 3)
        {
            Say("Fewer than three quiet rounds: the figures below are over ALL rounds, on a machine too noisy to trust them.");
            used = [.. kept, .. dropped];
        }

        AnsiConsole.Profile.Width = 160;
        var table = new Table().AddColumns("median (least - most)", "operations/s", "x echo", "CPU us/op", "of it Redis", "x echo CPU");
        Row("gRPC echo", round => round.Echo);
        Row("PlaceHold, one hot pool", round => round.Hot);
        Row("PlaceHold, 1,000 pools", round => round.Spread);
        AnsiConsole.Write(table);

        void Row(string name, Func<(Sample Echo, Sample Hot, Sample Spread), Sample> of) => table.AddRow(
            name,
            Median(round => of(round).PerSecond, "0"),
            Median(round => of(round).PerSecond / round.Echo.PerSecond, "0.00"),
            Median(round => of(round).CpuMicros, "0.0"),
            Median(round => of(round).RedisMicros, "0.0"),
            Median(round => of(round).CpuMicros / round.Echo.CpuMicros, "0.00"));

        string Median(Func<(Sample Echo, Sample Hot, Sample Spread), double> of, string format)
        {
            var values = used.Select(of).Order().ToList();
            return $"{values[values.Count / 2].ToString(format, CultureInfo.InvariantCulture)} ({values[0].ToString(format, CultureInfo.InvariantCulture)} - {values[^1].ToString(format, CultureInfo.InvariantCulture)})";
        }
    }

    private static void Say(string line) => Console.WriteLine(line);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
