using System.Globalization;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Acts;

/// <summary>Invitations to connect, from the sending to the new relation.</summary>
internal static class Inviting
{
    public abstract record Outcome
    {
        private Outcome()
        {
        }

        public sealed record Sent(Invitation Invitation, int? UsagePercent) : Outcome;

        public sealed record Refused(Refusal Refusal) : Outcome;
    }

    public static Outcome Invite(World world, Account account, Prospect prospect, string? note, SandboxOptions options, bool byHand = false)
    {
        var verdict = Invitations.Invite(world.StandingOf(account, prospect), note);
        if (verdict is Invitations.Verdict.Refused refused)
            return new Outcome.Refused(refused.Refusal);
        if (Sending.Full(world, options) is { } full)
            return new Outcome.Refused(full);
        var nth = world.InvitationsBetween(account.Id, prospect.Id).Count().ToString(CultureInfo.InvariantCulture);
        var invitation = new Invitation
        {
            Id = Draw.Id(world.Seed, "invitation", account.Id, prospect.Id, nth),
            Sequence = world.Invitations.Count + 1,
            AccountId = account.Id,
            MemberId = prospect.Id,
            Note = note is { Length: > 0 } ? note : null,
            SentAt = world.Now,
            State = InvitationState.Pending,
        };
        world.Invitations.Put(invitation);
        var day = world.Today(account.Id);
        world.Days.Put(day with { Invitations = day.Invitations + 1, Notes = day.Notes + (invitation.Note is null ? 0 : 1) });
        Sending.Book(world, new()
        {
            Sequence = world.Deliveries.Count + 1,
            At = world.Now,
            AccountId = account.Id,
            MemberId = prospect.Id,
            Channel = Channel.Invitation,
            TextDigest = Sending.Digest(note ?? ""),
            TextLength = note?.Length ?? 0,
            InvitationId = invitation.Id,
            ByHand = byHand,
        });
        Plan(world, prospect, invitation, nth);
        return new Outcome.Sent(invitation, ((Invitations.Verdict.Goes)verdict).UsagePercent);
    }

    /// <summary>The member accepts: a relation at once, noticed by the provider after <paramref name="noticedAfter"/>, or whenever it next looks.</summary>
    public static void Accept(World world, Invitation invitation, TimeSpan? noticedAfter, SandboxOptions options)
    {
        var account = world.Accounts.Find(invitation.AccountId)!;
        var prospect = world.Prospects.Find(invitation.MemberId)!;
        world.Invitations.Put(invitation with { State = InvitationState.Accepted, EndedAt = world.Now });
        world.Relations.Put(new(account.Id, prospect.Id, world.Now));
        var delay = noticedAfter
            ?? Draw.Between(TimeSpan.Zero, prospect.Behaviour.NoticedWithin, world.Seed, "noticed", prospect.Id, account.Id);
        if (delay == TimeSpan.Zero)
        {
            Announcing.NewRelation(world, account, prospect, options);
            return;
        }

        world.Dues.Put(new()
        {
            Id = "notice:" + invitation.Id,
            At = world.Now + delay,
            Kind = DueKind.NoticeRelation,
            AccountId = account.Id,
            MemberId = prospect.Id,
        });
    }

    /// <summary>The invitation ends without a relation: the member ignores it, or the sender takes it back.</summary>
    public static void End(World world, Invitation invitation, InvitationState state) =>
        world.Invitations.Put(invitation with { State = state, EndedAt = world.Now });

    private static void Plan(World world, Prospect prospect, Invitation invitation, string nth)
    {
        string[] about = [world.Seed, "accept", prospect.Id, invitation.AccountId, nth];
        if (Draw.Unit(about) >= prospect.Behaviour.AcceptProbability)
            return;
        world.Dues.Put(new()
        {
            Id = "accept:" + invitation.Id,
            At = world.Now + Draw.Between(prospect.Behaviour.AcceptAfterAtLeast, prospect.Behaviour.AcceptAfterAtMost, [.. about, "delay"]),
            Kind = DueKind.Accept,
            AccountId = invitation.AccountId,
            MemberId = prospect.Id,
            InvitationId = invitation.Id,
        });
    }
}
