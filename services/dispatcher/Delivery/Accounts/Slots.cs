using System.Collections.Immutable;

namespace Pennypost.Delivery.Accounts;

/// <summary>A time handed out to one message that must wait, so that 200 ready messages of an account come back once each and not 199 times.</summary>
/// <param name="Owner">A hash of the message's id.</param>
/// <param name="At">When it should come back.</param>
/// <param name="Action">What it will be charged as.</param>
/// <param name="Rank">Its priority: a higher one may take a lower one's time.</param>
public sealed record Slot(long Owner, DateTimeOffset At, CappedAction Action, int Rank);

/// <summary>Handing out times. A slot is advice about when to come back; the gates decide again then, so a wrong one costs a visit, never a cap.</summary>
public static class Slots
{
    /// <summary>Slots kept per account. Beyond it a message is told a time that is not reserved.</summary>
    public const int Limit = 512;

    /// <summary>Between slots of an account that asks for no spacing: about as long as a write takes.</summary>
    public static readonly TimeSpan LeastPitch = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a slot is kept for a message that does not come.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary>The distance from a message's slot to the next: a quarter more than the rest after it, so that a message which comes a little late does not push the next one out.</summary>
    private static TimeSpan Pitch(Account account, long owner)
    {
        var pitch = Pace.After(account, owner) * 1.25;
        return pitch > LeastPitch ? pitch : LeastPitch;
    }

    /// <summary>A stable hash of a message's id (FNV-1a).</summary>
    public static long OwnerOf(string messageId)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in messageId)
            hash = (hash ^ character) * 1099511628211UL;
        return unchecked((long)hash);
    }

    /// <summary>Without the slots whose messages did not come.</summary>
    public static ImmutableArray<Slot> Fresh(ImmutableArray<Slot> slots, DateTimeOffset now) =>
        slots.Length > 0 && slots[0].At < now - Grace ? slots.RemoveAll(slot => slot.At < now - Grace) : slots;

    /// <summary>Whether somebody with the same or a higher priority was promised a time so near that a newcomer would take it away.</summary>
    public static bool IsPromised(Account account, long owner, int rank, DateTimeOffset now)
    {
        foreach (var slot in account.Slots)
        {
            if (slot.Owner == owner && slot.At <= now)
                return false;
        }

        foreach (var slot in account.Slots)
        {
            if (slot.Owner == owner || slot.Rank < rank)
                continue;
            var rest = Pace.After(account, slot.At > now ? owner : slot.Owner);
            if ((slot.At - now).Duration() < (rest > LeastPitch ? rest : LeastPitch))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Hands out the earliest time from which all of these hold: the window is open, no slow-down is in force, nobody of the same or a higher priority is near, and every cap has room beside those who were
    /// promised theirs. Lower priorities that stand in the way lose their slot and are given another when they come.
    /// </summary>
    /// <param name="account">Whose time it is.</param>
    /// <param name="owner">The message's hash; an earlier slot of its own is given up.</param>
    /// <param name="action">What it will be charged as.</param>
    /// <param name="rank">Its priority.</param>
    /// <param name="earliest">Not before.</param>
    /// <param name="jitter">0 to 1: spreads the slot over a fifth of the distance.</param>
    /// <param name="now">The time.</param>
    public static (Account Account, DateTimeOffset At) Take(
        Account account, long owner, CappedAction action, int rank, DateTimeOffset earliest, double jitter, DateTimeOffset now)
    {
        var pitch = Pitch(account, owner);
        var kept = Fresh(account.Slots, now).RemoveAll(slot => slot.Owner == owner);
        var firm = kept.Where(slot => slot.Rank >= rank).ToList();
        var pitches = firm.ConvertAll(slot => Pitch(account, slot.Owner));
        var charges = account.Charges.Of(action);
        var promised = firm.Where(slot => slot.Action == action).Select(slot => slot.At).ToList();
        var at = earliest > now ? earliest : now;
        var (caps, day) = (CapsOf(account, action, at), Caps.DayOf(at));
        // Each round moves past at least one slot, charge or window; the limit only guards against a bug.
        for (var round = 0; round < 4 * Limit; round++)
        {
            var next = account.Settings.Window.NextOpen(at);
            foreach (var coolDown in account.CoolDowns)
            {
                if ((coolDown.Action == action || coolDown.Action == CappedAction.Unspecified) && coolDown.Until > next)
                    next = coolDown.Until;
            }

            for (var index = 0; index < firm.Count; index++)
            {
                if (IsNear(firm[index].At, pitches[index], next, pitch))
                    next = firm[index].At + pitches[index];
            }

            foreach (var cap in caps)
                next = RoomFrom(cap, charges, promised, next);
            if (next == at)
                break;
            at = next;
            if (Caps.DayOf(at) != day)
                (caps, day) = (CapsOf(account, action, at), Caps.DayOf(at));
        }

        at += pitch * (0.2 * jitter);
        var slots = kept.RemoveAll(slot => slot.Rank < rank && IsNear(slot.At, Pitch(account, slot.Owner), at, pitch));
        if (slots.Length >= Limit)
            return (account with { Slots = slots }, at);
        var place = 0;
        while (place < slots.Length && slots[place].At <= at)
            place++;
        return (account with { Slots = slots.Insert(place, new Slot(owner, at, action, rank)) }, at);
    }

    /// <summary>Whether whoever goes first leaves the other too little rest.</summary>
    private static bool IsNear(DateTimeOffset one, TimeSpan afterOne, DateTimeOffset other, TimeSpan afterOther) => one > other ? one - other < afterOther : other - one < afterOne;

    private static List<Cap> CapsOf(Account account, CappedAction action, DateTimeOffset at) => [.. Caps.InForce(account, at).Where(cap => cap.Action == action)];

    private static DateTimeOffset RoomFrom(Cap cap, ActionCharges charges, List<DateTimeOffset> promised, DateTimeOffset at)
    {
        // A cap of 0 never has room; the gate says so without a time.
        if (cap.Limit == 0)
            return at;
        if (cap.Window == CapWindow.Month)
        {
            var month = ActionCharges.MonthOf(at);
            var inMonth = charges.Count(CapWindow.Month, at) + promised.Count(time => ActionCharges.MonthOf(time) == month);
            return inMonth >= cap.Limit ? ActionCharges.NextMonth(at) : at;
        }

        var length = ActionCharges.Length(cap.Window);
        var inside = charges.Times.Concat(promised).Where(time => time > at - length && time <= at).Order().ToList();
        return inside.Count < cap.Limit ? at : inside[inside.Count - cap.Limit] + length;
    }
}
