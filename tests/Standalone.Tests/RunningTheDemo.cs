using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Pennypost.Standalone.Tests;

/// <summary>The README's first command, on the README's own list (F15, F25, F37, F39, F57, F76).</summary>
public sealed class RunningTheDemo
{
    private static readonly string List = Repository.PathOf("examples", "prospects.csv");

    [Fact]
    public async Task Sends_by_every_channel_names_each_bad_row_and_verifies_the_journal_within_a_minute()
    {
        var folder = StandaloneProcess.NewFolder();
        await using var standalone = StandaloneProcess.Start(folder, "--demo", List, "--exit");
        var code = await standalone.WaitForExitAsync(TimeSpan.FromSeconds(150));
        var output = standalone.Output;
        Assert.True(code == 0, output);
        foreach (var channel in new[] { "direct message", "replied thread", "open profile inmail", "connection request", "inmail" })
            Assert.Contains(channel, output, StringComparison.Ordinal);
        foreach (var line in new[] { 19, 42, 79, 103, 142, 165, 201 })
            Assert.Contains($"line {line}", output, StringComparison.Ordinal);
        Assert.Contains("2 skipped: duplicate", output, StringComparison.Ordinal);
        // A row with a bad profile and a bad priority is told both: the third of these is line 42's.
        Assert.Equal(3, output.Split("must be a LinkedIn profile URL").Length - 1);
        Assert.Contains("recipients who got one twice: 0", output, StringComparison.Ordinal);
        Assert.Equal(3, output.Split("journal verified").Length - 1);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(120)]
    public async Task Killed_in_the_middle_and_started_again_loses_nothing_and_sends_nothing_twice(int deliveriesBeforeTheKill)
    {
        var folder = StandaloneProcess.NewFolder();
        var port = Topology.Ports.Free(1)[0];
        await using (var first = StandaloneProcess.StartAt(folder, port, "--demo", List))
        {
            using var watched = new SandboxJudge(new Uri($"http://127.0.0.1:{port}"), folder);
            await DeliveriesAsync(first, watched, deliveriesBeforeTheKill);
            first.Kill();
        }

        await using var second = await StandaloneProcess.ServeAsync(folder, "--demo", List);
        using var judge = new SandboxJudge(second.Sandbox, folder);
        var ledger = await judge.GetAsync("sandbox/v1/ledger");
        Assert.Equal(0, ledger["duplicate_count"]!.GetValue<long>());

        using var rest = new HttpClient { BaseAddress = second.Rest };
        rest.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", second.ApiKey);
        var messages = JsonNode.Parse(await rest.GetStringAsync(new Uri("v1/messages?page_size=500", UriKind.Relative)))!["messages"]!.AsArray();
        Assert.Equal(File.ReadLines(List).Count() - 1 - 7, messages.Count);
        Assert.All(messages, message => Assert.Contains((string?)message!["state"], Visible));
        Assert.True(second.Output.Split("journal verified").Length - 1 == 3, second.Output);

        // The credits the provider took and gave are the credits the ledger booked, once the last replies were heard of: a post that the kill cut off comes again within a minute.
        foreach (var (account, pool) in new[] { ("ada-sales", "ada-sales-navigator"), ("ben-business", "ben-premium"), ("cleo-recruiting", "cleo-recruiter") })
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            var (booked, provider) = (-1L, 0L);
            while (booked != provider && watch.Elapsed < TimeSpan.FromSeconds(90))
            {
                var balance = JsonNode.Parse(await rest.GetStringAsync(new Uri($"v1/pools/{pool}", UriKind.Relative)))!["pool"]!["balance"]!;
                booked = long.Parse((string?)balance["available"] ?? "0", System.Globalization.CultureInfo.InvariantCulture);
                ledger = await judge.GetAsync("sandbox/v1/ledger");
                provider = ledger["accounts"]!.AsArray().Single(row => (string?)row!["account_id"] == account)!["credits"]!.AsArray().Single()!["balance"]!.GetValue<long>();
                await Task.Delay(booked == provider ? 0 : 200);
            }

            Assert.Equal(provider, booked);
        }

        await EventsHaveNoGapsAsync(rest, messages.Count);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>F70: of each message the timeline has every event, in order; here they are kept for longer than the demo's days.</summary>
    private static async Task EventsHaveNoGapsAsync(HttpClient rest, int messages)
    {
        var (heard, token) = (new Dictionary<string, List<long>>(), "");
        do
        {
            var page = JsonNode.Parse(await rest.GetStringAsync(new Uri($"v1/events?types=message&page_size=500&page_token={token}", UriKind.Relative)))!;
            foreach (var happened in page["events"]!.AsArray())
            {
                var subject = (string)happened!["subject"]!;
                if (!heard.TryGetValue(subject, out var sequences))
                    heard[subject] = sequences = [];
                sequences.Add(long.Parse((string)happened["sequence"]!, System.Globalization.CultureInfo.InvariantCulture));
            }

            token = (string?)page["nextPageToken"] ?? "";
        }
        while (token.Length > 0);

        Assert.True(heard.Count > messages / 2, $"The timeline knows {heard.Count} messages.");
        Assert.All(heard, message => Assert.Equal(Enumerable.Range(0, message.Value.Count).Select(n => message.Value[0] + n), message.Value));
    }

    private static readonly string?[] Visible =
        ["MESSAGE_STATE_SENT", "MESSAGE_STATE_WAITING", "MESSAGE_STATE_SKIPPED", "MESSAGE_STATE_FAILED", "MESSAGE_STATE_INDETERMINATE", "MESSAGE_STATE_READY", "MESSAGE_STATE_SENDING", "MESSAGE_STATE_ACCEPTED"];

    /// <summary>Waits until the sandbox has delivered so many messages of ours; what was written by hand before does not count.</summary>
    private static async Task DeliveriesAsync(StandaloneProcess standalone, SandboxJudge judge, int least)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var seen = 0L;
        while (seen < least)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(90) && !standalone.HasExited, $"The demo sent {seen} messages in {watch.Elapsed.TotalSeconds:F0} s.\n{standalone.Output}");
            await Task.Delay(10);
            if (await judge.TryGetAsync("sandbox/v1/ledger") is { } ledger)
                seen = ledger["deliveries"]!.GetValue<long>() - ledger["by_hand"]!.GetValue<long>();
        }
    }
}
