namespace Pennypost.Sandbox.LinkedIn;

/// <summary>The LinkedIn product that a seat works in. Credits of one product never pay for another's InMails (linkedin.com/help, answers 75 and 1584).</summary>
public enum Product
{
    /// <summary>Premium Career or Business, in the API called <c>classic</c>.</summary>
    Premium,

    /// <summary>Sales Navigator, any tier.</summary>
    SalesNavigator,

    /// <summary>Recruiter Lite, Professional Services or Corporate.</summary>
    Recruiter,
}

/// <summary>Whether a connected account can work.</summary>
public enum AccountState
{
    /// <summary>Connected.</summary>
    Ok,

    /// <summary>LinkedIn restricted the member: live calls answer 403 account_restricted.</summary>
    Restricted,

    /// <summary>The provider lost the session: live calls answer 401 disconnected_account.</summary>
    Disconnected,
}

/// <summary>A sender: one LinkedIn member connected to the provider.</summary>
public sealed record Account
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string PublicIdentifier { get; init; }

    public AccountState State { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>At most one per product.</summary>
    public required IReadOnlyList<Subscription> Subscriptions { get; init; }

    public required SeatLimits Limits { get; init; }

    public required SeatRules Rules { get; init; }

    /// <summary>The real member behind the account: never shown by the provider's API, which only knows viewer-scoped ids.</summary>
    public string MemberId => "owner:" + Id;

    public bool IsPaid => Subscriptions.Count > 0;

    public Subscription? For(Product product) => Subscriptions.FirstOrDefault(s => s.Product == product);

    public Account With(Subscription changed) =>
        this with { Subscriptions = [.. Subscriptions.Select(s => s.Product == changed.Product ? changed : s)] };
}

/// <summary>One product's InMail credits of one account.</summary>
public sealed record Subscription
{
    public required Product Product { get; init; }

    public required string Plan { get; init; }

    /// <summary>Credits that a renewal brings.</summary>
    public required int MonthlyGrant { get; init; }

    /// <summary>The most credits that a renewal can leave in the balance; what is above is forfeited.</summary>
    public required int Cap { get; init; }

    public required int Balance { get; init; }

    /// <summary>Day of the month, UTC, 1 to 31; a shorter month renews on its last day.</summary>
    public required int RenewalDay { get; init; }

    public required DateTimeOffset NextRenewal { get; init; }

    /// <summary>How late the next grant is posted: set by a control, used once.</summary>
    public TimeSpan GrantDelay { get; init; }
}

/// <summary>What LinkedIn and the provider allow one seat. Days and months are UTC; null is no limit.</summary>
public sealed record SeatLimits
{
    public int? InvitationsPerWeek { get; init; }

    public int? NotesPerMonth { get; init; }

    public int NoteLength { get; init; }

    public int? MessagesPerDay { get; init; }

    public int? InmailsPerDay { get; init; }

    public int? OpenProfileInmailsPerMonth { get; init; }

    public int? ProfilesPerDay { get; init; }

    /// <summary>The figures of facts 1.6 and 2: notes 200 characters and 5 a month on a free account, 300 and unlimited on a paid one.</summary>
    public static SeatLimits For(bool paid) => new()
    {
        InvitationsPerWeek = paid ? 200 : 50,
        NotesPerMonth = paid ? null : 5,
        NoteLength = paid ? 300 : 200,
        MessagesPerDay = 150,
        InmailsPerDay = 50,
        OpenProfileInmailsPerMonth = 800,
        ProfilesPerDay = 100,
    };
}

/// <summary>Where LinkedIn's own pages disagree, or its plans differ, the sandbox can keep either rule.</summary>
public sealed record SeatRules
{
    /// <summary>Sales Navigator lets a second InMail go before a reply, for another credit; Premium does not.</summary>
    public bool SecondInmailAllowed { get; init; }

    /// <summary>Some seats were seen to refuse free open-profile InMails at balance 0.</summary>
    public bool OpenProfileNeedsBalance { get; init; }

    /// <summary>limit_exceeded or cannot_resend_yet: both are documented for the weekly invitation limit.</summary>
    public string InvitationLimitError { get; init; } = "limit_exceeded";

    /// <summary>Days from the send in which a reply returns the credit.</summary>
    public int RefundWindowDays { get; init; } = 90;

    /// <summary>How long after the reply the credit is back in the balance.</summary>
    public int RefundLagSeconds { get; init; }

    /// <summary>Days after a withdrawal before the same member can be invited again.</summary>
    public int ReinviteLockDays { get; init; } = 21;

    /// <summary>The provider shows what the account wrote with other line ends and spaces, and with a signature below: nobody says that it does not.</summary>
    public bool TextsAltered { get; init; }
}
