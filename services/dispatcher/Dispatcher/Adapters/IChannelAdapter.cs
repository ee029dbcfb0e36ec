using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Provider;

namespace Pennypost.Dispatcher.Adapters;

/// <summary>Writes once. At most one request ever leaves for one call, and none begins to after the deadline.</summary>
/// <param name="deadline">The latest timestamp of the <see cref="TimeProvider"/> at which the write may begin.</param>
/// <param name="ct">Ends the waiting. After the write began to leave, the answer is unknown.</param>
internal delegate Task<ProviderReply> Write(long deadline, CancellationToken ct);

/// <summary>
/// A way out of the house: the port that every provider is behind. An adapter says which channels it carries, how a write is made and how a write in doubt is looked up; gates, caps, credits, intent, outcome and
/// retries are the dispatcher's, and alike for all. docs/adapters.md says what an adapter has to keep to.
/// </summary>
internal interface IChannelAdapter
{
    /// <summary>The channels that it carries. No other adapter of the host carries them.</summary>
    IReadOnlyList<Channel> Channels { get; }

    /// <summary>How long one write may take once it has begun: a lease must still hold so long when it does.</summary>
    TimeSpan CallLimit { get; }

    /// <summary>
    /// Before the intent: looks up all that the write needs, so that nothing can be missing after it. Calls nobody outside. Null: the sender is not connected for this channel. The write is a function of the
    /// attempt and of what is kept, so that whoever looks it up later looks for what was written.
    /// </summary>
    Task<Write?> PrepareAsync(MessageInHand at, Attempt attempt, Account account, CancellationToken ct);

    /// <summary>Looks whether a write in doubt took effect. What cannot be looked up is <see cref="Finding.Unreadable"/>, for good if need be: then an operator decides.</summary>
    Task<Finding> LookAsync(MessageInHand at, Attempt attempt, AccountView account, CancellationToken ct);
}

/// <summary>The adapters of this host, by channel.</summary>
internal sealed class ChannelAdapters
{
    private readonly Dictionary<Channel, IChannelAdapter> _byChannel = [];

    /// <summary>A channel that two adapters claim stops the host: which of them sends must not be chance.</summary>
    public ChannelAdapters(IEnumerable<IChannelAdapter> adapters)
    {
        foreach (var adapter in adapters)
            foreach (var channel in adapter.Channels)
                if (!_byChannel.TryAdd(channel, adapter))
                    throw new InvalidOperationException($"{_byChannel[channel].GetType().Name} and {adapter.GetType().Name} both carry {channel}.");
    }

    /// <summary>Every channel that is carried: the others are not routed over (CHANNEL_NOT_OFFERED).</summary>
    public IEnumerable<Channel> Channels => _byChannel.Keys;

    /// <summary>Who carries a channel.</summary>
    public IChannelAdapter Of(Channel channel) => _byChannel.GetValueOrDefault(channel) ?? throw new InvalidOperationException($"No adapter carries {channel}.");
}
