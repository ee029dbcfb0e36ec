using System.Diagnostics.Metrics;
using Pennypost.Types.V1;

namespace Pennypost.Router;

/// <summary>Counts decisions by outcome, channel and reason.</summary>
internal sealed class RouteMeter : IDisposable
{
    private readonly Meter meter = new("Pennypost.Router");
    private readonly Counter<long> decisions;

    public RouteMeter() =>
        decisions = meter.CreateCounter<long>("pennypost.router.decisions", "{decision}", "Decisions by outcome, channel and reason.");

    public void Count(Decision decision)
    {
        // Tags cost more than the decision; without a listener nobody pays.
        if (!decisions.Enabled)
            return;

        var channel = decision.Outcome == Outcome.Send ? decision.Candidates[0].Channel : Channel.Unspecified;
        decisions.Add(
            1,
            new("outcome", decision.Outcome.ToString()),
            new("channel", channel.ToString()),
            new("reason", decision.Reason.ToString()));
    }

    public void Dispose() => meter.Dispose();
}
