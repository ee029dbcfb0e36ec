using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Pennypost.Ledger;

namespace Pennypost.Credits;

/// <summary>How far the books are found from the provider's: counted always, and said aloud where somebody should look.</summary>
internal sealed class Drift : IDisposable
{
    private readonly CreditsOptions _options;
    private readonly ILogger<Drift> _log;
    private readonly Meter _meter = new("Pennypost.Credits");
    private readonly Counter<long> _credits;
    private readonly Counter<long> _alarms;

    public Drift(IOptions<CreditsOptions> options, ILogger<Drift> log)
    {
        (_options, _log) = (options.Value, log);
        _credits = _meter.CreateCounter<long>("pennypost.credits.drift", "{credit}", "Credits by which a pool was found wrong; direction up or down.");
        _alarms = _meter.CreateCounter<long>("pennypost.credits.drift_alarms", "{alarm}", "Pools found wrong by as much as Credits:DriftAlarm.");
    }

    /// <summary>Whether somebody should look.</summary>
    public bool IsAlarming(long credits) => Math.Abs(credits) >= _options.DriftAlarm;

    public void Measure(string poolId, Finding finding)
    {
        if (!finding.Applied || finding.Drift == 0) return;
        _credits.Add(Math.Abs(finding.Drift), new KeyValuePair<string, object?>("direction", finding.Drift > 0 ? "up" : "down"));
        if (!IsAlarming(finding.Drift)) return;
        _alarms.Add(1);
        _log.Drifted(poolId, finding.Drift, finding.Adjusted, finding.Owed);
    }

    public void Dispose() => _meter.Dispose();
}
