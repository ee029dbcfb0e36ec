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

    [Fact]
    public void A_commit_of_unknown_outcome_may_be_seen_before_its_caller_is_told()
    {
        Call[] calls = [Said(Asked.Place, "a", Placed(1, 3), 1, 9), Said(Asked.Place, "b", Placed(1, 2), 2, 5)];
        Assert.NotNull(Find(calls));
        Assert.Null(SerialOrder.Find("p", SerialPool.With(3), calls, unknownCommits: true));
        // Not before it was made, though.
        Assert.NotNull(SerialOrder.Find("p", SerialPool.With(3), [Said(Asked.Place, "a", Placed(1, 3), 6, 9), calls[1]], unknownCommits: true));
        // And nothing of it excuses an effect that nobody can have had.
        Assert.NotNull(SerialOrder.Find("p", SerialPool.With(3), [Said(Asked.Place, "a", Placed(1, 3), 1, 9), Said(Asked.Place, "b", Placed(0, 2), 2, 5)], unknownCommits: true));
    }
}
