using System.Diagnostics.Metrics;

namespace Pennypost.Dispatcher.Work;

/// <summary>How the due index is emptied. What the gauges show was seen by the releaser's last look: reading them asks nobody.</summary>
internal sealed class ReleaseMeter
{
    private readonly Counter<long> _released;
    private readonly ObservableGauge<double> _overdue;
    private readonly ObservableGauge<int> _queued;
    private Look? _last;

    public ReleaseMeter(IMeterFactory meters)
    {
        var meter = meters.Create(Telemetry.Name);
        _released = meter.CreateCounter<long>("pennypost.dispatcher.released", "{item}", "Pieces of work that were put on the work queue; pace free, or overdue for those that were let go at Dispatcher:OverduePerSecond.");
        _overdue = meter.CreateObservableGauge("pennypost.dispatcher.overdue", Overdue, "s", "For how long the earliest work that nobody has been given has been due; 0 if none is due.");
        _queued = meter.CreateObservableGauge("pennypost.dispatcher.queued", Queued, "{item}", "Pieces of work on the work queue that no worker has taken yet.");
    }

    /// <summary>Whether somebody reads the gauges: else nothing is asked for their sake.</summary>
    public bool IsRead => _overdue.Enabled || _queued.Enabled;

    public void Released(int count, bool overdue)
    {
        if (count > 0)
            _released.Add(count, Telemetry.Tag("pace", overdue ? "overdue" : "free"));
    }

    public void Looked(TimeSpan overdue, int queued) => _last = new Look(overdue, queued);

    // An instance that releases nothing, or has not looked yet, says nothing.
    private IEnumerable<Measurement<double>> Overdue() => _last is { } last ? [new(last.Overdue.TotalSeconds)] : [];

    private IEnumerable<Measurement<int>> Queued() => _last is { } last ? [new(last.Queued)] : [];

    private sealed record Look(TimeSpan Overdue, int Queued);
}
