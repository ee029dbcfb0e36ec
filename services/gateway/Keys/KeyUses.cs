using System.Collections.Concurrent;
using System.Threading.Channels;
using Pennypost.Gateway.Stored;
using Pennypost.Hosting;
using Pennypost.Store;

namespace Pennypost.Gateway.Keys;

/// <summary>
/// When calls last came with each key. A call only leaves a note; notes are written behind it, at most one a minute for each key and instance, and none
/// where another instance wrote one within the minute.
/// </summary>
internal sealed class KeyUses(StateStore store, ILogger<KeyUses> logger) : BackgroundService
{
    private const long EveryMs = 60_000;
    private const int MostWaiting = 10_000;
    private const int MostRemembered = 100_000;
    private static readonly HeadCodec<StoredKeyUse> Codec = HeadCodec.Message(StoredKeyUse.Parser);

    // A note that finds no room is lost; the next minute brings another.
    private readonly Channel<Use> notes = Channel.CreateBounded<Use>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly ConcurrentDictionary<(string Tenant, string KeyId), long> noted = new();

    private readonly record struct Use(string Tenant, string KeyId, long UnixMs);

    /// <summary>A call came with a valid key. Never waits.</summary>
    public void Note(Caller caller, long nowUnixMs)
    {
        var key = (caller.Tenant, caller.KeyId);
        if (noted.TryGetValue(key, out var last) && nowUnixMs - last < EveryMs) return;
        if (noted.Count >= MostRemembered) noted.Clear();
        noted[key] = nowUnixMs;
        notes.Writer.TryWrite(new Use(caller.Tenant, caller.KeyId, nowUnixMs));
    }

    /// <summary>By key id, in milliseconds since 1970.</summary>
    public async Task<IReadOnlyDictionary<string, long>> ReadAsync(string tenant, CancellationToken cancellationToken) =>
        (await store.ReadAsync(Partition(tenant), Codec, [], 0, cancellationToken)).Head?.LastUseUnixMs ?? [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await notes.Reader.WaitToReadAsync(stoppingToken))
            {
                var uses = new List<Use>();
                while (uses.Count < MostWaiting && notes.Reader.TryRead(out var use)) uses.Add(use);
                foreach (var ofTenant in uses.GroupBy(use => use.Tenant)) await WriteAsync(ofTenant.Key, [.. ofTenant], stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is not written is a minute of a time that is shown to about a minute.
        }
    }

    private async Task WriteAsync(string tenant, IReadOnlyList<Use> uses, CancellationToken cancellationToken)
    {
        try
        {
            await store.ExecuteAsync<StoredKeyUse, bool>(Partition(tenant), Codec, RecordKeys.None, view =>
            {
                var head = view.Head?.Clone() ?? new StoredKeyUse { Version = 1 };
                var changed = false;
                foreach (var use in uses)
                {
                    if (head.LastUseUnixMs.TryGetValue(use.KeyId, out var last) && use.UnixMs - last < EveryMs) continue;
                    head.LastUseUnixMs[use.KeyId] = use.UnixMs;
                    changed = true;
                }
                return changed ? new Decision<StoredKeyUse, bool>.Commit(head, true) { Listed = false } : new Decision<StoredKeyUse, bool>.Answer(false);
            }, 0, cancellationToken);
        }
        catch (StoreException exception)
        {
            logger.UseNotWritten(exception, tenant);
        }
    }

    private static PartitionId Partition(string tenant) => new("key_use", tenant, "_");
}
