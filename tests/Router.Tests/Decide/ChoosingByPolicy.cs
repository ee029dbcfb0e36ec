using Pennypost.Routing;
using static Pennypost.Router.Tests.Decide.Given;

namespace Pennypost.Router.Tests.Decide;

/// <summary>What a policy makes of several candidates: who is chosen, and what follows where credits are wanting (F25). Now is 2026-11-18 10:00.</summary>
public sealed class ChoosingByPolicy
{
    private static readonly Sender Ada = Stranger;
    private static readonly Sender Bob = Stranger with { AccountId = "bob" };

    /// <summary>A credit first, then an e-mail.</summary>
    private static readonly RoutingPolicy CreditFirst = Policy with { Choice = Choice.BestValue, ChannelOrder = [Channel.InMail, Channel.Email] };

    private static readonly Dictionary<string, (RoutingPolicy Policy, RouteQuestion Question, string Decision)> Table = new()
    {
        // Cheapest, or the order alone.
        ["cheapest: a credit is last, wherever it stands (F15)"] = (CreditFirst with { Choice = Choice.Cheapest }, ByMail(Ada), "Send ada Email"),
        ["best value: the order alone decides"] = (CreditFirst, ByMail(Ada), "Send ada InMail"),
        ["best value: what comes first is still looked at first (F17)"] = (CreditFirst, ByMail(Ada with { CanSendInMail = Fact<bool>.Unknown }), "Need ada CanSendInMail"),
        ["cheapest: an old balance does not matter where an e-mail goes (F17)"] = (CreditFirst with { Choice = Choice.Cheapest }, ByMail(Stale(Ada)), "Send ada Email"),
        ["the order of the policy's channels"] = (Policy with { ChannelOrder = [Channel.ConnectionRequest, Channel.OpenProfileInMail] }, Question(Ada with { OpenProfile = Seen(true) }), "Send ada ConnectionRequest"),
        ["a channel that is off"] = (Policy with { ChannelOrder = [Channel.OpenProfileInMail] }, High(Question(Ada)), "Skip NotOpenProfile"),
        ["message requests before an invitation (F21)"] = (Policy with { ChannelOrder = [Channel.GroupMessageRequest, Channel.CoworkerMessageRequest, Channel.ConnectionRequest] }, Question(JudgingByPolicy.Possible(Channel.CoworkerMessageRequest) with { SameGroup = Seen(false) }), "Send ada CoworkerMessageRequest"),
        ["message requests that nobody offers (F21)"] = (Policy with { ChannelOrder = [Channel.GroupMessageRequest, Channel.ConnectionRequest] }, Question(Ada with { SameGroup = Seen(true) }), "Send ada ConnectionRequest"),
        ["nothing but message requests, and nobody offers them (F21)"] = (Policy with { ChannelOrder = [Channel.GroupMessageRequest] }, Question(Ada), "Skip ChannelNotOffered"),

        // Where credits are wanting: next sender, next channel, wait, fail.
        ["next sender: another has a credit (F25)"] = (On(OnExhaustion.NextSender), ByMail(Spent(Ada), Bob), "Send bob InMail"),
        ["next sender: nobody has one, so the next channel (F25)"] = (On(OnExhaustion.NextSender), ByMail(Spent(Ada), Empty(Bob)), "Send ada Email"),
        ["next channel: no other sender's credit (F25)"] = (On(OnExhaustion.NextChannel), ByMail(Spent(Ada), Bob), "Send ada Email"),
        ["next channel: none is left, so it waits (F25)"] = (On(OnExhaustion.NextChannel), NoMail(Spent(Ada), Bob), "Defer CreditsExhausted until 2026-12-01 00:00"),
        ["wait: neither another's credit nor an e-mail (F25)"] = (On(OnExhaustion.Wait), ByMail(Spent(Ada), Bob), "Defer CreditsExhausted until 2026-12-01 00:00"),
        ["wait: who has a credit goes before who has none, unless the one is in conversation (F25)"] = (On(OnExhaustion.Wait), ByMail(Empty(Ada), Bob), "Send bob InMail"),
        ["fail: the message ends (F25)"] = (On(OnExhaustion.Fail), ByMail(Spent(Ada), Bob), "Skip CreditsExhausted"),
        ["a credit is there: nothing of it matters"] = (On(OnExhaustion.Fail), ByMail(Ada, Empty(Bob)), "Send ada InMail"),
        ["fail, held: no less (F38)"] = (On(OnExhaustion.Fail), ByMail(Spent(Ada).With(c => c with { Held = 1 })), "Skip CreditsHeld"),
        ["fail, reserved: no less (F11)"] = (On(OnExhaustion.Fail), ByMail(Ada.With(c => c with { QueuedDemand = 10 })), "Skip CreditsReserved"),
        ["fail, kept by the policy: no less (F11)"] = (On(OnExhaustion.Fail) with { CreditFloor = 10 }, ByMail(Ada with { Invitation = Seen(new Invitation(InvitationState.Pending, Now.AddDays(-20))) }) with { Priority = Priority.Normal }, "Skip CreditsKeptByPolicy"),
        ["fail, the breaker is open: no less (F32)"] = (On(OnExhaustion.Fail), ByMail(Ada.With(c => c with { BreakerOpenUntil = Now.AddDays(3) })), "Skip BreakerOpen"),
        ["wait, the breaker is open (F32)"] = (On(OnExhaustion.Wait), ByMail(Ada.With(c => c with { BreakerOpenUntil = Now.AddDays(3) }), Bob), "Defer BreakerOpen until 2026-11-21 10:00"),
        ["wait: a free channel before it goes all the same"] = (Policy with { OnExhaustion = OnExhaustion.Wait }, High(Question(Spent(Ada))), "Send ada ConnectionRequest"),
        ["fail: a free channel before it may still pass"] = (Policy with { OnExhaustion = OnExhaustion.Fail }, High(Question(Spent(Ada) with { Invitation = Seen(new Invitation(InvitationState.Withdrawn, null, Now.AddDays(-7))) })), "Defer ReinviteLocked until 2026-12-02 10:00"),
        ["wait: who does not take InMail lacks no credit"] = (On(OnExhaustion.Wait), ByMail(Spent(Ada) with { CanSendInMail = Seen(false) }, Bob), "Send bob InMail"),
        ["wait: whose plan has no InMail lacks no credit"] = (On(OnExhaustion.Wait), ByMail(Ada with { Credits = null }, Bob), "Send bob InMail"),
        ["wait: who is paused lacks more than a credit"] = (On(OnExhaustion.Wait), ByMail(Spent(Ada) with { State = AccountState.Paused }, Bob), "Send bob InMail"),
        ["wait: whether it could at all must be known first (F17)"] = (On(OnExhaustion.Wait), ByMail(Spent(Ada) with { CanSendInMail = Fact<bool>.Unknown }, Bob), "Need ada CanSendInMail"),
        ["wait: and if that is not to be known, it is taken for possible (F17)"] = (On(OnExhaustion.Wait), ByMail(Spent(Ada) with { CanSendInMail = Fact<bool>.Unknown }, Bob) with { Final = true }, "Defer CreditsExhausted until 2026-12-01 00:00"),
        ["next sender: it need not be known (F17)"] = (On(OnExhaustion.NextSender), ByMail(Spent(Ada) with { CanSendInMail = Fact<bool>.Unknown }, Bob), "Send bob InMail"),
        ["too few credits for the policy is no exhaustion (F26)"] = (On(OnExhaustion.Wait) with { Conditions = [new() { Channel = Channel.InMail, MinCredits = 5 }] }, ByMail(Ada.With(c => c with { Available = 4 })), "Send ada Email"),

        // One sender (F31).
        ["preferred: the one in conversation (F31)"] = (Policy, Question(Ada, Bob with { InConversation = true }), "Send bob ConnectionRequest"),
        ["off: the one in conversation is like any other (F31)"] = (Policy with { Stickiness = Stickiness.Off }, Question(Ada, Bob with { InConversation = true }), "Send ada ConnectionRequest"),
        ["preferred: a free path of another goes before (F31)"] = (Policy, Question(Connected(Ada), Bob with { InConversation = true }), "Send ada DirectMessage"),
        ["strict: no other, not even by a free path (F31)"] = (Policy with { Stickiness = Stickiness.Strict }, Question(Connected(Ada), Bob with { InConversation = true }), "Send bob ConnectionRequest"),
        ["strict: it waits for the one in conversation (F31)"] = (Policy with { Stickiness = Stickiness.Strict }, Question(Connected(Ada), Bob with { InConversation = true, State = AccountState.Paused }), "Defer AccountPaused until something happens"),
        ["strict: who is in conversation cannot write (F31)"] = (Policy with { Stickiness = Stickiness.Strict, ChannelOrder = [Channel.DirectMessage] }, Question(Connected(Ada), Bob with { InConversation = true }), "Skip ClaimedByOtherSender"),

        // Hours.
        ["outside its hours nothing is looked for (F17, F46)"] = (Policy with { Hours = new() { FromMinute = 660, ToMinute = 720 } }, Question(Unseen), "Defer OutsidePolicyHours until 2026-11-18 11:00"),
        ["outside its hours: what lasts longer counts (F46)"] = (Policy with { Hours = new() { FromMinute = 660, ToMinute = 720 }, ChannelOrder = [Channel.InMail] }, High(Question(Spent(Ada))), "Defer CreditsExhausted until 2026-12-01 00:00"),
        ["outside its hours: who may not be written to at all is skipped (F46, F60)"] = (Policy with { Hours = new() { FromMinute = 660, ToMinute = 720 } }, Question(Ada) with { Prospect = new() { Suppressed = true } }, "Skip ProspectSuppressed"),
        ["outside its hours an engagement waits too (F46, F87)"] = (Policy with { Hours = new() { FromMinute = 660, ToMinute = 720 } }, Question(Ada) with { Content = new() { Engagement = Channel.Like } }, "Defer OutsidePolicyHours until 2026-11-18 11:00"),
    };

    public static TheoryData<string> Lines => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Lines))]
    public void Decides_as_the_table_says(string line)
    {
        var (policy, question, decision) = Table[line];
        Assert.Equal(decision, Route.Decide(question, policy).InWords());
    }

    [Fact]
    public void Says_of_every_candidate_what_the_want_of_a_credit_came_to_F16_F25()
    {
        var question = ByMail(Spent(Ada), Bob);

        Assert.Equal(
            ["ada InMail Waits CreditsExhausted until 2026-12-01 00:00", "bob InMail Waits StoppedByExhaustion until 2026-12-01 00:00", "ada Email Waits StoppedByExhaustion until 2026-12-01 00:00", "bob Email Waits StoppedByExhaustion until 2026-12-01 00:00"],
            Words(Route.Decide(question, On(OnExhaustion.Wait))));
        Assert.Equal(
            ["ada InMail Rejected CreditsExhausted", "bob InMail Rejected StoppedByExhaustion", "ada Email Rejected StoppedByExhaustion", "bob Email Rejected StoppedByExhaustion"],
            Words(Route.Decide(question, On(OnExhaustion.Fail))));
        Assert.Equal(
            ["ada Email Eligible", "bob Email Eligible", "ada InMail Waits CreditsExhausted until 2026-12-01 00:00", "bob InMail Waits StoppedByExhaustion until 2026-12-01 00:00"],
            Words(Route.Decide(question, On(OnExhaustion.NextChannel))));

        static IEnumerable<string> Words(Decision decision) => decision.Candidates.Select(candidate => $"{candidate.Sender.AccountId} {candidate.Channel} {candidate.InWords()}");
    }

    [Fact]
    public void Explains_in_the_order_of_trial_F16()
    {
        var decision = Route.Decide(ByMail(Ada), CreditFirst with { Choice = Choice.Cheapest });
        Assert.Equal("Send by e-mail from ada: it is free.", Explanation.Of(decision, CreditFirst with { Choice = Choice.Cheapest }));
        Assert.Equal(
            "Send by e-mail from ada: it is free (not by InMail: a credit is not warranted).",
            Explanation.Of(Route.Decide(ByMail(Ada) with { Priority = Priority.Normal }, CreditFirst), CreditFirst));
    }

    /// <summary>Every candidate of every line.</summary>
    internal static IEnumerable<Candidate> EveryCandidate =>
        Table.Values.SelectMany(line => Route.Decide(line.Question, line.Policy).Candidates)
            // A credit first, and then everything else that there is, all of it possible.
            .Concat(Enum.GetValues<OnExhaustion>().SelectMany(effect => EveryChannel.SelectMany(channel =>
                Route.Decide(
                    ByMail(Spent(Ada), JudgingByPolicy.Possible(channel) with { AccountId = "bob", HasMailbox = true }),
                    AllOn with { Choice = Choice.BestValue, OnExhaustion = effect, ChannelOrder = [Channel.InMail, .. EveryChannel.Where(other => other != Channel.InMail)] }).Candidates)));

    private static RoutingPolicy On(OnExhaustion effect) => CreditFirst with { OnExhaustion = effect };

    private static RouteQuestion ByMail(params Sender[] senders) =>
        High(Question([.. senders.Select(sender => sender with { HasMailbox = true })])) with { Prospect = new() { EmailKnown = true } };

    private static RouteQuestion NoMail(params Sender[] senders) => High(Question(senders));

    private static Sender Connected(Sender sender) => sender with { NetworkDistance = Seen(NetworkDistance.FirstDegree) };

    /// <summary>In conversation with the prospect, and so before those that have credits.</summary>
    private static Sender Spent(Sender sender) => Empty(sender) with { InConversation = true };

    private static Sender Empty(Sender sender) => sender.With(credits => credits with { Available = 0 });

    private static Sender Stale(Sender sender) => sender.With(credits => credits with { ObservedAt = Now.AddHours(-1) });

    private static RouteQuestion High(RouteQuestion question) => question with { Priority = Priority.High };
}
