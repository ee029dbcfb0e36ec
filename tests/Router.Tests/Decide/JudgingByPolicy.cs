using Pennypost.Routing;
using static Pennypost.Router.Tests.Decide.Given;

namespace Pennypost.Router.Tests.Decide;

/// <summary>One line per thing that a policy can say: what it says, what is the case, and the verdict on ada's channel. Now is Wednesday, 2026-11-18 10:00 UTC.</summary>
public sealed class JudgingByPolicy
{
    private static readonly Content Personal = Texts with { Note = "Shall we meet, you and I?", Email = "May I ask you one by e-mail?" };

    private static readonly RoutingPolicy Forfeits = Policy with { Warrant = new() { WouldBeForfeited = true } };

    private static readonly Dictionary<string, (Channel Channel, RoutingPolicy Policy, RouteQuestion Question, string Verdict)> Table = new()
    {
        // Message requests (F21): free where the two have something in common, and the sender's provider offers them.
        ["in a group together (F21)"] = (Channel.GroupMessageRequest, AllOn, Question(Possible(Channel.GroupMessageRequest)), "Eligible"),
        ["in a group together, no credits and the breaker open (F21, F33)"] = (Channel.GroupMessageRequest, AllOn, Question(Possible(Channel.GroupMessageRequest).With(c => c with { Available = 0, BreakerOpenUntil = Renewal })), "Eligible"),
        ["in no group together (F21)"] = (Channel.GroupMessageRequest, AllOn, Question(Offering(Stranger) with { SameGroup = Seen(false) }), "Rejected NotSameGroup"),
        ["nobody knows of a group (F17, F21)"] = (Channel.GroupMessageRequest, AllOn, Question(Offering(Stranger)), "Needs SameGroup"),
        ["a group seen 31 days ago (F17, F21)"] = (Channel.GroupMessageRequest, AllOn, Question(Offering(Stranger) with { SameGroup = SeenAgo(true, TimeSpan.FromDays(31)) }), "Needs SameGroup"),
        ["a group that is not to be known (F17, F21)"] = (Channel.GroupMessageRequest, AllOn, Question(Offering(Stranger)) with { Final = true }, "Waits FactUnknown until 2026-11-18 16:00"),
        ["in a group together, and connected: it would be a message (F21)"] = (Channel.GroupMessageRequest, AllOn, Question(Connected(Possible(Channel.GroupMessageRequest))), "Rejected AlreadyConnected"),
        ["in a group together, distance unknown (F17, F21)"] = (Channel.GroupMessageRequest, AllOn, Question(Possible(Channel.GroupMessageRequest) with { NetworkDistance = Fact<NetworkDistance>.Unknown }), "Needs NetworkDistance"),
        ["in a group together, distance not to be had (F17, F21)"] = (Channel.GroupMessageRequest, AllOn, Question(Possible(Channel.GroupMessageRequest) with { NetworkDistance = Fact<NetworkDistance>.Unknown }) with { Final = true }, "Eligible"),
        ["in a group together, no body (F21)"] = (Channel.GroupMessageRequest, AllOn, Question(Possible(Channel.GroupMessageRequest)) with { Content = Texts with { Body = "" } }, "Rejected ContentMissing"),
        ["in a group together, body of 8,001 (F21, F30)"] = (Channel.GroupMessageRequest, AllOn, Question(Possible(Channel.GroupMessageRequest)) with { Content = Texts with { Body = new string('x', 8_001) } }, "Rejected ContentTooLong"),
        ["at the same company (F21)"] = (Channel.CoworkerMessageRequest, AllOn, Question(Possible(Channel.CoworkerMessageRequest)), "Eligible"),
        ["not at the same company (F21)"] = (Channel.CoworkerMessageRequest, AllOn, Question(Offering(Stranger) with { Coworker = Seen(false) }), "Rejected NotCoworkers"),
        ["nobody knows of the company (F17, F21)"] = (Channel.CoworkerMessageRequest, AllOn, Question(Offering(Stranger)), "Needs Coworker"),
        ["at the same company, and connected (F21)"] = (Channel.CoworkerMessageRequest, AllOn, Question(Connected(Possible(Channel.CoworkerMessageRequest))), "Rejected AlreadyConnected"),

        // The Open-to-Work message (F19): from Recruiter seats only.
        ["open to work, a Recruiter seat (F19)"] = (Channel.OpenToWorkMessage, AllOn, Question(Possible(Channel.OpenToWorkMessage)), "Eligible"),
        ["open to work, Sales Navigator (F19)"] = (Channel.OpenToWorkMessage, AllOn, Question(Possible(Channel.OpenToWorkMessage) with { Tier = Tier.SalesNavigator }), "Rejected NoRecruiterSeat"),
        ["not open to work (F19)"] = (Channel.OpenToWorkMessage, AllOn, Question(Possible(Channel.OpenToWorkMessage) with { OpenToWork = Seen(false) }), "Rejected NotOpenToWork"),
        ["nobody knows whether open to work (F17, F19)"] = (Channel.OpenToWorkMessage, AllOn, Question(Possible(Channel.OpenToWorkMessage) with { OpenToWork = Fact<bool>.Unknown }), "Needs OpenToWork"),
        ["open to work, no credits and the breaker open (F19, F33)"] = (Channel.OpenToWorkMessage, AllOn, Question(Possible(Channel.OpenToWorkMessage).With(c => c with { Available = 0, BreakerOpenUntil = Renewal })), "Eligible"),
        ["open to work, an InMail unanswered (F19, F23)"] = (Channel.OpenToWorkMessage, AllOn, Question(Possible(Channel.OpenToWorkMessage) with { LastInMailAt = Now.AddDays(-3) }), "Rejected SecondInMail"),
        ["open to work, refused an InMail lately (F19)"] = (Channel.OpenToWorkMessage, AllOn, Question(Possible(Channel.OpenToWorkMessage) with { InMailRefusedUntil = Now.AddDays(1) }), "Rejected InMailEligibility"),

        // What the sender's provider offers.
        ["a provider that says nothing offers no message request (F21)"] = (Channel.GroupMessageRequest, AllOn, Question(Stranger with { SameGroup = Seen(true) }), "Rejected ChannelNotOffered"),
        ["a provider that says nothing offers no request to a co-worker (F21)"] = (Channel.CoworkerMessageRequest, AllOn, Question(Stranger with { Coworker = Seen(true) }), "Rejected ChannelNotOffered"),
        ["a provider that says nothing offers no Open-to-Work message (F19)"] = (Channel.OpenToWorkMessage, AllOn, Question(Stranger with { Tier = Tier.Recruiter, OpenToWork = Seen(true) }), "Rejected ChannelNotOffered"),

        // The credit floor of the policy, beside the pool's (F11).
        ["normal and warranted, as many credits as the policy keeps (F11)"] = (Channel.InMail, Policy with { CreditFloor = 10 }, Question(InvitedInVain(Stranger)), "Waits CreditsKeptByPolicy until 2026-11-18 16:00"),
        ["normal and warranted, as many as the policy keeps after those who go first (F11)"] = (Channel.InMail, Policy with { CreditFloor = 8 }, Question(InvitedInVain(Stranger).With(c => c with { QueuedDemand = 2 })), "Waits CreditsKeptByPolicy until 2026-11-18 16:00"),
        ["normal and warranted, as many as the policy keeps, the renewal is near (F11)"] = (Channel.InMail, Policy with { CreditFloor = 10 }, Question(InvitedInVain(Stranger).With(c => c with { RenewsAt = Now.AddHours(2) })), "Waits CreditsKeptByPolicy until 2026-11-18 12:00"),
        ["normal and warranted, one more than the policy keeps (F11)"] = (Channel.InMail, Policy with { CreditFloor = 9 }, Question(InvitedInVain(Stranger)), "Eligible"),
        ["normal and warranted, the pool keeps more than the policy (F11)"] = (Channel.InMail, Policy with { CreditFloor = 3 }, Question(InvitedInVain(Stranger).With(c => c with { Floor = 10 })), "Waits CreditsReserved until 2026-12-01 00:00"),
        ["high, as many credits as the policy keeps (F11)"] = (Channel.InMail, Policy with { CreditFloor = 10 }, High(Question(Stranger)), "Eligible"),

        // What warrants a credit.
        ["high, but only an unanswered invitation warrants"] = (Channel.InMail, Policy with { Warrant = new() { HighPriority = false } }, High(Question(Stranger)), "Rejected InMailNotWarranted"),
        ["high and invited in vain, only an unanswered invitation warrants"] = (Channel.InMail, Policy with { Warrant = new() { HighPriority = false } }, High(Question(InvitedInVain(Stranger))), "Eligible"),
        ["invited in vain, but only high priority warrants"] = (Channel.InMail, Policy with { Warrant = new() { UnansweredInvitation = false } }, Question(InvitedInVain(Stranger)), "Rejected InMailNotWarranted"),
        ["only high priority warrants: no invitation is looked for (F17)"] = (Channel.InMail, Policy with { Warrant = new() { UnansweredInvitation = false } }, Question(Stranger with { Invitation = Fact<Invitation>.Unknown }), "Rejected InMailNotWarranted"),
        ["invited 3 days ago, patience of 3 days"] = (Channel.InMail, Policy with { InvitationPatience = TimeSpan.FromDays(3) }, Question(Invited(Stranger, daysAgo: 3)), "Eligible"),
        ["invited 3 days ago, patience of 4 days"] = (Channel.InMail, Policy with { InvitationPatience = TimeSpan.FromDays(4) }, Question(Invited(Stranger, daysAgo: 3)), "Waits InMailNotWarranted until 2026-11-19 10:00"),

        // Credits that would be forfeited anyway (F28).
        ["normal, one would be forfeited, the policy spends it (F28)"] = (Channel.InMail, Forfeits, Question(Stranger.With(c => c with { ForfeitsAtRenewal = 1 })), "Eligible"),
        ["low, one would be forfeited, the policy spends it (F28)"] = (Channel.InMail, Forfeits, Question(Stranger.With(c => c with { ForfeitsAtRenewal = 1 })) with { Priority = Priority.Low }, "Eligible"),
        ["normal, one would be forfeited, the policy lets it go (F28)"] = (Channel.InMail, Policy, Question(Stranger.With(c => c with { ForfeitsAtRenewal = 1 })), "Rejected InMailNotWarranted"),
        ["normal, none would be forfeited (F28)"] = (Channel.InMail, Forfeits, Question(Stranger), "Rejected InMailNotWarranted"),
        ["normal, those who go first take what would be forfeited (F28)"] = (Channel.InMail, Forfeits, Question(Stranger.With(c => c with { ForfeitsAtRenewal = 2, QueuedDemand = 2 })), "Rejected InMailNotWarranted"),
        ["normal, one is left for it after those who go first (F28)"] = (Channel.InMail, Forfeits, Question(Stranger.With(c => c with { ForfeitsAtRenewal = 3, QueuedDemand = 2 })), "Eligible"),
        ["normal, one would be forfeited, but it is kept for others (F11, F28)"] = (Channel.InMail, Forfeits with { CreditFloor = 10 }, Question(Stranger.With(c => c with { ForfeitsAtRenewal = 1 })), "Waits CreditsKeptByPolicy until 2026-11-18 16:00"),
        ["normal, an old balance may have one to be forfeited (F17, F28)"] = (Channel.InMail, Forfeits, Question(Stale(Stranger)), "Needs Credits"),
        ["invited lately, an old balance may have one to be forfeited (F17, F28)"] = (Channel.InMail, Forfeits, Question(Stale(Invited(Stranger, daysAgo: 3))), "Needs Credits"),
        ["one would be forfeited, but the profile is open: free is enough (F28)"] = (Channel.InMail, Forfeits, Question(Stranger.With(c => c with { ForfeitsAtRenewal = 1 }) with { OpenProfile = Seen(true) }), "Rejected InMailNotWarranted"),

        // A verified address.
        ["the address was verified"] = (Channel.Email, On(Channel.Email, new() { Channel = Channel.Email, EmailVerified = true }), Verified(Seen(true)), "Eligible"),
        ["the address was found to be bad"] = (Channel.Email, On(Channel.Email, new() { Channel = Channel.Email, EmailVerified = true }), Verified(Seen(false)), "Rejected EmailNotVerified"),
        ["nobody knows whether the address is good (F17)"] = (Channel.Email, On(Channel.Email, new() { Channel = Channel.Email, EmailVerified = true }), Verified(Fact<bool>.Unknown), "Needs EmailVerified"),
        ["the address was verified 91 days ago (F17)"] = (Channel.Email, On(Channel.Email, new() { Channel = Channel.Email, EmailVerified = true }), Verified(SeenAgo(true, TimeSpan.FromDays(91))), "Needs EmailVerified"),
        ["whether the address is good is not to be known"] = (Channel.Email, On(Channel.Email, new() { Channel = Channel.Email, EmailVerified = true }), Verified(Fact<bool>.Unknown) with { Final = true }, "Waits FactUnknown until 2026-11-18 16:00"),
        ["no address: nothing to verify (F17)"] = (Channel.Email, On(Channel.Email, new() { Channel = Channel.Email, EmailVerified = true }), Question(Possible(Channel.Email)), "Rejected EmailUnknown"),

        // Credits as a condition of a channel that costs none (F26).
        ["no InMail in the plan, and the invitation asks for a credit (F26)"] = (Channel.ConnectionRequest, On(Channel.ConnectionRequest, new() { Channel = Channel.ConnectionRequest, MinCredits = 1 }), Question(Stranger with { Credits = null }), "Rejected TooFewCredits"),
        ["its seat may spend fewer than the pool has (F26)"] = (Channel.InMail, On(Channel.InMail, new() { Channel = Channel.InMail, MinCredits = 5 }), High(Question(Stranger.With(c => c with { BudgetLeft = 4 }))), "Waits TooFewCredits until 2026-11-18 16:00"),
        ["those who go first leave fewer (F26)"] = (Channel.InMail, On(Channel.InMail, new() { Channel = Channel.InMail, MinCredits = 5 }), High(Question(Stranger.With(c => c with { QueuedDemand = 6 }))), "Waits TooFewCredits until 2026-11-18 16:00"),

        // Of several obstacles the first counts: what holds for every send, the channel's own rules, then the policy's.
        ["not connected, and the priority is too low"] = (Channel.DirectMessage, On(Channel.DirectMessage, new() { Channel = Channel.DirectMessage, MinPriority = Priority.High }), Question(Stranger), "Rejected NotConnected"),
        ["suppressed, and not offered"] = (Channel.GroupMessageRequest, AllOn, Question(Stranger) with { Prospect = new() { Suppressed = true } }, "Rejected ProspectSuppressed"),
        ["refused before, and not offered"] = (Channel.GroupMessageRequest, AllOn, Question(Stranger with { ClosedChannels = [Channel.GroupMessageRequest] }), "Rejected ChannelNotOffered"),
    };

    public static TheoryData<string> Lines => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Lines))]
    public void Gives_the_verdict_of_the_table(string line)
    {
        var (channel, policy, question, verdict) = Table[line];
        Assert.Equal(verdict, Route.Decide(question, policy).Of(channel).InWords());
    }

    /// <summary>What a policy can say of any channel, to a send that is possible by it.</summary>
    private static readonly Dictionary<string, (Func<Channel, RoutingPolicy> Policy, Func<RouteQuestion, RouteQuestion> Case, string Verdict)> EachTable = new()
    {
        ["on, and nothing else"] = (channel => On(channel), q => q, "Eligible"),
        ["not offered by the sender's provider"] = (channel => On(channel), q => q.Of(s => s with { OfferedChannels = [] }), "Rejected ChannelNotOffered"),
        ["the priority is too low"] = (channel => On(channel, new() { Channel = channel, MinPriority = Priority.High }), q => q, "Rejected PriorityTooLow"),
        ["the priority is high enough"] = (channel => On(channel, new() { Channel = channel, MinPriority = Priority.High }), High, "Eligible"),
        ["a placeholder is left in the text (F30)"] = (channel => On(channel, new() { Channel = channel, NotGeneric = true }), q => Written(q, "Will you meet me, {first_name}?"), "Rejected ContentGeneric"),
        ["the text never speaks to its reader (F30)"] = (channel => On(channel, new() { Channel = channel, NotGeneric = true }), q => Written(q, "We are the leading platform."), "Rejected ContentGeneric"),
        ["the text is personal (F30)"] = (channel => On(channel, new() { Channel = channel, NotGeneric = true }), q => q, "Eligible"),
        ["a generic text that nobody minds (F30)"] = (channel => On(channel), q => Written(q, "We are the leading platform."), "Eligible"),
        ["as many credits as the channel asks for (F26)"] = (channel => On(channel, new() { Channel = channel, MinCredits = 10 }), q => q, "Eligible"),
        ["one credit fewer than the channel asks for (F26)"] = (channel => On(channel, new() { Channel = channel, MinCredits = 11 }), q => q, "Waits TooFewCredits until 2026-11-18 16:00"),
        ["an old balance, and the channel asks for credits (F17, F26)"] = (channel => On(channel, new() { Channel = channel, MinCredits = 1 }), q => q.Of(Stale), "Needs Credits"),
        ["a balance not to be had, and the channel asks for credits (F17, F26)"] = (channel => On(channel, new() { Channel = channel, MinCredits = 1 }), q => q.Of(Stale) with { Final = true }, "Waits FactUnknown until 2026-11-18 10:01"),
        ["before the policy's hours (F46)"] = (channel => On(channel) with { Hours = new() { FromMinute = 660, ToMinute = 1_020 } }, q => q, "Waits OutsidePolicyHours until 2026-11-18 11:00"),
        ["after the policy's hours (F46)"] = (channel => On(channel) with { Hours = new() { FromMinute = 480, ToMinute = 600 } }, q => q, "Waits OutsidePolicyHours until 2026-11-19 08:00"),
        ["in the policy's hours (F46)"] = (channel => On(channel) with { Hours = new() { FromMinute = 600, ToMinute = 601 } }, q => q, "Eligible"),
        ["not one of the policy's days (F46)"] = (channel => On(channel) with { Hours = new() { Days = [1, 2] } }, q => q, "Waits OutsidePolicyHours until 2026-11-23 00:00"),
        ["strict, another is in conversation (F31)"] = (channel => On(channel) with { Stickiness = Stickiness.Strict }, q => q with { Senders = [.. q.Senders, Stranger with { AccountId = "bob", InConversation = true }] }, "Rejected ClaimedByOtherSender"),
        ["strict, it is in conversation as well as another (F31)"] = (channel => On(channel) with { Stickiness = Stickiness.Strict }, q => q.Of(s => s with { InConversation = true }) with { Senders = [.. q.Of(s => s with { InConversation = true }).Senders, Stranger with { AccountId = "bob", InConversation = true }] }, "Eligible"),
        ["strict, nobody is in conversation (F31)"] = (channel => On(channel) with { Stickiness = Stickiness.Strict }, q => q with { Senders = [.. q.Senders, Stranger with { AccountId = "bob" }] }, "Eligible"),
        ["preferred, another is in conversation (F31)"] = (channel => On(channel), q => q with { Senders = [.. q.Senders, Stranger with { AccountId = "bob", InConversation = true }] }, "Eligible"),
    };

    public static TheoryData<string, Channel> EachLine
    {
        get
        {
            var lines = new TheoryData<string, Channel>();
            foreach (var line in EachTable.Keys)
            {
                foreach (var channel in EveryChannel)
                    lines.Add(line, channel);
            }

            return lines;
        }
    }

    [Theory]
    [MemberData(nameof(EachLine))]
    public void Says_the_same_of_every_channel(string line, Channel channel)
    {
        var (policy, change, verdict) = EachTable[line];
        Assert.Equal(verdict, Route.Decide(change(Asked(channel)), policy(channel)).Of(channel).InWords());
    }

    [Theory]
    [MemberData(nameof(Channels))]
    public void Has_no_candidate_of_a_channel_that_is_off(Channel channel)
    {
        var others = AllOn with { ChannelOrder = [.. EveryChannel.Where(other => other != channel)] };
        Assert.DoesNotContain(Route.Decide(Asked(channel), others).Candidates, candidate => candidate.Channel == channel);
    }

    public static TheoryData<Channel> Channels => [.. EveryChannel];

    /// <summary>Every candidate of every line of both tables.</summary>
    internal static IEnumerable<Candidate> EveryCandidate =>
        Table.Values.SelectMany(line => Route.Decide(line.Question, line.Policy).Candidates)
            .Concat(EachTable.Values.SelectMany(line => EveryChannel.SelectMany(channel => Route.Decide(line.Case(Asked(channel)), line.Policy(channel)).Candidates)));

    /// <summary>A question to which the channel is an answer, of normal priority.</summary>
    private static RouteQuestion Asked(Channel channel) =>
        Question(Possible(channel)) with { Content = Personal, Prospect = new() { EmailKnown = true, EmailVerified = Seen(true) } };

    internal static Sender Possible(Channel channel) => channel switch
    {
        Channel.DirectMessage => Connected(Stranger),
        Channel.RepliedThread => Stranger with { RepliedThread = true },
        Channel.OpenProfileInMail => Stranger with { OpenProfile = Seen(true) },
        Channel.Email => Stranger with { HasMailbox = true },
        Channel.InMail => InvitedInVain(Stranger),
        Channel.GroupMessageRequest => Offering(Stranger) with { SameGroup = Seen(true) },
        Channel.CoworkerMessageRequest => Offering(Stranger) with { Coworker = Seen(true) },
        Channel.OpenToWorkMessage => Offering(Stranger) with { Tier = Tier.Recruiter, OpenToWork = Seen(true) },
        _ => Stranger,
    };

    internal static Sender Offering(Sender sender) => sender with { OfferedChannels = EveryChannel };

    /// <summary>Only this channel is on, with this condition.</summary>
    private static RoutingPolicy On(Channel channel, ChannelCondition? condition = null) =>
        Policy with { ChannelOrder = [channel], Conditions = condition is null ? [] : [condition] };

    private static RouteQuestion Verified(Fact<bool> verified) => Asked(Channel.Email) with { Prospect = new() { EmailKnown = true, EmailVerified = verified } };

    private static RouteQuestion Written(RouteQuestion question, string text) => question with { Content = new() { Subject = "A question", Body = text, Note = text, Email = text } };

    private static Sender Connected(Sender sender) => sender with { NetworkDistance = Seen(NetworkDistance.FirstDegree) };

    private static Sender InvitedInVain(Sender sender) => Invited(sender, daysAgo: 20);

    private static Sender Invited(Sender sender, int daysAgo) => sender with { Invitation = Seen(new Invitation(InvitationState.Pending, Now.AddDays(-daysAgo))) };

    private static Sender Stale(Sender sender) => sender.With(credits => credits with { ObservedAt = Now.AddHours(-1) });

    private static RouteQuestion High(RouteQuestion question) => question with { Priority = Priority.High };
}

internal static class Questions
{
    /// <summary>The question with its senders changed.</summary>
    public static RouteQuestion Of(this RouteQuestion question, Func<Sender, Sender> change) => question with { Senders = [.. question.Senders.Select(change)] };
}
