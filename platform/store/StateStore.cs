using Microsoft.Extensions.Logging;
using Pennypost.Store.Redis;
using Pennypost.Store.Sqlite;

namespace Pennypost.Store;

/// <summary>
/// One service's durable state: partitions, each decided by a pure function under its shard's single writer, committed in groups, journaled and fenced.
/// Any number of processes may open the same store; the version of a partition keeps them from undoing each other.
/// </summary>
public sealed partial class StateStore : IAsyncDisposable
{
    private readonly IStoreBackend _backend;
    private readonly StoreOptions _options;
    private readonly ILogger _logger;
    private readonly ShardWriter[] _writers;
    private readonly Doorbell[] _journalBells;
    private readonly Doorbell _dueBell = new();
    private readonly StoreMetrics _metrics;
    private readonly Lock _opening = new();
    private Task? _opened;
    private volatile bool _open;
    private readonly int[] _claimTurns, _freshClaimTurns;
    private int _nextClaim;
    private int _disposed;

    /// <param name="name">The service, such as <c>credits</c>: <c>[a-z0-9_-]{1,32}</c>. Stores of different names share nothing.</param>
    /// <param name="options">Checked here; every violation is named at once.</param>
    /// <param name="time">The process's clock.</param>
    /// <param name="logger">Where what an operator must know is said.</param>
    public StateStore(string name, StoreOptions options, TimeProvider time, ILogger<StateStore> logger)
        : this(name, options, time, logger, Backend(name, options, time))
    {
    }

    internal StateStore(string name, StoreOptions options, TimeProvider time, ILogger logger, IStoreBackend backend)
    {
        options.Check();
        (Name, _options, _logger, _backend) = (name, options, logger, backend);
        _metrics = new StoreMetrics(name, options.Shards);
        Ends = new JournalEnds(options.Shards);
        (_claimTurns, _freshClaimTurns) = (new int[options.Shards], new int[options.Shards]);
        _journalBells = [.. Enumerable.Range(0, options.Shards).Select(_ => new Doorbell())];
        _writers =
        [
            .. _journalBells.Select((bell, shard) => new ShardWriter(
                shard,
                backend,
                options,
                new StoreClock(time),
                new PartitionCache(Math.Max(options.CacheBytes / options.Shards, 64 << 10), 65_536),
                new ShardSignals(bell, _dueBell, Ends),
                _metrics,
                logger)),
        ];
    }

    /// <summary>The service that it belongs to.</summary>
    public string Name { get; }

    /// <summary>How many shards it was created with.</summary>
    public int Shards => _options.Shards;

    /// <summary>The name of its meter.</summary>
    public static string MeterName => StoreMetrics.MeterName;

    internal StoreOptions Options => _options;
    internal IStoreBackend Storage => _backend;
    internal StoreMetrics Metrics => _metrics;

    internal Doorbell JournalBell(int shard) => _journalBells[shard];

    private static IStoreBackend Backend(string name, StoreOptions options, TimeProvider time)
    {
        options.Check();
        if (name is not { Length: > 0 and <= 32 } || name.Any(character => !(char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '_')))
            throw new ArgumentException("A store's name must match [a-z0-9_-]{1,32}.", nameof(name));
        return options.Backend == StoreBackend.Redis
            ? new RedisBackend(options.Prefix.Length == 0 ? name : $"{options.Prefix}-{name}", options)
            : new SqliteBackend(FileFor(name, options.Path), options.CallTimeout, time);
    }

    private static string FileFor(string name, string path) =>
        path == ":memory:" || path.EndsWith(".db", StringComparison.Ordinal) ? path : System.IO.Path.Combine(path, name + ".db");

    /// <summary>Creates the store or checks that it is the one configured. Called by the host at its start; any other call opens it too.</summary>
    /// <exception cref="StoreMismatchException">It was created with another number of shards, or by a newer version.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be reached.</exception>
    public Task OpenAsync(CancellationToken ct)
    {
        lock (_opening)
        {
            // Whoever comes while it is being opened shares the attempt, and its failure; the next one tries anew.
            if (_opened is not { IsFaulted: false, IsCanceled: false })
                _opened = OpenOnceAsync();
            return _opened.IsCompletedSuccessfully ? Task.CompletedTask : _opened.WaitAsync(ct);
        }
    }

    private async Task OpenOnceAsync()
    {
        await Guard(_backend.OpenAsync(_options.Shards, CancellationToken.None)).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        _open = true;
        _logger.Opened(Name, _options.Backend, _options.Shards);
    }

    /// <summary>
    /// Decides one command on its partition and, once the store confirmed, gives its answer. The decision may be made several times: it must be pure, and ids in the partition's own state must make it
    /// safe to be decided again after it was committed.
    /// </summary>
    /// <param name="partition">The one partition that it looks at and changes.</param>
    /// <param name="codec">The head's; one head type per kind.</param>
    /// <param name="records">The records that it wants to see.</param>
    /// <param name="decide">From the view to a closed outcome. No clock, dice or I/O; it runs on the shard's writer.</param>
    /// <param name="minVersion">The version that the caller was told before, 0 for none: a store that is behind it is refused.</param>
    /// <param name="ct">Ends the waiting. What was decided already may be committed all the same.</param>
    /// <exception cref="StoreBusyException">Too many commands wait.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be reached or does not take writes.</exception>
    /// <exception cref="StoreRewoundException">The store holds less than was acknowledged.</exception>
    /// <exception cref="StoreClockException">The clocks of this process and the store stay apart.</exception>
    public Task<Executed<TAnswer>> ExecuteAsync<THead, TAnswer>(
        PartitionId partition,
        HeadCodec<THead> codec,
        RecordKeys records,
        Func<PartitionView<THead>, Decision<THead, TAnswer>> decide,
        long minVersion,
        CancellationToken ct)
        where THead : class
    {
        Limits.Check(records);
        var command = new Command<THead, TAnswer>(partition, codec, records, decide, minVersion, ct);
        return _open ? Execute() : OpenAndExecuteAsync();

        Task<Executed<TAnswer>> Execute()
        {
            command.StopWaitingWhenCancelled();
            try
            {
                Post(command);
            }
            catch (Exception exception)
            {
                // Shed, or too late: the caller learns of it where it waits.
                command.Fail(exception);
            }

            return command.Task;
        }

        async Task<Executed<TAnswer>> OpenAndExecuteAsync()
        {
            await OpenAsync(ct);
            return await Execute();
        }
    }

    private void Post(Command command) => _writers[ShardOf(command.Partition)].Post(command);

    /// <summary>
    /// The shard that a partition lives on, from 0. Once the store is open, commands that one caller executes one after the other, without waiting for answers, are decided in this order
    /// wherever they meet on a partition; commands on different shards have nothing to do with each other.
    /// </summary>
    public int ShardOf(PartitionId partition) => partition.ShardOf(_options.Shards);

    /// <summary>The partition's head and the records asked for, as of one version that the store confirmed to be current.</summary>
    public async Task<PartitionRead<THead>> ReadAsync<THead>(
        PartitionId partition, HeadCodec<THead> codec, IReadOnlyList<string> recordKeys, long minVersion, CancellationToken ct)
        where THead : class
    {
        var read = await ExecuteAsync<THead, (THead? Head, IReadOnlyDictionary<string, byte[]> Records)>(
            partition,
            codec,
            new RecordKeys(recordKeys, []),
            view =>
            {
                var records = new Dictionary<string, byte[]>(StringComparer.Ordinal);
                foreach (var key in recordKeys)
                    if (view.Record(key) is { } value)
                        records[key] = value;
                return new Decision<THead, (THead?, IReadOnlyDictionary<string, byte[]>)>.Answer((view.Head, records));
            },
            minVersion,
            ct);
        return new PartitionRead<THead>(read.Answer.Head, read.Version, read.Now, read.Answer.Records);
    }

    /// <summary>Pages through a partition's records whose keys begin with the prefix.</summary>
    /// <param name="partition">Whose records.</param>
    /// <param name="keyPrefix">Empty for all.</param>
    /// <param name="pageSize">1 to 1,000; a page may hold somewhat more or less.</param>
    /// <param name="pageToken">From the page before, null for the first.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task<RecordPage> RecordsAsync(PartitionId partition, string keyPrefix, int pageSize, string? pageToken, CancellationToken ct)
    {
        CheckPage(pageSize);
        if (!Limits.IsPrefix(keyPrefix))
            throw new ArgumentException("A key prefix must match [A-Za-z0-9_.:/@=+-]{0,200}.", nameof(keyPrefix));
        if (pageToken is not null && !Limits.IsKey(pageToken))
            throw new ArgumentException("This is no page token of this list.", nameof(pageToken));
        await OpenAsync(ct);
        return await Guard(_backend.RecordsAsync(partition.ShardOf(_options.Shards), partition, keyPrefix, pageSize, pageToken));
    }

    /// <summary>Pages through a tenant's listed partitions of one kind, by id.</summary>
    /// <param name="kind">What they are.</param>
    /// <param name="tenant">Whose they are.</param>
    /// <param name="pageSize">1 to 1,000.</param>
    /// <param name="pageToken">From the page before, null for the first.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task<PartitionPage> ListAsync(string kind, string tenant, int pageSize, string? pageToken, CancellationToken ct)
    {
        CheckPage(pageSize);
        // The token is the last id: checked like one.
        _ = new PartitionId(kind, tenant, pageToken ?? "_");
        await OpenAsync(ct);
        var shards = await Guard(Task.WhenAll(Enumerable.Range(0, _options.Shards).Select(shard => _backend.ListAsync(shard, kind, tenant, pageToken ?? "", pageSize + 1))));
        var ids = shards.SelectMany(found => found).Order(StringComparer.Ordinal).Take(pageSize + 1).ToList();
        var partitions = ids.Take(pageSize).Select(id => new PartitionId(kind, tenant, id)).ToList();
        return new PartitionPage(partitions, ids.Count > pageSize ? partitions[^1].Id : null);
    }

    private static void CheckPage(int pageSize)
    {
        if (pageSize is < 1 or > Limits.MaxPage)
            throw new ArgumentOutOfRangeException(nameof(pageSize), pageSize, $"A page holds 1 to {Limits.MaxPage}.");
    }

    /// <summary>
    /// Opens a partition again that was set back, as it is in the store now, after an operator decided so. Its version jumps past what was acknowledged, so that the versions that peers
    /// remember are met again. Journaled as <c>store.rewind_accepted</c>. Where nothing was set back nothing happens.
    /// </summary>
    /// <param name="partition">The partition.</param>
    /// <param name="pastVersion">The highest version that any peer still asks for (<see cref="StoreRewoundException.ExpectedVersion"/>), or 0; below 2^53.</param>
    /// <param name="acceptedBy">Who decided; kept in the journal.</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <returns>The version that it now has.</returns>
    public async Task<long> AcceptRewindAsync(PartitionId partition, long pastVersion, string acceptedBy, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pastVersion);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pastVersion, 1L << 53);
        ArgumentException.ThrowIfNullOrWhiteSpace(acceptedBy);
        await OpenAsync(ct);
        var entry = new JournalEntry("store.rewind_accepted", System.Text.Encoding.UTF8.GetBytes(acceptedBy));
        var command = new AcceptRewind(partition, pastVersion, entry, ct);
        Post(command);
        var version = await command.Task.WaitAsync(ct);
        _logger.RewindAccepted(partition.Key, version, acceptedBy);
        return version;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await Task.WhenAll(_writers.Select(writer => writer.CloseAsync()));
        await _backend.DisposeAsync();
        foreach (var bell in _journalBells)
            bell.Dispose();
        _dueBell.Dispose();
        _metrics.Dispose();
    }

    /// <summary>What an adapter could not do is the caller's <see cref="StoreUnavailableException"/>.</summary>
    private static async Task<T> Guard<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (BackendException exception)
        {
            throw new StoreUnavailableException(exception.Message, exception.OutcomeUnknown, exception);
        }
    }

    private static async Task Guard(Task call)
    {
        try
        {
            await call;
        }
        catch (BackendException exception)
        {
            throw new StoreUnavailableException(exception.Message, exception.OutcomeUnknown, exception);
        }
    }
}
