using Pennypost.Router.V1;
using Pennypost.Types.V1;

namespace Pennypost.Router.Tests.Calls;

/// <summary>Policies over the wire: in a request, and checked by themselves.</summary>
public sealed class RoutingByPolicy(RunningRouter router) : IClassFixture<RunningRouter>
{
    [Fact]
    public async Task Decides_by_the_policy_of_the_request_and_shows_which_F16()
    {
        var request = Requests.Stranger();
        Assert.Equal((Channel.ConnectionRequest, "", 0L), Chosen(await RouteAsync(request)));

        request.Priority = Priority.High;
        request.Policy = new RoutingPolicy { Name = "credits-first", Version = 7, Choice = Choice.BestValue, Channels = { Channel.Inmail, Channel.ConnectionRequest } };
        Assert.Equal((Channel.Inmail, "credits-first", 7L), Chosen(await RouteAsync(request)));

        request.Policy.Choice = Choice.Cheapest;
        Assert.Equal((Channel.ConnectionRequest, "credits-first", 7L), Chosen(await RouteAsync(request)));
    }

    [Fact]
    public async Task Takes_what_a_policy_leaves_out_from_the_installation()
    {
        var request = Requests.Stranger();
        var plain = await RouteAsync(request);
        request.Policy = new RoutingPolicy { Name = "empty" };
        var empty = await RouteAsync(request);

        (empty.PolicyName, empty.DecideTime) = ("", plain.DecideTime);
        Assert.Equal(plain, empty);
    }

    [Fact]
    public async Task Understands_every_word_of_a_policy()
    {
        var request = Requests.Stranger().With(r =>
        {
            r.Policy = new RoutingPolicy
            {
                Name = "all",
                Channels = { Channel.GroupMessageRequest, Channel.CoworkerMessageRequest, Channel.OpenToWorkMessage, Channel.ConnectionRequest, Channel.Email, Channel.Inmail },
                CreditFloor = 3,
                Conditions =
                {
                    new ChannelCondition { Channel = Channel.ConnectionRequest, MinPriority = Priority.High },
                    new ChannelCondition { Channel = Channel.Email, EmailVerified = true },
                    new ChannelCondition { Channel = Channel.GroupMessageRequest, MinCredits = 9 },
                    new ChannelCondition { Channel = Channel.CoworkerMessageRequest, NotGeneric = true },
                },
                InmailWarrant = new InmailWarrant { WouldBeForfeited = true },
            };
            r.Content.Body = "Hello {name}";
            r.Content.Email = "May I ask you one?";
            r.Prospect.EmailKnown = true;
            r.Prospect.EmailVerified = new Observed { Value = false, ObserveTime = Requests.Now };
            var sender = r.Senders[0];
            sender.HasMailbox = true;
            sender.OfferedChannels.Add(Enum.GetValues<Channel>());
            sender.SameGroup = new Observed { Value = true, ObserveTime = Requests.Now };
            sender.Coworker = new Observed { Value = true, ObserveTime = Requests.Now };
            sender.OpenToWork = new Observed { Value = false, ObserveTime = Requests.Now };
            sender.Tier = Tier.Recruiter;
            sender.Credits.ForfeitsAtRenewal = 1;
        });

        var decision = await RouteAsync(request);

        Assert.Equal(
            [
                (Channel.GroupMessageRequest, Reason.TooFewCredits),
                (Channel.CoworkerMessageRequest, Reason.ContentGeneric),
                (Channel.OpenToWorkMessage, Reason.NotOpenToWork),
                (Channel.ConnectionRequest, Reason.PriorityTooLow),
                (Channel.Email, Reason.EmailNotVerified),
                (Channel.Inmail, Reason.CreditsKeptByPolicy),
            ],
            decision.Candidates.Select(candidate => (candidate.Channel, candidate.Reason)));
        Assert.Contains(new FactUsed { Kind = FactKind.SameGroup, Value = "true", ObserveTime = Requests.Now }, decision.Candidates[0].Facts);
        Assert.Contains(new FactUsed { Kind = FactKind.Coworker, Value = "true", ObserveTime = Requests.Now }, decision.Candidates[1].Facts);
        Assert.Contains(new FactUsed { Kind = FactKind.OpenToWork, Value = "false", ObserveTime = Requests.Now }, decision.Candidates[2].Facts);
        Assert.Contains(new FactUsed { Kind = FactKind.EmailVerified, Value = "false", ObserveTime = Requests.Now }, decision.Candidates[4].Facts);

        request.Policy.OnExhaustion = OnExhaustion.Fail;
        var failed = await RouteAsync(request);
        Assert.Equal((Outcome.Defer, Reason.TooFewCredits), (failed.Outcome, failed.Reason));
        Assert.Equal(Verdict.Rejected, failed.Candidates.Single(candidate => candidate.Channel == Channel.Inmail).Verdict);

        request.Policy.Stickiness = Stickiness.Strict;
        request.Senders.Add(request.Senders[0].Clone().With(s => (s.AccountId, s.InConversation) = ("bob", true)));
        Assert.All((await RouteAsync(request)).Candidates.Where(candidate => candidate.AccountId == "ada"), candidate => Assert.Equal(Reason.ClaimedByOtherSender, candidate.Reason));
    }

    [Fact]
    public async Task Waits_for_the_policys_hours_F46()
    {
        var decision = await RouteAsync(Requests.Stranger().With(r =>
            r.Policy = new RoutingPolicy { Name = "noon", Hours = new SendingWindow { TimeZone = "Europe/Berlin", Days = { 3 }, FromMinute = 720, ToMinute = 780 } }));

        // Noon in Berlin is an hour after now.
        Assert.Equal((Outcome.Defer, Reason.OutsidePolicyHours, Requests.Now.ToDateTimeOffset().AddHours(1)), (decision.Outcome, decision.Reason, decision.WaitUntil.ToDateTimeOffset()));
    }

    [Fact]
    public async Task Refuses_a_policy_with_every_violation_at_its_place()
    {
        var request = Requests.Stranger().With(r =>
        {
            r.Replies = new ReplyCounts { Sent = -1 };
            r.Policy = Bad();
        });

        var fault = await RoutingOverTheWire.RefusedAsync(() => RouteAsync(request));

        Assert.Equal(["replies.sent", "replies.replied", .. _violations.Select(field => $"policy.{field}")], fault.Violations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task Answers_every_violation_and_refuses_nothing_F72()
    {
        Assert.Equal(_violations, (await CheckAsync(Bad())).Violations.Select(violation => violation.Field));
        Assert.All((await CheckAsync(Bad())).Violations, violation => Assert.NotEmpty(violation.Description));
        Assert.Empty((await CheckAsync(new RoutingPolicy { Name = "empty" })).Violations);
        Assert.Equal("name", Assert.Single((await CheckAsync(new RoutingPolicy())).Violations).Field);
    }

    [Fact]
    public async Task Wants_a_policy_to_check()
    {
        var fault = await RoutingOverTheWire.RefusedAsync(() => CheckAsync(null));
        Assert.Equal("policy", Assert.Single(fault.Violations).Field);
    }

    private static readonly string[] _violations =
    [
        "name", "version", "choice", "channels[0]", "credit_floor", "conditions[0].channel", "conditions[0].min_credits", "conditions[0].min_priority",
        "inmail_warrant.patience_days", "on_exhaustion", "hours.time_zone", "hours.days", "hours.from_minute", "hours.to_minute", "stickiness",
    ];

    private static RoutingPolicy Bad() => new()
    {
        Name = "no name",
        Version = -1,
        Choice = (Choice)77,
        Channels = { (Channel)77 },
        CreditFloor = long.MaxValue,
        Conditions = { new ChannelCondition { MinCredits = -1, MinPriority = (Priority)77 } },
        InmailWarrant = new InmailWarrant { PatienceDays = int.MaxValue },
        OnExhaustion = (OnExhaustion)77,
        Hours = new SendingWindow { TimeZone = "Mars/Olympus", Days = { 9 }, FromMinute = 5_000, ToMinute = 9_000 },
        Stickiness = (Stickiness)77,
    };

    private static (Channel Channel, string Name, long Version) Chosen(Decision decision) => (decision.Candidates[0].Channel, decision.PolicyName, decision.PolicyVersion);

    private async Task<Decision> RouteAsync(RouteRequest request) =>
        (await router.Client.RouteAsync(request, RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30))).Decision;

    private async Task<CheckPolicyResponse> CheckAsync(RoutingPolicy? policy) =>
        await router.Client.CheckPolicyAsync(new CheckPolicyRequest { Policy = policy }, RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30));
}
