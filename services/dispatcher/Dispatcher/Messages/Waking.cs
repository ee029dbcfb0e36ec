using Pennypost.Dispatcher.Accounts;

namespace Pennypost.Dispatcher.Messages;

/// <summary>Brings a message that waits for a credit back when credits came.</summary>
internal sealed class Waking(Lookups lookups, Prospects prospects) : IWakeMessages
{
    /// <inheritdoc/>
    public async Task WakeAsync(string tenant, string messageId, CancellationToken ct)
    {
        if (await lookups.ProspectOfMessageAsync(tenant, messageId, ct) is { } prospectId)
            await prospects.WakeAsync(tenant, prospectId, messageId, null, ct);
    }
}
