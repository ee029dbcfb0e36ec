using FsCheck;
using FsCheck.Fluent;
using Pennypost.Gateway.V1;
using Pennypost.Gateway.WebhooksOut;
using Outcome = Pennypost.Gateway.WebhooksOut.Outcome;

namespace Pennypost.Gateway.Tests;

/// <summary>F70: what is tried when, what a failure holds back, and when an event is given up.</summary>
public sealed class DeliveringByTheRules
{
    private static readonly WebhookOptions Options = new();
    private static readonly DateTimeOffset T = new(2026, 11, 27, 9, 0, 0, TimeSpan.Zero);
    private static readonly Outcome Refused = new Outcome.Failed(WebhookFailure.Status, 400);

    [Fact]
    public void Of_each_subject_the_first_is_tried_and_the_others_wait_behind_it_F70()
    {
        var delivery = Taken("a", "b", "a", "c", "b");

        Assert.Equal([1, 2, 4], delivery.Wave(T, 16).Select(open => open.Number));
        Assert.Equal([1, 2], delivery.Wave(T, 2).Select(open => open.Number));
        Assert.Equal([2, 3, 4], delivery.After(1, new Outcome.Delivered(), T, Options, 0.5).Wave(T, 16).Select(open => open.Number).Order());
    }

    [Fact]
    public void A_failing_event_holds_back_its_own_subject_only_F70()
    {
        var delivery = Taken("a", "b", "a").After(1, Refused, T, Options, 1);

        Assert.Equal([2], delivery.Wave(T, 16).Select(open => open.Number));
        Assert.Equal(T + Options.FirstPause, delivery.After(2, new Outcome.Delivered(), T, Options, 1).NextDue(T));
        Assert.Equal([1, 2], delivery.Wave(T + Options.FirstPause, 16).Select(open => open.Number));
    }

    /// <summary>The documented schedule: what each pause is at most, of which chance takes a part.</summary>
    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 40)]
    [InlineData(3, 160)]
    [InlineData(4, 640)]
    [InlineData(5, 2_560)]
    [InlineData(6, 10_240)]
    [InlineData(7, 14_400)]
    [InlineData(30, 14_400)]
    public void Pauses_grow_to_hours_and_chance_spreads_them_F70(int attempt, int seconds)
    {
        foreach (var chance in (double[])[0, 0.25, 1])
        {
            var delivery = Taken("a");
            for (var n = 1; n < attempt; n++) delivery = delivery.After(1, Refused, T, Options, chance);
            Assert.Equal(TimeSpan.FromSeconds(seconds) * chance, delivery.After(1, Refused, T, Options, chance).NextDue(T) - T);
        }
    }

    [Fact]
    public void A_receiver_that_asks_to_be_left_alone_is_for_an_hour_at_most_F70()
    {
        Assert.Equal(T.AddMinutes(5), Taken("a").After(1, new Outcome.Failed(WebhookFailure.Status, 429, TimeSpan.FromMinutes(5)), T, Options, 0.1).NextDue(T));
        Assert.Equal(T.AddHours(1), Taken("a").After(1, new Outcome.Failed(WebhookFailure.Status, 503, TimeSpan.FromDays(5)), T, Options, 0.1).NextDue(T));
    }

    [Fact]
    public void After_a_day_of_tries_an_event_is_given_up_and_the_next_of_its_subject_goes_on_F70()
    {
        var delivery = Taken("a", "a").After(1, Refused, T, Options, 1);
        Assert.Empty(delivery.After(1, Refused, T.AddHours(23.9), Options, 1).Failed);

        delivery = delivery.After(1, new Outcome.Failed(WebhookFailure.Timeout), T.AddHours(24), Options, 1);

        Assert.Equal([new FailedEvent(1, WebhookFailure.Timeout, 0, T.AddHours(24))], delivery.Failed);
        Assert.Equal([2], delivery.Wave(T.AddHours(24), 16).Select(open => open.Number));
    }

    [Fact]
    public void Five_different_events_that_fail_in_a_row_open_the_breaker_and_one_that_fails_alone_does_not_F70()
    {
        var alone = Taken("a");
        for (var n = 0; n < 20; n++) alone = alone.After(1, Refused, T.AddSeconds(n), Options, 0);
        Assert.Null(alone.OpenUntil);

        var delivery = Taken("a", "b", "c", "d", "e", "f");
        for (var n = 1; n <= 4; n++) delivery = delivery.After(n, Refused, T, Options, 1);
        Assert.Null(delivery.OpenUntil);
        Assert.Null(delivery.After(6, new Outcome.Delivered(), T.AddSeconds(1), Options, 1).After(5, Refused, T.AddSeconds(2), Options, 1).OpenUntil);
        delivery = delivery.After(5, Refused, T, Options, 1).After(6, Refused, T, Options, 1);

        Assert.Equal((T.AddSeconds(30), 1), (delivery.OpenUntil, delivery.Openings));
        Assert.Empty(delivery.Wave(T.AddSeconds(29), 16));
        Assert.Single(delivery.Wave(T.AddSeconds(30), 16));
        Assert.Equal(T.AddSeconds(30), delivery.NextDue(T));
    }

    [Fact]
    public void While_the_receiver_fails_pauses_double_and_nothing_is_given_up_F70()
    {
        var delivery = Failing();
        for (var (n, pause) = (1, 60); n < 8; n++, pause = Math.Min(1_800, 2 * pause))
        {
            var probe = Assert.Single(delivery.Wave(delivery.OpenUntil!.Value, 16));
            var at = delivery.OpenUntil.Value;
            delivery = delivery.After(probe.Number, Refused, at, Options, 1);
            Assert.Equal(at.AddSeconds(pause), delivery.OpenUntil);
        }

        delivery = delivery.After(1, Refused, T.AddDays(3), Options, 1);
        Assert.Empty(delivery.Failed);
    }

    [Fact]
    public void One_that_was_never_tried_tells_whether_the_receiver_is_back_and_then_all_are_due_F70()
    {
        var delivery = Failing().Take(9, "z", T);
        var probe = Assert.Single(delivery.Wave(T.AddHours(1), 16));
        var back = delivery.After(probe.Number, new Outcome.Delivered(), T.AddHours(1), Options, 1);

        Assert.Equal(9, probe.Number);
        Assert.Equal((null, 0), (back.OpenUntil, back.Openings));
        Assert.Equal(5, back.Wave(T.AddHours(1), 16).Count);
    }

    [Fact]
    public void What_is_no_longer_kept_is_given_up_and_what_was_given_up_is_forgotten_once_it_is_delivered_F70()
    {
        var delivery = Taken("a").After(1, new Outcome.Failed(WebhookFailure.Trimmed), T, Options, 1);
        Assert.Equal(WebhookFailure.Trimmed, Assert.Single(delivery.Failed).Failure);

        Assert.Empty(delivery.Take(1, "a", T).After(1, new Outcome.Delivered(), T, Options, 1).Failed);
    }

    [Fact]
    public void There_is_room_for_so_many_and_what_was_given_up_is_remembered_up_to_a_limit_F70()
    {
        var delivery = Delivery.From(0);
        for (var n = 1; delivery.Room > 0; n++) delivery = delivery.Take(n, $"s{n}", T);
        Assert.Equal(Delivery.MaxAhead, delivery.Open.Count);

        delivery = Delivery.From(0);
        for (var n = 1; delivery.Room > 0; n++) delivery = delivery.Take(n, "one", T);
        Assert.Equal(Delivery.MaxOpen, delivery.Open.Count);

        delivery = Delivery.From(0);
        for (var n = 1; n <= Delivery.MaxFailed + 10; n++) delivery = delivery.Take(n, "a", T).After(n, new Outcome.Failed(WebhookFailure.Trimmed), T, Options, 1);
        Assert.Equal((Delivery.MaxFailed, 11), (delivery.Failed.Count, delivery.Failed[0].Number));
    }

    [Fact]
    public void What_is_stored_is_read_back_as_it_was_F70()
    {
        var delivery = Failing().After(1, new Outcome.Failed(WebhookFailure.Trimmed), T, Options, 1) with { Epoch = 7, Cursor = 99, Replay = new(3, 9, true), Lost = 4, LastSuccess = T };

        var read = DeliveryStorage.Read(DeliveryStorage.Write(delivery));

        Assert.Equal(delivery.Open, read.Open);
        Assert.Equal(delivery.Failed, read.Failed);
        Assert.Equal(delivery with { Open = [], Failed = [] }, read with { Open = [], Failed = [] });
    }

    /// <summary>A receiver that fails as chance has it, and a deliverer that dies between posting and keeping.</summary>
    [Fact]
    public void However_receiver_and_deliverer_fail_every_event_arrives_and_those_of_a_subject_in_order_F70() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        const int Events = 60;
        string SubjectOf(long number) => $"s{number * 7 % 5}";
        var (arrived, delivery, now) = (new List<long>(), Delivery.From(0), T);
        for (var step = 0; step < 20_000 && arrived.Distinct().Count() < Events; step++)
        {
            var kept = delivery;
            while (delivery.Room > 0 && delivery.Cursor < Events && delivery.OpenUntil is null)
                delivery = delivery.Take(delivery.Cursor + 1, SubjectOf(delivery.Cursor + 1), now) with { Cursor = delivery.Cursor + 1 };
            var wave = delivery.Wave(now, 4);
            if (wave.Count == 0)
            {
                now = delivery.NextDue(now) is { } due && due > now ? due : now.AddSeconds(1);
                continue;
            }
            var isDown = step / 40 % 2 == 1;
            foreach (var open in wave)
            {
                var delivered = !isDown && random.Next(4) > 0;
                // A failure may be one whose answer was lost.
                if (delivered || random.Next(8) == 0) arrived.Add(open.Number);
                delivery = delivery.After(open.Number, delivered ? new Outcome.Delivered() : new Outcome.Failed(WebhookFailure.Timeout), now, Options, random.NextDouble());
            }
            now = now.AddMilliseconds(10);
            if (random.Next(10) == 0) delivery = kept;
        }
        // Nobody may be out of order, but what was given up has no order any more.
        var inOrder = arrived.Distinct().GroupBy(SubjectOf).All(subject => subject.SequenceEqual(subject.Order()));
        return (arrived.Distinct().Count() + delivery.Failed.Count >= Events && (inOrder || delivery.Failed.Count > 0)).Label($"{arrived.Distinct().Count()} arrived, {delivery.Failed.Count} given up");
    }));

    private static Delivery Taken(params string[] subjects)
    {
        var delivery = Delivery.From(0);
        for (var n = 0; n < subjects.Length; n++) delivery = delivery.Take(n + 1, subjects[n], T);
        return delivery;
    }

    private static Delivery Failing()
    {
        var delivery = Taken("a", "b", "c", "d", "e");
        for (var n = 1; n <= 5; n++) delivery = delivery.After(n, Refused, T, Options, 1);
        return delivery;
    }
}
