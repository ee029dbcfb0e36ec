using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Accounts.Calls;
using Pennypost.Store;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>An account's state in the contract's words and in the journal.</summary>
internal static class AccountStateMessages
{
    /// <summary>The journal's entry of an account whose state changed, or what holds its InMails up.</summary>
    public const string StateChanged = "account.state";

    /// <summary>Before the entry was the contract's event it was the state's number, as four bytes. An event is longer: it has a time and an id.</summary>
    private const int NumberLength = sizeof(int);

    /// <summary>What a commit is to journal of the state; null for nothing.</summary>
    /// <param name="before">Null for an account that was put for the first time.</param>
    /// <param name="after">After the commit.</param>
    /// <param name="now">The commit's time.</param>
    /// <param name="cause">What the commit was about.</param>
    /// <param name="actor">Who, if an operator did it.</param>
    public static JournalEntry? Entry(Account? before, Account after, DateTimeOffset now, AccountStateCause cause, string actor)
    {
        if (AccountStanding.Changed(before is null ? null : AccountStanding.Of(before), AccountStanding.Of(after), cause) is not { } changed)
            return null;
        var view = AccountBook.View(after, now);
        var happened = new Shown.AccountStateEvent
        {
            EventTime = Timestamp.FromDateTimeOffset(now),
            AccountId = after.Id,
            PreviousState = (Shown.AccountState)(before?.State ?? AccountState.Unspecified),
            State = (Shown.AccountState)after.State,
            Reason = (Shown.Reason)AccountMessages.ReasonOf(view, null),
            StatusText = view.Account.StatusText(now),
            Cause = (Shown.AccountStateCause)changed,
            Actor = changed == AccountStateCause.Operator ? actor : "",
        };
        return new JournalEntry(StateChanged, happened.ToByteArray());
    }

    /// <summary>The event of an entry. Of an entry from before there was one, only what that one knew: when, and the state after it.</summary>
    public static Shown.AccountStateEvent Event(JournaledEntry entry) => entry.Payload.Length == NumberLength
        ? new()
        {
            EventTime = Timestamp.FromDateTimeOffset(entry.Time),
            AccountId = entry.Partition.Id,
            State = (Shown.AccountState)System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(entry.Payload.Span),
        }
        : Shown.AccountStateEvent.Parser.ParseFrom(entry.Payload.Span);
}
