using Pennypost.Delivery.Accounts;
using static Dispatcher.Tests.Accounts.Given;

namespace Dispatcher.Tests.Accounts;

/// <summary>When an account's messages are read at the provider, and how far that was done (F54, F56).</summary>
public sealed class ReadingTheInbox
{
    private static readonly InboxRules Rules = new();

    private static readonly Inbox Begun = Followed(null, Account()).Inbox!;

    [Fact]
    public void Begins_when_the_account_is_put_and_reads_nothing_older()
    {
        Assert.Equal((Noon, Noon), (Begun.MessagesUntil, Begun.RelationsUntil));
        Assert.Equal(Noon + Rules.Otherwise, Begun.NextLook);
    }

    [Theory]
    [InlineData(0, 90)]
    [InlineData(0.5, 120)]
    [InlineData(1, 150)]
    public void Never_runs_by_a_fixed_clock(double jitter, int minutes) =>
        Assert.Equal(Noon.AddMinutes(minutes), Inboxes.Follow(null, Account(), Rules, jitter, Noon).Inbox!.NextLook);

    [Fact]
    public void Comes_sooner_once_something_was_sent_and_is_not_put_off_by_the_next()
    {
        var account = With(Begun);
        var sent = Followed(account, account with { LastSend = Noon });
        Assert.Equal(Noon + Rules.WhileAwaiting, sent.Inbox!.NextLook);

        var again = Inboxes.Follow(sent, sent with { LastSend = Noon.AddMinutes(9) }, Rules, 0.5, Noon.AddMinutes(9));
        Assert.Equal(sent.Inbox.NextLook, again.Inbox!.NextLook);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(6, 10)]
    [InlineData(8, 120)]
    [InlineData(null, 120)]
    public void Is_frequent_while_answers_are_awaited_and_rare_otherwise(int? daysSinceLastSend, int minutes) =>
        Assert.Equal(TimeSpan.FromMinutes(minutes), Inboxes.Pace(Account() with { LastSend = daysSinceLastSend is { } days ? Noon.AddDays(-days) : null }, Rules, Noon));

    [Fact]
    public void Is_rare_outside_the_sending_window()
    {
        var account = Account() with { LastSend = Noon.AddHours(-1) };
        account = account with { Settings = account.Settings with { Window = new SendingWindow("", [], 13 * 60, 14 * 60) } };
        Assert.Equal(Rules.Otherwise, Inboxes.Pace(account, Rules, Noon));
    }

    [Theory]
    [InlineData(AccountState.Disconnected)]
    [InlineData(AccountState.Restricted)]
    public void Rests_while_the_account_cannot_be_used_and_comes_soon_after_F48(AccountState condition)
    {
        var up = With(Begun);
        var down = Followed(up, up with { Condition = condition });
        Assert.Null(down.Inbox!.NextLook);

        var back = Inboxes.Follow(down, down with { Condition = AccountState.Ok }, Rules, 0.5, Noon.AddDays(1));
        Assert.Equal((Noon, Noon.AddDays(1) + Inboxes.Soon, Noon.AddDays(1)), (back.Inbox!.MessagesUntil, back.Inbox.NextLook, back.Inbox.NextRelations));
    }

    /// <summary>What a follow-up waits for: a look that heard every answer there was. The account's own messages that nobody can place yet are none.</summary>
    [Theory]
    [InlineData("nothing new", true, null, true)]
    [InlineData("more than a look", false, null, false)]
    [InlineData("an answer that could not be placed", true, false, false)]
    [InlineData("only something of its own is undecided", true, true, true)]
    public void Knows_when_every_answer_was_heard_last_F56(string what, bool complete, bool? heldIsOwn, bool heard)
    {
        _ = what;
        var read = new MessagesRead(Noon, Noon, complete, heldIsOwn is null ? null : Noon) { AllHeard = heldIsOwn != false };
        Assert.Equal(heard ? Noon.AddMinutes(30) : Noon, Inboxes.Read(With(Begun), Begun, read, Noon.AddMinutes(30)).ReadTime);
    }

    [Fact]
    public void Is_read_at_once_when_somebody_must_know_unless_the_provider_is_in_trouble()
    {
        var now = Noon.AddMinutes(1);
        Assert.Equal(now, Inboxes.WantLook(With(Begun), now)!.Inbox!.NextLook);
        Assert.Null(Inboxes.WantLook(With(Begun with { NextLook = now }), now));
        Assert.Null(Inboxes.WantLook(With(Begun with { Failures = 1 }), now));
        Assert.Null(Inboxes.WantLook(With(Begun with { NextLook = null }), now));
    }

    // Minutes after noon; -1 is none. What was read, whether nothing older was left, from when on something was left undone; how far it was applied, and what is left.
    [Theory]
    [InlineData("nothing new", -1, -1, true, -1, 0, -1)]
    [InlineData("all of it", 30, 5, true, -1, 30, -1)]
    [InlineData("something is undecided", 30, 5, true, 20, 20, -1)]
    [InlineData("what was undecided is older than what was applied", 30, -5, true, -5, 0, -1)]
    [InlineData("more than a look", 30, 10, false, -1, 0, 10)]
    [InlineData("more than a look, and undecided", 30, 10, false, 20, 0, -1)]
    public void Moves_on_only_as_far_as_everything_was_applied_F54(string what, int newest, int oldest, bool complete, int held, int until, int before)
    {
        _ = what;
        var after = Read(Begun, new(At(newest), At(oldest), complete, At(held)));

        // What is held is within what is read again: a moment before it.
        var moment = held > 0 && complete ? TimeSpan.FromMilliseconds(1) : TimeSpan.Zero;
        Assert.Equal(Noon.AddMinutes(until) - moment, after.MessagesUntil);
        Assert.Equal(before < 0 ? null : Noon.AddMinutes(before) + TimeSpan.FromMilliseconds(1), after.Backlog?.Before);
        Assert.True(Inboxes.MessagesFrom(after) < after.MessagesUntil);
    }

    [Fact]
    public void Reads_a_backlog_to_its_end_and_then_moves_on_to_what_was_newest_when_it_began()
    {
        var first = Read(Begun, new(At(60), At(40), false, null));
        var second = Read(first, new(At(40), At(20), false, null));
        Assert.Equal((Noon, new Backlog(Noon.AddMinutes(60), Noon.AddMinutes(20).AddMilliseconds(1))), (second.MessagesUntil, second.Backlog));

        // A look that met one moment only goes on behind it.
        var stuck = Read(second, new(At(20), At(20), false, null));
        Assert.Equal(Noon.AddMinutes(20), stuck.Backlog!.Before);

        var last = Read(stuck, new(At(15), At(5), true, null));
        Assert.Equal((Noon.AddMinutes(60), null), (last.MessagesUntil, last.Backlog));
    }

    /// <summary>F48: a provider that catches up after a lost session need not show the oldest first.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(119, 0)]
    [InlineData(120, 30)]
    public void Reads_all_of_it_again_while_the_provider_catches_up(int minutesSinceItIsBack, int until)
    {
        var account = Account() with { ConditionTime = Noon.AddHours(1) };
        var now = account.ConditionTime.AddMinutes(minutesSinceItIsBack);

        Assert.Equal(Noon.AddMinutes(until), Inboxes.Read(account, Begun, new(At(30), At(5), true, null), now).MessagesUntil);
    }

    [Fact]
    public void Comes_again_soon_for_a_backlog_and_ever_later_for_a_provider_in_trouble()
    {
        var account = With(Begun);
        Assert.Equal(Noon + Inboxes.Soon, Looked(account, Begun with { Backlog = new(Noon, Noon) }, true).Inbox!.NextLook);

        var waits = new List<TimeSpan>();
        for (var failure = 0; failure < 12; failure++)
        {
            account = Looked(account, account.Inbox!, false);
            waits.Add(account.Inbox!.NextLook!.Value - Noon);
        }

        Assert.Equal(waits.Order(), waits);
        Assert.Equal((TimeSpan.FromMinutes(1), Rules.Otherwise), (waits[0], waits[^1]));
        Assert.Equal(0, Looked(account, account.Inbox!, true).Inbox!.Failures);
    }

    [Fact]
    public void Counts_one_of_two_looks_at_once()
    {
        var account = With(Begun);
        var faster = Looked(account, Begun with { MessagesUntil = Noon.AddMinutes(5) }, true);

        Assert.Null(Inboxes.Looked(faster, Begun, Begun with { MessagesUntil = Noon.AddMinutes(1) }, true, Rules, 0.5, Noon));
    }

    [Fact]
    public void Keeps_a_wish_for_the_balance_that_came_while_it_looked()
    {
        var account = With(Begun);
        var wished = Inboxes.WantBalance(account, Noon)!;
        Assert.Equal(Noon, wished.Inbox!.NextLook);
        Assert.Null(Inboxes.WantBalance(wished, Noon));

        Assert.True(Looked(wished, Begun, true).Inbox!.BalanceWanted);
        Assert.False(Inboxes.Looked(wished, wished.Inbox, wished.Inbox with { BalanceWanted = false }, true, Rules, 0.5, Noon)!.Inbox!.BalanceWanted);
    }

    [Fact]
    public void Does_not_believe_a_clock_that_is_far_ahead()
    {
        Assert.Equal(Noon.AddMinutes(5), Inboxes.Newest([null, Noon, Noon.AddMinutes(5), Noon.AddMinutes(6)], Noon));
        Assert.Null(Inboxes.Newest([null, Noon.AddDays(1)], Noon));
    }

    /// <summary>F84: LinkedIn's limits are the account's, whoever writes.</summary>
    [Fact]
    public void Charges_a_send_by_hand_once_at_its_own_time()
    {
        var at = Noon.AddHours(-2);
        var charged = Permits.Observe(Account(), "hand_1", CappedAction.Inmail, at, Noon)!;

        Assert.Equal(at, Assert.Single(charged.Charges.Of(CappedAction.Inmail).Times));
        Assert.Equal(at, charged.LastSend);
        Assert.Null(Permits.Observe(charged, "hand_1", CappedAction.Inmail, at, Noon));
    }

    [Fact]
    public void Counts_a_late_charge_in_no_month_that_it_was_not_made_in_F84()
    {
        var june = new DateTimeOffset(2026, 6, 1, 1, 0, 0, TimeSpan.Zero);
        var charges = ActionCharges.None(CappedAction.OpenProfileInmail).Charge(june).Charge(june.AddHours(-2));

        Assert.Equal((1, 2), (charges.Count(CapWindow.Month, june), charges.Count(CapWindow.Day, june)));
    }

    private static Inbox Read(Inbox inbox, MessagesRead read) => Inboxes.Read(Account(), inbox, read, Noon);

    private static Account With(Inbox inbox) => Account() with { Inbox = inbox };

    private static Account Followed(Account? before, Account after) => Inboxes.Follow(before, after, Rules, 0.5, Noon);

    private static Account Looked(Account account, Inbox after, bool finished) =>
        Inboxes.Looked(account, account.Inbox! with { BalanceWanted = false }, after, finished, Rules, 0.5, Noon)!;

    private static DateTimeOffset? At(int minutes) => minutes == -1 ? null : Noon.AddMinutes(minutes);
}
