using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Sandbox.Tests;

public sealed class RulesOfInviting
{
    [Theory]
    [InlineData(true, 0, "goes")]
    [InlineData(true, 300, "goes")]
    [InlineData(true, 301, "too_many_characters")]
    [InlineData(false, 200, "goes")]
    [InlineData(false, 201, "too_many_characters")]
    public void Hold_the_note_to_the_tier(bool paid, int length, string expected) =>
        Assert.Equal(expected, Say(Given.Standing(Given.Account(salesNavigator: paid ? 5 : null)), new string('n', length)));

    /// <summary>F24: pending invitation and 3-week re-invitation lock.</summary>
    [Theory]
    [InlineData(InvitationState.Pending, 0, "already_invited_recently")]
    [InlineData(InvitationState.Withdrawn, 0, "cannot_resend_yet")]
    [InlineData(InvitationState.Withdrawn, 20, "cannot_resend_yet")]
    [InlineData(InvitationState.Withdrawn, 21, "goes")]
    [InlineData(InvitationState.Ignored, 20, "cannot_resend_yet")]
    [InlineData(InvitationState.Ignored, 21, "goes")]
    public void Look_at_the_last_invitation(InvitationState state, int endedDaysAgo, string expected) =>
        Assert.Equal(expected, Say(Given.Standing() with { LastInvitation = Given.Invitation(state, endedDaysAgo) }));

    [Fact]
    public void Refuse_a_relation() => Assert.Equal("already_connected", Say(Given.Standing(degree: Degree.First)));

    [Fact]
    public void Let_a_free_account_add_five_notes_a_month()
    {
        var free = Given.Account(salesNavigator: null);
        Assert.Equal("goes", Say(Given.Standing(free, use: new() { NotesThisMonth = 4 }), "Hi"));
        Assert.Equal("limit_exceeded", Say(Given.Standing(free, use: new() { NotesThisMonth = 5 }), "Hi"));
        Assert.Equal("goes", Say(Given.Standing(free, use: new() { NotesThisMonth = 5 })));
    }

    [Fact]
    public void Stop_at_the_weekly_limit_with_either_documented_error()
    {
        var full = Given.Standing(use: new() { InvitationsThisWeek = 200 });
        Assert.Equal("limit_exceeded", Say(full));
        Assert.Equal("cannot_resend_yet", Say(full with { Account = full.Account with { Rules = new() { InvitationLimitError = "cannot_resend_yet" } } }));
    }

    /// <summary>F47: the provider tells how much of the week is used, only on reaching a mark.</summary>
    [Theory]
    [InlineData(98, null)]
    [InlineData(99, 50)]
    [InlineData(100, null)]
    [InlineData(149, 75)]
    [InlineData(179, 90)]
    [InlineData(189, 95)]
    [InlineData(190, null)]
    public void Tell_the_usage_at_four_marks(int before, int? expected)
    {
        var goes = Assert.IsType<Invitations.Verdict.Goes>(Invitations.Invite(Given.Standing(use: new() { InvitationsThisWeek = before }), null));
        Assert.Equal(expected, goes.UsagePercent);
    }

    private static string Say(Standing standing, string? note = null) => Invitations.Invite(standing, note) switch
    {
        Invitations.Verdict.Refused refused => refused.Refusal.Type.Name,
        _ => "goes",
    };
}
