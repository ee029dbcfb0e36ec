using Microsoft.Extensions.Options;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Provider;
using Pennypost.Dispatcher.Work;

namespace Pennypost.Dispatcher.Adapters;

/// <summary>LinkedIn's channels and engagements, through the Unipile API. A message in doubt is looked for among the sender's own messages and invitations.</summary>
internal sealed class LinkedInAdapter(UnipileProvider provider, Connections connections, SentSearch search, Prospects prospects, IOptions<ProviderOptions> options) : IChannelAdapter
{
    public IReadOnlyList<Channel> Channels { get; } = [Channel.DirectMessage, Channel.RepliedThread, Channel.OpenProfileInmail, Channel.ConnectionRequest, Channel.Inmail, Channel.ProfileView, Channel.Like, Channel.Comment];

    public TimeSpan CallLimit => options.Value.CallLimit;

    public async Task<Write?> PrepareAsync(MessageInHand at, Attempt attempt, Account account, CancellationToken ct)
    {
        if (await connections.FindAsync(at.Tenant, account.Settings.ConnectionId, ct) is not { } connection)
            return null;
        var send = Sends.Of(attempt, at.Prospect.ViewOf(attempt.AccountId), at.Content, account.Signature);
        return (deadline, token) => provider.SendAsync(connection.Provider, send, deadline, token);
    }

    public async Task<Finding> LookAsync(MessageInHand at, Attempt attempt, AccountView account, CancellationToken ct)
    {
        // Nobody looks for a like: once it cannot arrive any more it is taken as done. Perhaps it is not, and certainly it is not done twice.
        if (attempt.Channel.IsEngagement())
            return Verifying.IsSettled(attempt, prospects.Rules, at.Now, prospects.RealNow) ? new Finding.Found("", "") : new Finding.Unreadable();
        return await connections.FindAsync(at.Tenant, account.Account.Settings.ConnectionId, ct) is { } connection
            ? await search.LookAsync(at, attempt, account, connection.Provider, ct)
            : new Finding.Unreadable();
    }
}
