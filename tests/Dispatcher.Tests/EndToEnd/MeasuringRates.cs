using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Rates;
using Pennypost.Dispatcher.Stored;
using Pennypost.Dispatcher.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Types.V1;
using Duration = Google.Protobuf.WellKnownTypes.Duration;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>F54, F79, F83: what goes out and what comes of it is counted once, and judged by the router.</summary>
public sealed class MeasuringRates
{
    private static readonly Duration AtOnce = new();

    [Fact]
    public async Task Sends_and_replies_by_variant_count_once_however_often_they_are_told_F54_F79_F83()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 10);
        await installation.ControlAsync("faults", """{"endpoint":"event.message_received","kind":"twice","times":100}""");
        for (var n = 1; n <= 6; n++)
            await SendAsync(installation, n, n % 2 == 0 ? "short" : "long");
        // Of the short ones all answer, of the long ones one; one of them says more than once.
        foreach (var n in new[] { 2, 4, 6, 1 })
            await installation.ControlAsync("reply", $$"""{"account_id":"ann","prospect_id":"p{{n}}","text":"Tell me more"}""");
        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"p2","text":"Are you there?"}""");
        foreach (var n in new[] { 2, 4, 6, 1 })
            await installation.UntilAsync($"m-{n}", message => message.CreditsRefunded == 1);

        var rates = await UntilAsync(installation, answer => (answer.Counts.Sum(count => count.CreditsRefunded), answer.Counts.Sum(count => count.CreditsSpent)) == (4, 6));
        Assert.Equal(["founders long 3 1 3 1", "founders short 3 3 3 3"], rates.Counts.Select(Text));

        // The journal is handed out again, as after a crash before its cursor moved.
        await HandOutAgainAsync(installation);
        var again = await GetAsync(installation);
        Assert.Equal(rates.Counts, again.Counts);

        var better = Assert.Single(rates.Comparisons, comparison => comparison.Segment == "founders");
        Assert.Equal(("short", "long", RateKind.Reply), (better.BestVariant, better.OtherVariant, better.Kind));
        Assert.InRange(better.ProbabilityBetter, 0.5, 1);
        var cost = Assert.Single(rates.Costs);
        Assert.Equal((Channel.Inmail, 2L, 20_000_000L, 5_000_000L, "USD"), (cost.Channel, cost.NetCredits, cost.CostMicros, cost.MicrosPerConversation, cost.Currency));
        Assert.False(cost.HasMicrosPerMeeting);
    }

    [Fact]
    public async Task Accepted_invitations_count_and_those_too_young_are_only_told_F79()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        foreach (var n in new[] { 1, 2 })
        {
            await installation.ControlAsync("prospects", $$"""{"id":"p{{n}}"}""");
            var request = Installation.Message($"m-{n}", $"p{n}", note: "Let us connect");
            request.Message.Variant = "note";
            await installation.Dispatcher.AcceptAsync(request, Installation.As());
            await installation.UntilAsync($"m-{n}", Installation.IsSettled);
        }

        await installation.ControlAsync("accept", """{"account_id":"ann","prospect_id":"p1","noticed_after_seconds":0}""");
        await installation.UntilAsync("m-1", message => message.Events.Any(happened => happened.Kind == MessageEventKind.InvitationAccepted));

        var rates = await UntilAsync(installation, answer => (answer.Counts.Sum(count => count.Accepted), answer.Counts.Sum(count => count.Sent)) == (1, 2));
        var count = Assert.Single(rates.Counts);
        Assert.Equal((Channel.ConnectionRequest, "note", 2L, 1L, 0L), (count.Channel, count.Variant, count.Sent, count.Accepted, count.Replied));
        Assert.All(rates.Rates, rate => Assert.NotNull(rate.AcceptRate));

        var young = await installation.Dispatcher.GetRatesAsync(new(), Installation.As());
        Assert.Equal((0, 0, 2L), (young.Counts.Count, young.Rates.Count, young.YoungSent));

        await installation.AdvanceAsync(TimeSpan.FromDays(15));
        var mature = await installation.Dispatcher.GetRatesAsync(new(), Installation.As());
        Assert.Equal((2L, 0L), (Assert.Single(mature.Counts).Sent, mature.YoungSent));
        Assert.Equal(mature.EndTime.ToDateTime(), mature.EndTime.ToDateTime().Date);
        Assert.Empty((await installation.Dispatcher.GetRatesAsync(new() { MatureAfter = AtOnce }, Installation.As("zenith"))).Counts);
    }

    [Fact]
    public async Task Route_rests_on_what_was_measured_F27()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 10);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        var now = await installation.Store.NowAsync(default);
        var counts = installation.Services.GetRequiredService<RateCounts>();
        // Of ninety InMails that had the time 43 were answered; of ten that are too young none.
        await counts.CountAsync([.. Enumerable.Range(1, 90).Select(n => Entry(n, EventKind.Sent, now.AddDays(-20)))], default);
        await counts.CountAsync([.. Enumerable.Range(91, 43).Select(n => Entry(n, EventKind.Replied, now.AddDays(-20)))], default);
        await counts.CountAsync([.. Enumerable.Range(134, 10).Select(n => Entry(n, EventKind.Sent, now.AddDays(-1)))], default);

        var preview = await installation.Dispatcher.PreviewAsync(new() { Message = Installation.Message("", "vip", Priority.High).Message }, Installation.As());

        Assert.Equal(1 - (45.0 / 100), preview.Decision.Candidates.Single(candidate => candidate.Channel == Channel.Inmail).ExpectedNetCost, 6);
        Assert.Null(await counts.RepliesAsync("zenith", default));

        static JournaledEntry Entry(int n, EventKind kind, DateTimeOffset sendTime) => new(
            ProspectStorage.Partition(Installation.Tenant, "somebody"), n, 0, n, sendTime, EventNames.Of(kind),
            new StoredMessageEvent
            {
                MessageId = "m",
                Event = new StoredEvent { Kind = (int)kind, Channel = (int)Channel.Inmail, Counts = true },
                Count = new StoredCount { SendMs = sendTime.ToUnixTimeMilliseconds() },
            }.ToByteArray());
    }

    [Fact]
    public async Task The_caller_tells_what_is_not_seen_and_every_violation_is_named_F83()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 3);
        await SendAsync(installation, 1, "short");
        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"p1","text":"Yes"}""");
        await UntilAsync(installation, answer => answer.Counts.Sum(count => count.CreditsRefunded) == 1);

        var met = await GetAsync(installation, new RateOutcome { Channel = Channel.Inmail, Segment = "founders", Variant = "short", Meetings = 1 });
        Assert.Equal((1L, 0L), (Assert.Single(met.Counts).Meetings, Assert.Single(met.Costs).MicrosPerMeeting));

        Assert.Equal(["outcomes[0].meetings", "outcomes[1].channel"], await RefusedAsync(installation, new GetRatesRequest
        {
            MatureAfter = AtOnce,
            Outcomes =
            {
                new RateOutcome { Channel = Channel.Inmail, Segment = "founders", Variant = "short", Meetings = 2 },
                new RateOutcome { Channel = Channel.Inmail, Segment = "others" },
            },
        }));
        Assert.Equal(
            ["end_time", "mature_after", "outcomes[0].channel", "outcomes[0].segment", "outcomes[0].variant", "outcomes[0].meetings", "outcomes[0].replied", "outcomes[1].channel"],
            await RefusedAsync(installation, new GetRatesRequest
            {
                StartTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddDays(2)),
                EndTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
                MatureAfter = Duration.FromTimeSpan(TimeSpan.FromDays(91)),
                Outcomes =
                {
                    new RateOutcome { Channel = Channel.Like, Segment = "a b", Variant = "a b", Meetings = -1, Replied = 1 },
                    new RateOutcome { Channel = Channel.Like, Segment = "a b", Variant = "a b" },
                },
            }, distinct: true));
        Assert.Equal(["unit_costs.currency"], await RefusedAsync(installation, new GetRatesRequest { MatureAfter = AtOnce, UnitCosts = new() { CreditMicros = 1 } }));
    }

    [Fact]
    public async Task Of_somebody_who_was_erased_only_the_numbers_stay()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 3);
        await SendAsync(installation, 1, "short");
        var before = await UntilAsync(installation, answer => answer.Counts.Sum(count => count.CreditsSpent) == 1);

        await installation.Dispatcher.EraseProspectAsync(new() { Profile = "p1" }, Installation.As());

        Assert.Equal(before.Counts, (await GetAsync(installation)).Counts);
        var kept = await installation.Store.RecordsAsync(RateStorage.Partition(Installation.Tenant), "", 100, null, default);
        Assert.All(kept.Records, record => Assert.DoesNotContain("m-1", System.Text.Encoding.Latin1.GetString(record.Value), StringComparison.Ordinal));
        Assert.Equal(("founders", "short"), await installation.GetAsync("m-1") is var message ? (message.Segment, message.Variant) : default);
    }

    private static async Task SendAsync(Installation installation, int n, string variant)
    {
        await installation.ControlAsync("prospects", $$"""{"id":"p{{n}}"}""");
        var request = Installation.Message($"m-{n}", $"p{n}", Priority.High);
        (request.Message.Segment, request.Message.Variant) = ("founders", variant);
        await installation.Dispatcher.AcceptAsync(request, Installation.As());
        await installation.UntilAsync($"m-{n}", Installation.IsSettled);
    }

    private static async Task<GetRatesResponse> GetAsync(Installation installation, params RateOutcome[] outcomes) =>
        await installation.Dispatcher.GetRatesAsync(new() { MatureAfter = AtOnce, UnitCosts = new() { CreditMicros = 10_000_000, Currency = "USD" }, Outcomes = { outcomes } }, Installation.As());

    private static async Task<GetRatesResponse> UntilAsync(Installation installation, Func<GetRatesResponse, bool> holds)
    {
        var until = DateTime.UtcNow.AddSeconds(20);
        while (true)
        {
            var answer = await GetAsync(installation);
            if (holds(answer))
                return answer;
            Assert.True(DateTime.UtcNow < until, answer.ToString());
            await Task.Delay(50);
        }
    }

    private static async Task HandOutAgainAsync(Installation installation)
    {
        var counts = installation.Services.GetRequiredService<RateCounts>();
        var entries = 0;
        for (var shard = 0; shard < installation.Store.Shards; shard++)
        {
            var (page, after) = (default(ShardJournalPage), 0L);
            do
            {
                page = await installation.Store.ReadShardJournalAsync(shard, after, 100, default);
                await counts.CountAsync(page.Entries, default);
                (after, entries) = (page.NextSequence, entries + page.Entries.Count);
            }
            while (page.More);
        }

        Assert.True(entries > 0);
    }

    private static async Task<IEnumerable<string>> RefusedAsync(Installation installation, GetRatesRequest request, bool distinct = false)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await installation.Dispatcher.GetRatesAsync(request, Installation.As()));
        var fault = RpcFault.From(refused);
        Assert.Equal(ErrorReason.InvalidRequest, fault.ErrorReason);
        var fields = fault.Violations.Select(violation => violation.Field);
        return distinct ? fields.Where(field => !field.StartsWith("outcomes[1].", StringComparison.Ordinal) || field.EndsWith("channel", StringComparison.Ordinal)).Distinct() : fields;
    }

    private static string Text(OutreachCounts count) => $"{count.Segment} {count.Variant} {count.Sent} {count.Replied} {count.CreditsSpent} {count.CreditsRefunded}";
}
