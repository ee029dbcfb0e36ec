using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Router.V1;
using Pennypost.Types.V1;

namespace Pennypost.Router.Tests.Calls;

public sealed class RoutingOverTheWire(RunningRouter router) : IClassFixture<RunningRouter>
{
    [Fact]
    public async Task Answers_every_candidate_with_cost_and_facts_F16()
    {
        var request = Requests.Stranger().With(r =>
        {
            r.Priority = Priority.High;
            r.Content.Note = "";
        });

        var decision = await RouteAsync(request);

        Assert.Equal(Outcome.Send, decision.Outcome);
        Assert.Equal(Reason.Unspecified, decision.Reason);
        Assert.Equal(Requests.Now, decision.DecideTime);
        Assert.Equal("", decision.Explanation);
        Assert.Empty(decision.Advice);
        Assert.Empty(decision.NeededFacts);
        Assert.Equal(
            [Channel.Inmail, Channel.RepliedThread, Channel.DirectMessage, Channel.OpenProfileInmail, Channel.ConnectionRequest, Channel.Email],
            decision.Candidates.Select(candidate => candidate.Channel));
        Assert.Equal(
            [Reason.Unspecified, Reason.NoRepliedThread, Reason.NotConnected, Reason.NotOpenProfile, Reason.ContentMissing, Reason.NoMailbox],
            decision.Candidates.Select(candidate => candidate.Reason));

        var inMail = decision.Candidates[0];
        Assert.Equal(("ada", Verdict.Eligible, 1, "acme-navigator", "USD"), (inMail.AccountId, inMail.Verdict, inMail.CreditCost, inMail.PoolId, inMail.Currency));
        // The prior alone: eight of ten InMails stay unanswered.
        Assert.Equal(0.8, inMail.ExpectedNetCost, 12);
        Assert.Equal(8_000_000, inMail.PriceMicros);
        Assert.Equal(
            [
                new FactUsed { Kind = FactKind.NetworkDistance, Value = "THIRD_DEGREE", ObserveTime = Requests.Now },
                new FactUsed { Kind = FactKind.OpenProfile, Value = "false", ObserveTime = Requests.Now },
                new FactUsed { Kind = FactKind.CanSendInmail, Value = "true", ObserveTime = Requests.Now },
                new FactUsed { Kind = FactKind.Credits, Value = "available 3, held 1", ObserveTime = Requests.Now },
            ],
            inMail.Facts);
        Assert.Equal(("", 0), (decision.Candidates[4].Currency, decision.Candidates[4].CreditCost));
    }

    [Fact]
    public async Task Asks_for_the_facts_that_could_change_the_answer_F17()
    {
        var decision = await RouteAsync(Requests.Stranger().With(r =>
        {
            r.Senders[0].NetworkDistance = null;
            r.Senders[0].Invitation = null;
            r.Senders[0].OpenProfile = null;
        }));

        Assert.Equal(Outcome.NeedsFacts, decision.Outcome);
        Assert.Equal(
            [
                new NeededFact { AccountId = "ada", Kind = FactKind.NetworkDistance },
                new NeededFact { AccountId = "ada", Kind = FactKind.OpenProfile },
                new NeededFact { AccountId = "ada", Kind = FactKind.Invitation },
            ],
            decision.NeededFacts);

        var direct = decision.Candidates.Single(candidate => candidate.Channel == Channel.DirectMessage);
        Assert.Equal((Verdict.NeedsFacts, Reason.FactUnknown), (direct.Verdict, direct.Reason));
        Assert.Equal(new FactUsed { Kind = FactKind.NetworkDistance }, Assert.Single(direct.Facts));
    }

    [Fact]
    public async Task Decides_without_facts_that_are_not_to_be_had_F17()
    {
        var decision = await RouteAsync(Requests.Stranger().With(r =>
        {
            r.Senders[0].NetworkDistance = null;
            r.Senders[0].Invitation = new Invitation();
            r.Final = true;
        }));

        Assert.Equal((Outcome.Send, Channel.ConnectionRequest), (decision.Outcome, decision.Candidates[0].Channel));
    }

    [Fact]
    public async Task Says_until_when_to_wait_F25()
    {
        var decision = await RouteAsync(Requests.Stranger().With(r =>
        {
            r.Priority = Priority.High;
            r.Content.Note = "";
            r.Senders[0].Credits.Available = 0;
            r.Senders[0].Credits.Held = 0;
        }));

        Assert.Equal(
            (Outcome.Defer, Reason.AccountInmailCreditsExhausted, Requests.Renewal),
            (decision.Outcome, decision.Reason, decision.WaitUntil));
        var inMail = decision.Candidates.Single(candidate => candidate.Channel == Channel.Inmail);
        Assert.Equal((Verdict.Waits, Requests.Renewal), (inMail.Verdict, inMail.WaitUntil));
    }

    [Fact]
    public async Task Says_why_a_message_is_skipped()
    {
        var decision = await RouteAsync(Requests.Stranger().With(r => r.Prospect.ReplyTime = Requests.Now));

        Assert.Equal((Outcome.Skip, Reason.ProspectReplied, null), (decision.Outcome, decision.Reason, decision.WaitUntil));
    }

    [Fact]
    public async Task Writes_a_sentence_and_advice_only_when_asked()
    {
        var decision = await RouteAsync(Requests.Stranger().With(r => r.Explain = true));

        Assert.Equal(
            "Send by connection request from ada: it is free (not by replied thread: the prospect has not replied in a thread; "
                + "direct message: they are not connected; open-profile InMail: the profile is not open).",
            decision.Explanation);
        Assert.Empty(decision.Advice);

        var wordless = await RouteAsync(Requests.Stranger().With(r =>
        {
            r.Explain = true;
            r.Content.Note = "Hello";
        }));
        Assert.Equal(2, wordless.Advice.Count);
    }

    [Fact]
    public async Task Takes_unset_tier_and_priority_as_free_and_normal()
    {
        var decision = await RouteAsync(Requests.Stranger().With(r =>
        {
            r.Senders[0].Tier = Tier.Unspecified;
            r.Priority = Priority.Unspecified;
            r.Content.Note = new string('x', 201);
        }));

        Assert.Equal((Outcome.Skip, Reason.ContentTooLong), (decision.Outcome, decision.Reason));
    }

    [Fact]
    public async Task Lets_closed_channels_be_that_it_does_not_know()
    {
        var decision = await RouteAsync(Requests.Stranger().With(r => r.Senders[0].ClosedChannels.Add([(Channel)77, Channel.ConnectionRequest])));

        Assert.Equal((Outcome.Skip, Reason.ProviderRefused), (decision.Outcome, decision.Reason));
    }

    [Fact]
    public async Task Names_every_violation_at_once()
    {
        var bad = Requests.Stranger().With(r =>
        {
            r.Prospect.ClaimedBy = "a b";
            r.Prospect.ReplyTime = new Timestamp { Seconds = -1 };
            r.Priority = (Priority)99;
            r.Now = new Timestamp { Nanos = -1 };
            r.Content = new Content { Subject = new string('x', 201), Body = new string('x', 8_001), Note = new string('x', 301) };
            r.Replies = new ReplyCounts { Sent = 1, Replied = 2 };
            var twin = r.Senders[0].Clone();
            var sender = r.Senders[0];
            sender.Tier = (Tier)99;
            sender.State = AccountState.Unspecified;
            sender.NetworkDistance = new ObservedDistance();
            sender.OpenProfile.ObserveTime = null;
            sender.CanSendInmail.ObserveTime = null;
            sender.Invitation = new Invitation { State = InvitationState.Pending };
            sender.OpenProfileRemaining = -1;
            sender.OpenProfileResetTime = new Timestamp { Seconds = long.MaxValue };
            sender.Credits.PoolId = "";
            sender.Credits.Available = -1;
            sender.Credits.Held = 1_000_001;
            sender.Credits.QueuedDemand = -1;
            sender.Credits.Floor = -1;
            sender.Credits.ForfeitsAtRenewal = -1;
            sender.Credits.Currency = "usd";
            sender.Credits.ObserveTime = null;
            r.Senders.Add(twin);
        });

        var fault = await RefusedAsync(() => RouteAsync(bad));

        Assert.Equal(
            [
                "prospect.reply_time",
                "prospect.claimed_by",
                "senders[0].tier",
                "senders[0].state",
                "senders[0].network_distance.value",
                "senders[0].network_distance.observe_time",
                "senders[0].open_profile.observe_time",
                "senders[0].can_send_inmail.observe_time",
                "senders[0].invitation.observe_time",
                "senders[0].credits.pool_id",
                "senders[0].credits.available",
                "senders[0].credits.held",
                "senders[0].credits.queued_demand",
                "senders[0].credits.floor",
                "senders[0].credits.forfeits_at_renewal",
                "senders[0].credits.currency",
                "senders[0].credits.observe_time",
                "senders[0].open_profile_remaining",
                "senders[0].open_profile_reset_time",
                "senders[1].account_id",
                "content.subject",
                "content.body",
                "content.note",
                "priority",
                "now",
                "replies.replied",
            ],
            fault.Violations.Select(violation => violation.Field));
        Assert.Equal("26", fault.Metadata["violations"]);
    }

    [Fact]
    public async Task Names_what_is_missing_from_an_empty_request()
    {
        var fault = await RefusedAsync(() => RouteAsync(new RouteRequest()));

        Assert.Equal(["prospect", "senders", "content", "now"], fault.Violations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task Sends_by_mail_what_LinkedIn_does_not_carry_F22()
    {
        var request = Requests.Stranger();
        (request.Content.Note, request.Content.Email, request.Prospect.EmailKnown, request.Senders[0].HasMailbox) = ("", "May I ask you one by e-mail?", true, true);

        var decision = await RouteAsync(request);

        Assert.Equal((Outcome.Send, Channel.Email, 0), (decision.Outcome, decision.Candidates[0].Channel, decision.Candidates[0].CreditCost));
        Assert.Equal(("", 0d), (decision.Candidates[0].PoolId, decision.Candidates[0].ExpectedNetCost));
        Assert.Empty(decision.Candidates[0].Facts);
    }

    [Fact]
    public async Task Takes_a_hundred_senders_and_no_more()
    {
        var request = Requests.Stranger();
        var sender = request.Senders[0];
        request.Senders.Clear();
        request.Senders.Add(Enumerable.Range(0, 100).Select(i => sender.Clone().With(s => s.AccountId = $"s{i:00}")));
        Assert.Equal(600, (await RouteAsync(request)).Candidates.Count);

        request.Senders.Add(sender);
        var fault = await RefusedAsync(() => RouteAsync(request));
        Assert.Equal("senders", Assert.Single(fault.Violations).Field);
    }

    [Fact]
    public async Task Answers_nobody_without_a_credential()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => router.Client.RouteAsync(Requests.Stranger()).ResponseAsync);
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    private async Task<Decision> RouteAsync(RouteRequest request) =>
        (await router.Client.RouteAsync(request, RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30))).Decision;

    internal static async Task<RpcFault> RefusedAsync(Func<Task> call)
    {
        var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(call));
        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.InvalidRequest, "router.pennypost.dev"), (fault.Code, fault.ErrorReason, fault.Domain));
        return fault;
    }
}

internal static class Senders
{
    public static Sender With(this Sender sender, Action<Sender> change)
    {
        change(sender);
        return sender;
    }
}
