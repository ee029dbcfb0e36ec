using Grpc.Core;
using Pennypost.Router.V1;
using Pennypost.Types.V1;

namespace Pennypost.Router.Tests.Calls;

/// <summary>F27, F79, F83: the router judges counts that its caller keeps.</summary>
public sealed class MeasuringRatesOverTheWire(RunningRouter router) : IClassFixture<RunningRouter>
{
    [Fact]
    public async Task Answers_rates_comparisons_and_costs_F27_F79_F83()
    {
        var response = await MeasureAsync(new MeasureRatesRequest
        {
            Counts =
            {
                new OutreachCounts { Channel = Channel.Inmail, Segment = "founders", Variant = "short", Sent = 90, Replied = 20, Meetings = 4, CreditsSpent = 90, CreditsRefunded = 20 },
                new OutreachCounts { Channel = Channel.Inmail, Segment = "founders", Variant = "long", Sent = 90, Replied = 10, CreditsSpent = 90, CreditsRefunded = 10 },
                new OutreachCounts { Channel = Channel.ConnectionRequest, Sent = 90, Accepted = 27 },
            },
            UnitCosts = new UnitCosts { Currency = "USD", CreditMicros = 10_000_000, SendCosts = { new SendCost { Channel = Channel.ConnectionRequest, Micros = 250_000 } } },
        });

        Assert.Equal(
            [
                (Channel.ConnectionRequest, "", ""),
                (Channel.Inmail, "", ""), (Channel.Inmail, "", "long"), (Channel.Inmail, "", "short"),
                (Channel.Inmail, "founders", ""), (Channel.Inmail, "founders", "long"), (Channel.Inmail, "founders", "short"),
            ],
            response.Rates.Select(rate => (rate.Channel, rate.Segment, rate.Variant)));
        var invited = response.Rates[0];
        Assert.Equal((90, 27, 0), (invited.Sent, invited.Accepted, invited.Replied));
        Assert.Equal((0.227299, 0.3, 0.377271), (Math.Round(invited.AcceptRate.Low, 6), invited.AcceptRate.Expected, Math.Round(invited.AcceptRate.High, 6)));
        var inMails = response.Rates[1];
        Assert.Equal((180, 30, null), (inMails.Sent, inMails.Replied, inMails.AcceptRate));
        Assert.Equal(32 / 190.0, inMails.ReplyRate.Expected, 12);

        Assert.Equal(["", "founders"], response.Comparisons.Select(one => one.Segment));
        Assert.All(response.Comparisons, one =>
        {
            Assert.Equal((Channel.Inmail, RateKind.Reply, "short", "long"), (one.Channel, one.Kind, one.BestVariant, one.OtherVariant));
            Assert.Equal(0.972314312461056, one.ProbabilityBetter, 1e-9);
        });

        Assert.Equal([Channel.ConnectionRequest, Channel.Inmail], response.Costs.Select(cost => cost.Channel));
        var (invitations, credits) = (response.Costs[0], response.Costs[1]);
        Assert.Equal((0, 22_500_000, "USD", false, false), (invitations.NetCredits, invitations.CostMicros, invitations.Currency, invitations.HasMicrosPerConversation, invitations.HasMicrosPerMeeting));
        Assert.Equal((150, 1_500_000_000, 50_000_000, 375_000_000), (credits.NetCredits, credits.CostMicros, credits.MicrosPerConversation, credits.MicrosPerMeeting));
        Assert.True(credits.ExpectedPerConversation.Low < credits.ExpectedPerConversation.Expected && credits.ExpectedPerConversation.Expected < credits.ExpectedPerConversation.High);
    }

    [Fact]
    public async Task Costs_nothing_without_unit_costs()
    {
        var response = await MeasureAsync(new MeasureRatesRequest { Counts = { new OutreachCounts { Channel = Channel.Email, Sent = 10, Replied = 2 } } });

        var cost = Assert.Single(response.Costs);
        Assert.Equal((0, "", 0), (cost.CostMicros, cost.Currency, cost.MicrosPerConversation));
    }

    [Fact]
    public async Task Names_every_violation_at_once()
    {
        var fault = await RoutingOverTheWire.RefusedAsync(() => MeasureAsync(new MeasureRatesRequest
        {
            Counts =
            {
                new OutreachCounts(),
                new OutreachCounts { Channel = Channel.Like, Segment = "a b", Variant = new string('v', 65), Sent = -1, Accepted = -1, Replied = -1, Meetings = -1, CreditsSpent = -1, CreditsRefunded = -1 },
                new OutreachCounts { Channel = Channel.Email, Sent = 10, Accepted = 1, Replied = 11, Meetings = 12, CreditsSpent = 1, CreditsRefunded = 2 },
                new OutreachCounts { Channel = Channel.ConnectionRequest, Sent = 10_000_001, Accepted = 10_000_001 },
            },
            UnitCosts = new UnitCosts { CreditMicros = -1, SendCosts = { new SendCost { Micros = 10_000_000_001 }, new SendCost { Channel = Channel.Email }, new SendCost { Channel = Channel.Email }, new SendCost { Channel = (Channel)77 } } },
        }));

        Assert.Equal(
            [
                "counts[0].channel",
                "counts[1].channel",
                "counts[1].segment",
                "counts[1].variant",
                "counts[1].sent",
                "counts[1].accepted",
                "counts[1].replied",
                "counts[1].meetings",
                "counts[1].credits_spent",
                "counts[1].credits_refunded",
                "counts[2].accepted",
                "counts[2].replied",
                "counts[2].meetings",
                "counts[2].credits_spent",
                "counts[2].credits_refunded",
                "counts[3].sent",
                "counts[3].accepted",
                "unit_costs.currency",
                "unit_costs.credit_micros",
                "unit_costs.send_costs[0].channel",
                "unit_costs.send_costs[0].micros",
                "unit_costs.send_costs[2].channel",
                "unit_costs.send_costs[3].channel",
            ],
            fault.Violations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task Takes_five_hundred_counts_of_ten_million_sends_together_and_no_more()
    {
        var request = new MeasureRatesRequest();
        for (var i = 0; i < 500; i++)
            request.Counts.Add(new OutreachCounts { Channel = Channel.ConnectionRequest, Segment = $"s{i % 20}", Variant = $"v{i / 20}", Sent = 20_000, Accepted = 6_000 + i, Replied = 2_000 + (i % 7) });
        var response = await MeasureAsync(request);
        // The sum, 20 segments, 25 variants and all 500; of 25 variants 24 are compared with the best, by two rates, over all and in 20 segments.
        Assert.Equal(1 + 20 + 25 + 500, response.Rates.Count);
        Assert.Equal(24 * 2 * 21, response.Comparisons.Count);

        request.Counts[0].Sent++;
        Assert.Equal("counts", Assert.Single((await RoutingOverTheWire.RefusedAsync(() => MeasureAsync(request))).Violations).Field);
        request.Counts[0].Sent = 0;
        request.Counts[0].Accepted = request.Counts[0].Replied = 0;
        request.Counts.Add(new OutreachCounts { Channel = Channel.Email });
        Assert.Equal("counts", Assert.Single((await RoutingOverTheWire.RefusedAsync(() => MeasureAsync(request))).Violations).Field);
    }

    [Fact]
    public async Task Says_nothing_of_no_counts_but_what_is_wrong_with_the_costs()
    {
        Assert.Equal(new MeasureRatesResponse(), await MeasureAsync(new MeasureRatesRequest()));
        var costs = new MeasureRatesRequest { UnitCosts = new UnitCosts { Currency = "USD", CreditMicros = 10_000_000_001 } };
        Assert.Equal("unit_costs.credit_micros", Assert.Single((await RoutingOverTheWire.RefusedAsync(() => MeasureAsync(costs))).Violations).Field);
    }

    [Fact]
    public async Task Answers_nobody_without_a_credential()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => router.Client.MeasureRatesAsync(new MeasureRatesRequest()).ResponseAsync);
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    private async Task<MeasureRatesResponse> MeasureAsync(MeasureRatesRequest request) =>
        await router.Client.MeasureRatesAsync(request, RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30));
}
