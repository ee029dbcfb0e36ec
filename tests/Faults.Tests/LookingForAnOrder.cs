using Pennypost.Types.V1;

namespace Faults.Tests;

/// <summary>X19: the search for a serial order finds what has one, and nothing else.</summary>
public sealed class LookingForAnOrder
{
    private long _clock;

    private static Told Placed(long available, long version) => new("placed Held", available, version);

    private static Told Read(long available, long held, long version) => new($"read {available} available, {held} held, 0 spent, 0 refunded, 0 topped up", null, version);

    private Call Said(Asked asked, string id, Told? told, long? begun = null, long? ended = null) =>
        new("p", asked, id, "load", told, begun ?? ++_clock, told is null ? long.MaxValue : ended ?? ++_clock);

    private static string? Find(params Call[] calls) => SerialOrder.Find("p", SerialPool.With(3), calls);

    [Fact]
    public void Whoever_came_one_after_the_other_was_told_in_that_order() =>
        Assert.Null(Find(Said(Asked.Place, "a", Placed(2, 2)), Said(Asked.Place, "b", Placed(1, 3)), Said(Asked.Release, "a", new("released Released", null, 4)), Said(Asked.Read, "", Read(2, 1, 4))));

    [Fact]
    public void Of_two_at_once_either_may_have_been_first() =>
        Assert.Null(Find(Said(Asked.Place, "a", Placed(1, 2), 1, 9), Said(Asked.Place, "b", Placed(2, 2), 2, 8)));

    [Fact]
    public void A_balance_that_never_was_is_found() =>
        Assert.NotNull(Find(Said(Asked.Place, "a", Placed(2, 2)), Said(Asked.Place, "b", Placed(2, 3))));

    [Fact]
    public void The_same_credit_told_to_two_at_once_is_found() =>
        Assert.NotNull(Find(Said(Asked.Place, "a", Placed(2, 2), 1, 9), Said(Asked.Place, "b", Placed(2, 2), 2, 8)));

    [Fact]
    public void An_answer_of_a_past_that_others_had_left_is_found() =>
        Assert.NotNull(Find(Said(Asked.Place, "a", Placed(2, 2)), Said(Asked.Read, "", Read(3, 0, 1))));

    [Fact]
    public void A_version_that_falls_is_found() =>
        Assert.NotNull(Find(Said(Asked.Place, "a", Placed(2, 3)), Said(Asked.Place, "b", Placed(1, 2))));

    [Fact]
    public void An_acknowledged_hold_that_nobody_saw_again_is_found() =>
        Assert.NotNull(Find(Said(Asked.Place, "a", Placed(2, 2)), Said(Asked.Read, "", Read(3, 0, 3))));

    [Fact]
    public void A_refusal_while_there_were_credits_is_found() =>
        Assert.NotNull(Find(Said(Asked.Place, "a", new("INSUFFICIENT_CREDITS available=0 held=0", null, 0)), Said(Asked.Read, "", Read(3, 0, 1))));

    [Fact]
    public void A_refused_id_that_succeeds_later_is_found() =>
        Assert.NotNull(Find(
            Said(Asked.Place, "a", Placed(2, 2)), Said(Asked.Place, "b", Placed(1, 3)), Said(Asked.Place, "c", Placed(0, 4)),
            Said(Asked.Place, "d", new("CREDITS_HELD available=0 held=3", null, 0)), Said(Asked.Release, "a", new("released Released", null, 6)), Said(Asked.Place, "d", Placed(0, 7))));

    [Fact]
    public void A_capture_and_a_release_of_one_hold_that_both_succeed_are_found() =>
        Assert.NotNull(Find(Said(Asked.Place, "a", Placed(2, 2)), Said(Asked.Capture, "a", new("captured Captured", null, 3), 5, 9), Said(Asked.Release, "a", new("released Released", null, 3), 6, 8), Said(Asked.Read, "", Read(3, 0, 3), 10, 11)));

    [Fact]
    public void A_call_without_an_answer_may_have_had_its_effect_at_any_later_time_or_never()
    {
        Assert.Null(Find(Said(Asked.Place, "a", null), Said(Asked.Read, "", Read(3, 0, 1)), Said(Asked.Read, "", Read(2, 1, 2))));
        Assert.Null(Find(Said(Asked.Place, "a", null), Said(Asked.Read, "", Read(3, 0, 1))));
        // But not before it was made, and not twice.
        Assert.NotNull(Find(Said(Asked.Read, "", Read(2, 1, 2)), Said(Asked.Place, "a", null)));
        Assert.NotNull(Find(Said(Asked.Place, "a", null), Said(Asked.Place, "a", null), Said(Asked.Read, "", Read(1, 2, 3))));
    }
}

/// <summary>X1-X3: a journal that orders its calls is taken, and no other.</summary>
public sealed class HoldingAJournalAgainstItsCalls
{
    private long _clock;

    private static Told Placed(long available, long version) => new("placed Held", available, version);

    private static Told Captured(long version) => new("captured Captured", null, version);

    private static Told Read(long available, long held, long spent, long version) => new($"read {available} available, {held} held, {spent} spent, 0 refunded, 0 topped up", null, version);

    private Call Said(Asked asked, string id, Told? told, long? begun = null, long? ended = null) =>
        new("p", asked, id, "load", told, begun ?? ++_clock, told is null ? long.MaxValue : ended ?? ++_clock);

    private static string? Find(string journal, params Call[] calls) => JournalOrder.Find("p", SerialPool.With(3), calls, journal.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(entry => new Entry
    {
        Kind = entry[0] switch { '+' => EntryKind.Held, '!' => EntryKind.Captured, '-' => EntryKind.Released, '~' => EntryKind.Refunded, _ => throw new ArgumentException(entry) },
        HoldId = entry[1..],
    }));

    [Fact]
    public void An_order_that_explains_every_answer_is_taken() =>
        Assert.Null(Find("+a !a +b -b", Said(Asked.Place, "a", Placed(2, 2)), Said(Asked.Capture, "a", Captured(3)), Said(Asked.Place, "b", Placed(1, 4)), Said(Asked.Release, "b", new("released Released", null, 5)), Said(Asked.Read, "", Read(2, 0, 1, 5))));

    [Fact]
    public void A_commit_of_unknown_outcome_may_be_seen_before_its_caller_is_told() =>
        Assert.Null(Find("+a +b", Said(Asked.Place, "a", Placed(1, 3), 1, 9), Said(Asked.Place, "b", Placed(1, 2), 2, 5)));

    [Fact]
    public void What_a_service_finds_done_after_an_unknown_outcome_is_told_again_right_behind_it() =>
        Assert.Null(Find("+a !a ~a +b", Said(Asked.Place, "a", Placed(2, 2)), Said(Asked.Capture, "a", Captured(3)), Said(Asked.Refund, "a", new("AlreadyRefunded", 3, 4)), Said(Asked.Place, "b", Placed(2, 5))));

    [Fact]
    public void A_call_without_an_answer_may_have_had_its_effect_or_not()
    {
        Assert.Null(Find("+a", Said(Asked.Place, "a", null), Said(Asked.Read, "", Read(3, 0, 0, 1)), Said(Asked.Read, "", Read(2, 1, 0, 2))));
        Assert.Null(Find("", Said(Asked.Place, "a", null), Said(Asked.Read, "", Read(3, 0, 0, 1))));
    }

    [Fact]
    public void What_is_told_again_is_told_of_what_there_is_then() =>
        Assert.Null(Find("+a +b -b", Said(Asked.Place, "a", null), Said(Asked.Place, "b", Placed(1, 3)), Said(Asked.Place, "a", Placed(1, 3)), Said(Asked.Release, "b", new("released Released", null, 4)), Said(Asked.Place, "a", Placed(2, 4))));

    [Theory]
    [InlineData("", "told of an effect that is not there")]
    [InlineData("+b +a", "told of the other order")]
    [InlineData("+a +b -b", "told of what nobody asked for")]
    [InlineData("+a +a +b", "happened twice")]
    public void A_journal_that_says_otherwise_is_found(string journal, string why) =>
        Assert.True(Find(journal, Said(Asked.Place, "a", Placed(2, 2)), Said(Asked.Place, "b", Placed(1, 3))) is not null, why);

    [Fact]
    public void An_effect_before_it_was_asked_for_is_found() =>
        Assert.NotNull(Find("+a", Said(Asked.Read, "", Read(2, 1, 0, 2)), Said(Asked.Place, "a", Placed(2, 2))));

    [Fact]
    public void An_answer_of_a_past_that_others_had_left_is_found() =>
        Assert.NotNull(Find("+a", Said(Asked.Place, "a", Placed(2, 2)), Said(Asked.Read, "", Read(3, 0, 0, 3))));

    [Fact]
    public void A_balance_that_never_was_is_found() =>
        Assert.NotNull(Find("+a", Said(Asked.Place, "a", Placed(2, 2)), Said(Asked.Read, "", Read(1, 1, 1, 3))));

    [Fact]
    public void A_version_that_falls_from_one_caller_to_the_next_is_found() =>
        Assert.NotNull(Find("+a +b", Said(Asked.Place, "a", Placed(2, 3)), Said(Asked.Place, "b", Placed(1, 2))));

    [Fact]
    public void A_version_told_out_of_order_by_callers_at_once_is_found() =>
        Assert.NotNull(Find("+a +b", Said(Asked.Place, "a", Placed(2, 3), 1, 9), Said(Asked.Place, "b", Placed(1, 2), 2, 8)));
}
