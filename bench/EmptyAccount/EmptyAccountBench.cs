using System.Globalization;
using Pennypost.Standalone;
using Spectre.Console;

namespace Pennypost.Bench.EmptyAccount;

/// <summary>What an account without credits costs, by what the sandbox provider counted: Pennypost beside the two ways that other tools are seen to go, on the same input.</summary>
internal static class EmptyAccountBench
{
    private const int FreeSends = 40;
    private const int SeatsOfContract = 20;
    private const int Drift = 30;

    public static async Task<int> RunAsync(int inMails, CancellationToken ct)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{inMails:N0} InMails, no credits at the provider; {FreeSends} messages to relations and {FreeSends} invitations of the first seat. Bought after {Scene.UntilTopUp.TotalDays:0} days: {Scene.TopUp}; granted later: {Scene.Grant} a seat, {Scene.GrantIsLate.TotalHours:0} hours late."));
        var alone = new Scene(inMails, 1, 0, FreeSends);
        var found = new List<Found>
        {
            await NaiveAsync(alone, comesBack: false, ct),
            await NaiveAsync(alone, comesBack: true, ct),
            await OursAsync("Pennypost", alone, ct),
            await OursAsync($"Pennypost, books {Drift} too high", alone with { Believed = Drift }, ct),
            await OursAsync($"Pennypost, {SeatsOfContract} seats, books {Drift} too high", alone with { Seats = SeatsOfContract, Believed = Drift }, ct),
        };
        Print(found);
        var wrong = found.SelectMany(one => one.Wrong.Select(what => $"{one.Way}: {what}.")).ToList();
        wrong.ForEach(Console.WriteLine);
        return wrong.Count == 0 ? 0 : 1;
    }

    public static async Task<Found> NaiveAsync(Scene scene, bool comesBack, CancellationToken ct)
    {
        await using var installation = await Installation.StartAsync(new(null, 0, 0, 0, null), ct);
        using var provider = new Provider(installation.Sandbox, installation.Keys.ProviderKey);
        var now = await installation.Clock.NowAsync(ct);
        return await new NaiveWay(provider, scene, comesBack).RunAsync(now, Scene.RenewalAfter(now), ct);
    }

    public static async Task<Found> OursAsync(string way, Scene scene, CancellationToken ct)
    {
        await using var installation = await Installation.StartAsync(new(null, 0, 0, 0, null), ct);
        using var provider = new Provider(installation.Sandbox, installation.Keys.ProviderKey);
        return await new OurWay(installation, provider, scene).RunAsync(way, Scene.RenewalAfter(await installation.Clock.NowAsync(ct)), ct);
    }

    private static void Print(IReadOnlyList<Found> found)
    {
        var table = new Table().AddColumns("way", "refused calls: empty", "then 10 bought", "then granted", "InMails sent: empty", "then 10 bought", "then granted", "free sends, 1st day", "still to be sent", "given up", "refused though known");
        foreach (var one in found)
        {
            table.AddRow([
                one.Way, .. Spans(one.Refused), .. Spans(one.Sent), Number(one.Free), Number(one.Waiting), Number(one.Lost), one.Late is { } late ? Number(late) : "-",
            ]);
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No });
        console.Profile.Width = 200;
        console.Write(table);
    }

    // The sandbox gives every seat credits of its own: what a contract buys for all its seats cannot be shown there.
    private static IEnumerable<string> Spans(List<int> counts) => counts.Select(Number).Concat(Enumerable.Repeat("-", 3 - counts.Count));

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
