using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pennypost.Gateway;
using Pennypost.Gateway.Keys;
using Pennypost.Standalone;
using Pennypost.Standalone.Demo;
using Spectre.Console;
using Standalone = Pennypost.Standalone.Installation;

namespace Installation.Tests;

/// <summary>The demo's list on four services, two instances each of credits and dispatcher, on Redis and RabbitMQ (F15, F25, F37, F57).</summary>
public sealed partial class RunningTheDemosList : IDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);
    private static readonly string _examples = Repository.PathOf("examples");
    private readonly string _folder = Directory.CreateTempSubdirectory("pennypost-list-").FullName;
    private readonly StringWriter _printed = new(CultureInfo.InvariantCulture);

    /// <summary>
    /// With more credits than messages, everybody on the list once, and no more for a sender at a time than its look-ups of a day suffice for, nothing depends on which of two messages comes first: what is sent, over
    /// which channel and for how much is the same wherever it runs.
    /// </summary>
    [Fact]
    public async Task Gives_the_same_table_as_standalone_where_nobody_contends_for_credits()
    {
        await WorldAsync(balance: 250);
        var parts = await PartsAsync();

        var alone = await AloneAsync(parts);
        var apart = await ApartAsync(parts);

        Assert.True(Lines(alone).SequenceEqual(Lines(apart)), _printed.ToString());
        Assert.True(alone.Sent > 190, _printed.ToString());
    }

    /// <summary>With too few it depends on the order who gets one, and on nothing else.</summary>
    [Fact]
    public async Task Sends_nobody_anything_twice_and_accounts_for_every_credit_where_credits_are_scarce()
    {
        await WorldAsync(balance: null);

        var apart = await ApartAsync([[new DemoList(Path.Combine(_folder, "prospects.csv"))]]);

        Assert.Equal((0, 0), (apart.UnderWay, apart.Unknown));
        Assert.Contains(apart.Channels, line => line.CreditsSpent > 0);
    }

    private static IReadOnlyList<string> Lines(Tally tally) =>
    [
        .. tally.Channels.Select(line => line.ToString()),
        .. tally.Waiting.Select(waiting => waiting.ToString()).Order(StringComparer.Ordinal),
        .. tally.NotSent.Select(notSent => notSent.ToString()).Order(StringComparer.Ordinal),
        $"{tally.Total} messages, {tally.Sent} sent, {tally.UnderWay} under way, {tally.Unknown} unknown, {tally.Replied} replied",
    ];

    /// <summary>The demo's list, history and world, with so many credits for every sender instead of its own few.</summary>
    private async Task WorldAsync(int? balance)
    {
        foreach (var file in new[] { "prospects.csv", "history.json" })
            File.Copy(Path.Combine(_examples, file), Path.Combine(_folder, file));
        var world = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_examples, "world.json")))!;
        if (balance is { } credits)
            foreach (var account in world["accounts"]!.AsArray())
                account!["subscriptions"]![0]!["balance"] = credits;
        await File.WriteAllTextAsync(World, world.ToJsonString());
    }

    [GeneratedRegex(@"linkedin\.com/in/([^/?,""]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Profile();

    private string World => Path.Combine(_folder, "world.json");

    /// <summary>Two parts, one after the other, each with a list for every sender.</summary>
    private async Task<IReadOnlyList<DemoList[]>> PartsAsync()
    {
        string[] senders = ["ada-sales", "ben-business", "cleo-recruiting"];
        var rows = await File.ReadAllLinesAsync(Path.Combine(_folder, "prospects.csv"));
        var people = rows.Skip(1).DistinctBy(row => Profile().Match(row) is { Success: true } profile ? profile.Groups[1].Value : row).ToList();
        var lists = new List<DemoList>();
        for (var part = 0; part < 2 * senders.Length; part++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"list-{part}");
            await File.WriteAllLinesAsync(Path.Combine(_folder, name + ".csv"), [rows[0], .. people.Where((_, row) => row % (2 * senders.Length) == part)]);
            lists.Add(new DemoList(Path.Combine(_folder, name + ".csv"), name, senders[part % senders.Length]));
        }

        return [.. lists.Chunk(senders.Length)];
    }

    private async Task<Tally> AloneAsync(IReadOnlyList<DemoList[]> parts)
    {
        await using var standalone = await Standalone.StartAsync(new(DataFolder: null, 0, 0, 0, World), default);
        var key = ApiKeyText.New(Topology.Installation.Tenant);
        await standalone.Gateway.EnsureApiKeyAsync(key, "test", default);
        return await RunAsync(
            new(standalone.Rest, standalone.Grpc, standalone.Sandbox, key.Tenant, key.Text.Reveal(), standalone.Keys.ProviderKey, standalone.Keys.WebhookSecret, standalone.Clock, _limit), parts);
    }

    private async Task<Tally> ApartAsync(IReadOnlyList<DemoList[]> parts)
    {
        await using var four = await Topology.Installation.StartAsync(new() { PatientTimes = true });
        await four.ControlAsync("world", await File.ReadAllTextAsync(World));
        await using var dispatcher = four.StoreOf("dispatcher");
        await using var credits = four.StoreOf("credits");
        await using var gateway = four.StoreOf("gateway");
        var sandbox = four.Provider.BaseAddress!;
        using var clock = new InstallationClock([dispatcher, credits, gateway], sandbox, Topology.Installation.ProviderKey);
        try
        {
            return await RunAsync(
                new(four.GatewayRest, four.GatewayGrpc, sandbox, Topology.Installation.Tenant, await four.ApiKeyAsync(), Topology.Installation.ProviderKey, Topology.Installation.WebhookSecret, clock, _limit), parts);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(four.Said(), exception);
        }
    }

    private async Task<Tally> RunAsync(DemoPlace place, IReadOnlyList<DemoList[]> parts)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(_printed) });
        console.Profile.Width = 240;
        var last = default(Tally);
        foreach (var part in parts)
        {
            (var sound, last) = await new DemoRun(place, part, new DemoPrinter(console)).RunAsync(default);
            Assert.True(sound && last is not null, _printed.ToString());
        }

        return last!;
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _printed.Dispose();
    }
}
