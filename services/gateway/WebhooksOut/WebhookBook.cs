using Google.Protobuf;
using Pennypost.Gateway.Events;
using Pennypost.Gateway.Stored;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using Pennypost.Store;

namespace Pennypost.Gateway.WebhooksOut;

/// <summary>A webhook with how far its deliveries came.</summary>
internal sealed record KeptWebhook(StoredWebhook Webhook, Delivery Delivery, bool ReplayAsked)
{
    public Webhook Shown => DeliveryStorage.Shown(Webhook, Delivery, ReplayAsked);
}

/// <summary>The answer to putting a webhook.</summary>
internal abstract record WebhookPut
{
    private WebhookPut() { }

    /// <param name="Webhook">As it is kept.</param>
    /// <param name="IsNew">Whether the secret that was offered is its own now.</param>
    public sealed record Kept(KeptWebhook Webhook, bool IsNew) : WebhookPut;

    /// <summary>The tenant has all that it may have.</summary>
    public sealed record TooMany : WebhookPut;
}

/// <summary>The webhooks of every tenant, in the partition of its timeline.</summary>
internal sealed class WebhookBook(StateStore store, Timelines timelines, SealedSecrets sealing)
{
    public const int MaxWebhooks = 20;

    public static string DeliveryKey(string webhookId) => Timelines.WebhookKeyPrefix + webhookId;

    private static string ReplayKey(string webhookId) => "r/" + webhookId;

    /// <summary>Creates or replaces one. The secret is for a new one only.</summary>
    public async Task<WebhookPut> PutAsync(string tenant, Webhook asked, Secret secret, CancellationToken ct)
    {
        var (id, hidden) = (asked.WebhookId, sealing.Seal(secret, tenant, asked.WebhookId));
        // What comes between this look and the commit is told it too.
        var end = await timelines.EndAsync(tenant, ct);
        return (await store.ExecuteAsync<StoredTimeline, WebhookPut>(Timelines.Partition(tenant), Timelines.Codec, Keys(id), view =>
        {
            var head = view.Head?.Clone() ?? new StoredTimeline { Version = 1 };
            var kept = head.Webhooks.FirstOrDefault(webhook => webhook.WebhookId == id);
            var isNew = kept is null;
            if (kept is null)
            {
                if (head.Webhooks.Count >= MaxWebhooks) return new Decision<StoredTimeline, WebhookPut>.Answer(new WebhookPut.TooMany());
                kept = new StoredWebhook { WebhookId = id, CreateUnixMs = view.Now.ToUnixTimeMilliseconds(), Secrets = { new StoredSigningSecret { Sealed = hidden } } };
                head.Webhooks.Add(kept);
            }
            (kept.Url, kept.DisplayName, kept.Disabled) = (asked.Url, asked.DisplayName, asked.Disabled);
            kept.Types_.Clear();
            kept.Types_.Add(asked.Filter?.Types_ ?? []);
            kept.Subjects.Clear();
            kept.Subjects.Add(asked.Filter?.Subjects ?? []);
            kept.Asleep = false;
            var delivery = isNew ? Delivery.From(end) : Of(view, id);
            return new Decision<StoredTimeline, WebhookPut>.Commit(head, new WebhookPut.Kept(new KeptWebhook(kept, delivery, view.Record(ReplayKey(id)) is not null), isNew))
            {
                Records = isNew ? [new RecordChange.Put(DeliveryKey(id), DeliveryStorage.Write(delivery))] : [],
                // Whoever delivers looks at what changed.
                Due = [Timelines.Wake(id, view.Now)],
            };
        }, 0, ct)).Answer;
    }

    /// <summary>One; null if the tenant has none of this id.</summary>
    public async Task<KeptWebhook?> FindAsync(string tenant, string webhookId, CancellationToken ct) =>
        (await store.ExecuteAsync<StoredTimeline, KeptWebhook?>(Timelines.Partition(tenant), Timelines.Codec, Keys(webhookId), view =>
            new Decision<StoredTimeline, KeptWebhook?>.Answer(Find(view.Head, webhookId) is { } kept ? new KeptWebhook(kept, Of(view, webhookId), view.Record(ReplayKey(webhookId)) is not null) : null), 0, ct)).Answer;

    /// <summary>All of the tenant's, by id.</summary>
    public async Task<IReadOnlyList<KeptWebhook>> ListAsync(string tenant, CancellationToken ct) =>
        (await store.ExecuteAsync<StoredTimeline, IReadOnlyList<KeptWebhook>>(Timelines.Partition(tenant), Timelines.Codec, RecordKeys.None, view =>
        {
            var webhooks = (view.Head?.Webhooks ?? []).OrderBy(webhook => webhook.WebhookId, StringComparer.Ordinal).ToList();
            string[] keys = [.. webhooks.SelectMany(webhook => Keys(webhook.WebhookId).Load)];
            if (keys.Any(key => !view.IsLoaded(key))) return new Decision<StoredTimeline, IReadOnlyList<KeptWebhook>>.NeedRecords(keys);
            return new Decision<StoredTimeline, IReadOnlyList<KeptWebhook>>.Answer([.. webhooks.Select(webhook => new KeptWebhook(webhook, Of(view, webhook.WebhookId), view.Record(ReplayKey(webhook.WebhookId)) is not null))]);
        }, 0, ct)).Answer;

    public Task DeleteAsync(string tenant, string webhookId, CancellationToken ct) =>
        store.ExecuteAsync<StoredTimeline, bool>(Timelines.Partition(tenant), Timelines.Codec, RecordKeys.None, view =>
        {
            if (Find(view.Head, webhookId) is null) return new Decision<StoredTimeline, bool>.Answer(false);
            var head = view.Head!.Clone();
            head.Webhooks.Remove(Find(head, webhookId));
            return new Decision<StoredTimeline, bool>.Commit(head, true)
            {
                Records = [new RecordChange.Delete(DeliveryKey(webhookId)), new RecordChange.Delete(ReplayKey(webhookId))],
                Due = [new DueChange.Remove(Timelines.WebhookKeyPrefix + webhookId)],
            };
        }, 0, ct);

    /// <summary>Signs by a new secret, and until the overlap is over by the one before too; when that is, or null if there is no such webhook.</summary>
    public async Task<DateTimeOffset?> RotateAsync(string tenant, string webhookId, Secret secret, TimeSpan overlap, CancellationToken ct)
    {
        var hidden = sealing.Seal(secret, tenant, webhookId);
        return (await store.ExecuteAsync<StoredTimeline, DateTimeOffset?>(Timelines.Partition(tenant), Timelines.Codec, RecordKeys.None, view =>
        {
            if (Find(view.Head, webhookId) is null) return new Decision<StoredTimeline, DateTimeOffset?>.Answer(null);
            var head = view.Head!.Clone();
            var kept = Find(head, webhookId)!;
            var until = view.Now + overlap;
            var before = kept.Secrets[0];
            kept.Secrets.Clear();
            kept.Secrets.Add(new StoredSigningSecret { Sealed = hidden });
            if (overlap > TimeSpan.Zero) kept.Secrets.Add(new StoredSigningSecret { Sealed = before.Sealed, UntilUnixMs = until.ToUnixTimeMilliseconds() });
            return new Decision<StoredTimeline, DateTimeOffset?>.Commit(head, until);
        }, 0, ct)).Answer;
    }

    /// <summary>Asks for a replay, which takes the place of one under way; null if there is no such webhook.</summary>
    public async Task<KeptWebhook?> ReplayAsync(string tenant, string webhookId, Replay replay, CancellationToken ct) =>
        (await store.ExecuteAsync<StoredTimeline, KeptWebhook?>(Timelines.Partition(tenant), Timelines.Codec, Keys(webhookId), view =>
        {
            if (Find(view.Head, webhookId) is null) return new Decision<StoredTimeline, KeptWebhook?>.Answer(null);
            var head = view.Head!.Clone();
            var kept = Find(head, webhookId)!;
            kept.Asleep = false;
            return new Decision<StoredTimeline, KeptWebhook?>.Commit(head, new KeptWebhook(kept, Of(view, webhookId), ReplayAsked: true))
            {
                Records = [new RecordChange.Put(ReplayKey(webhookId), DeliveryStorage.Stored(replay).ToByteArray())],
                Due = [Timelines.Wake(webhookId, view.Now)],
            };
        }, 0, ct)).Answer;

    /// <summary>The secrets that sign now, the newest first.</summary>
    public IReadOnlyList<Secret> Signing(string tenant, StoredWebhook webhook, DateTimeOffset now) =>
        [.. webhook.Secrets.Where(secret => secret.UntilUnixMs == 0 || secret.UntilUnixMs > now.ToUnixTimeMilliseconds()).Select(secret => Open(tenant, webhook.WebhookId, secret)).OfType<Secret>()];

    /// <summary>Null for the secret before, when it was sealed under another <c>Gateway:KeyHashSecret</c>: the new one alone signs then.</summary>
    private Secret? Open(string tenant, string webhookId, StoredSigningSecret secret)
    {
        try
        {
            return sealing.Open(secret.Sealed, tenant, webhookId);
        }
        catch (System.Security.Cryptography.CryptographicException) when (secret.UntilUnixMs != 0)
        {
            return null;
        }
    }

    /// <summary>What whoever delivers has in hand.</summary>
    /// <param name="Webhook">As it is kept now.</param>
    /// <param name="Delivery">As it was committed.</param>
    /// <param name="Appended">Events that were ever appended then.</param>
    /// <param name="Now">When it was committed.</param>
    internal sealed record Turn(StoredWebhook Webhook, Delivery Delivery, long Appended, DateTimeOffset Now);

    /// <summary>Begins to deliver: whoever did before is overtaken. Null if there is nothing to deliver any more.</summary>
    public Task<Turn?> BeginAsync(string tenant, string webhookId, TimeSpan lease, CancellationToken ct) =>
        CommitAsync(tenant, webhookId, found => found with { Epoch = found.Epoch + 1 }, (_, now) => now + lease, null, ct);

    /// <summary>Keeps how far it came; null if another one delivers, or there is nothing to deliver any more.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="webhookId">Which.</param>
    /// <param name="delivery">How far.</param>
    /// <param name="due">When somebody looks again; null for not before the next event.</param>
    /// <param name="readAll">How many events had been appended when all of them were read: the next one wakes it. Null: none does.</param>
    /// <param name="ct">Ends the waiting.</param>
    public Task<Turn?> KeepAsync(string tenant, string webhookId, Delivery delivery, Func<Delivery, DateTimeOffset, DateTimeOffset?> due, long? readAll, CancellationToken ct) =>
        CommitAsync(tenant, webhookId, found => found.Epoch == delivery.Epoch ? delivery : null, due, readAll, ct);

    private async Task<Turn?> CommitAsync(string tenant, string webhookId, Func<Delivery, Delivery?> change, Func<Delivery, DateTimeOffset, DateTimeOffset?> due, long? readAll, CancellationToken ct) =>
        (await store.ExecuteAsync<StoredTimeline, Turn?>(Timelines.Partition(tenant), Timelines.Codec, Keys(webhookId), view =>
        {
            if (Find(view.Head, webhookId) is not { Disabled: false })
                return view.Head is null
                    ? new Decision<StoredTimeline, Turn?>.Answer(null)
                    : new Decision<StoredTimeline, Turn?>.Commit(view.Head, null) { Due = [new DueChange.Remove(Timelines.WebhookKeyPrefix + webhookId)] };
            if (change(Of(view, webhookId)) is not { } delivery) return new Decision<StoredTimeline, Turn?>.Answer(null);
            var head = view.Head!.Clone();
            var kept = Find(head, webhookId)!;
            var records = new List<RecordChange>();
            if (view.Record(ReplayKey(webhookId)) is { } asked)
            {
                delivery = delivery with { Replay = DeliveryStorage.Read(StoredReplay.Parser.ParseFrom(asked)) };
                records.Add(new RecordChange.Delete(ReplayKey(webhookId)));
            }
            records.Add(new RecordChange.Put(DeliveryKey(webhookId), DeliveryStorage.Write(delivery)));
            var at = due(delivery, view.Now);
            kept.Asleep = readAll == head.Appended;
            // What came since must not wait for the next one.
            if (readAll is not null && !kept.Asleep) at = view.Now;
            return new Decision<StoredTimeline, Turn?>.Commit(head, new Turn(kept, delivery, head.Appended, view.Now))
            {
                Records = records,
                Due = [at is { } time ? Timelines.Wake(webhookId, time) : new DueChange.Remove(Timelines.WebhookKeyPrefix + webhookId)],
            };
        }, 0, ct)).Answer;

    private static RecordKeys Keys(string webhookId) => RecordKeys.Of(DeliveryKey(webhookId), ReplayKey(webhookId));

    private static StoredWebhook? Find(StoredTimeline? head, string webhookId) => head?.Webhooks.FirstOrDefault(webhook => webhook.WebhookId == webhookId);

    private static Delivery Of(PartitionView<StoredTimeline> view, string webhookId) => view.Record(DeliveryKey(webhookId)) is { } bytes ? DeliveryStorage.Read(bytes) : Delivery.From(0);
}
