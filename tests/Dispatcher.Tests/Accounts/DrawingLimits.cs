using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Dispatcher.Tests.Accounts;

/// <summary>F44, F46: a machine stops at the same number every day and writes every ten seconds; a person does not.</summary>
public sealed class DrawingLimits
{
    private static readonly DateTimeOffset Now = Given.Noon;

    [Fact]
    public void F44_Draws_each_days_limit_a_little_below_and_never_above()
    {
        var account = With(new SafetySettings { CapJitterPercent = 20 });
        var limits = Enumerable.Range(0, 300).Select(day => Limit(account, Now.AddDays(day), CappedAction.Invitation, CapWindow.Day)).ToList();
        Assert.All(limits, limit => Assert.InRange(limit, 64, 80));
        Assert.Equal(17, limits.Distinct().Count());
        Assert.InRange(limits.Average(), 70.5, 73.5);
    }

    [Theory]
    [InlineData(CapWindow.Day, 0, 23)]
    [InlineData(CapWindow.Week, 2, 6)]
    [InlineData(CapWindow.Month, 0, 30)]
    public void F44_Does_not_move_a_limit_while_it_is_used_up(CapWindow window, int fromDay, int spanDays)
    {
        var account = With(new SafetySettings { CapJitterPercent = 20 }, new Cap(CappedAction.Message, CapWindow.Day, 150), new Cap(CappedAction.Message, CapWindow.Month, 700));
        var first = new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);
        // Weeks are counted from a Thursday, the first of 1970: the 7th of May is one.
        var from = window == CapWindow.Week ? first.AddDays(6) : first.AddDays(fromDay);
        var until = window == CapWindow.Day ? from.AddHours(spanDays) : from.AddDays(spanDays);
        Assert.Equal(Limit(account, from, CappedAction.Message, window), Limit(account, until, CappedAction.Message, window));
        Assert.Contains(Enumerable.Range(1, 20), period => Limit(account, from.AddDays(31 * period), CappedAction.Message, window) != Limit(account, from, CappedAction.Message, window));
    }

    [Fact]
    public void F44_Draws_for_each_account_and_cap_by_itself_and_the_same_at_every_look()
    {
        var safety = new SafetySettings { CapJitterPercent = 20 };
        var (ann, ben) = (With(safety), With(safety) with { Id = "ben" });
        string Course(Account account, CappedAction action) => string.Join(' ', Enumerable.Range(0, 30).Select(day => Limit(account, Now.AddDays(day), action, CapWindow.Day)));
        Assert.Equal(Course(ann, CappedAction.Profile), Course(With(safety), CappedAction.Profile));
        Assert.NotEqual(Course(ann, CappedAction.Profile), Course(ben, CappedAction.Profile));
        Assert.NotEqual(Course(ann, CappedAction.Profile), Course(ann, CappedAction.Invitation));
    }

    /// <summary>A small limit has nothing to spare, and a draw must not switch an action off.</summary>
    [Theory]
    [InlineData(1, 20, 1)]
    [InlineData(4, 20, 4)]
    [InlineData(5, 20, 4)]
    [InlineData(0, 20, 0)]
    [InlineData(1_000, 0, 1_000)]
    public void F44_Leaves_a_small_limit_alone(int limit, int percent, int least)
    {
        var account = With(new SafetySettings { CapJitterPercent = percent }, new Cap(CappedAction.Inmail, CapWindow.Day, limit));
        Assert.All(Enumerable.Range(0, 100), day => Assert.InRange(Limit(account, Now.AddDays(day), CappedAction.Inmail, CapWindow.Day), Math.Min(least, 30), Math.Min(limit, 30)));
    }

    [Fact]
    public void F44_Is_kept_by_the_gate()
    {
        var account = With(new SafetySettings { CapJitterPercent = 20 }, new Cap(CappedAction.Message, CapWindow.Day, 10));
        var day = Enumerable.Range(0, 100).Select(days => Now.AddDays(days)).First(time => Limit(account, time, CappedAction.Message, CapWindow.Day) == 8);
        for (var n = 0; n < 8; n++)
            account = account.Send(Channel.DirectMessage, day.AddMinutes(n), $"m{n}");
        Assert.Equal(Reason.DailyCap, account.Decide(Given.Ask(Channel.DirectMessage, day.AddMinutes(9), "over")).Refused().Reason);
    }

    [Fact]
    public void F46_Draws_the_rest_after_each_send_from_the_spacing_upwards()
    {
        var account = With(new SafetySettings { SpacingSpreadPercent = 100 }, TimeSpan.FromSeconds(10));
        var rests = Enumerable.Range(0, 500).Select(n => Pace.After(account, Slots.OwnerOf($"m{n}")).TotalSeconds).ToList();
        Assert.All(rests, rest => Assert.InRange(rest, 10, 20));
        Assert.True(rests.Distinct().Count() > 490);
        Assert.InRange(rests.Average(), 14, 16);
        Assert.Equal(rests[7], Pace.After(account, Slots.OwnerOf("m7")).TotalSeconds);
    }

    [Fact]
    public void F46_Lets_nobody_through_before_the_rest_that_was_drawn()
    {
        var account = With(new SafetySettings { SpacingSpreadPercent = 100 }, TimeSpan.FromSeconds(10)).Send(Channel.DirectMessage, Now, "first");
        var rest = Pace.After(account, Slots.OwnerOf("first"));
        Assert.Equal(Reason.Spacing, account.Decide(Given.Ask(Channel.DirectMessage, Now + rest - TimeSpan.FromMilliseconds(1), "second")).Refused().Reason);
        Assert.IsType<PermitAnswer.Granted>(account.Decide(Given.Ask(Channel.DirectMessage, Now + rest + TimeSpan.FromMilliseconds(1), "second")).Answer);
    }

    /// <summary>F37: drawn rests do not bring anybody back twice, and no two rests are alike.</summary>
    [Fact]
    public void F46_Hands_out_times_that_fit_the_drawn_rests()
    {
        var account = With(new SafetySettings { SpacingSpreadPercent = 100 }, TimeSpan.FromSeconds(10));
        var due = new PriorityQueue<string, DateTimeOffset>(Enumerable.Range(0, 100).Select(n => ($"m{n}", Now)));
        var (asks, sends) = (new Dictionary<string, int>(), new List<(string Message, DateTimeOffset At)>());
        while (due.TryDequeue(out var message, out var at))
        {
            asks[message] = asks.GetValueOrDefault(message) + 1;
            var decision = account.Decide(Given.Ask(Channel.DirectMessage, at, message));
            account = decision.Account;
            if (decision.Answer is PermitAnswer.Granted granted)
            {
                sends.Add((message, at));
                account = Permits.Settle(account, granted.Permit, SendResult.Sent, at, at).Account;
            }
            else
            {
                due.Enqueue(message, decision.Refused().WaitUntil!.Value);
            }
        }

        Assert.Equal(100, sends.Count);
        Assert.All(asks.Values, count => Assert.InRange(count, 1, 2));
        Assert.All(sends.Zip(sends.Skip(1)), pair => Assert.True(pair.Second.At - pair.First.At >= Pace.After(account, Slots.OwnerOf(pair.First.Message))));
        Assert.True(sends.Zip(sends.Skip(1)).Select(pair => pair.Second.At - pair.First.At).Distinct().Count() > 90);
    }

    private static Account With(SafetySettings safety, params Cap[] caps) => With(safety, default, caps);

    private static Account With(SafetySettings safety, TimeSpan spacing, params Cap[] caps)
    {
        var account = Given.Account(spacing, caps);
        return account with { Settings = account.Settings with { Safety = safety } };
    }

    private static int Limit(Account account, DateTimeOffset now, CappedAction action, CapWindow window) =>
        Caps.InForce(account, now).Single(cap => (cap.Action, cap.Window) == (action, window)).Limit;
}
