using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Pennypost.Store;

/// <summary>Meter <c>Pennypost.Store</c>. Every instrument carries <c>store</c>; those of writers and relays <c>shard</c> too.</summary>
internal sealed class StoreMetrics : IDisposable
{
    public const string MeterName = "Pennypost.Store";

    private readonly Meter _meter = new(MeterName);
    private readonly KeyValuePair<string, object?>[][] _tags;
    private readonly Counter<long> _commands;
    private readonly Counter<long> _commits;
    private readonly Counter<long> _shed;
    private readonly Counter<long> _conflicts;
    private readonly Counter<long> _unknown;
    private readonly Counter<long> _clockRefusals;
    private readonly Counter<long> _rewinds;
    private readonly Counter<long> _relayed;
    private readonly Histogram<double> _duration;
    private readonly Histogram<int> _batch;

    public StoreMetrics(string store, int shards)
    {
        _tags = [.. Enumerable.Range(0, shards).Select(shard => new KeyValuePair<string, object?>[] { new("store", store), new("shard", shard) })];
        _commands = _meter.CreateCounter<long>("pennypost.store.commands", "{command}", "Commands in confirmed commits, tried again ones counted again.");
        _commits = _meter.CreateCounter<long>("pennypost.store.commits", "{commit}", "Shard commits that the store confirmed.");
        _shed = _meter.CreateCounter<long>("pennypost.store.shed", "{command}", "Commands turned away because the shard's queue was full.");
        _conflicts = _meter.CreateCounter<long>("pennypost.store.conflicts", "{conflict}", "Partitions that another writer had changed.");
        _unknown = _meter.CreateCounter<long>("pennypost.store.unknown_outcomes", "{commit}", "Commits of which nobody knew whether they arrived.");
        _clockRefusals = _meter.CreateCounter<long>("pennypost.store.clock_refusals", "{commit}", "Commits refused because writer and store disagreed about the time.");
        _rewinds = _meter.CreateCounter<long>("pennypost.store.rewinds", "{partition}", "Looks at a partition that the store had set back.");
        _relayed = _meter.CreateCounter<long>("pennypost.store.relayed", "{entry}", "Journal entries published.");
        _duration = _meter.CreateHistogram<double>("pennypost.store.commit.duration", "s", "From sending a shard's commit until it was confirmed.");
        _batch = _meter.CreateHistogram<int>("pennypost.store.commit.commands", "{command}", "Commands in one shard commit.");
    }

    public long Now() => _duration.Enabled ? Stopwatch.GetTimestamp() : 0;

    public void Committed(int shard, int commands, long started)
    {
        _commits.Add(1, _tags[shard]);
        _commands.Add(commands, _tags[shard]);
        _batch.Record(commands, _tags[shard]);
        if (started != 0)
            _duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, _tags[shard]);
    }

    public void Shed(int shard) => _shed.Add(1, _tags[shard]);

    public void Conflict(int shard) => _conflicts.Add(1, _tags[shard]);

    public void UnknownOutcome(int shard) => _unknown.Add(1, _tags[shard]);

    public void ClockRefused(int shard) => _clockRefusals.Add(1, _tags[shard]);

    public void Rewound(int shard) => _rewinds.Add(1, _tags[shard]);

    public void Relayed(int shard, int entries) => _relayed.Add(entries, _tags[shard]);

    public void Dispose() => _meter.Dispose();
}
