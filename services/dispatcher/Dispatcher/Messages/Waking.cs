using Pennypost.Dispatcher.Accounts;

namespace Pennypost.Dispatcher.Messages;

/// <summary>Brings a message that waits for a credit back when credits came.</summary>
internal sealed class Waking(Lookups lookups, Prospects prospects) : IWakeMessages
{
    /// <inheritdoc/>
    public async Task<bool> WakeAsync(string tenant, string messageId, CancellationToken ct)
    {
        if (await lookups.ProspectOfMessageAsync(tenant, messageId, ct) is not { } prospectId)
            return false;
        await prospects.WakeAsync(tenant, prospectId, messageId, null, ct);
        return await prospects.FindAsync(tenant, prospectId, messageId, ct) is { Message.IsOver: false };
    }
}
