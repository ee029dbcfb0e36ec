using Pennypost.Routing;
using static Pennypost.Router.Tests.Decide.Given;

namespace Pennypost.Router.Tests.Decide;

/// <summary>
/// What the seeds say of routing, in their words, one line each: the default policy where they agree with it, else the policy that they
/// describe. Now is 2026-11-18 10:00.
/// </summary>
public sealed class RoutingAsTheSeedsSay
{
    private static readonly Sender Ada = Stranger;
    private static readonly Sender Bob = Stranger with { AccountId = "bob" };
    private static readonly Content NoNote = Texts with { Note = "" };

    private static readonly RoutingPolicy Quicklead = Policy with
    {
        ChannelOrder = [Channel.RepliedThread, Channel.DirectMessage, Channel.OpenProfileInMail, Channel.OpenToWorkMessage, Channel.ConnectionRequest, Channel.InMail],
    };

    private static readonly RoutingPolicy Kondo = Policy with
    {
        ChannelOrder = [Channel.DirectMessage, Channel.OpenProfileInMail, Channel.ConnectionRequest, Channel.Email, Channel.InMail],
        Conditions = [new() { Channel = Channel.InMail, MinPriority = Priority.High, NotGeneric = true }],
        Warrant = new() { HighPriority = false },
    };

    private static readonly RoutingPolicy Ampliflow = Policy with { Warrant = new() { UnansweredInvitation = false } };

    private static readonly Dictionary<string, (RoutingPolicy Policy, RouteQuestion Question, string Decision)> Table = new()
    {
        // Quicklead
        ["\"1st-degree: free DM\" (F15)"] = (Quicklead, Question(Connected(Ada)), "Send ada DirectMessage"),
        ["\"Open Profile: free auto-InMail\" (F18)"] = (Quicklead, Question(Ada with { OpenProfile = Seen(true) }), "Send ada OpenProfileInMail"),
        ["\"Open to Work: free recruiter message\" (F19)"] = (Quicklead, Question(JudgingByPolicy.Possible(Channel.OpenToWorkMessage)), "Send ada OpenToWorkMessage"),
        ["\"recruiters can DM them free\", others cannot (F19)"] = (Quicklead, Question(JudgingByPolicy.Possible(Channel.OpenToWorkMessage) with { Tier = Tier.SalesNavigator }), "Send ada ConnectionRequest"),
        ["open to work, by default: off (F19)"] = (Policy, Question(JudgingByPolicy.Possible(Channel.OpenToWorkMessage)), "Send ada ConnectionRequest"),
        ["\"everyone else: connection request + note\" (F15)"] = (Quicklead, Question(Ada), "Send ada ConnectionRequest"),
        ["\"InMail only if needed\" (F15)"] = (Quicklead, Question(InvitedInVain(Ada)), "Send ada InMail"),
        ["\"Re-engage replied prospects (free)\", \"even if you're not connected\" (F20)"] = (Quicklead, Question(Ada with { RepliedThread = true }), "Send ada RepliedThread"),
        ["\"Don't send InMail to Open Profiles\", not even when the free ones are used up (F18)"] = (Quicklead, High(Question(Ada with { OpenProfile = Seen(true), OpenProfileRemaining = 0 })) with { Content = NoNote }, "Defer OpenProfileAllowanceUsed until 2026-12-01 00:00"),
        ["\"Don't send InMail to 1st-degree connections\""] = (Quicklead with { ChannelOrder = [Channel.InMail] }, High(Question(Connected(Ada))), "Skip AlreadyConnected"),
        ["\"Most teams forfeit credits\": this one spends them (F28)"] = (Quicklead with { Warrant = new() { WouldBeForfeited = true } }, Question(Ada.With(c => c with { ForfeitsAtRenewal = 12 })) with { Content = NoNote }, "Send ada InMail"),

        // Kondo
        ["\"use InMails when a high-value target hasn't accepted your connection request\""] = (Kondo, High(Question(InvitedInVain(Ada))), "Send ada InMail"),
        ["not when the target is not of high value"] = (Kondo, Question(InvitedInVain(Ada)), "Skip InvitationPending"),
        ["\"the person doesn't have an open profile\": this one has (F18)"] = (Kondo, High(Question(InvitedInVain(Ada) with { OpenProfile = Seen(true) })), "Send ada OpenProfileInMail"),
        ["\"you can't find their email address\": this one is known (F22)"] = (Kondo, High(ByMail(InvitedInVain(Ada))), "Send ada Email"),
        ["\"you have a highly personalized message\": this one is not (F30)"] = (Kondo, High(Question(InvitedInVain(Ada))) with { Content = Texts with { Body = "We are the leading platform." } }, "Skip ContentGeneric"),
        ["\"skip InMails when you could achieve the same result with a connection request\""] = (Kondo, High(Question(Ada)), "Send ada ConnectionRequest"),
        ["\"No Double-Messaging\" (F23)"] = (Kondo, High(Question(InvitedInVain(Ada) with { LastInMailAt = Now.AddDays(-30) })), "Skip SecondInMail"),
        ["\"message bodies can be up to 1,900 characters\" (F30)"] = (Kondo, High(Question(InvitedInVain(Ada))) with { Content = Texts with { Body = "you " + new string('x', 1_897) } }, "Skip ContentTooLong"),
        ["\"If no one accepts your invitations, find their email and send them a brief email\" (F22)"] = (Policy, ByMail(InvitedInVain(Ada)), "Send ada Email"),
        ["\"Otherwise send email\": no InMail at all (F22)"] = (Policy with { ChannelOrder = [Channel.DirectMessage, Channel.Email] }, High(ByMail(Ada)), "Send ada Email"),

        // Ampliflow
        ["\"5 to 10 handpicked contacts per week per rep\": by InMail (F14)"] = (Ampliflow, High(Question(Ada)) with { Content = NoNote }, "Send ada InMail"),
        ["\"run the rest of our outreach via connection-based campaigns\""] = (Ampliflow, Question(Ada), "Send ada ConnectionRequest"),
        ["the rest never by InMail, however long the invitation is unanswered"] = (Ampliflow, Question(InvitedInVain(Ada)), "Skip InvitationPending"),
        ["\"a small weekly quota\" is kept for them (F11)"] = (Policy with { CreditFloor = 10 }, Question(InvitedInVain(Ada)), "Defer CreditsKeptByPolicy until 2026-11-18 16:00"),
        ["\"If you run out, you either wait for renewal or pay\" (F37)"] = (Ampliflow with { OnExhaustion = OnExhaustion.Wait }, High(Question(Empty(Ada) with { InConversation = true }, Bob)) with { Content = NoNote }, "Defer CreditsExhausted until 2026-12-01 00:00"),

        // GetSales
        ["\"the contact's task fails at that node\" (F25)"] = (Policy with { ChannelOrder = [Channel.InMail], OnExhaustion = OnExhaustion.Fail }, High(Question(Empty(Ada) with { InConversation = true }, Bob)), "Skip CreditsExhausted"),
        ["\"the contact does not automatically move to another sender\": here it does (F25)"] = (Policy with { ChannelOrder = [Channel.InMail] }, High(Question(Empty(Ada), Bob)), "Send bob InMail"),
        ["\"re-route failed leads down a different path (e.g. a connection-request)\": by itself (F25)"] = (Policy with { Choice = Choice.BestValue, ChannelOrder = [Channel.InMail, Channel.ConnectionRequest] }, High(Question(Empty(Ada))), "Send ada ConnectionRequest"),
        ["\"There is no 'sender is out of credits' condition\": here there is (F26)"] = (Policy with { ChannelOrder = [Channel.ConnectionRequest], Conditions = [new() { Channel = Channel.ConnectionRequest, MinCredits = 1 }] }, Question(Empty(Ada), Bob), "Send bob ConnectionRequest"),
        ["\"Prefer Open Profiles for InMail rules\" (F18)"] = (Policy with { ChannelOrder = [Channel.OpenProfileInMail, Channel.ConnectionRequest] }, Question(Ada with { OpenProfile = Seen(true) }), "Send ada OpenProfileInMail"),
        ["\"and route everyone else through connection requests, which don't use credits\""] = (Policy with { ChannelOrder = [Channel.OpenProfileInMail, Channel.ConnectionRequest] }, High(Question(Ada)), "Send ada ConnectionRequest"),
        ["\"the recipient may have disabled incoming InMails\": the next channel, and the breaker stays closed (F34)"] = (Policy, High(ByMail(Ada with { InMailRefusedUntil = Now.AddDays(30) })) with { Content = NoNote }, "Send ada Email"),
        ["\"no single sender exhausts its credits\" (F80)"] = (Policy, High(Question(Ada.With(c => c with { Budget = 50, Available = 10 }), Bob.With(c => c with { Budget = 50, Available = 11 }))) with { Content = NoNote }, "Send bob InMail"),

        // WarmySender
        ["\"skip with reason account_inmail_credits_exhausted, defer to first-of-next-month\" (F37)"] = (Policy, High(Question(Ada.With(c => c with { BreakerOpenUntil = Renewal }))) with { Content = NoNote }, "Defer BreakerOpen until 2026-12-01 00:00"),
        ["\"connection invites continue at full normal pace\" (F33)"] = (Policy, High(Question(Ada.With(c => c with { BreakerOpenUntil = Renewal }))), "Send ada ConnectionRequest"),
        ["\"messages continue at full normal pace\" (F33)"] = (Policy, High(Question(Connected(Ada).With(c => c with { BreakerOpenUntil = Renewal }))), "Send ada DirectMessage"),
        ["\"change the action to send_message\": it requires a connection (F81)"] = (Policy with { ChannelOrder = [Channel.DirectMessage] }, High(Question(Empty(Ada))), "Skip NotConnected"),
        ["\"remove the InMail step entirely\" (F81)"] = (Policy with { ChannelOrder = [Channel.DirectMessage, Channel.ConnectionRequest] }, High(Question(Empty(Ada))), "Send ada ConnectionRequest"),
        ["\"re-enter the dispatch path on the next sending window\" (F81)"] = (Policy with { ChannelOrder = [Channel.DirectMessage], Hours = new() { FromMinute = 1_020, ToMinute = 1_080 } }, Question(Connected(Ada)), "Defer OutsidePolicyHours until 2026-11-18 17:00"),
    };

    public static TheoryData<string> Lines => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Lines))]
    public void Decides_as_the_seeds_say(string line)
    {
        var (policy, question, decision) = Table[line];
        Assert.Equal(decision, Route.Decide(question, policy).InWords());
    }

    [Fact]
    public void Says_nothing_that_a_policy_may_not_say() =>
        Assert.All(Table.Values, line => Assert.Empty(PolicyCheck.Of(line.Policy with { Name = "seed" })));

    private static Sender Connected(Sender sender) => sender with { NetworkDistance = Seen(NetworkDistance.FirstDegree) };

    private static Sender InvitedInVain(Sender sender) => sender with { Invitation = Seen(new Invitation(InvitationState.Pending, Now.AddDays(-20))) };

    private static Sender Empty(Sender sender) => sender.With(credits => credits with { Available = 0 });

    private static RouteQuestion ByMail(Sender sender) => Question(sender with { HasMailbox = true }) with { Prospect = new() { EmailKnown = true } };

    private static RouteQuestion High(RouteQuestion question) => question with { Priority = Priority.High };
}
