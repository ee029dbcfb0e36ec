using System.Diagnostics;
using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Acts;

/// <summary>What happens by itself as time passes.</summary>
internal static class Happenings
{
    /// <summary>Lets everything happen that is due by <paramref name="until"/>, in order; returns how much it was.</summary>
    public static int BringTo(World world, DateTimeOffset until, SandboxOptions options)
    {
        var happened = 0;
        while (world.NextDue is { } next && next.At <= until)
        {
            // The clock never passes something that has not happened: the rest waits for the next act.
            if (happened == options.MaxDueAtOnce)
                return happened;
            var due = world.Dues.Find(next.Id)!;
            world.Dues.Remove(due.Id);
            world.Now = Later(world.Now, due.At);
            Happen(world, due, options);
            happened++;
        }

        world.Now = Later(world.Now, until);
        return happened;
    }

    private static void Happen(World world, Due due, SandboxOptions options)
    {
        // What was deleted or configured away in the meantime no longer happens.
        if (!world.Accounts.TryGet(due.AccountId, out var account))
            return;
        switch (due.Kind)
        {
            case DueKind.Reply:
                Replies.Reply(world, world.Chats.Find(due.ChatId!)!, Replies.UsualText, options);
                break;
            case DueKind.Decline:
                if (world.Chats.Find(due.ChatId!) is { Inmail.SettledAt: null } chat)
                    Replies.Decline(world, chat, Replies.UsualDecline, options);
                break;
            case DueKind.Accept:
                if (world.Invitations.Find(due.InvitationId!) is { State: InvitationState.Pending } invitation)
                    Inviting.Accept(world, invitation, noticedAfter: null, options);
                break;
            case DueKind.NoticeRelation:
                Announcing.NewRelation(world, account, world.Prospects.Find(due.MemberId!)!, options);
                break;
            case DueKind.Renewal:
                CreditMoves.Renew(world, account, due.Product!.Value);
                break;
            case DueKind.PostGrant:
                CreditMoves.Grant(world, account, due.Product!.Value);
                break;
            case DueKind.PostRefund:
                CreditMoves.Refund(world, world.Chats.Find(due.ChatId!)!);
                break;
            case DueKind.ReleasePost:
                Holding.Release(world, due.PostId!);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
