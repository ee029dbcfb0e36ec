using Google.Protobuf.WellKnownTypes;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Planning;
using Wire = Pennypost.Types.V1;

namespace Dispatcher.Tests.Planning;

/// <summary>F17, F29: what is known of a prospect, by whom it was seen and when; what nobody knows is unknown, and not no.</summary>
public sealed class KnowingProspects
{
    private static readonly DateTimeOffset _now = new(2026, 11, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset _yesterday = _now.AddDays(-1);

    [Fact]
    public void Of_somebody_whom_nobody_has_seen_nothing_is_said()
    {
        var plan = Of(new() { Profile = "ada", ValueMicros = 5, Priority = Wire.Priority.High }, Prospect.Unknown);

        Assert.Equal(("p_1", 5L, Wire.Priority.High, null, 0), (plan.ProspectId, plan.ValueMicros, plan.Priority, plan.Common, plan.Views.Count));
        Assert.Equal((null, false, "", false, null), (plan.State.ReplyTime, plan.State.Suppressed, plan.State.ClaimedBy, plan.State.EmailKnown, plan.State.EmailVerified));
        Assert.True(PlanFacts.IsUnseen(new(), Prospect.Unknown, ["ann"]));
    }

    [Fact]
    public void What_a_sender_saw_is_said_with_its_time_and_of_the_others_nothing()
    {
        var plan = Of(new() { Profile = "ada" }, Kept(new SenderView { AccountId = "ann", Distance = new(NetworkDistance.SecondDegree, _yesterday), OpenProfile = new(false, _now) }));

        var view = Assert.Single(plan.Views);
        Assert.Equal(("ann", Wire.NetworkDistance.SecondDegree, _yesterday), (view.AccountId, view.NetworkDistance, view.NetworkDistanceTime.ToDateTimeOffset()));
        Assert.Equal((true, false, _now), (view.HasOpenProfile, view.OpenProfile, view.OpenProfileTime.ToDateTimeOffset()));
        // Unknown, and not no.
        Assert.Equal((false, Wire.InvitationState.Unspecified, false), (view.HasCanSendInmail, view.Invitation, view.InConversation));
        Assert.False(PlanFacts.IsUnseen(new(), Kept(new SenderView { AccountId = "ann", OpenProfile = new(false, _now) }), ["ann"]));
        Assert.True(PlanFacts.IsUnseen(new(), Kept(new SenderView { AccountId = "zoe", OpenProfile = new(false, _now) }), ["ann"]));
    }

    public static TheoryData<string, DateTimeOffset?, bool> Sayings => new()
    {
        { "what was seen stands beside what has no time", null, false },
        { "what was seen stands beside what is older", _yesterday.AddHours(-1), false },
        { "what is said to be newer takes its place", _yesterday.AddHours(1), true },
    };

    [Theory]
    [MemberData(nameof(Sayings))]
    public void The_later_word_counts(string what, DateTimeOffset? said, bool isTaken)
    {
        var common = new Wire.ProspectView
        {
            NetworkDistance = Wire.NetworkDistance.FirstDegree,
            OpenProfile = true,
            CanSendInmail = true,
            Invitation = Wire.InvitationState.Accepted,
            ObserveTime = said is { } time ? Timestamp.FromDateTimeOffset(time) : null,
        };
        var kept = new SenderView
        {
            AccountId = "ann",
            Distance = new(NetworkDistance.ThirdDegree, _yesterday),
            OpenProfile = new(false, _yesterday),
            CanSendInmail = new(false, _yesterday),
            Invitation = new(InvitationState.Pending, _yesterday, null, _yesterday),
        };

        var view = Assert.Single(Of(new() { Profile = "ada", Common = common }, Kept(kept)).Views);

        Assert.True(
            (view.NetworkDistance == Wire.NetworkDistance.FirstDegree, view.OpenProfile, view.CanSendInmail, view.Invitation == Wire.InvitationState.Accepted) == (isTaken, isTaken, isTaken, isTaken), $"{what}: {view}");
        Assert.Equal(isTaken ? null : _yesterday, view.InvitationTime?.ToDateTimeOffset());
        Assert.Equal("", common.AccountId);
    }

    [Fact]
    public void What_is_said_fills_what_was_not_seen()
    {
        var planned = new Wire.PlannedProspect { Profile = "ada", Common = new() { OpenProfile = true }, Views = { new Wire.ProspectView { AccountId = "ann", CanSendInmail = true }, new Wire.ProspectView { AccountId = "not-among-them" } } };

        var plan = Of(planned, Kept(new SenderView { AccountId = "ann", Distance = new(NetworkDistance.ThirdDegree, _yesterday) }, new SenderView { AccountId = "bob", LastSendTime = _yesterday }));

        Assert.Equal(["ann", "bob"], plan.Views.Select(view => view.AccountId));
        // What is said of one sender stands in place of what is common, here as at the router.
        Assert.Equal((true, false, Wire.NetworkDistance.ThirdDegree), (plan.Views[0].CanSendInmail, plan.Views[0].HasOpenProfile, plan.Views[0].NetworkDistance));
        Assert.Equal((true, true), (plan.Views[1].OpenProfile, plan.Views[1].InConversation));
    }

    [Fact]
    public void What_passed_between_them_goes_along()
    {
        var kept = Kept(new SenderView { AccountId = "ann", ChatId = "c", ReplyTime = _yesterday, LastInmailTime = _yesterday, LastInmailAnswered = true, InmailRefusedUntil = _now.AddDays(3) }) with
        {
            ReplyTime = _yesterday,
            SuppressTime = _yesterday,
            Claim = new("bob", _now.AddDays(2)),
        };

        var plan = Of(new() { Profile = "ada", EmailKnown = true, EmailVerifyTime = Timestamp.FromDateTimeOffset(_yesterday) }, kept);

        Assert.Equal((_yesterday, true, true, "bob"), (plan.State.ReplyTime.ToDateTimeOffset(), plan.State.ReplyReleased, plan.State.Suppressed, plan.State.ClaimedBy));
        Assert.Equal((true, true), (plan.State.EmailKnown, plan.State.EmailVerified.Value));
        var (ann, bob) = (plan.Views[0], plan.Views[1]);
        Assert.Equal((true, true, true, _now.AddDays(3)), (ann.RepliedThread, ann.LastInmailAnswered, ann.InConversation, ann.InmailRefusedUntil.ToDateTimeOffset()));
        Assert.Equal(("bob", true), (bob.AccountId, bob.InConversation));
        // A claim that is over binds nobody.
        Assert.Equal("", Of(new() { Profile = "ada" }, kept with { Claim = new("bob", _yesterday) }).State.ClaimedBy);
    }

    private static Pennypost.Router.V1.PlanProspect Of(Wire.PlannedProspect planned, Prospect kept) => PlanFacts.Of(planned, "p_1", kept, ["ann", "bob"], _now);

    private static Prospect Kept(params SenderView[] views) => Prospect.Unknown with { Senders = Prospect.Unknown.Senders.AddRange(views.Select(view => KeyValuePair.Create(view.AccountId, view))) };
}
