using Pennypost.Delivery.Messages;
using Pennypost.Hosting;

namespace Pennypost.Dispatcher.Messages;

/// <summary>Who is behind a thread or an id of the provider's, so that a happening reaches the prospect by whatever it names them.</summary>
internal sealed class KnownPeople(Lookups lookups, Prospects prospects, Identifiers identifiers)
{
    /// <summary>The prospect that a thread is with; null if nobody knows it.</summary>
    public Task<string?> OfChatAsync(string tenant, string accountId, string chatId, CancellationToken ct) =>
        lookups.ProspectOfAsync(tenant, identifiers.Chat(tenant, accountId, chatId), ct);

    /// <summary>The prospect whom this account sees under this id; null if it never looked.</summary>
    public async Task<string?> OfIdAsync(string tenant, string accountId, string memberId, CancellationToken ct) =>
        memberId.Length == 0 ? null : await lookups.ProspectOfAsync(tenant, identifiers.Attendee(tenant, accountId, memberId), ct);

    /// <summary>By the id, which stays when people rename themselves; else by the profile, which is the same for every account. Null if neither is told or known.</summary>
    public async Task<string?> OfMemberAsync(string tenant, string accountId, string memberId, string publicId, CancellationToken ct) =>
        await OfIdAsync(tenant, accountId, memberId, ct) ?? (publicId.Length > 0 && PublicIdentifier.Of(publicId) is { } identifier ? identifiers.Prospect(tenant, identifier) : null);

    /// <summary>
    /// Keeps what was learned of a thread and its other side. The first stays; nothing does of somebody who was erased since <paramref name="known"/> was read: their erasure has let go of what there was before, and
    /// knows nothing of this.
    /// </summary>
    public async Task KeepAsync(string tenant, string accountId, string chatId, string memberId, string prospectId, Prospect known, CancellationToken ct)
    {
        List<string> keys = [identifiers.Chat(tenant, accountId, chatId)];
        if (memberId.Length > 0)
            keys.Add(identifiers.Attendee(tenant, accountId, memberId));
        foreach (var key in keys)
            await lookups.KeepAsync(tenant, key, prospectId, ct);
        // After it is kept: an erasure that begins from here on finds it, if it finds what led here.
        var now = await prospects.FindAsync(tenant, prospectId, ct);
        if (!now.Forgotten && now.EraseTime == known.EraseTime)
            return;
        foreach (var key in keys)
            await lookups.ForgetAsync(tenant, key, prospectId, ct);
    }
}
