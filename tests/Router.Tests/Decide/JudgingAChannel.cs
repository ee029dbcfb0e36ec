using Pennypost.Routing;
using static Pennypost.Router.Tests.Decide.Given;

namespace Pennypost.Router.Tests.Decide;

/// <summary>One line per gate of each channel: what is the case, and the verdict on that channel. Now is 2026-11-18 10:00.</summary>
public sealed class JudgingAChannel
{
    private delegate (Sender Sender, RouteQuestion Question) Case(Sender sender, RouteQuestion question);

    private static Case Sender(Func<Sender, Sender> change) => (sender, question) => (change(sender), question);

    private static Case Asked(Func<RouteQuestion, RouteQuestion> change) => (sender, question) => (sender, change(question));

    private static Case Both(Func<Sender, Sender> sender, Func<RouteQuestion, RouteQuestion> question) =>
        (s, q) => (sender(s), question(q));

    private static readonly Dictionary<string, (Channel Channel, Case Case, string Verdict)> Table = new()
    {
        // Direct message
        ["connected"] = (Channel.DirectMessage, Sender(s => s with { NetworkDistance = Seen(NetworkDistance.FirstDegree) }), "Eligible"),
        ["a connection's connection"] = (Channel.DirectMessage, Sender(s => s with { NetworkDistance = Seen(NetworkDistance.SecondDegree) }), "Rejected NotConnected"),
        ["a stranger"] = (Channel.DirectMessage, Sender(s => s), "Rejected NotConnected"),
        ["distance unknown"] = (Channel.DirectMessage, Sender(s => Unseen), "Needs NetworkDistance"),
        ["distance seen 7 days ago"] = (Channel.DirectMessage, Sender(s => s with { NetworkDistance = SeenAgo(NetworkDistance.FirstDegree, TimeSpan.FromDays(7)) }), "Eligible"),
        ["distance seen longer ago: stale"] = (Channel.DirectMessage, Sender(s => s with { NetworkDistance = SeenAgo(NetworkDistance.FirstDegree, TimeSpan.FromDays(7.01)) }), "Needs NetworkDistance"),
        ["distance unknown and not to be had"] = (Channel.DirectMessage, Both(s => Unseen, q => q with { Final = true }), "Waits FactUnknown until 2026-11-18 16:00"),
        ["invitation accepted since the profile was seen"] = (Channel.DirectMessage, Sender(s => s with { NetworkDistance = SeenAgo(NetworkDistance.ThirdDegree, TimeSpan.FromDays(3)), Invitation = Seen(new Invitation(InvitationState.Accepted)) }), "Eligible"),
        ["connection ended since the invitation was accepted"] = (Channel.DirectMessage, Sender(s => s with { NetworkDistance = Seen(NetworkDistance.ThirdDegree), Invitation = SeenAgo(new Invitation(InvitationState.Accepted), TimeSpan.FromDays(3)) }), "Rejected NotConnected"),
        ["connected, no body"] = (Channel.DirectMessage, Both(s => s with { NetworkDistance = Seen(NetworkDistance.FirstDegree) }, q => q with { Content = Texts with { Body = "" } }), "Rejected ContentMissing"),
        ["connected, body of 8,000"] = (Channel.DirectMessage, Both(s => s with { NetworkDistance = Seen(NetworkDistance.FirstDegree) }, q => q with { Content = Texts with { Body = new string('x', 8_000) } }), "Eligible"),
        ["connected, body of 8,001 (F30)"] = (Channel.DirectMessage, Both(s => s with { NetworkDistance = Seen(NetworkDistance.FirstDegree) }, q => q with { Content = Texts with { Body = new string('x', 8_001) } }), "Rejected ContentTooLong"),
        ["distance unknown, no body: nothing to ask for (F17)"] = (Channel.DirectMessage, Both(s => Unseen, q => q with { Content = Texts with { Body = "" } }), "Rejected ContentMissing"),

        // Replied thread
        ["never replied"] = (Channel.RepliedThread, Sender(s => s), "Rejected NoRepliedThread"),
        ["replied in a thread, not connected (F20)"] = (Channel.RepliedThread, Sender(s => s with { RepliedThread = true }), "Eligible"),
        ["replied in a thread, nothing else known"] = (Channel.RepliedThread, Sender(s => Unseen with { RepliedThread = true }), "Eligible"),
        ["replied in a thread, no body"] = (Channel.RepliedThread, Both(s => s with { RepliedThread = true }, q => q with { Content = Texts with { Body = "" } }), "Rejected ContentMissing"),
        ["replied in a thread, body of 8,001"] = (Channel.RepliedThread, Both(s => s with { RepliedThread = true }, q => q with { Content = Texts with { Body = new string('x', 8_001) } }), "Rejected ContentTooLong"),

        // Open-profile InMail
        ["open (F18)"] = (Channel.OpenProfileInMail, Sender(s => s with { OpenProfile = Seen(true) }), "Eligible"),
        ["open, from an account without InMail"] = (Channel.OpenProfileInMail, Sender(s => s with { OpenProfile = Seen(true), Credits = null, Tier = Tier.Free }), "Eligible"),
        ["open, breaker open (F33)"] = (Channel.OpenProfileInMail, Sender(s => (s with { OpenProfile = Seen(true) }).With(c => c with { BreakerOpenUntil = Renewal })), "Eligible"),
        ["open, whatever else the provider says of InMail"] = (Channel.OpenProfileInMail, Sender(s => s with { OpenProfile = Seen(true), CanSendInMail = Seen(false) }), "Eligible"),
        ["closed"] = (Channel.OpenProfileInMail, Sender(s => s), "Rejected NotOpenProfile"),
        ["openness unknown"] = (Channel.OpenProfileInMail, Sender(s => s with { OpenProfile = Fact<bool>.Unknown }), "Needs OpenProfile"),
        ["open, seen too long ago"] = (Channel.OpenProfileInMail, Sender(s => s with { OpenProfile = SeenAgo(true, TimeSpan.FromDays(8)) }), "Needs OpenProfile"),
        ["openness not to be had"] = (Channel.OpenProfileInMail, Both(s => Unseen, q => q with { Final = true }), "Waits FactUnknown until 2026-11-18 16:00"),
        ["open, allowance used (F18)"] = (Channel.OpenProfileInMail, Sender(s => s with { OpenProfile = Seen(true), OpenProfileRemaining = 0 }), "Waits OpenProfileAllowanceUsed until 2026-12-01 00:00"),
        ["open, refused an InMail lately"] = (Channel.OpenProfileInMail, Sender(s => s with { OpenProfile = Seen(true), InMailRefusedUntil = Now.AddDays(1) }), "Rejected InMailEligibility"),
        ["open, InMail unanswered, plan allows no second (F23)"] = (Channel.OpenProfileInMail, Sender(s => s with { OpenProfile = Seen(true), LastInMailAt = Now.AddDays(-30) }), "Rejected SecondInMail"),
        ["open, no body"] = (Channel.OpenProfileInMail, Both(s => s with { OpenProfile = Seen(true) }, q => q with { Content = Texts with { Body = "" } }), "Rejected ContentMissing"),
        ["open, body of 1,901"] = (Channel.OpenProfileInMail, Both(s => s with { OpenProfile = Seen(true) }, q => q with { Content = Texts with { Body = new string('x', 1_901) } }), "Rejected ContentTooLong"),

        // Connection request
        ["not connected, not invited"] = (Channel.ConnectionRequest, Sender(s => s), "Eligible"),
        ["not connected, not invited, breaker open and no credits (F33)"] = (Channel.ConnectionRequest, Sender(s => s.With(c => c with { Available = 0, BreakerOpenUntil = Renewal })), "Eligible"),
        ["already connected (F24)"] = (Channel.ConnectionRequest, Sender(s => s with { NetworkDistance = Seen(NetworkDistance.FirstDegree) }), "Rejected AlreadyConnected"),
        ["invitation accepted"] = (Channel.ConnectionRequest, Sender(s => s with { Invitation = Seen(new Invitation(InvitationState.Accepted)) }), "Rejected AlreadyConnected"),
        ["invitation pending (F24)"] = (Channel.ConnectionRequest, Sender(s => s with { Invitation = Seen(new Invitation(InvitationState.Pending)) }), "Rejected InvitationPending"),
        ["withdrawn 3 weeks ago less a minute (F24)"] = (Channel.ConnectionRequest, Sender(s => s with { Invitation = Seen(new Invitation(InvitationState.Withdrawn, null, Now.AddDays(-21).AddMinutes(1))) }), "Waits ReinviteLocked until 2026-11-18 10:01"),
        ["withdrawn 3 weeks ago (F24)"] = (Channel.ConnectionRequest, Sender(s => s with { Invitation = Seen(new Invitation(InvitationState.Withdrawn, null, Now.AddDays(-21))) }), "Eligible"),
        ["withdrawn, nobody knows when: at the latest when it was seen"] = (Channel.ConnectionRequest, Sender(s => s with { Invitation = Seen(new Invitation(InvitationState.Withdrawn)) }), "Waits ReinviteLocked until 2026-12-09 09:00"),
        ["nothing known"] = (Channel.ConnectionRequest, Sender(s => Unseen), "Needs NetworkDistance, Invitation"),
        ["distance unknown, pending: nothing to ask for (F17)"] = (Channel.ConnectionRequest, Sender(s => Unseen with { Invitation = Seen(new Invitation(InvitationState.Pending)) }), "Rejected InvitationPending"),
        ["nothing known nor to be had: the provider refuses what is not possible"] = (Channel.ConnectionRequest, Both(s => Unseen, q => q with { Final = true }), "Eligible"),
        ["no note"] = (Channel.ConnectionRequest, Asked(q => q with { Content = Texts with { Note = "" } }), "Rejected ContentMissing"),
        ["paid account, note of 300 (F30)"] = (Channel.ConnectionRequest, Asked(q => q with { Content = Texts with { Note = new string('x', 300) } }), "Eligible"),
        ["paid account, note of 301 (F30)"] = (Channel.ConnectionRequest, Asked(q => q with { Content = Texts with { Note = new string('x', 301) } }), "Rejected ContentTooLong"),
        ["free account, note of 200 (F30)"] = (Channel.ConnectionRequest, Both(s => s with { Tier = Tier.Free }, q => q with { Content = Texts with { Note = new string('x', 200) } }), "Eligible"),
        ["free account, note of 201 (F30)"] = (Channel.ConnectionRequest, Both(s => s with { Tier = Tier.Free }, q => q with { Content = Texts with { Note = new string('x', 201) } }), "Rejected ContentTooLong"),

        // E-mail (F22): rests on a mailbox, an address and a text, and on nothing of LinkedIn's.
        ["mailbox, address and text (F22)"] = (Channel.Email, Both(Mailing, Known), "Eligible"),
        ["mailbox and address, nothing known of LinkedIn (F22)"] = (Channel.Email, Both(s => Mailing(Unseen), Known), "Eligible"),
        ["mailbox and address, no credits and the breaker open (F22)"] = (Channel.Email, Both(s => Mailing(s).With(c => c with { Available = 0, BreakerOpenUntil = Renewal }), Known), "Eligible"),
        ["no mailbox (F22)"] = (Channel.Email, Asked(Known), "Rejected NoMailbox"),
        ["no address (F22)"] = (Channel.Email, Sender(Mailing), "Rejected EmailUnknown"),
        ["no text for an e-mail (F22)"] = (Channel.Email, Both(Mailing, q => Known(q) with { Content = Texts with { Email = "" } }), "Rejected ContentMissing"),
        ["no subject (F22)"] = (Channel.Email, Both(Mailing, q => Known(q) with { Content = Texts with { Subject = "" } }), "Rejected ContentMissing"),
        ["e-mail of 20,000 (F22, F30)"] = (Channel.Email, Both(Mailing, q => Known(q) with { Content = Texts with { Email = new string('x', 20_000) } }), "Eligible"),
        ["e-mail of 20,001 (F22, F30)"] = (Channel.Email, Both(Mailing, q => Known(q) with { Content = Texts with { Email = new string('x', 20_001) } }), "Rejected ContentTooLong"),

        // Paid InMail: is it warranted?
        ["high priority"] = (Channel.InMail, Asked(High), "Eligible"),
        ["normal priority, not invited"] = (Channel.InMail, Sender(s => s), "Rejected InMailNotWarranted"),
        ["low priority, not invited"] = (Channel.InMail, Asked(q => q with { Priority = Priority.Low }), "Rejected InMailNotWarranted"),
        ["normal, invited 14 days ago less a minute"] = (Channel.InMail, Sender(s => s with { Invitation = Seen(new Invitation(InvitationState.Pending, Now.AddDays(-14).AddMinutes(1))) }), "Waits InMailNotWarranted until 2026-11-18 10:01"),
        ["normal, invited 14 days ago"] = (Channel.InMail, Sender(s => s with { Invitation = Seen(new Invitation(InvitationState.Pending, Now.AddDays(-14))) }), "Eligible"),
        ["normal, invited nobody knows when: at the latest when it was seen"] = (Channel.InMail, Sender(s => s with { Invitation = Seen(new Invitation(InvitationState.Pending)) }), "Waits InMailNotWarranted until 2026-12-02 09:00"),
        ["normal, invited long ago, withdrawn since"] = (Channel.InMail, Sender(s => s with { Invitation = Seen(new Invitation(InvitationState.Withdrawn, Now.AddDays(-40), Now.AddDays(-2))) }), "Eligible"),
        ["normal, invitation unknown"] = (Channel.InMail, Sender(s => s with { Invitation = Fact<Invitation>.Unknown }), "Needs Invitation"),
        ["normal, invitation not to be had"] = (Channel.InMail, Both(s => s with { Invitation = Fact<Invitation>.Unknown }, q => q with { Final = true }), "Waits FactUnknown until 2026-11-18 16:00"),
        ["high, invitation unknown: makes no difference (F17)"] = (Channel.InMail, Both(s => s with { Invitation = Fact<Invitation>.Unknown }, High), "Eligible"),

        // Paid InMail: prospect
        ["high, connected"] = (Channel.InMail, Both(s => s with { NetworkDistance = Seen(NetworkDistance.FirstDegree) }, High), "Rejected AlreadyConnected"),
        ["high, open profile: free is enough"] = (Channel.InMail, Both(s => s with { OpenProfile = Seen(true) }, High), "Rejected InMailNotWarranted"),
        ["high, InMail switched off"] = (Channel.InMail, Both(s => s with { CanSendInMail = Seen(false) }, High), "Rejected InMailEligibility"),
        ["high, InMail switched off, seen too long ago"] = (Channel.InMail, Both(s => s with { CanSendInMail = SeenAgo(false, TimeSpan.FromDays(8)) }, High), "Needs CanSendInMail"),
        ["high, refused an InMail lately (F34)"] = (Channel.InMail, Both(s => s with { InMailRefusedUntil = Now.AddMinutes(1) }, High), "Rejected InMailEligibility"),
        ["high, refused an InMail long ago"] = (Channel.InMail, Both(s => s with { InMailRefusedUntil = Now }, High), "Eligible"),
        ["high, InMail unanswered (F23)"] = (Channel.InMail, Both(s => s with { LastInMailAt = Now.AddDays(-100) }, High), "Rejected SecondInMail"),
        ["high, InMail answered (F23)"] = (Channel.InMail, Both(s => s with { LastInMailAt = Now.AddDays(-100), LastInMailAnswered = true }, High), "Eligible"),
        ["high, InMail unanswered, plan allows a second (F23)"] = (Channel.InMail, Both(s => (s with { LastInMailAt = Now.AddDays(-100) }).With(c => c with { SecondInMailAllowed = true }), High), "Eligible"),
        ["high, nothing known (F17)"] = (Channel.InMail, Both(s => Unseen, High), "Needs NetworkDistance, OpenProfile, CanSendInMail"),
        ["high, nothing known nor to be had"] = (Channel.InMail, Both(s => Unseen, q => High(q) with { Final = true }), "Eligible"),

        // Paid InMail: text
        ["high, no body"] = (Channel.InMail, Asked(q => High(q) with { Content = Texts with { Body = "" } }), "Rejected ContentMissing"),
        ["high, no subject"] = (Channel.InMail, Asked(q => High(q) with { Content = Texts with { Subject = "" } }), "Eligible"),
        ["high, subject of 200 and body of 1,900 (F30)"] = (Channel.InMail, Asked(q => High(q) with { Content = Texts with { Subject = new string('x', 200), Body = new string('x', 1_900) } }), "Eligible"),
        ["high, subject of 201 (F30)"] = (Channel.InMail, Asked(q => High(q) with { Content = Texts with { Subject = new string('x', 201) } }), "Rejected ContentTooLong"),
        ["high, body of 1,901 (F30)"] = (Channel.InMail, Asked(q => High(q) with { Content = Texts with { Body = new string('x', 1_901) } }), "Rejected ContentTooLong"),

        // Paid InMail: credits
        ["high, no InMail in the plan"] = (Channel.InMail, Both(s => s with { Credits = null }, High), "Rejected PlanHasNoInMail"),
        ["high, no credit left: waits for the pool's own renewal (F37)"] = (Channel.InMail, Credit(c => c with { Available = 0 }), "Waits CreditsExhausted until 2026-12-01 00:00"),
        ["high, no credit left, no renewal"] = (Channel.InMail, Credit(c => c with { Available = 0, RenewsAt = null }), "Waits CreditsExhausted until something happens"),
        ["high, no credit left, one held: transient (F38)"] = (Channel.InMail, Credit(c => c with { Available = 0, Held = 1 }), "Waits CreditsHeld until 2026-11-18 10:01"),
        ["high, one held, one waits for it"] = (Channel.InMail, Credit(c => c with { Available = 0, Held = 1, QueuedDemand = 1 }), "Waits CreditsReserved until 2026-12-01 00:00"),
        ["high, 3 left, 3 go first"] = (Channel.InMail, Credit(c => c with { Available = 3, QueuedDemand = 3 }), "Waits CreditsReserved until 2026-12-01 00:00"),
        ["high, 3 left, 2 go first"] = (Channel.InMail, Credit(c => c with { Available = 3, QueuedDemand = 2 }), "Eligible"),
        ["high, the reserve is for it (F11)"] = (Channel.InMail, Credit(c => c with { Available = 3, Floor = 3 }), "Eligible"),
        ["normal and warranted, the reserve is not for it (F11)"] = (Channel.InMail, Sender(s => Warranted(s).With(c => c with { Available = 3, Floor = 3 })), "Waits CreditsReserved until 2026-12-01 00:00"),
        ["normal and warranted, one over the reserve (F11)"] = (Channel.InMail, Sender(s => Warranted(s).With(c => c with { Available = 4, Floor = 3 })), "Eligible"),
        ["high, breaker open (F32)"] = (Channel.InMail, Credit(c => c with { BreakerOpenUntil = Now.AddDays(3) }), "Waits BreakerOpen until 2026-11-21 10:00"),
        ["high, breaker's time has come (F36)"] = (Channel.InMail, Credit(c => c with { BreakerOpenUntil = Now }), "Eligible"),
        ["high, breaker open and no credit: the longer wait counts"] = (Channel.InMail, Credit(c => c with { Available = 0, BreakerOpenUntil = Now.AddDays(3) }), "Waits CreditsExhausted until 2026-12-01 00:00"),
        ["high, balance 5 minutes old"] = (Channel.InMail, Credit(c => c with { ObservedAt = Now.AddMinutes(-5) }), "Eligible"),
        ["high, balance older (F17)"] = (Channel.InMail, Credit(c => c with { ObservedAt = Now.AddMinutes(-6) }), "Needs Credits"),
        ["high, balance read before the renewal that has come since"] = (Channel.InMail, Credit(c => c with { Available = 0, RenewsAt = Now, ObservedAt = Now.AddMinutes(-1) }), "Needs Credits"),
        ["high, balance not to be had"] = (Channel.InMail, Both(s => s.With(c => c with { ObservedAt = Now.AddMinutes(-6) }), q => High(q) with { Final = true }), "Waits FactUnknown until 2026-11-18 10:01"),
    };

    public static TheoryData<string> Lines => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Lines))]
    public void Gives_the_verdict_of_the_table(string line)
    {
        var (channel, change, verdict) = Table[line];
        var (sender, question) = change(Stranger, Question());

        var decision = (question with { Senders = [sender] }).Decide();

        Assert.Equal(verdict, decision.Of(channel).InWords());
    }

    /// <summary>What holds for a send by any channel stops every channel in the same way.</summary>
    private static readonly Dictionary<string, (Case Case, string Verdict)> EveryChannel = new()
    {
        ["suppressed (F60)"] = (Asked(q => q with { Prospect = q.Prospect with { Suppressed = true } }), "Rejected ProspectSuppressed"),
        ["replied (F56)"] = (Asked(q => q with { Prospect = new() { RepliedAt = Now } }), "Rejected ProspectReplied"),
        ["suppressed and replied: the list weighs more"] = (Asked(q => q with { Prospect = new() { Suppressed = true, RepliedAt = Now } }), "Rejected ProspectSuppressed"),
        ["claimed by another sender (F31)"] = (Asked(q => q with { Prospect = new() { ClaimedBy = "bob" } }), "Rejected ClaimedByOtherSender"),
        ["refused before for good"] = (Sender(s => s with { ClosedChannels = [.. Policy.ChannelOrder] }), "Rejected ProviderRefused"),
        ["account restricted (F48)"] = (Sender(s => s with { State = AccountState.Restricted }), "Waits AccountRestricted until something happens"),
        ["account disconnected (F48)"] = (Sender(s => s with { State = AccountState.Disconnected }), "Waits AccountDisconnected until something happens"),
        ["account paused (F48)"] = (Sender(s => s with { State = AccountState.Paused }), "Waits AccountPaused until something happens"),
    };

    public static TheoryData<string, Channel> EveryLine
    {
        get
        {
            var lines = new TheoryData<string, Channel>();
            foreach (var line in EveryChannel.Keys)
            {
                foreach (var channel in Policy.ChannelOrder)
                    lines.Add(line, channel);
            }

            return lines;
        }
    }

    [Theory]
    [MemberData(nameof(EveryLine))]
    public void Stops_every_channel_in_the_same_way(string line, Channel channel)
    {
        var (sender, question) = EveryChannel[line].Case(PossibleBy(channel), High(Known(Question())));

        var decision = (question with { Senders = [sender] }).Decide();

        Assert.Equal(EveryChannel[line].Verdict, decision.Of(channel).InWords());
    }

    [Theory]
    [MemberData(nameof(AllChannels))]
    public void Lets_a_possible_send_pass(Channel channel) =>
        Assert.Equal("Eligible", High(Known(Question(PossibleBy(channel)))).Decide().Of(channel).InWords());

    [Theory]
    [MemberData(nameof(AllChannels))]
    public void Lets_the_claiming_sender_pass_F31(Channel channel) =>
        Assert.Equal(
            "Eligible",
            (High(Known(Question(PossibleBy(channel)))) with { Prospect = new() { EmailKnown = true, ClaimedBy = "ada" } }).Decide().Of(channel).InWords());

    [Theory]
    [MemberData(nameof(AllChannels))]
    public void Goes_on_when_a_person_released_the_prospect_after_its_reply(Channel channel) =>
        Assert.Equal(
            "Eligible",
            (High(Known(Question(PossibleBy(channel)))) with { Prospect = new() { EmailKnown = true, RepliedAt = Now, ReplyReleased = true } }).Decide().Of(channel).InWords());

    /// <summary>Every candidate of every line of both tables: all that routing can say.</summary>
    internal static IEnumerable<Candidate> EveryCandidate =>
        Table.Values.Select(line => line.Case(Stranger, Question()))
            .Concat(EveryChannel.Values.SelectMany(line =>
                Policy.ChannelOrder.Select(channel => line.Case(PossibleBy(channel), High(Known(Question()))))))
            .SelectMany(given => (given.Question with { Senders = [given.Sender] }).Decide().Candidates);

    public static TheoryData<Channel> AllChannels => [.. Policy.ChannelOrder];

    private static Sender PossibleBy(Channel channel) => channel switch
    {
        Channel.DirectMessage => Stranger with { NetworkDistance = Seen(NetworkDistance.FirstDegree) },
        Channel.RepliedThread => Stranger with { RepliedThread = true },
        Channel.OpenProfileInMail => Stranger with { OpenProfile = Seen(true) },
        Channel.Email => Mailing(Stranger),
        _ => Stranger,
    };

    private static Sender Mailing(Sender sender) => sender with { HasMailbox = true };

    private static RouteQuestion Known(RouteQuestion question) => question with { Prospect = question.Prospect with { EmailKnown = true } };

    private static Sender Warranted(Sender sender) =>
        sender with { Invitation = Seen(new Invitation(InvitationState.Pending, Now.AddDays(-20))) };

    private static RouteQuestion High(RouteQuestion question) => question with { Priority = Priority.High };

    private static Case Credit(Func<SenderCredits, SenderCredits> change) => Both(sender => sender.With(change), High);
}
