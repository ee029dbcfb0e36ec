using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Rules;

/// <summary>Whom an account may invite to connect, how often and with how long a note (facts 2; linkedin.com/help answers a550555 and a551012).</summary>
public static class Invitations
{
    /// <summary>What becomes of an invitation.</summary>
    public abstract record Verdict
    {
        private Verdict()
        {
        }

        /// <summary>It goes. <paramref name="UsagePercent"/> is the part of the weekly limit used with it, told only on reaching 50, 75, 90 and 95.</summary>
        public sealed record Goes(int? UsagePercent) : Verdict;

        public sealed record Refused(Refusal Refusal) : Verdict;
    }

    /// <summary>In order: the account works, the note fits, the member can be reached, no relation, nothing pending, no lock, the allowances.</summary>
    public static Verdict Invite(Standing standing, string? note)
    {
        var (account, limits, rules, use) = (standing.Account, standing.Account.Limits, standing.Account.Rules, standing.Use);
        if (Accounts.Stopped(account) is { } stopped)
            return new Verdict.Refused(stopped);
        if (note?.Length > limits.NoteLength)
            return Refuse(ErrorType.TooManyCharacters, $"message has {note.Length} characters, at most {limits.NoteLength} are allowed");
        if (Messaging.Unreachable(standing.Prospect) is { } unreachable)
            return new Verdict.Refused(unreachable);
        if (standing.Degree == Degree.First)
            return Refuse(ErrorType.AlreadyConnected, "The recipient is already a first degree relation.");
        switch (standing.LastInvitation)
        {
            case { State: InvitationState.Pending }:
                return Refuse(ErrorType.AlreadyInvitedRecently, "An invitation to this recipient is pending.");
            case { State: InvitationState.Withdrawn or InvitationState.Ignored, EndedAt: { } ended } when standing.Now < ended.AddDays(rules.ReinviteLockDays):
                return Refuse(ErrorType.CannotResendYet, $"The recipient can be invited again {rules.ReinviteLockDays} days after the last invitation ended.");
            default:
                break;
        }

        if (note is { Length: > 0 } && use.NotesThisMonth >= (limits.NotesPerMonth ?? int.MaxValue))
            return Refuse(ErrorType.LimitExceeded, "The account has added as many notes to invitations this month as it may.");
        if (use.InvitationsThisWeek >= (limits.InvitationsPerWeek ?? int.MaxValue))
            return Refuse(ErrorType.All[rules.InvitationLimitError], "The account has sent as many invitations this week as it may.");
        return new Verdict.Goes(Usage(use.InvitationsThisWeek, limits.InvitationsPerWeek));
    }

    /// <summary>The mark that the invitation after <paramref name="before"/> others reaches or passes, if any.</summary>
    private static int? Usage(int before, int? limit)
    {
        if (limit is not { } most || most <= 0)
            return null;
        int[] marks = [95, 90, 75, 50];
        foreach (var mark in marks)
        {
            if ((before + 1) * 100 >= mark * most && before * 100 < mark * most)
                return mark;
        }

        return null;
    }

    private static Verdict.Refused Refuse(ErrorType type, string detail) => new(new Refusal(type, detail));
}
