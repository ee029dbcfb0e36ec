using Grpc.Core;
using Grpc.Net.Client;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Router.V1;
using Pennypost.Types.V1;

namespace Pennypost.Router.Tests.Calls;

public sealed class PlanningOverTheWire(RunningRouter router) : IClassFixture<RunningRouter>
{
    [Fact]
    public async Task Plans_for_prospects_that_come_in_several_requests_F29_F73()
    {
        var answers = await PlanAsync(Terms(credits: 1), Prospects(0, 700, 100_000_000), Prospects(700, 701, 900_000_000), Prospects(701, 1_400, 100_000_000));

        var assignments = answers.SelectMany(answer => answer.Assignments).ToList();
        Assert.Equal(Enumerable.Range(0, 1_400).Select(number => $"x{number}"), assignments.Select(assignment => assignment.ProspectId));
        Assert.All(answers.SkipLast(1), answer => Assert.Null(answer.Summary));
        var send = Assert.Single(assignments, assignment => assignment.Outcome == PlanOutcome.Send);
        Assert.Equal(("x700", "ada", Channel.Inmail, 1L, 180_000_000L), (send.ProspectId, send.AccountId, send.Channel, send.CreditCost, send.ValueMicros));
        Assert.StartsWith("Send by InMail from ada: it is expected to bring 180.00", send.Explanation, StringComparison.Ordinal);

        var summary = answers[^1].Summary;
        Assert.Equal((1, 1, 180_000_000, 8_000_000), (summary.Totals.Sends, summary.Totals.Credits, summary.Totals.ValueMicros, summary.Totals.CostMicros));
        Assert.Equal((0, 1_399, 0), (summary.GapMicros, summary.CrowdedOut, summary.NotValid));
        var pool = Assert.Single(summary.Capacities, capacity => capacity.Kind == CapacityKind.Pool);
        Assert.Equal((1, 1, 12_000_000), (pool.Limit, pool.Used, pool.WorthOfOneMoreMicros));
        Assert.Equal(1, summary.InTurn.Credits);
    }

    [Fact]
    public async Task Says_what_would_be_with_more_credits_another_policy_or_other_rates_F75()
    {
        var better = Terms(credits: 1);
        better.Rates.Add(new ConversationRate { Channel = Channel.Inmail, Rate = 0.4 });
        var none = Terms(credits: 1);
        none.Policy = new RoutingPolicy { Name = "free", Channels = { Channel.DirectMessage } };
        using var call = router.Client.WhatIf(RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30));
        await call.RequestStream.WriteAsync(new WhatIfRequest
        {
            Scenarios = new Scenarios
            {
                Scenarios_ =
                {
                    new Scenario { Name = "as it is", Terms = Terms(credits: 1) },
                    new Scenario { Name = "ten credits", Terms = Terms(credits: 10) },
                    new Scenario { Name = "twice the replies", Terms = better },
                    new Scenario { Name = "no InMail", Terms = none },
                },
            },
        });
        await call.RequestStream.WriteAsync(new WhatIfRequest { Prospects = Prospects(0, 20, 100_000_000) });
        await call.RequestStream.CompleteAsync();

        var outcomes = (await call).Outcomes;

        Assert.Equal(["as it is", "ten credits", "twice the replies", "no InMail"], outcomes.Select(outcome => outcome.Name));
        Assert.Equal([(1, 20_000_000), (10, 200_000_000), (1, 40_000_000), (0, 0)], outcomes.Select(outcome => (outcome.Summary.Totals.Credits, outcome.Summary.Totals.ValueMicros)));
        Assert.Equal(20, outcomes[3].Summary.NotValid);
    }

    [Fact]
    public async Task Names_all_that_is_wrong_with_the_terms()
    {
        var terms = new PlanTerms
        {
            Senders =
            {
                new PlanSender { AccountId = "a", State = AccountState.Ok, PoolId = "elsewhere", CreditsLeft = -1, Allowances = { new Allowance { Channels = { Channel.Inmail, Channel.OpenProfileInmail }, Windows = { new AllowanceWindow { Limit = -1 } } } } },
                new PlanSender { AccountId = "a", Allowances = { new Allowance { Channels = { Channel.Like } } } },
            },
            Pools = { new PlanPool { PoolId = "p", Available = 1_000_001, Budget = -1 } },
            Rates = { new ConversationRate { Channel = Channel.Inmail, Rate = double.NaN } },
            Days = 32,
            Policy = new RoutingPolicy { Name = "", CreditFloor = -1 },
        };

        var fault = await RoutingOverTheWire.RefusedAsync(() => PlanAsync(terms));

        Assert.Equal(
            [
                "[0].terms.pools[0].available", "[0].terms.pools[0].budget", "[0].terms.senders[1].account_id", "[0].terms.senders[0].pool_id", "[0].terms.senders[0].credits_left",
                "[0].terms.senders[0].allowances[0].channels", "[0].terms.senders[0].allowances[0].windows[0].days", "[0].terms.senders[0].allowances[0].windows[0].limit",
                "[0].terms.senders[1].state", "[0].terms.senders[1].allowances[0].channels[0]", "[0].terms.senders[1].allowances[0].windows", "[0].terms.content", "[0].terms.rates[0].rate", "[0].terms.now",
                "[0].terms.days", "[0].terms.policy.name", "[0].terms.policy.credit_floor",
            ],
            fault.Violations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task Names_all_that_is_wrong_with_prospects()
    {
        var wrong = new PlanProspects
        {
            Prospects =
            {
                new PlanProspect { ProspectId = "x0" },
                new PlanProspect { ProspectId = "x 1", ValueMicros = -1, Common = new ProspectView { AccountId = "ada" }, Views = { new ProspectView(), new ProspectView { AccountId = "bob" }, new ProspectView { AccountId = "bob", Invitation = (InvitationState)99 } } },
            },
        };

        var fault = await RoutingOverTheWire.RefusedAsync(() => PlanAsync(Terms(1), Prospects(0, 1, 1), wrong));

        Assert.Equal(
            [
                "[2].prospects.prospects[0].prospect_id", "[2].prospects.prospects[1].prospect_id", "[2].prospects.prospects[1].value_micros", "[2].prospects.prospects[1].common.account_id",
                "[2].prospects.prospects[1].views[2].account_id", "[2].prospects.prospects[1].views[0].account_id", "[2].prospects.prospects[1].views[2].invitation",
            ],
            fault.Violations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task A_stream_begins_with_its_terms_and_has_them_once()
    {
        using var empty = router.Client.Plan(RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30));
        await empty.RequestStream.CompleteAsync();
        Assert.Equal(["[0].terms"], await FieldsAsync(() => empty.ResponseStream.MoveNext()));

        using var twice = router.Client.Plan(RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30));
        await twice.RequestStream.WriteAsync(new PlanRequest { Terms = Terms(1) });
        await twice.RequestStream.WriteAsync(new PlanRequest { Terms = Terms(1) });
        Assert.Equal(["[1].prospects"], await FieldsAsync(() => twice.ResponseStream.MoveNext()));

        using var scenarios = router.Client.WhatIf(RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30));
        await scenarios.RequestStream.WriteAsync(new WhatIfRequest { Scenarios = new Scenarios { Scenarios_ = { new Scenario { Name = "a", Terms = Terms(1) }, new Scenario { Name = "a" } } } });
        Assert.Equal(["[0].scenarios.scenarios[1].name", "[0].scenarios.scenarios[1].terms"], await FieldsAsync(() => scenarios.ResponseAsync));
    }

    [Fact]
    public async Task A_plan_without_prospects_is_a_plan()
    {
        var answer = Assert.Single(await PlanAsync(Terms(1)));

        Assert.Equal(0, answer.Summary.Totals.Sends);
    }

    [Fact]
    public async Task Makes_only_so_many_at_once_and_says_when_to_come_back()
    {
        await using var app = RunningRouter.Build(("Router:MaxPlans", "1"));
        await app.StartAsync();
        using var channel = GrpcChannel.ForAddress(app.GrpcAddress());
        var client = new RouterService.RouterServiceClient(channel);
        using (var one = client.Plan(RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30)))
        using (var other = client.Plan(RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30)))
        {
            // Either may arrive first; the one that is refused ends, and the other waits for its terms.
            var answers = new[] { one.ResponseStream.MoveNext(), other.ResponseStream.MoveNext() };
            var refused = await Task.WhenAny(answers);
            var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(() => refused));
            Assert.Equal((StatusCode.ResourceExhausted, ErrorReason.QueueFull, "service:router/plans"), (fault.Code, fault.ErrorReason, fault.QuotaSubject));
            Assert.NotNull(fault.RetryAfter);

            var first = refused == answers[0] ? other : one;
            await first.RequestStream.WriteAsync(new PlanRequest { Terms = Terms(1) });
            await first.RequestStream.CompleteAsync();
            Assert.True(await answers.Single(answer => answer != refused));
        }

        using var third = client.Plan(RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30));
        await third.RequestStream.WriteAsync(new PlanRequest { Terms = Terms(1) });
        await third.RequestStream.CompleteAsync();
        Assert.True(await third.ResponseStream.MoveNext());
    }

    private static PlanTerms Terms(long credits) => new()
    {
        Senders = { new PlanSender { AccountId = "ada", Tier = Tier.SalesNavigator, State = AccountState.Ok, PoolId = "p", Allowances = { new Allowance { Channels = { Channel.Inmail }, Windows = { new AllowanceWindow { Days = 1, Limit = 30 } } } } } },
        Pools = { new PlanPool { PoolId = "p", Available = credits, PriceMicros = 10_000_000 } },
        Content = new Content { Subject = "A question", Body = "May I ask you one?" },
        Now = Requests.Now,
        Explain = true,
    };

    /// <summary>Strangers with closed profiles who take InMail, of high priority.</summary>
    private static PlanProspects Prospects(int from, int to, long valueMicros)
    {
        var some = new PlanProspects();
        some.Prospects.AddRange(Enumerable.Range(from, to - from).Select(number => new PlanProspect
        {
            ProspectId = $"x{number}",
            Priority = Priority.High,
            ValueMicros = valueMicros,
            Common = new ProspectView { NetworkDistance = NetworkDistance.ThirdDegree, OpenProfile = false, CanSendInmail = true, Invitation = InvitationState.None },
        }));
        return some;
    }

    private async Task<IReadOnlyList<PlanResponse>> PlanAsync(PlanTerms terms, params PlanProspects[] prospects)
    {
        using var call = router.Client.Plan(RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30));
        await call.RequestStream.WriteAsync(new PlanRequest { Terms = terms });
        foreach (var some in prospects)
            await call.RequestStream.WriteAsync(new PlanRequest { Prospects = some });
        await call.RequestStream.CompleteAsync();
        var answers = new List<PlanResponse>();
        await foreach (var answer in call.ResponseStream.ReadAllAsync())
            answers.Add(answer);
        return answers;
    }

    private static async Task<IEnumerable<string>> FieldsAsync<T>(Func<Task<T>> call) => (await RoutingOverTheWire.RefusedAsync(() => call())).Violations.Select(violation => violation.Field);
}
