using System.Diagnostics.Metrics;
using Pennypost.Delivery;

namespace Pennypost.Dispatcher.Work;

/// <summary>Counts which gate refused a candidate, and why. A message that tries again counts again.</summary>
internal sealed class GateMeter
{
    /// <summary>What the account shows before anything is committed, and its permit.</summary>
    public const string Account = "account";

    /// <summary>The prospect's own: claim, cool-down, suppression.</summary>
    public const string Prospect = "prospect";

    /// <summary>The credit.</summary>
    public const string Hold = "hold";

    private readonly Counter<long> _refusals;

    public GateMeter(IMeterFactory meters) => _refusals = meters.Create(Telemetry.Name)
        .CreateCounter<long>("pennypost.dispatcher.refusals", "{refusal}", "Candidates that a gate refused; gate account, prospect or hold, and its reason.");

    public void Refused(string gate, Reason reason) => _refusals.Add(1, Telemetry.Tag("gate", gate), Telemetry.Tag("reason", Telemetry.Of(reason)));
}
