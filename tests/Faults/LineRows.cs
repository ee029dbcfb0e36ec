using System.Diagnostics;
using Grpc.Core;

namespace Faults;

/// <summary>X6: every line between two processes is broken in every way, and mended.</summary>
public static class BreakingLines
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);
    private static readonly LineFault[] _faults = [LineFault.Latency, LineFault.Drop, LineFault.Reset, LineFault.HalfClose, LineFault.BlackHole, LineFault.SlowDrip];

    public static Row Row { get; } = new("X6", "A TCP proxy between every pair: latency, drop, reset, half-close, black hole, slow drip", 1_000, new() { Lines = true }, RunAsync);

    private static async Task<Outcome> RunAsync(Installation installation, int cells, CancellationToken ct)
    {
        await using var load = await MessageLoad.StartAsync(installation, 30 * cells + 100, TimeSpan.FromMilliseconds(100));
        var pairs = installation.Lines.Keys.Order(StringComparer.Ordinal).ToList();
        var (recoveries, violations) = (new List<TimeSpan>(), new List<string>());
        for (var cell = 0; cell < cells && !ct.IsCancellationRequested; cell++)
        {
            // Every fault on every line, in an order that mixes both from the first cells on.
            var (fault, pair) = (_faults[cell % _faults.Length], pairs[(cell + cell / pairs.Count) % pairs.Count]);
            var line = installation.Lines[pair];
            line.Fault = fault;
            var late = await LatestAnswerAsync(installation, TimeSpan.FromSeconds(2));
            if (late > TimeSpan.FromSeconds(1))
                violations.Add($"{fault} on {pair}: a call outlived its deadline by {late.TotalSeconds:0.0} s");
            var ended = Stopwatch.GetTimestamp();
            line.Fault = LineFault.None;
            await load.MoreAsync(3, _limit);
            recoveries.Add(Stopwatch.GetElapsedTime(ended));
        }

        var (found, _) = await load.CheckAsync(TimeSpan.FromSeconds(120));
        return new Outcome { Faults = cells, Acknowledged = load.Accepted.Count, Violations = [.. violations, .. found], Recoveries = recoveries, Remark = $"{pairs.Count} lines" };
    }

    /// <summary>Calls with a deadline while the line is broken: how long after it the last of them came back, less what a mere wait of that length was late on this machine.</summary>
    private static async Task<TimeSpan> LatestAnswerAsync(Installation installation, TimeSpan deadline)
    {
        var began = Stopwatch.GetTimestamp();
        var merelyWaited = Task.Run(async () =>
        {
            await Task.Delay(deadline);
            return Stopwatch.GetElapsedTime(began) - deadline;
        });
        var calls = Enumerable.Range(0, installation.Shape.DispatcherInstances).Select(async instance =>
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                await installation.DispatcherOf(instance).PreviewAsync(new() { Message = Installation.Message("", "p-1") }, Installation.As(), DateTime.UtcNow + deadline);
            }
            catch (RpcException)
            {
                // Whatever it answers: it answers in time.
            }

            return Stopwatch.GetElapsedTime(begun) - deadline;
        });
        return (await Task.WhenAll(calls)).Max() - await merelyWaited;
    }
}

/// <summary>X7: one answer in five is lost after its request was carried out, between dispatchers and credits and between services and Redis; and at the provider.</summary>
public static class LosingAnswers
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    public static Row Row { get; } = new("X7", "Answers lost after execution: on the lines to credits and Redis, and at the provider (10 %)", 1_000, new() { Lines = true }, RunAsync);

    private static async Task<Outcome> RunAsync(Installation installation, int losses, CancellationToken ct)
    {
        await using var load = await MessageLoad.StartAsync(installation, 20 * losses + 200, TimeSpan.FromMilliseconds(60));
        await load.MoreAsync(10, _limit);
        var broken = installation.Lines.Where(line => line.Key.Contains("redis", StringComparison.Ordinal) || line.Key.StartsWith("dispatcher-credits", StringComparison.Ordinal)).Select(line => line.Value).ToList();
        await installation.ControlAsync("faults", """{"endpoint":"chats.start","kind":"drop_after","rate":0.1}""");
        await installation.ControlAsync("faults", """{"endpoint":"users.invite","kind":"drop_after","rate":0.1}""");
        while (broken.Sum(line => line.Cut) < losses && !ct.IsCancellationRequested)
        {
            // In bursts: with every connection always dying, nobody would get as far as an answer.
            broken.ForEach(line => line.Fault = LineFault.LostAnswers);
            await Task.Delay(300, ct);
            broken.ForEach(line => line.Fault = LineFault.None);
            await Task.Delay(700, ct);
        }

        var cut = broken.Sum(line => line.Cut);
        using var healed = await installation.Provider.DeleteAsync(new Uri("/sandbox/v1/faults", UriKind.Relative), ct);
        healed.EnsureSuccessStatusCode();
        await load.MoreAsync(10, _limit);
        var (violations, inDoubt) = await load.CheckAsync(TimeSpan.FromSeconds(120));
        return new Outcome { Faults = cut, Acknowledged = load.Accepted.Count, Violations = violations, Remark = $"{inDoubt} sends were in doubt, and settled by themselves" };
    }
}

/// <summary>X8: one message, handed over a thousand times at once to two instances.</summary>
public static class Duplicating
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    public static Row Row { get; } = new("X8", "Concurrent duplicates of one id over two instances: a thousand each time", 100, new(), RunAsync);

    private static async Task<Outcome> RunAsync(Installation installation, int times, CancellationToken ct)
    {
        await using var load = await MessageLoad.StartAsync(installation, 0, TimeSpan.Zero);
        await load.PeopleAsync("d", times);
        var instances = Enumerable.Range(0, installation.Shape.DispatcherInstances).Select(installation.DispatcherOf).ToList();
        var violations = new List<string>();
        for (var time = 1; time <= times && !ct.IsCancellationRequested; time++)
        {
            var name = load.Name(time, "d");
            var id = "m-" + name;
            var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(async call =>
                (await instances[call % instances.Count].AcceptAsync(new() { Message = load.Inmail(time, name) }, Installation.As(), DateTime.UtcNow + _limit)).Message));
            var different = answers.Select(answer => (answer.MessageId, answer.ProspectId, answer.CreateTime, answer.ExpireTime)).Distinct().Count();
            if (different != 1)
                violations.Add($"{id}: {different} different answers");
            load.Expect(id);
        }

        var (found, _) = await load.CheckAsync(_limit);
        return new Outcome { Faults = times * 1_000, Acknowledged = times, Violations = [.. violations, .. found] };
    }
}
