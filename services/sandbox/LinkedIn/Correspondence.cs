namespace Pennypost.Sandbox.LinkedIn;

/// <summary>How something reached a recipient.</summary>
public enum Channel
{
    /// <summary>A message to a first-degree relation, opening or going on with their direct chat.</summary>
    Message,

    /// <summary>A message in an InMail thread that the recipient has answered.</summary>
    Thread,

    /// <summary>A free InMail to an open profile.</summary>
    OpenProfileInmail,

    /// <summary>An InMail that cost a credit.</summary>
    Inmail,

    /// <summary>An invitation to connect, with or without a note.</summary>
    Invitation,
}

/// <summary>A thread between one account and one member. Each InMail opens its own; direct messages share one.</summary>
public sealed record Chat
{
    public required string Id { get; init; }

    /// <summary>Position in the world's order of chats, from 1.</summary>
    public required long Sequence { get; init; }

    public required string AccountId { get; init; }

    public required string MemberId { get; init; }

    public string? Subject { get; init; }

    public required DateTimeOffset LastAt { get; init; }

    /// <summary>The member has written in this thread.</summary>
    public bool Answered { get; init; }

    /// <summary>What the member wrote and the account has not read.</summary>
    public int Unread { get; init; }

    /// <summary>Null for a direct chat.</summary>
    public InmailSend? Inmail { get; init; }
}

/// <summary>The InMail that opened a thread.</summary>
public sealed record InmailSend
{
    public required Product Product { get; init; }

    /// <summary>Credits: 0 to an open profile, otherwise 1.</summary>
    public required int Cost { get; init; }

    public required DateTimeOffset SentAt { get; init; }

    /// <summary>When the recipient replied, accepted or declined.</summary>
    public DateTimeOffset? SettledAt { get; init; }

    public DateTimeOffset? RefundedAt { get; init; }
}

/// <summary>One message, written by the account's owner or by the member.</summary>
public sealed record Message
{
    public required string Id { get; init; }

    /// <summary>Position in the world's order of messages, from 1.</summary>
    public required long Sequence { get; init; }

    public required string ChatId { get; init; }

    public required string AccountId { get; init; }

    public required string MemberId { get; init; }

    public required bool FromMember { get; init; }

    public required string Text { get; init; }

    public string? Subject { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>What became of an invitation.</summary>
public enum InvitationState
{
    Pending,
    Accepted,
    Ignored,
    Withdrawn,
}

/// <summary>An invitation to connect.</summary>
public sealed record Invitation
{
    public required string Id { get; init; }

    public required long Sequence { get; init; }

    public required string AccountId { get; init; }

    public required string MemberId { get; init; }

    public string? Note { get; init; }

    public required DateTimeOffset SentAt { get; init; }

    public required InvitationState State { get; init; }

    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>An account and a member who became first-degree relations in the sandbox's time.</summary>
public sealed record Relation(string AccountId, string MemberId, DateTimeOffset Since);
