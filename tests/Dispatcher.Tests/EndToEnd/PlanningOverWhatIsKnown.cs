using Grpc.Core;
using Pennypost.Dispatcher.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>F29, F73, F75: a plan over the tenant's own senders and pools, as they are known now.</summary>
public sealed class PlanningOverWhatIsKnown
{
    private static readonly ProspectView _stranger = new() { NetworkDistance = NetworkDistance.ThirdDegree, OpenProfile = false, CanSendInmail = true, Invitation = InvitationState.None };

    [Fact]
    public async Task Scarce_credits_go_where_they_bring_the_most_and_nothing_is_touched_F29()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        var before = await SeenAsync(installation);

        // Five strangers for two credits: InMail is the only way without a note.
        var plan = await installation.Dispatcher.PlanMessagesAsync(Request(Basis(Choice.BestValue), Strangers(5)), Installation.As());

        Assert.Equal([PlanOutcome.CrowdedOut, PlanOutcome.CrowdedOut, PlanOutcome.CrowdedOut, PlanOutcome.Send, PlanOutcome.Send], plan.Assignments.Select(one => one.Outcome));
        Assert.All(plan.Assignments.Skip(3), one => Assert.Equal(("ann", Channel.Inmail, 1L), (one.AccountId, one.Channel, one.CreditCost)));
        Assert.All(plan.Assignments, one => Assert.NotEmpty(one.Explanation));
        Assert.Equal((2L, 2L, 3L, 0L), (plan.Summary.Totals.Sends, plan.Summary.Totals.Credits, plan.Summary.CrowdedOut, plan.Summary.GapMicros));
        var pool = plan.Summary.Capacities.Single(capacity => capacity.Kind == CapacityKind.Pool);
        Assert.Equal(("ann-pool", 2L, 2L, true), (pool.PoolId, pool.Limit, pool.Used, pool.WorthOfOneMoreMicros > 0));
        Assert.Contains(plan.Summary.Capacities, capacity => capacity is { Kind: CapacityKind.Allowance, AccountId: "ann", Limit: 30 } && capacity.Channels.Contains(Channel.Inmail));
        Assert.Equal(before, await SeenAsync(installation));
    }

    [Fact]
    public async Task What_nobody_has_seen_is_unknown_and_what_a_look_has_shown_is_known_F17()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", """{"id":"open","degree":"third","open_profile":true}""");
        var request = Request(Basis(Choice.Cheapest), new PlannedProspect { Profile = "open", ValueMicros = 100_000_000 });

        var unseen = await installation.Dispatcher.PlanMessagesAsync(request, Installation.As());
        await installation.Dispatcher.PreviewAsync(new() { Message = new() { Prospect = new() { Profile = "open" }, Content = new() { Subject = "Hello", Body = "May I ask?" } } }, Installation.As());
        var seen = await installation.Dispatcher.PlanMessagesAsync(request, Installation.As());

        Assert.Equal((PlanOutcome.NotValid, true, 1, 1L), (unseen.Assignments[0].Outcome, unseen.Assignments[0].FactsCouldChange, unseen.Unseen, unseen.Summary.FactsCouldChange));
        Assert.Equal((PlanOutcome.Send, Channel.OpenProfileInmail, 0L, 0), (seen.Assignments[0].Outcome, seen.Assignments[0].Channel, seen.Assignments[0].CreditCost, seen.Unseen));
        Assert.Equal(unseen.Assignments[0].ProspectId, seen.Assignments[0].ProspectId);
    }

    [Fact]
    public async Task Who_is_suppressed_or_cannot_send_is_left_out_with_the_reason_F29()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        await installation.Dispatcher.SuppressProspectAsync(new() { Profile = "p-1", Actor = "olga" }, Installation.As());

        var plan = await installation.Dispatcher.PlanMessagesAsync(Request(Basis(Choice.BestValue), Strangers(2)), Installation.As());
        await installation.Dispatcher.PauseAccountAsync(new() { AccountId = "ann", Actor = "olga" }, Installation.As());
        var paused = await installation.Dispatcher.PlanMessagesAsync(Request(Basis(Choice.BestValue), Strangers(2)), Installation.As());

        Assert.Equal([PlanOutcome.Send, PlanOutcome.NotValid], plan.Assignments.Select(one => one.Outcome));
        Assert.Equal(Reason.ProspectSuppressed, plan.Assignments[1].Reason);
        Assert.Equal((PlanOutcome.NotValid, Reason.AccountPaused), (paused.Assignments[0].Outcome, paused.Assignments[0].Reason));
    }

    [Fact]
    public async Task Scenarios_are_compared_over_the_same_prospects_F75()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        await installation.SenderAsync("bob", 3);
        var one = Basis(Choice.BestValue);
        one.AccountIds.Add("ann");
        var more = one.Clone();
        more.Pools.Add(new PoolSupposition { PoolId = "ann-pool", Available = 4 });
        var fewer = Basis(Choice.BestValue);
        fewer.Pools.Add(new PoolSupposition { PoolId = "bob-pool", Budget = 1 });

        var compared = await installation.Dispatcher.ComparePlansAsync(
            new()
            {
                Scenarios =
                {
                    new PlanScenario { Name = "both", Basis = Basis(Choice.BestValue) },
                    new PlanScenario { Name = "ann alone", Basis = one },
                    new PlanScenario { Name = "ann with more", Basis = more },
                    new PlanScenario { Name = "bob with less", Basis = fewer },
                },
                Prospects = { Strangers(9) },
            },
            Installation.As());

        Assert.Equal([("both", 5L), ("ann alone", 2L), ("ann with more", 4L), ("bob with less", 3L)], compared.Outcomes.Select(outcome => (outcome.Name, outcome.Summary.Totals.Credits)));
        Assert.Equal(0, compared.Unseen);
    }

    [Fact]
    public async Task A_full_list_is_planned_and_one_more_is_refused_F73()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        var full = Request(Basis(Choice.BestValue), Strangers(5_000));

        var plan = await installation.Dispatcher.PlanMessagesAsync(full, Installation.As(), DateTime.UtcNow.AddSeconds(50));
        full.Prospects.Add(new PlannedProspect { Profile = "one-more" });
        var refused = await RefusedAsync(installation, full);

        Assert.Equal((5_000, 2L), (plan.Assignments.Count, plan.Summary.Totals.Credits));
        Assert.Equal(["prospects"], refused.Violations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_told_at_once_under_the_callers_names()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        var request = new PlanMessagesRequest
        {
            Basis = new PlanBasis
            {
                AccountIds = { "ann", "ann", "no id" },
                Content = new() { Note = new string('n', 301) },
                Policy = "nowhere",
                Days = 32,
                Rates = { new ConversationRate { Channel = Channel.Like, Rate = 1.5 }, new ConversationRate { Channel = Channel.Email }, new ConversationRate { Channel = Channel.Email } },
                Replies = new() { Sent = 1, Replied = 2 },
                Pools = { new PoolSupposition { PoolId = "", Available = -1 } },
            },
            Prospects =
            {
                new PlannedProspect { Profile = "ada", ValueMicros = -1 },
                new PlannedProspect { Profile = "https://www.linkedin.com/in/ada/", EmailVerifyTime = new() { Seconds = 4_000_000_000 } },
                new PlannedProspect { Common = new ProspectView { AccountId = "ann", Invitation = (InvitationState)9 }, Views = { new ProspectView { ObserveTime = new() { Seconds = -1 } } } },
            },
        };

        var refused = await RefusedAsync(installation, request);

        Assert.Equal(
            [
                "basis.account_ids[1]", "basis.account_ids[2]", "basis.content.note", "basis.days", "basis.rates[0].channel", "basis.rates[0].rate", "basis.rates[2].channel", "basis.replies.replied",
                "basis.pools[0].pool_id", "basis.pools[0].available", "prospects[0].value_micros", "prospects[1].profile", "prospects[1].email_verify_time", "prospects[1].email_known",
                "prospects[2].profile", "prospects[2].common.invitation", "prospects[2].common.account_id", "prospects[2].views[0].account_id", "prospects[2].views[0].observe_time", "basis.policy",
            ],
            refused.Violations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task A_draft_is_looked_at_as_a_policy_that_is_put_is()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        var basis = Basis(Choice.BestValue);
        basis.DraftPolicy.CreditFloor = -1;
        basis.Pools.Add(new PoolSupposition { PoolId = "nobodys" });

        Assert.Equal(["basis.draft_policy.credit_floor"], (await RefusedAsync(installation, Request(basis, Strangers(1)))).Violations.Select(violation => violation.Field));
        basis.DraftPolicy.CreditFloor = 0;
        Assert.Equal(["basis.pools[0].pool_id"], (await RefusedAsync(installation, Request(basis, Strangers(1)))).Violations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task Senders_that_are_not_there_are_not_found()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        var basis = Basis(Choice.BestValue);
        basis.AccountIds.Add("zoe");

        Assert.Equal(ErrorReason.AccountNotFound, (await RefusedAsync(installation, Request(basis, Strangers(1)))).ErrorReason);
        Assert.Equal(ErrorReason.NoSender, (await RefusedAsync(installation, Request(Basis(Choice.BestValue), Strangers(1)), "other")).ErrorReason);
    }

    [Fact]
    public async Task It_is_told_when_the_router_makes_as_many_plans_as_it_does_at_once()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Router:MaxPlans"] = "1" });
        await installation.SenderAsync("ann", 2);
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(installation.RouterAddress);
        using var other = new Pennypost.Router.V1.RouterService.RouterServiceClient(channel).Plan(Installation.As(), DateTime.UtcNow.AddSeconds(30));
        // What is wrong is said only by who has a place: so it is known to be taken.
        await other.RequestStream.WriteAsync(new() { Terms = new() { Senders = { new Pennypost.Router.V1.PlanSender { AccountId = "x", State = AccountState.Ok } }, Content = new() { Body = "Hi" }, Now = new() { Seconds = 1_700_000_000 } } });

        var refused = await Eventually(async () => await RefusedAsync(installation, Request(Basis(Choice.BestValue), Strangers(1))));

        Assert.Equal((ErrorReason.QueueFull, true), (refused.ErrorReason, refused.RetryAfter is not null));
    }

    /// <summary>Until the router has heard of the other plan, there is room; at most 10 s.</summary>
    private static async Task<RpcFault> Eventually(Func<Task<RpcFault>> look)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await look();
            }
            catch (Xunit.Sdk.ThrowsException) when (tries < 100)
            {
                await Task.Delay(100);
            }
        }
    }

    private static async Task<RpcFault> RefusedAsync(Installation installation, PlanMessagesRequest request, string tenant = Installation.Tenant) =>
        RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () => await installation.Dispatcher.PlanMessagesAsync(request, Installation.As(tenant))));

    private static PlanMessagesRequest Request(PlanBasis basis, params IEnumerable<PlannedProspect> prospects) => new() { Basis = basis, Prospects = { prospects }, Explain = true };

    private static PlanBasis Basis(Choice choice) => new()
    {
        Content = new() { Subject = "Hello", Body = "May I ask you one?" },
        DraftPolicy = new() { Choice = choice, InmailWarrant = new() { HighPriority = true, UnansweredInvitation = true, WouldBeForfeited = true } },
    };

    /// <summary>Each worth more than the one before.</summary>
    private static IEnumerable<PlannedProspect> Strangers(int count) =>
        Enumerable.Range(0, count).Select(i => new PlannedProspect { Profile = $"p-{i}", Priority = Priority.High, ValueMicros = 100_000_000 + (i * 1_000_000L), Common = _stranger });

    private static async Task<string> SeenAsync(Installation installation)
    {
        var account = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;
        var pool = (await installation.Credits.GetPoolAsync(new() { PoolId = "ann-pool" }, Installation.As())).Pool;
        var ledger = await installation.LookAsync("ledger");
        var profiles = ledger.GetProperty("total_calls").TryGetProperty("users.profile", out var calls) ? calls.GetInt32() : 0;
        return $"{string.Join(',', account.Usage.Select(use => use.Used))} {pool.Balance} {profiles} {(await installation.Dispatcher.ListMessagesAsync(new(), Installation.As())).Messages.Count}";
    }
}
