using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Gateway.Events;
using Pennypost.Gateway.Stored;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.WebhooksOut;

/// <summary>Deliveries and webhooks between what is stored, what is decided on, and what is shown. Pure.</summary>
internal static class DeliveryStorage
{
    public static Delivery Read(byte[] bytes)
    {
        var stored = StoredDelivery.Parser.ParseFrom(bytes);
        return new Delivery
        {
            Epoch = stored.Epoch,
            Cursor = stored.Cursor,
            Open = [.. stored.Open.Select(open => new OpenEvent(open.Number, open.Subject, open.Attempts, Time(open.FirstUnixMs), Time(open.LastUnixMs), DateTimeOffset.FromUnixTimeMilliseconds(open.NextUnixMs)))],
            Failed = [.. stored.Failed.Select(failed => new FailedEvent(failed.Number, (WebhookFailure)failed.Failure, failed.Status, DateTimeOffset.FromUnixTimeMilliseconds(failed.FailUnixMs)))],
            LastSuccess = Time(stored.SuccessUnixMs),
            Openings = stored.Openings,
            OpenUntil = Time(stored.OpenUntilUnixMs),
            Replay = stored.Replay is { } replay ? Read(replay) : null,
            DeliveredCount = stored.Delivered,
            Lost = stored.Lost,
        };
    }

    public static Replay Read(StoredReplay stored) => new(stored.NextNumber, stored.LastNumber, stored.OnlyFailed);

    public static StoredReplay Stored(Replay replay) => new() { NextNumber = replay.Next, LastNumber = replay.Last, OnlyFailed = replay.OnlyFailed };

    public static byte[] Write(Delivery delivery) => new StoredDelivery
    {
        Epoch = delivery.Epoch,
        Cursor = delivery.Cursor,
        Open = { delivery.Open.Select(open => new StoredOpenEvent { Number = open.Number, Subject = open.Subject, Attempts = open.Attempts, FirstUnixMs = Ms(open.FirstAttempt), LastUnixMs = Ms(open.LastAttempt), NextUnixMs = open.NextAttempt.ToUnixTimeMilliseconds() }) },
        Failed = { delivery.Failed.Select(failed => new StoredFailedEvent { Number = failed.Number, Failure = (int)failed.Failure, Status = failed.Status, FailUnixMs = failed.At.ToUnixTimeMilliseconds() }) },
        SuccessUnixMs = Ms(delivery.LastSuccess),
        Openings = delivery.Openings,
        OpenUntilUnixMs = Ms(delivery.OpenUntil),
        Replay = delivery.Replay is { } replay ? Stored(replay) : null,
        Delivered = delivery.DeliveredCount,
        Lost = delivery.Lost,
    }.ToByteArray();

    /// <summary>Without its secrets.</summary>
    public static Webhook Shown(StoredWebhook stored, Delivery delivery, bool replayAsked)
    {
        var shown = new Webhook
        {
            WebhookId = stored.WebhookId,
            Url = stored.Url,
            DisplayName = stored.DisplayName,
            Disabled = stored.Disabled,
            State = stored.Disabled ? WebhookState.Disabled : delivery.OpenUntil is null ? WebhookState.Active : WebhookState.Failing,
            CreateTime = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(stored.CreateUnixMs)),
            SuccessTime = delivery.LastSuccess is { } success ? Timestamp.FromDateTimeOffset(success) : null,
            Delivered = delivery.DeliveredCount,
            Retrying = delivery.Open.Count(open => open.Attempts > 0 || delivery.Open.Any(first => first.Subject == open.Subject && first.Attempts > 0)),
            Failed = delivery.Failed.Count,
            Lost = delivery.Lost,
            Replaying = replayAsked || delivery.Replay is not null,
        };
        if (shown.State == WebhookState.Failing) shown.ResumeTime = Timestamp.FromDateTimeOffset(delivery.OpenUntil!.Value);
        if (stored.Types_.Count + stored.Subjects.Count > 0) shown.Filter = new EventFilter { Types_ = { stored.Types_ }, Subjects = { stored.Subjects } };
        return shown;
    }

    public static EventFilters FiltersOf(StoredWebhook stored) => new(stored.Types_, stored.Subjects);

    private static DateTimeOffset? Time(long unixMs) => unixMs == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(unixMs);

    private static long Ms(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds() ?? 0;
}
