using FsCheck;
using FsCheck.Fluent;
using Pennypost.Routing;
using static Pennypost.Router.Tests.Decide.Given;

namespace Pennypost.Router.Tests.Decide;

/// <summary>
/// A question about a world whose truth is known: fresh facts say the truth, old ones may say anything, and some are
/// unknown. Senders stand in no order.
/// </summary>
internal sealed record AnyQuestion(RouteQuestion Question, IReadOnlyDictionary<string, Truth> Truths, bool EmailIsGood)
{
    public static Arbitrary<AnyQuestion> Arbitrary { get; } = Questions().ToArbitrary();

    /// <summary>The same question with one fact of one sender as it truly is, seen now.</summary>
    public RouteQuestion Reveal(string accountId, FactKinds kind) =>
        kind == FactKinds.EmailVerified ? WithEmail(Fact.Known(EmailIsGood, Now)) : RevealOf(accountId, kind);

    /// <summary>The same question with one fact of one sender unknown.</summary>
    public RouteQuestion Forget(string accountId, FactKinds kind) =>
        kind == FactKinds.EmailVerified ? WithEmail(Fact<bool>.Unknown) : ForgetOf(accountId, kind);

    private RouteQuestion WithEmail(Fact<bool> verified) => Question with { Prospect = Question.Prospect with { EmailVerified = verified } };

    private RouteQuestion RevealOf(string accountId, FactKinds kind) => ChangeSender(accountId, sender =>
    {
        var truth = Truths[accountId];
        return kind switch
        {
            FactKinds.SameGroup => sender with { SameGroup = Fact.Known(truth.SameGroup, Now) },
            FactKinds.Coworker => sender with { Coworker = Fact.Known(truth.Coworker, Now) },
            FactKinds.OpenToWork => sender with { OpenToWork = Fact.Known(truth.OpenToWork, Now) },
            FactKinds.NetworkDistance => sender with { NetworkDistance = Fact.Known(truth.Distance, Now) },
            FactKinds.OpenProfile => sender with { OpenProfile = Fact.Known(truth.OpenProfile, Now) },
            FactKinds.CanSendInMail => sender with { CanSendInMail = Fact.Known(truth.CanSendInMail, Now) },
            FactKinds.Invitation => sender with { Invitation = Fact.Known(truth.Invitation, Now) },
            _ => sender.Credits is null ? sender : sender with { Credits = truth.Credits with { ObservedAt = Now } },
        };
    });

    private RouteQuestion ForgetOf(string accountId, FactKinds kind) => ChangeSender(accountId, sender => kind switch
    {
        FactKinds.SameGroup => sender with { SameGroup = Fact<bool>.Unknown },
        FactKinds.Coworker => sender with { Coworker = Fact<bool>.Unknown },
        FactKinds.OpenToWork => sender with { OpenToWork = Fact<bool>.Unknown },
        FactKinds.NetworkDistance => sender with { NetworkDistance = Fact<NetworkDistance>.Unknown },
        FactKinds.OpenProfile => sender with { OpenProfile = Fact<bool>.Unknown },
        FactKinds.CanSendInMail => sender with { CanSendInMail = Fact<bool>.Unknown },
        FactKinds.Invitation => sender with { Invitation = Fact<Invitation>.Unknown },
        _ => sender.Credits is null ? sender : sender.With(credits => credits with { ObservedAt = Now.AddDays(-1) }),
    });

    private RouteQuestion ChangeSender(string accountId, Func<Sender, Sender> change) => Question with
    {
        Senders = [.. Question.Senders.Select(sender => sender.AccountId == accountId ? change(sender) : sender)],
    };

    private static Gen<AnyQuestion> Questions() =>
        from count in Gen.Choose(1, 4)
        from senders in Senders().ListOf(count)
        from texts in Texts3()
        from priority in Gen.Elements(Enum.GetValues<Priority>())
        from prospect in Prospects()
        from final in Often(false, true)
        from good in Gen.Elements(true, false)
        from verified in Seen(good, !good)
        let named = senders.Select((pair, i) => (Sender: pair.Sender with { AccountId = $"s{i}" }, pair.Truth)).ToArray()
        from order in Gen.Shuffle(named)
        select new AnyQuestion(
            new RouteQuestion
            {
                Prospect = prospect with { EmailVerified = verified },
                Senders = [.. order.Select(pair => pair.Sender)],
                Content = texts,
                Priority = priority,
                Now = Now,
                Final = final,
            },
            named.ToDictionary(pair => pair.Sender.AccountId, pair => pair.Truth),
            good);

    private static Gen<(Sender Sender, Truth Truth)> Senders() =>
        from truth in Truth.Any
        from otherwise in Truth.Any
        from distance in Seen(truth.Distance, otherwise.Distance)
        from open in Seen(truth.OpenProfile, otherwise.OpenProfile)
        from can in Seen(truth.CanSendInMail, otherwise.CanSendInMail)
        from invitation in Seen(truth.Invitation, otherwise.Invitation)
        from inGroup in Seen(truth.SameGroup, otherwise.SameGroup)
        from coworker in Seen(truth.Coworker, otherwise.Coworker)
        from openToWork in Seen(truth.OpenToWork, otherwise.OpenToWork)
        from state in Often(AccountState.Ok, AccountState.Paused, AccountState.Restricted)
        from tier in Gen.Elements(Enum.GetValues<Tier>())
        from hasCredits in Often(true, false)
        from age in Often(TimeSpan.Zero, TimeSpan.FromDays(1))
        from replied in Often(false, true)
        from unanswered in Often(false, true)
        from refuses in Often(false, true)
        from conversation in Often(false, true)
        from closed in Often<IReadOnlyList<Channel>>([], [Channel.DirectMessage], [Channel.InMail, Channel.OpenProfileInMail])
        from allowance in Often(800L, 0L)
        from mailbox in Often(true, false)
        from offered in Often<IReadOnlyList<Channel>?>(EveryChannel, [null, new[] { Channel.ConnectionRequest, Channel.InMail }])
        select (
            new Sender
            {
                AccountId = "",
                Tier = tier,
                State = state,
                NetworkDistance = distance,
                OpenProfile = open,
                CanSendInMail = can,
                Invitation = invitation,
                SameGroup = inGroup,
                Coworker = coworker,
                OpenToWork = openToWork,
                OfferedChannels = offered,
                RepliedThread = replied,
                LastInMailAt = unanswered ? Now.AddDays(-5) : null,
                InMailRefusedUntil = refuses ? Now.AddDays(5) : null,
                Credits = hasCredits ? truth.Credits with { ObservedAt = Now - age } : null,
                OpenProfileRemaining = allowance,
                OpenProfileResetsAt = Renewal,
                InConversation = conversation,
                HasMailbox = mailbox,
                ClosedChannels = closed,
            },
            truth);

    private static Gen<Content> Texts3() =>
        from body in Often("May I ask you one?", "", new string('x', 1_950))
        from note in Often("Shall we meet?", "", new string('x', 250))
        from email in Often("May I ask you by e-mail?", "")
        select new Content { Subject = "A question", Body = body, Note = note, Email = email };

    private static Gen<ProspectState> Prospects() =>
        Often(
            new ProspectState(),
            new ProspectState { ClaimedBy = "s0" },
            new ProspectState { EmailKnown = true },
            new ProspectState { RepliedAt = Now },
            new ProspectState { RepliedAt = Now, ReplyReleased = true },
            new ProspectState { Suppressed = true });

    /// <summary>Fresh and true, stale and perhaps not, or unknown.</summary>
    private static Gen<Fact<T>> Seen<T>(T truth, T otherwise)
        where T : struct =>
        Gen.Elements(Fact.Known(truth, Now.AddDays(-1)), Fact.Known(otherwise, Now.AddDays(-100)), Fact<T>.Unknown);

    /// <summary>The first in two cases of three, so that no single obstacle hides all the rest.</summary>
    private static Gen<T> Often<T>(T usual, params T[] others) =>
        Gen.Frequency((2, Gen.Constant(usual)), (1, Gen.Elements(others)));
}

/// <summary>How things really are between a sender and the prospect.</summary>
internal sealed record Truth(
    NetworkDistance Distance, bool OpenProfile, bool CanSendInMail, Invitation Invitation, bool SameGroup, bool Coworker, bool OpenToWork, SenderCredits Credits)
{
    // Who accepted is connected: no truth says otherwise.
    public static Gen<Truth> Any { get; } =
        from distance in Gen.Elements(Enum.GetValues<NetworkDistance>())
        from open in Gen.Elements(true, false)
        from can in Gen.Elements(true, false)
        from state in distance == NetworkDistance.FirstDegree
            ? Gen.Elements(InvitationState.Accepted, InvitationState.None)
            : Gen.Elements(InvitationState.None, InvitationState.Pending, InvitationState.Withdrawn)
        from days in Gen.Choose(0, 30)
        from available in Gen.Choose(0, 3)
        from held in Gen.Choose(0, 2)
        from floor in Gen.Choose(0, 2)
        from demand in Gen.Choose(0, 1)
        from forfeits in Gen.Choose(0, 1)
        from price in Gen.Choose(0, 2)
        from inGroup in Gen.Elements(true, false)
        from coworker in Gen.Elements(true, false)
        from openToWork in Gen.Elements(true, false)
        select new Truth(
            distance,
            open,
            can,
            new Invitation(state, state == InvitationState.None ? null : Now.AddDays(-days)),
            inGroup,
            coworker,
            openToWork,
            new SenderCredits
            {
                PoolId = "pool",
                Available = available,
                Held = held,
                Floor = floor,
                QueuedDemand = demand,
                ForfeitsAtRenewal = forfeits,
                PriceMicros = price * 1_000_000,
                Currency = price == 0 ? "" : "USD",
                RenewsAt = Renewal,
                ObservedAt = Now,
            });
}
