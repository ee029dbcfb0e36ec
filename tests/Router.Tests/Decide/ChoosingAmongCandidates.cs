using Pennypost.Routing;
using static Pennypost.Router.Tests.Decide.Given;

namespace Pennypost.Router.Tests.Decide;

/// <summary>From verdicts to a decision: which candidate, wait, skip, or look first. Now is 2026-11-18 10:00.</summary>
public sealed class ChoosingAmongCandidates
{
    private static readonly Sender Ada = Stranger;
    private static readonly Sender Bob = Stranger with { AccountId = "bob" };
    private static readonly Sender Cyd = Stranger with { AccountId = "cyd" };

    private static readonly Content NoNote = Texts with { Note = "" };

    private static readonly Dictionary<string, (RouteQuestion Question, string Decision)> Table = new()
    {
        // The cheapest valid channel (F15), best first.
        ["all five possible or nearly"] = (Question(Connected(Ada) with { RepliedThread = true, OpenProfile = Seen(true) }), "Send ada RepliedThread"),
        ["connected, open"] = (Question(Connected(Ada) with { OpenProfile = Seen(true) }), "Send ada DirectMessage"),
        ["open, high priority: no credit where a free path is (F18)"] = (High(Question(Ada with { OpenProfile = Seen(true) })), "Send ada OpenProfileInMail"),
        ["stranger, high priority: an invitation before a credit"] = (High(Question(Ada)), "Send ada ConnectionRequest"),
        ["stranger, high priority, no note"] = (High(Question(Ada)) with { Content = NoNote }, "Send ada InMail"),
        ["invited long ago in vain"] = (Question(InvitedInVain(Ada)), "Send ada InMail"),
        ["stranger, no note, normal priority"] = (Question(Ada) with { Content = NoNote }, "Skip InMailNotWarranted"),

        // E-mail when LinkedIn's free channels fail, and before a credit (F22).
        ["stranger with an address: an invitation before an e-mail (F22)"] = (ByMail(Ada), "Send ada ConnectionRequest"),
        ["stranger with an address, no note (F22)"] = (ByMail(Ada) with { Content = NoNote }, "Send ada Email"),
        ["stranger with an address, high priority, no note: no credit (F22)"] = (High(ByMail(Ada)) with { Content = NoNote }, "Send ada Email"),
        ["invited in vain, with an address (F22)"] = (ByMail(InvitedInVain(Ada)), "Send ada Email"),
        ["InMail switched off, with an address (F22)"] = (High(ByMail(Ada with { CanSendInMail = Seen(false) })) with { Content = NoNote }, "Send ada Email"),
        ["the account is paused: its mailbox waits with it (F22, F48)"] = (ByMail(Ada with { State = AccountState.Paused }), "Defer AccountPaused until something happens"),
        ["nothing known, with an address: what could be free is looked at first (F22)"] = (ByMail(Unseen) with { Content = NoNote }, "Need ada NetworkDistance, ada OpenProfile"),
        ["suppressed, with an address (F22, F60)"] = (ByMail(Ada) with { Prospect = new() { Suppressed = true, EmailKnown = true } }, "Skip ProspectSuppressed"),

        // To the next channel, then the next sender, then defer (F25).
        ["high, no note, no credits with one sender"] = (High(Question(Empty(Ada), Bob)) with { Content = NoNote }, "Send bob InMail"),
        ["high, no note, no credits with anybody"] = (High(Question(Empty(Ada), Empty(Bob))) with { Content = NoNote }, "Defer CreditsExhausted until 2026-12-01 00:00"),
        ["high, a note, no credits with anybody"] = (High(Question(Empty(Ada), Empty(Bob))), "Send ada ConnectionRequest"),
        ["a free path of another sender before a credit of the first"] = (High(Question(Ada, Connected(Bob))) with { Content = NoNote }, "Send bob DirectMessage"),
        ["the connected account is paused, another can invite"] = (Question(Connected(Ada) with { State = AccountState.Paused }, Bob), "Send bob ConnectionRequest"),

        // Waits: until the earliest time at which anything could become eligible.
        ["two pools, the earlier renewal"] = (High(Question(Empty(Ada), Empty(Bob).With(c => c with { RenewsAt = Now.AddDays(2) }))) with { Content = NoNote }, "Defer CreditsExhausted until 2026-11-20 10:00"),
        ["exhausted here, held there (F38)"] = (High(Question(Empty(Ada), Empty(Bob).With(c => c with { Held = 1 }))) with { Content = NoNote }, "Defer CreditsHeld until 2026-11-18 10:01"),
        ["a known time before an unknown one"] = (High(Question(Ada with { State = AccountState.Paused }, Empty(Bob))) with { Content = NoNote }, "Defer CreditsExhausted until 2026-12-01 00:00"),
        ["every account paused (F48)"] = (Question(Ada with { State = AccountState.Paused }), "Defer AccountPaused until something happens"),
        ["invitation pending, patience not over"] = (Question(Ada with { Invitation = Seen(new Invitation(InvitationState.Pending, Now.AddDays(-4))) }), "Defer InMailNotWarranted until 2026-11-28 10:00"),
        ["withdrawn last week, no InMail (F24)"] = (Question(Ada with { Credits = null, Invitation = Seen(new Invitation(InvitationState.Withdrawn, null, Now.AddDays(-7))) }), "Defer ReinviteLocked until 2026-12-02 10:00"),
        ["open, allowance used, no note"] = (Question(Ada with { OpenProfile = Seen(true), OpenProfileRemaining = 0 }) with { Content = NoNote }, "Defer OpenProfileAllowanceUsed until 2026-12-01 00:00"),

        // Skips: the most telling reason.
        ["suppressed (F60)"] = (Question(Ada) with { Prospect = new() { Suppressed = true } }, "Skip ProspectSuppressed"),
        ["suppressed, account paused: waiting would not help"] = (Question(Ada with { State = AccountState.Paused }) with { Prospect = new() { Suppressed = true } }, "Skip ProspectSuppressed"),
        ["replied (F56)"] = (Question(Ada) with { Prospect = new() { RepliedAt = Now.AddDays(-1) } }, "Skip ProspectReplied"),
        ["claimed by a sender that may not be used (F31)"] = (Question(Ada, Bob) with { Prospect = new() { ClaimedBy = "eve" } }, "Skip ClaimedByOtherSender"),
        ["claimed by one who cannot write (F31)"] = (Question(Ada with { Credits = null }, Connected(Bob)) with { Prospect = new() { ClaimedBy = "ada" }, Content = NoNote }, "Skip PlanHasNoInMail"),
        ["InMail switched off, no note"] = (High(Question(Ada with { CanSendInMail = Seen(false) })) with { Content = NoNote }, "Skip InMailEligibility"),
        ["second InMail, no note (F23)"] = (High(Question(Ada with { LastInMailAt = Now.AddDays(-9) })) with { Content = NoNote }, "Skip SecondInMail"),
        ["note too long, nothing else (F30)"] = (Question(Ada) with { Content = Texts with { Note = new string('x', 301) } }, "Skip ContentTooLong"),
        ["pending, no InMail (F24)"] = (Question(Ada with { Credits = null, Invitation = Seen(new Invitation(InvitationState.Pending)) }), "Skip InvitationPending"),
        ["connected, no body"] = (Question(Connected(Ada)) with { Content = Texts with { Body = "" } }, "Skip ContentMissing"),
        ["refused by the provider, no other way"] = (Question(Connected(Ada) with { ClosedChannels = [Channel.DirectMessage] }), "Skip ProviderRefused"),

        // Look first, but only where it could change the choice (F17).
        ["nothing known"] = (Question(Unseen), "Need ada NetworkDistance, ada OpenProfile, ada Invitation, ada CanSendInMail"),
        ["nothing known, high priority"] = (High(Question(Unseen)), "Need ada NetworkDistance, ada OpenProfile, ada Invitation, ada CanSendInMail"),
        ["nothing known, no InMail in the plan"] = (Question(Unseen with { Credits = null }), "Need ada NetworkDistance, ada OpenProfile, ada Invitation"),
        ["connected: the rest does not matter"] = (Question(Unseen with { NetworkDistance = Seen(NetworkDistance.FirstDegree) }), "Send ada DirectMessage"),
        ["replied thread: nothing else matters"] = (Question(Unseen with { RepliedThread = true }), "Send ada RepliedThread"),
        ["another could be connected: cheaper than the invitation at hand"] = (Question(Ada, Unseen with { AccountId = "bob" }), "Need bob NetworkDistance, bob OpenProfile"),
        ["another could be connected, after one who is"] = (Question(Connected(Ada), Unseen with { AccountId = "bob" }), "Send ada DirectMessage"),
        ["another could be connected, but its account is paused"] = (Question(Ada, Unseen with { AccountId = "bob", State = AccountState.Paused }), "Send ada ConnectionRequest"),
        ["another could be connected, but may not write (F31)"] = (Question(Ada, Unseen with { AccountId = "bob" }) with { Prospect = new() { ClaimedBy = "ada" } }, "Send ada ConnectionRequest"),
        ["only a note: openness does not matter"] = (Question(Unseen) with { Content = new Content { Note = "Hello" } }, "Need ada NetworkDistance, ada Invitation"),
        ["no credits: InMail does not matter now"] = (High(Question(Empty(Unseen with { NetworkDistance = Seen(NetworkDistance.SecondDegree), OpenProfile = Seen(false) }))) with { Content = NoNote }, "Defer CreditsExhausted until 2026-12-01 00:00"),
        ["an old balance matters only where a credit would be next"] = (High(Question(Stale(Ada))) with { Content = NoNote }, "Need ada Credits"),
        ["an old balance does not where an invitation is possible"] = (High(Question(Stale(Ada))), "Send ada ConnectionRequest"),
        ["nothing known nor to be had"] = (Question(Unseen) with { Final = true }, "Send ada ConnectionRequest"),
        ["nothing known nor to be had, no note"] = (Question(Unseen) with { Final = true, Content = NoNote }, "Defer FactUnknown until 2026-11-18 16:00"),

        // Among senders: the one in conversation (F31), credits that would be lost (F28), the lower price (F27), the fuller pool, the id.
        ["by id"] = (Question(Cyd, Bob, Ada), "Send ada ConnectionRequest"),
        ["in conversation"] = (Question(Ada, Bob with { InConversation = true }), "Send bob ConnectionRequest"),
        ["in conversation goes before everything else among credits"] = (Credits(Ada.With(c => c with { ForfeitsAtRenewal = 50, Available = 150 }), Bob with { InConversation = true }), "Send bob InMail"),
        ["in conversation does not go before a free path of another"] = (Credits(Ada with { InConversation = true }, Connected(Bob)), "Send bob DirectMessage"),
        ["credits that would be forfeited (F28)"] = (Credits(Ada.With(c => c with { Available = 100 }), Bob.With(c => c with { ForfeitsAtRenewal = 3, Available = 5 })), "Send bob InMail"),
        ["forfeited ones cost nothing, whatever their price (F28)"] = (Credits(Priced(Ada, 8), Priced(Bob, 12).With(c => c with { ForfeitsAtRenewal = 3 })), "Send bob InMail"),
        ["the lower expected cost in money (F27)"] = (Credits(Priced(Ada, 12), Priced(Bob, 8)), "Send bob InMail"),
        ["prices in two currencies are not compared"] = (Credits(Priced(Ada, 12), Priced(Bob, 8).With(c => c with { Currency = "EUR" })), "Send ada InMail"),
        ["the fuller pool"] = (Credits(Ada, Bob.With(c => c with { Available = 11 })), "Send bob InMail"),
        ["the fuller pool, those who wait served (F80)"] = (Credits(Ada.With(c => c with { Available = 20, QueuedDemand = 12 }), Bob), "Send bob InMail"),
        ["the larger share of its budget before the fuller pool (F80)"] = (Credits(Budgeted(Ada, 40, of: 100), Budgeted(Bob, 12, of: 20)), "Send bob InMail"),
        ["the larger share, those who wait served (F80)"] = (Credits(Budgeted(Ada, 40, of: 50), Budgeted(Bob, 45, of: 50).With(c => c with { QueuedDemand = 6 })), "Send ada InMail"),
        ["a seat's own limit leaves less than its pool (F80)"] = (Credits(Budgeted(Ada, 90, of: 30).With(c => c with { BudgetLeft = 3 }), Budgeted(Bob, 90, of: 30).With(c => c with { BudgetLeft = 4 })), "Send bob InMail"),
        ["equal shares: the more credits (F80)"] = (Credits(Budgeted(Ada, 10, of: 20), Budgeted(Bob, 20, of: 40)), "Send bob InMail"),
        ["a budget that is not known: shares are not compared (F80)"] = (Credits(Budgeted(Ada, 40, of: 100), Budgeted(Bob, 12, of: 20), Cyd.With(c => c with { Available = 1 })), "Send ada InMail"),
        ["in conversation goes before the larger share (F31)"] = (Credits(Budgeted(Ada, 1, of: 50) with { InConversation = true }, Budgeted(Bob, 50, of: 50)), "Send ada InMail"),
        ["the larger allowance"] = (Question(Ada with { OpenProfile = Seen(true), OpenProfileRemaining = 7 }, Bob with { OpenProfile = Seen(true), OpenProfileRemaining = 8 }), "Send bob OpenProfileInMail"),
    };

    public static TheoryData<string> Lines => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Lines))]
    public void Decides_as_the_table_says(string line) =>
        Assert.Equal(Table[line].Decision, Table[line].Question.Decide().InWords());

    [Theory]
    [InlineData(EmailPlace.BeforeInMail, "Send ada Email")]
    [InlineData(EmailPlace.AfterInMail, "Send ada InMail")]
    [InlineData(EmailPlace.Never, "Send ada InMail")]
    public void Puts_e_mail_where_the_policy_says_F22(EmailPlace place, string decision)
    {
        var question = High(ByMail(Ada)) with { Content = NoNote };
        Assert.Equal(decision, Route.Decide(question, Policy.WithEmail(place)).InWords());
        Assert.Equal(place != EmailPlace.Never, Policy.WithEmail(place).ChannelOrder.Contains(Channel.Email));
    }

    [Fact]
    public void Lets_an_e_mail_go_last_where_no_credit_is_left_F22() =>
        Assert.Equal("Send ada Email", Route.Decide(High(ByMail(Empty(Ada))) with { Content = NoNote }, Policy.WithEmail(EmailPlace.AfterInMail)).InWords());

    [Fact]
    public void Lists_every_sender_and_channel_once_best_first_F16()
    {
        var decision = Question(Connected(Ada), Bob, Empty(Cyd)).Decide();

        Assert.Equal(
            [
                "ada DirectMessage Eligible",
                "bob ConnectionRequest Eligible",
                "cyd ConnectionRequest Eligible",
                "ada RepliedThread Rejected NoRepliedThread",
                "bob RepliedThread Rejected NoRepliedThread",
                "cyd RepliedThread Rejected NoRepliedThread",
                "bob DirectMessage Rejected NotConnected",
                "cyd DirectMessage Rejected NotConnected",
                "ada OpenProfileInMail Rejected NotOpenProfile",
                "bob OpenProfileInMail Rejected NotOpenProfile",
                "cyd OpenProfileInMail Rejected NotOpenProfile",
                "ada ConnectionRequest Rejected AlreadyConnected",
                "ada Email Rejected NoMailbox",
                "bob Email Rejected NoMailbox",
                "cyd Email Rejected NoMailbox",
                "ada InMail Rejected AlreadyConnected",
                "bob InMail Rejected InMailNotWarranted",
                "cyd InMail Rejected InMailNotWarranted",
            ],
            decision.Candidates.Select(candidate => $"{candidate.Sender.AccountId} {candidate.Channel} {candidate.InWords()}"));
    }

    [Fact]
    public void Says_what_a_candidate_costs_F16_F27()
    {
        var sender = Priced(Ada, 10);
        var decision = (High(Question(sender)) with { Replies = new ReplyCounts(Sent: 90, Replied: 43) }).Decide();

        var inMail = decision.Of(Channel.InMail);
        Assert.Equal(1, inMail.CreditCost);
        Assert.Equal("pool", inMail.PoolId);
        // (8 + 90 - 43) / (2 + 8 + 90): eleven in twenty stay spent.
        Assert.Equal(0.55, inMail.ExpectedNetCost, 12);
        Assert.Equal(5_500_000, inMail.PriceMicros);

        // What would be forfeited at the next renewal costs nothing, until those who go first have taken it (F28).
        Assert.Equal(0, (High(Question(sender.With(credits => credits with { ForfeitsAtRenewal = 3, QueuedDemand = 2 })))).Decide().Of(Channel.InMail).PriceMicros);
        Assert.Equal(8_000_000, (High(Question(sender.With(credits => credits with { ForfeitsAtRenewal = 3, QueuedDemand = 3 })))).Decide().Of(Channel.InMail).PriceMicros);

        var free = decision.Of(Channel.ConnectionRequest);
        Assert.Equal((0, 0, 0, null), (free.CreditCost, free.ExpectedNetCost, free.PriceMicros, free.PoolId));
    }

    [Theory]
    [InlineData(0, 0, 0.80)]
    [InlineData(10, 0, 0.90)]
    [InlineData(10, 10, 0.40)]
    [InlineData(990, 99, 0.899)]
    [InlineData(1_000_000, 300_000, 0.7)]
    public void Learns_the_expected_net_cost_from_counts_starting_at_the_prior_F27(long sent, long replied, double expected) =>
        Assert.Equal(expected, Policy.ReplyPrior.ExpectedNetCost(new ReplyCounts(sent, replied)), 4);

    [Fact]
    public void Names_the_facts_that_a_verdict_rests_on_F16()
    {
        var decision = High(Question(Ada)).Decide();

        Assert.Equal(FactKinds.None, decision.Of(Channel.RepliedThread).RestsOn);
        Assert.Equal(FactKinds.NetworkDistance, decision.Of(Channel.DirectMessage).RestsOn);
        Assert.Equal(FactKinds.OpenProfile, decision.Of(Channel.OpenProfileInMail).RestsOn);
        Assert.Equal(FactKinds.NetworkDistance | FactKinds.Invitation, decision.Of(Channel.ConnectionRequest).RestsOn);
        Assert.Equal(
            FactKinds.NetworkDistance | FactKinds.OpenProfile | FactKinds.CanSendInMail | FactKinds.Credits,
            decision.Of(Channel.InMail).RestsOn);
    }

    [Fact]
    public void Allocates_at_most_a_hundred_bytes_a_candidate()
    {
        RouteQuestion[] questions = [Question(Ada, Bob), Question(Unseen, Unseen with { AccountId = "bob" }), Credits(Empty(Ada), Empty(Bob))];

        foreach (var question in questions)
        {
            Assert.Equal(12, question.Decide().Candidates.Count);

            var before = GC.GetAllocatedBytesForCurrentThread();
            question.Decide();
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 1_200);
        }
    }

    private static Sender Connected(Sender sender) => sender with { NetworkDistance = Seen(NetworkDistance.FirstDegree) };

    private static Sender InvitedInVain(Sender sender) =>
        sender with { Invitation = Seen(new Invitation(InvitationState.Pending, Now.AddDays(-20))) };

    private static Sender Empty(Sender sender) => sender.With(credits => credits with { Available = 0 });

    private static Sender Stale(Sender sender) => sender.With(credits => credits with { ObservedAt = Now.AddHours(-1) });

    private static Sender Budgeted(Sender sender, long available, long of) => sender.With(credits => credits with { Available = available, Budget = of });

    private static Sender Priced(Sender sender, int dollars) =>
        sender.With(credits => credits with { PriceMicros = dollars * 1_000_000L, Currency = "USD" });

    private static RouteQuestion ByMail(Sender sender) => Question(sender with { HasMailbox = true }) with { Prospect = new() { EmailKnown = true } };

    private static RouteQuestion High(RouteQuestion question) => question with { Priority = Priority.High };

    /// <summary>A question that only a credit answers.</summary>
    private static RouteQuestion Credits(params Sender[] senders) => High(Question(senders)) with { Content = NoNote };
}
