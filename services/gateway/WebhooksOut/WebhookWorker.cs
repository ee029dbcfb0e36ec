using Microsoft.Extensions.Options;
using Pennypost.Gateway.Events;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway.WebhooksOut;

/// <summary>
/// Delivers to one webhook for a while: takes events from the timeline, posts of each subject the first at a time, keeps how far it came after each round of posts. Whoever dies in between has posted what the next one posts
/// again. One delivers at a time: who begins overtakes who did before, and that one then keeps nothing any more.
/// </summary>
internal sealed class WebhookWorker(
    Timelines timelines, WebhookBook book, WebhookSender sender, WebhookMeter meter, Jitter jitter, TimeProvider time, IOptions<WebhookOptions> options, ILogger<WebhookWorker> logger)
{
    private const int Page = 128;

    /// <summary>Pages that are passed over before it is kept how far it came, where a filter lets nothing through.</summary>
    private const int PagesAtOnce = 20;

    public async Task RunAsync(string tenant, string webhookId, CancellationToken ct)
    {
        var settings = options.Value;
        if (await book.BeginAsync(tenant, webhookId, settings.Lease, ct) is not { } turn) return;
        var (began, events) = (time.GetTimestamp(), new Dictionary<long, Types.V1.Event>());
        while (true)
        {
            var (taken, readAll) = await TakeAsync(tenant, turn, events, ct);
            var wave = taken.Wave(turn.Now, settings.AtOnce);
            var isOver = time.GetElapsedTime(began) > settings.Lease / 2;
            if (wave.Count == 0 || isOver)
            {
                // Others wait for their turn; what is left goes on at once, perhaps elsewhere.
                var goOn = isOver || (!readAll && taken.OpenUntil is null && taken.Room > 0);
                await book.KeepAsync(tenant, webhookId, taken, (delivery, now) => goOn ? now : delivery.NextDue(now), readAll && !goOn && taken.OpenUntil is null && taken.Room > 0 ? turn.Appended : null, ct);
                return;
            }

            var (at, secrets) = (time.GetTimestamp(), book.Signing(tenant, turn.Webhook, turn.Now));
            var url = new Uri(turn.Webhook.Url);
            // What is being posted is waited for and kept even while the host stops: else the next one posts it again.
            var outcomes = await Task.WhenAll(wave.Select(async open => (open.Number, Outcome: await PostAsync(tenant, url, secrets, open.Number, events, CancellationToken.None))));
            var now = turn.Now + time.GetElapsedTime(at);
            var after = outcomes.Aggregate(taken, (delivery, tried) => delivery.After(tried.Number, tried.Outcome, now, settings, jitter()));
            Say(tenant, turn.Webhook.WebhookId, taken, after);
            foreach (var (number, _) in outcomes) events.Remove(number);
            if (await book.KeepAsync(tenant, webhookId, after, (_, kept) => kept + settings.Lease, null, CancellationToken.None) is not { } next) return;
            turn = next;
            ct.ThrowIfCancellationRequested();
        }
    }

    private async Task<(Delivery Taken, bool ReadAll)> TakeAsync(string tenant, WebhookBook.Turn turn, Dictionary<long, Types.V1.Event> events, CancellationToken ct)
    {
        var (delivery, filters) = (turn.Delivery, DeliveryStorage.FiltersOf(turn.Webhook));
        // While the receiver fails there is nothing to take, but for one that tells whether it is back.
        if (delivery.OpenUntil is { } until && (until > turn.Now || delivery.Open.Any(open => open.Attempts == 0))) return (delivery, false);
        delivery = await TakeReplayAsync(tenant, delivery, filters, turn.Now, events, ct);
        for (var pages = 0; pages < PagesAtOnce && delivery.Room > 0; pages++)
        {
            switch (await timelines.ReadAsync(tenant, delivery.Cursor, Page, ct))
            {
                case TimelinePage.Lost lost:
                    logger.DeliveriesLost(tenant, turn.Webhook.WebhookId, lost.Start - delivery.Cursor);
                    // A timeline that was set back ends before it: from there on.
                    delivery = lost.Start > delivery.Cursor ? delivery.Skip(lost.Start) : delivery with { Cursor = await timelines.EndAsync(tenant, ct) };
                    continue;
                case TimelinePage.Read { Lines.Count: 0 }:
                    return (delivery, true);
                case TimelinePage.Read read:
                    foreach (var line in read.Lines)
                    {
                        if (delivery.Room == 0) break;
                        delivery = Take(delivery, line, filters, turn.Now, events) with { Cursor = line.Position.Number };
                    }
                    break;
            }
        }
        return (delivery, false);
    }

    private async Task<Delivery> TakeReplayAsync(string tenant, Delivery delivery, EventFilters filters, DateTimeOffset now, Dictionary<long, Types.V1.Event> events, CancellationToken ct)
    {
        // Half of the room at most: what happens now does not wait for what happened.
        for (var room = (delivery.Room + 1) / 2; room > 0 && delivery.Replay is { } replay; room--)
        {
            var (next, upTo) = (replay.Next, replay.Last);
            if (replay.OnlyFailed) next = delivery.Failed.Where(failed => failed.Number >= replay.Next && failed.Number <= replay.Last).Select(failed => failed.Number).DefaultIfEmpty(upTo + 1).Min();
            if (next > upTo)
            {
                delivery = delivery with { Replay = null };
                break;
            }
            if (await timelines.ReadAsync(tenant, next - 1, 1, ct) is TimelinePage.Read { Lines: [var line] }) delivery = Take(delivery, line, filters, now, events);
            else if (await timelines.StartAsync(tenant, ct) is var start && start >= next) next = start;
            delivery = delivery with { Replay = replay with { Next = next + 1 } };
        }
        return delivery;
    }

    private static Delivery Take(Delivery delivery, TimelineLine line, EventFilters filters, DateTimeOffset now, Dictionary<long, Types.V1.Event> events)
    {
        if (line.Event is not { } happened || !filters.Lets(happened)) return delivery;
        events[line.Position.Number] = happened;
        return delivery.Take(line.Position.Number, happened.Subject, now);
    }

    private async Task<Outcome> PostAsync(string tenant, Uri url, IReadOnlyList<Secret> secrets, long number, Dictionary<long, Types.V1.Event> events, CancellationToken ct)
    {
        Types.V1.Event? happened;
        lock (events) events.TryGetValue(number, out happened);
        happened ??= (await timelines.LineAsync(tenant, number, ct))?.Event;
        if (happened is null) return new Outcome.Failed(WebhookFailure.Trimmed);
        var began = time.GetTimestamp();
        var outcome = await sender.PostAsync(url, secrets, happened, ct);
        meter.Tried(outcome, time.GetElapsedTime(began));
        return outcome;
    }

    private void Say(string tenant, string webhookId, Delivery before, Delivery after)
    {
        if (before.OpenUntil is null && after.OpenUntil is { } until)
        {
            meter.Breaker("open");
            logger.BreakerOpened(tenant, webhookId, until);
        }
        if (before.OpenUntil is not null && after.OpenUntil is null)
        {
            meter.Breaker("close");
            logger.BreakerClosed(tenant, webhookId);
        }
        foreach (var failed in after.Failed.Except(before.Failed))
        {
            meter.GivenUp();
            logger.GivenUp(tenant, webhookId, failed.Number, failed.Failure, failed.Status);
        }
    }
}
