namespace Pennypost.Routing;

/// <summary>A sender, and what it knows of the prospect.</summary>
public sealed record Sender
{
    /// <summary>The account; distinct within a question.</summary>
    public required string AccountId { get; init; }

    /// <summary>Decides lengths.</summary>
    public Tier Tier { get; init; } = Tier.Free;

    /// <summary>Whether it can send at all.</summary>
    public AccountState State { get; init; } = AccountState.Ok;

    /// <summary>How far the prospect is, as seen on the profile.</summary>
    public Fact<NetworkDistance> NetworkDistance { get; init; }

    /// <summary>Whether the profile is open to it.</summary>
    public Fact<bool> OpenProfile { get; init; }

    /// <summary>Whether the provider says that it may send InMail to the prospect.</summary>
    public Fact<bool> CanSendInMail { get; init; }

    /// <summary>Its invitation to the prospect.</summary>
    public Fact<Invitation> Invitation { get; init; }

    /// <summary>Whether the prospect has replied in a thread with it.</summary>
    public bool RepliedThread { get; init; }

    /// <summary>Its last InMail to the prospect; null if none.</summary>
    public DateTimeOffset? LastInMailAt { get; init; }

    /// <summary>Whether that InMail was answered.</summary>
    public bool LastInMailAnswered { get; init; }

    /// <summary>Until when the prospect is taken to refuse InMail, because the provider refused one while credits were left.</summary>
    public DateTimeOffset? InMailRefusedUntil { get; init; }

    /// <summary>Its credits; null if its subscription has no InMail.</summary>
    public SenderCredits? Credits { get; init; }

    /// <summary>Open-profile InMails left this month.</summary>
    public long OpenProfileRemaining { get; init; }

    /// <summary>When that allowance starts anew; null if unknown.</summary>
    public DateTimeOffset? OpenProfileResetsAt { get; init; }

    /// <summary>Whether it is already in conversation with the prospect.</summary>
    public bool InConversation { get; init; }

    /// <summary>Whether it has a mailbox to send e-mails from.</summary>
    public bool HasMailbox { get; init; }

    /// <summary>Whether it and the prospect are in a group together.</summary>
    public Fact<bool> SameGroup { get; init; }

    /// <summary>Whether it and the prospect work at the same company.</summary>
    public Fact<bool> Coworker { get; init; }

    /// <summary>Whether the prospect shows it to be open to work.</summary>
    public Fact<bool> OpenToWork { get; init; }

    /// <summary>Channels that its adapter carries; null for those that every adapter does: all but message requests and the Open-to-Work message.</summary>
    public IReadOnlyList<Channel>? OfferedChannels { get; init; }

    /// <summary>Channels by which an attempt of this message was refused for good.</summary>
    public IReadOnlyList<Channel> ClosedChannels { get; init; } = [];

    /// <summary>Whether its adapter carries a channel.</summary>
    internal bool Offers(Channel channel) =>
        OfferedChannels is { } offered
            ? Has(offered, channel)
            : channel is not (Channel.GroupMessageRequest or Channel.CoworkerMessageRequest or Channel.OpenToWorkMessage);

    /// <summary>Whether an attempt of this message by a channel was refused for good.</summary>
    internal bool IsClosed(Channel channel) => Has(ClosedChannels, channel);

    // By index: an enumerator would be allocated for every candidate.
    private static bool Has(IReadOnlyList<Channel> channels, Channel channel)
    {
        for (var i = 0; i < channels.Count; i++)
        {
            if (channels[i] == channel)
                return true;
        }

        return false;
    }

    /// <summary>
    /// Whether the prospect accepted its invitation after the profile was last seen. That is a connection, whatever the
    /// profile said: profiles are fetched once in days, accepts arrive as they happen.
    /// </summary>
    internal bool IsConnectedByInvitation =>
        Invitation.LastSeen is { State: InvitationState.Accepted }
        && (NetworkDistance.ObservedAt is not { } seen || seen < Invitation.ObservedAt);

    /// <summary>How far the prospect is, all told.</summary>
    internal Fact<NetworkDistance> Distance => IsConnectedByInvitation
        ? Fact.Known(Routing.NetworkDistance.FirstDegree, Invitation.ObservedAt!.Value)
        : NetworkDistance;
}

/// <summary>The invitation of one sender to the prospect. Times that are not known are null.</summary>
public readonly record struct Invitation(InvitationState State, DateTimeOffset? SentAt = null, DateTimeOffset? WithdrawnAt = null);

/// <summary>The credits that a sender can draw on, as read at a time.</summary>
public sealed record SenderCredits
{
    /// <summary>The pool.</summary>
    public required string PoolId { get; init; }

    /// <summary>Available when read.</summary>
    public required long Available { get; init; }

    /// <summary>Held by open holds when read.</summary>
    public long Held { get; init; }

    /// <summary>Messages that wait for a credit of this pool and go before this one.</summary>
    public long QueuedDemand { get; init; }

    /// <summary>Credits kept for messages of high priority.</summary>
    public long Floor { get; init; }

    /// <summary>Next grant; null if none.</summary>
    public DateTimeOffset? RenewsAt { get; init; }

    /// <summary>Credits lost at the next renewal if nothing is spent.</summary>
    public long ForfeitsAtRenewal { get; init; }

    /// <summary>Price of an extra credit in millionths of the currency; 0 if unknown or not for sale.</summary>
    public long PriceMicros { get; init; }

    /// <summary>ISO 4217; empty if the price is 0.</summary>
    public string Currency { get; init; } = "";

    /// <summary>Whether the plan allows a second InMail before an answer.</summary>
    public bool SecondInMailAllowed { get; init; }

    /// <summary>When this was read.</summary>
    public required DateTimeOffset ObservedAt { get; init; }

    /// <summary>Until when the InMail breaker of this sender and product is open; null if closed.</summary>
    public DateTimeOffset? BreakerOpenUntil { get; init; }

    /// <summary>Credits that the sender is to make do with from one grant to the next; 0 if not known.</summary>
    public long Budget { get; init; }

    /// <summary>What its seat's own limit leaves of it; null if the pool alone limits it.</summary>
    public long? BudgetLeft { get; init; }

    /// <summary>Whether it is young enough to go by. A balance read before its pool's own renewal tells nothing about the one after it.</summary>
    internal bool IsKnownAt(DateTimeOffset now, TimeSpan life) => now - ObservedAt <= life && !(RenewsAt <= now);

    /// <summary>When to look again for more than a policy keeps or asks for: at the renewal, or before, since others may bring credits back.</summary>
    internal DateTimeOffset LookAgainAt(DateTimeOffset now, RoutingPolicy policy) =>
        RenewsAt is { } renewal && renewal < now + policy.KeptCreditsRecheck ? renewal : now + policy.KeptCreditsRecheck;

    /// <summary>Whether the next one spent would be forfeited otherwise: those who wait and go first take such credits first (F28).</summary>
    internal bool NextWouldBeForfeited => ForfeitsAtRenewal > QueuedDemand;

    /// <summary>What spending one is expected to cost: nothing where it would be forfeited anyway.</summary>
    internal long PriceOf(double netCost) => NextWouldBeForfeited ? 0 : (long)(netCost * PriceMicros);

    /// <summary>Credits that this sender can still spend, those who wait and go first served. Below 0 where there are fewer than wait.</summary>
    internal long Left => Math.Min(Available - QueuedDemand, BudgetLeft ?? long.MaxValue);
}
