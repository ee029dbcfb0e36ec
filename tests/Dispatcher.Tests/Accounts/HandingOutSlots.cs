using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Dispatcher.Tests.Accounts;

/// <summary>F37, F46: a message that must wait is given a time of its own.</summary>
public sealed class HandingOutSlots
{
    private static readonly DateTimeOffset Now = Given.Noon;

    /// <summary>200 ready messages of one account: each is refused once at most and then sent, never closer than the spacing, high priority first.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Brings_200_messages_back_once_each(int lateSeconds)
    {
        var account = Given.Account(TimeSpan.FromSeconds(10), new Cap(CappedAction.OpenProfileInmail, CapWindow.Month, 500));
        var due = new PriorityQueue<string, DateTimeOffset>(Enumerable.Range(0, 200).Select(n => ($"m{n}", Now)));
        var (asks, sends) = (new Dictionary<string, int>(), new List<DateTimeOffset>());
        var clock = Now;
        while (due.TryDequeue(out var message, out var at))
        {
            clock = at > clock ? at : clock;
            // Everybody comes a little late, as work does.
            var now = clock == Now ? clock : clock.AddSeconds(lateSeconds * (message.GetHashCode(StringComparison.Ordinal) & 1));
            asks[message] = asks.GetValueOrDefault(message) + 1;
            var decision = account.Decide(Given.Ask(Channel.OpenProfileInmail, now, message));
            account = decision.Account;
            if (decision.Answer is PermitAnswer.Granted granted)
            {
                sends.Add(now);
                account = Permits.Settle(account, granted.Permit, SendResult.Sent, now, now).Account;
            }
            else
            {
                due.Enqueue(message, decision.Refused().WaitUntil!.Value);
            }
        }

        sends.Sort();
        Assert.Equal(200, sends.Count);
        Assert.All(sends.Zip(sends.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(10)));
        Assert.All(asks.Values, count => Assert.InRange(count, 1, 2));
        Assert.InRange(sends[^1] - Now, TimeSpan.FromSeconds(1_990), TimeSpan.FromSeconds(2_600));
    }

    /// <summary>Flaw of the seeds: everybody at 00:00 on the 1st.</summary>
    [Fact]
    public void Spreads_what_waits_for_the_window_to_open()
    {
        var night = new DateTimeOffset(2026, 5, 12, 2, 0, 0, TimeSpan.Zero);
        var account = Given.Account(TimeSpan.FromSeconds(10));
        account = account with { Settings = account.Settings with { Window = new SendingWindow("", [], 9 * 60, 17 * 60) } };
        var slots = new List<DateTimeOffset>();
        for (var n = 0; n < 50; n++)
        {
            var decision = account.Decide(Given.Ask(Channel.DirectMessage, night, $"m{n}"));
            account = decision.Account;
            slots.Add(decision.Refused().WaitUntil!.Value);
        }

        Assert.Equal(new DateTimeOffset(2026, 5, 12, 9, 0, 0, TimeSpan.Zero), slots[0]);
        Assert.Equal(50, slots.Distinct().Count());
        Assert.All(slots.Zip(slots.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Spreads_what_waits_for_a_cap_over_the_times_at_which_units_come_free()
    {
        var account = Given.Account(default, new Cap(CappedAction.Message, CapWindow.Day, 3));
        for (var n = 0; n < 3; n++)
            account = account.Send(Channel.DirectMessage, Now.AddHours(n), $"sent{n}");
        var waits = new List<DateTimeOffset>();
        for (var n = 0; n < 6; n++)
        {
            var decision = account.Decide(Given.Ask(Channel.DirectMessage, Now.AddHours(4), $"m{n}"));
            account = decision.Account;
            waits.Add(decision.Refused().WaitUntil!.Value);
        }

        var day = ActionCharges.Length(CapWindow.Day);
        Assert.Equal([Now + day, Now.AddHours(1) + day, Now.AddHours(2) + day, Now + (2 * day), Now.AddHours(1) + (2 * day), Now.AddHours(2) + (2 * day)], waits);
    }

    [Fact]
    public void Gives_a_high_priority_the_time_of_a_low_one()
    {
        var account = Given.Account(TimeSpan.FromSeconds(10)) with { LastSend = Now };
        var low = account.Decide(Given.Ask(Channel.DirectMessage, Now, "low", priority: Priority.Low));
        var high = low.Account.Decide(Given.Ask(Channel.DirectMessage, Now, "high", priority: Priority.High));
        Assert.Equal(low.Refused().WaitUntil, high.Refused().WaitUntil);
        var again = high.Account.Decide(Given.Ask(Channel.DirectMessage, low.Refused().WaitUntil!.Value, "low", priority: Priority.Low));
        Assert.Equal(Reason.Spacing, again.Refused().Reason);
        Assert.True(again.Refused().WaitUntil > high.Refused().WaitUntil);
    }

    [Fact]
    public void Does_not_let_a_newcomer_take_a_promised_time()
    {
        var account = Given.Account(TimeSpan.FromSeconds(10)) with { LastSend = Now };
        var waits = account.Decide(Given.Ask(Channel.DirectMessage, Now, "first"));
        var at = waits.Refused().WaitUntil!.Value;
        Assert.Equal(Reason.Spacing, waits.Account.Decide(Given.Ask(Channel.DirectMessage, at, "newcomer")).Refused().Reason);
        Assert.IsType<PermitAnswer.Granted>(waits.Account.Decide(Given.Ask(Channel.DirectMessage, at, "first")).Answer);
    }

    [Fact]
    public void Gives_the_time_of_a_message_that_does_not_come_to_others()
    {
        var account = Given.Account(TimeSpan.FromSeconds(10)) with { LastSend = Now };
        var waits = account.Decide(Given.Ask(Channel.DirectMessage, Now, "cancelled"));
        var later = waits.Refused().WaitUntil!.Value + Slots.Grace + TimeSpan.FromSeconds(1);
        var other = waits.Account.Decide(Given.Ask(Channel.DirectMessage, later, "other"));
        Assert.IsType<PermitAnswer.Granted>(other.Answer);
        Assert.Empty(other.Account.Slots);
    }

    [Fact]
    public void Keeps_no_more_than_its_limit()
    {
        var account = Given.Account(TimeSpan.FromSeconds(1)) with { LastSend = Now };
        for (var n = 0; n < Slots.Limit + 20; n++)
            account = account.Decide(Given.Ask(Channel.DirectMessage, Now, $"m{n}")).Account;
        Assert.Equal(Slots.Limit, account.Slots.Length);
    }
}
