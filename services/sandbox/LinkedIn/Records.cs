namespace Pennypost.Sandbox.LinkedIn;

/// <summary>One thing that a recipient really got: the judge's evidence.</summary>
public sealed record Delivery
{
    /// <summary>From 1, without gaps.</summary>
    public required long Sequence { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string AccountId { get; init; }

    /// <summary>The real member id, the same for every sender.</summary>
    public required string MemberId { get; init; }

    public required Channel Channel { get; init; }

    /// <summary>First 32 hexadecimal digits of the text's SHA-256; of the note for an invitation. Empty for an invitation without a note.</summary>
    public required string TextDigest { get; init; }

    public required int TextLength { get; init; }

    public string? MessageId { get; init; }

    public string? InvitationId { get; init; }

    public string? ChatId { get; init; }

    /// <summary>Written by the account's owner outside the API.</summary>
    public bool ByHand { get; init; }
}

/// <summary>Something that an account did for a member to see, without writing to them.</summary>
public enum EngagementKind
{
    View,
    Like,
    Comment,
}

/// <summary>One engagement, as the judge counts it.</summary>
public sealed record Engagement
{
    /// <summary>From 1, without gaps.</summary>
    public required long Sequence { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string AccountId { get; init; }

    public required EngagementKind Kind { get; init; }

    /// <summary>The real member id of a view, the post id of the others.</summary>
    public required string Subject { get; init; }

    /// <summary>Of a comment: the first 32 hexadecimal digits of its SHA-256. Empty for the others.</summary>
    public string TextDigest { get; init; } = "";
}

/// <summary>Why a balance moved.</summary>
public enum CreditMove
{
    Granted,
    Forfeited,
    Spent,
    Refunded,
    ToppedUp,
    Set,
}

/// <summary>One movement of one balance.</summary>
public sealed record CreditEntry
{
    public required long Sequence { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string AccountId { get; init; }

    public required Product Product { get; init; }

    public required CreditMove Move { get; init; }

    /// <summary>Signed, except for a forfeit, which never was in the balance.</summary>
    public required int Amount { get; init; }

    public required int BalanceAfter { get; init; }

    public string? MessageId { get; init; }
}

/// <summary>What one account did on one UTC day: the windows of the seat limits are sums of these.</summary>
public sealed record DayOfUse
{
    public required string AccountId { get; init; }

    public required DateOnly Day { get; init; }

    public int Messages { get; init; }

    public int Inmails { get; init; }

    public int OpenProfileInmails { get; init; }

    public int Invitations { get; init; }

    public int Notes { get; init; }

    public int Profiles { get; init; }
}

/// <summary>How often one endpoint was called for one account, whatever the answer. The account is empty where the call names none.</summary>
public sealed record CallCount(string Endpoint, string AccountId, long Calls, long Refused);

/// <summary>Things that happen by themselves when the clock passes their time.</summary>
public enum DueKind
{
    Reply,
    Decline,
    Accept,
    NoticeRelation,
    Renewal,
    PostGrant,
    PostRefund,
    ReleasePost,
}

/// <summary>One thing that will happen.</summary>
public sealed record Due
{
    public required string Id { get; init; }

    public required DateTimeOffset At { get; init; }

    public required DueKind Kind { get; init; }

    public required string AccountId { get; init; }

    public string? MemberId { get; init; }

    /// <summary>The chat of a reply, decline or refund.</summary>
    public string? ChatId { get; init; }

    public string? InvitationId { get; init; }

    public Product? Product { get; init; }

    /// <summary>The webhook post that is held until then.</summary>
    public string? PostId { get; init; }
}
