using System.Collections.Immutable;

namespace Pennypost.Delivery.Accounts;

/// <summary>Whether an account can send.</summary>
public enum AccountState
{
    /// <summary>Not known.</summary>
    Unspecified = 0,

    /// <summary>It can.</summary>
    Ok = 1,

    /// <summary>The provider lost its session.</summary>
    Disconnected = 2,

    /// <summary>LinkedIn restricted it.</summary>
    Restricted = 3,

    /// <summary>An operator paused it.</summary>
    Paused = 4,
}

/// <summary>What its tenant set for a sender.</summary>
public sealed record AccountSettings
{
    /// <summary>The connection it is reached through.</summary>
    public required string ConnectionId { get; init; }

    /// <summary>The connection that is its mailbox; empty: it sends no e-mail.</summary>
    public string EmailConnectionId { get; init; } = "";

    /// <summary>For people.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>Decides default caps and lengths.</summary>
    public Tier Tier { get; init; } = Tier.Free;

    /// <summary>The pools that pay its InMails, at most one per product.</summary>
    public ImmutableArray<AccountPool> Pools { get; init; } = [];

    /// <summary>The product whose InMails it sends; unspecified: none that cost a credit.</summary>
    public Product InmailProduct { get; init; }

    /// <summary>Its own caps; each can only lower the tier's default.</summary>
    public ImmutableArray<Cap> Caps { get; init; } = [];

    /// <summary>When it may send.</summary>
    public SendingWindow Window { get; init; } = SendingWindow.Always;

    /// <summary>Least time between two sends, 0 s to 1 h. Default 10 s: the provider recommends 10 to 20 s.</summary>
    public TimeSpan Spacing { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How carefully it is used.</summary>
    public SafetySettings Safety { get; init; } = new();

    /// <summary>The pool that pays InMails of a product, or null.</summary>
    public string? PoolOf(Product product) => Pools.FirstOrDefault(pool => pool.Product == product)?.PoolId;

    /// <inheritdoc/>
    public bool Equals(AccountSettings? other) =>
        other is not null
        && (ConnectionId, EmailConnectionId, DisplayName, Tier, InmailProduct, Spacing) == (other.ConnectionId, other.EmailConnectionId, other.DisplayName, other.Tier, other.InmailProduct, other.Spacing)
        && Window == other.Window && Safety == other.Safety && Pools.SequenceEqual(other.Pools) && Caps.SequenceEqual(other.Caps);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ConnectionId, DisplayName, Tier, InmailProduct, Spacing);
}

/// <summary>The pool that pays an account's InMails of one product.</summary>
public sealed record AccountPool(Product Product, string PoolId);

/// <summary>The right to the one write that an account may have under way.</summary>
/// <param name="MessageId">Whose.</param>
/// <param name="Attempt">Which of its attempts.</param>
/// <param name="UntilReal">Real time, without the installation's offset: a clock that is moved must not let two writes overlap.</param>
public sealed record WriteLease(string MessageId, int Attempt, DateTimeOffset UntilReal);

/// <summary>The provider or LinkedIn asked to slow down.</summary>
/// <param name="Action">What is slowed; unspecified for every send.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Reason">Which signal.</param>
public sealed record CoolDown(CappedAction Action, DateTimeOffset Until, Reason Reason);

/// <summary>One sender: everything that decides whether it may write now. Changed only by the functions beside it.</summary>
public sealed record Account
{
    /// <summary>The provider's id of it.</summary>
    public required string Id { get; init; }

    /// <summary>What its tenant set.</summary>
    public required AccountSettings Settings { get; init; }

    /// <summary>What stands under a Recruiter InMail: the provider requires a signature there.</summary>
    public string Signature => Settings.DisplayName.Length > 0 ? Settings.DisplayName : Id;

    /// <summary>Rises with every change of <see cref="Settings"/>.</summary>
    public long SettingsVersion { get; init; } = 1;

    /// <summary>When it was first put.</summary>
    public DateTimeOffset CreateTime { get; init; }

    /// <summary>Whether an operator paused it.</summary>
    public bool Paused { get; init; }

    /// <summary>What the provider's signals say: ok, disconnected or restricted.</summary>
    public AccountState Condition { get; init; } = AccountState.Ok;

    /// <summary>Since when.</summary>
    public DateTimeOffset ConditionTime { get; init; }

    /// <summary>The account's own member id at the provider, once seen: messages from it are its own sends.</summary>
    public string OwnProviderId { get; init; } = "";

    /// <summary>The InMail breakers that were ever opened, at most one per product.</summary>
    public ImmutableArray<Breaker> Breakers { get; init; } = [];

    /// <summary>What caps were charged with.</summary>
    public Charges Charges { get; init; } = Charges.None;

    /// <summary>Slow-downs in force, at most one per action and one for all.</summary>
    public ImmutableArray<CoolDown> CoolDowns { get; init; } = [];

    /// <summary>Times handed out to messages that wait, ordered by time.</summary>
    public ImmutableArray<Slot> Slots { get; init; } = [];

    /// <summary>When the last send was permitted or ended, whichever is later.</summary>
    public DateTimeOffset? LastSend { get; init; }

    /// <summary>The hash of the message that was permitted last: by it the spacing after it is drawn.</summary>
    public long LastSendOwner { get; init; }

    /// <summary>Ramps that were set back, at most one per action.</summary>
    public ImmutableArray<RampRestart> RampRestarts { get; init; } = [];

    /// <summary>The pending invitations, as last seen; null if nobody looked yet.</summary>
    public PendingSeen? PendingSeen { get; init; }

    /// <summary>When they are looked at next; null until the account invites somebody.</summary>
    public DateTimeOffset? PendingLookTime { get; init; }

    /// <summary>When invitations were withdrawn in the last day, oldest first.</summary>
    public ImmutableArray<DateTimeOffset> Withdrawals { get; init; } = [];

    /// <summary>What was sent and answered in the last 60 days, by day and action.</summary>
    public ImmutableArray<DayTally> Tallies { get; init; } = [];

    /// <summary>What the provider and LinkedIn did lately, oldest first.</summary>
    public ImmutableArray<Sign> Signs { get; init; } = [];

    /// <summary>An operator's last word on its safety.</summary>
    public SafetyOverride? SafetyOverride { get; init; }

    /// <summary>What its safety does to it, as of the last <see cref="SafetyScore.AsOf"/>; not kept.</summary>
    public SafetyLevel SafetyLevel { get; init; } = SafetyLevel.Normal;

    /// <summary>The write under way.</summary>
    public WriteLease? Lease { get; init; }

    /// <summary>Permits for sends that cost a credit, by product, that are not settled yet.</summary>
    public ImmutableArray<OpenCredit> OpenCredits { get; init; } = [];

    /// <summary>The last attempts that were settled, so that a late duplicate cannot take a permit again.</summary>
    public ImmutableArray<long> Settled { get; init; } = [];

    /// <summary>How far its messages at the provider were read; null if it was kept before anybody read them.</summary>
    public Inbox? Inbox { get; init; }

    /// <summary>What is raised of it, by kind and product.</summary>
    public ImmutableArray<Alert> Alerts { get; init; } = [];

    /// <summary>Whether it can send: what the provider says goes before a pause.</summary>
    public AccountState State => Condition != AccountState.Ok ? Condition : Paused ? AccountState.Paused : AccountState.Ok;

    /// <summary>The breaker of a product; closed if it never opened.</summary>
    public Breaker BreakerOf(Product product) => Breakers.FirstOrDefault(breaker => breaker.Product == product) ?? Breaker.Closed(product);

    /// <summary>With one breaker changed.</summary>
    public Account With(Breaker changed) => this with
    {
        Breakers = [.. Breakers.Where(breaker => breaker.Product != changed.Product).Append(changed).OrderBy(breaker => breaker.Product)],
    };

    /// <summary>With one ramp set back.</summary>
    public Account With(RampRestart restart) => RampRestarts.Contains(restart) ? this : this with
    {
        RampRestarts = RampRestarts.RemoveAll(known => known.Action == restart.Action).Add(restart),
    };

    private string? MailboxText(DateTimeOffset now) => CoolDowns.FirstOrDefault(coolDown => coolDown.Reason == Reason.MailboxRefused && coolDown.Until > now) is { } refused
        ? $"the mail server refuses its mailbox, tried again {refused.Until.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"
        : null;

    /// <summary>One line for people: why it does not send, or that it does.</summary>
    /// <param name="now">The time.</param>
    /// <param name="empty">That the books have no credit for it; null if they have, or nobody can tell.</param>
    public string StatusText(DateTimeOffset now, EmptyPool? empty = null) => State switch
    {
        AccountState.Disconnected => "disconnected: reconnect it at the provider",
        AccountState.Restricted => "restricted by LinkedIn",
        AccountState.Paused => "paused",
        _ => SafetyLevel switch
        {
            SafetyLevel.Paused => "paused for its safety, " + SafetyScore.Text(this, now),
            SafetyLevel.Slow => "slowed down for its safety, " + SafetyScore.Text(this, now),
            _ => null,
        }
        ?? BreakerOf(Settings.InmailProduct).StatusText(now) ?? empty?.StatusText ?? MailboxText(now) ?? "ok",
    };
}

/// <summary>A pool without a credit, free or held: nothing is refused, and no breaker opens, because nobody tries.</summary>
/// <param name="RenewTime">When it is granted new ones; null if never.</param>
public sealed record EmptyPool(DateTimeOffset? RenewTime)
{
    /// <summary>As the breaker puts it.</summary>
    public string StatusText => RenewTime is { } renewal ? Breaker.ExhaustedUntil(renewal) : "credits exhausted";
}

/// <summary>Sends that took a credit and are not settled, of one product.</summary>
public sealed record OpenCredit(Product Product, int Count);
