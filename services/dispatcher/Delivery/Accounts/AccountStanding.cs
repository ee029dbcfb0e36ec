namespace Pennypost.Delivery.Accounts;

/// <summary>What changed an account's state, or what holds its InMails up; the contract's numbers.</summary>
public enum AccountStateCause
{
    /// <summary>Not known.</summary>
    Unspecified = 0,

    /// <summary>It was put for the first time, or with another InMail product.</summary>
    Put = 1,

    /// <summary>A webhook of the provider said so.</summary>
    Webhook = 2,

    /// <summary>The provider was asked, because the session had been lost.</summary>
    Poll = 3,

    /// <summary>The provider refused a call for the account.</summary>
    RefusedCall = 4,

    /// <summary>An operator paused or resumed it.</summary>
    Operator = 5,

    /// <summary>Its InMail breaker changed, or resumes at another time.</summary>
    Breaker = 6,
}

/// <summary>What an account's line for people says as long as nothing is committed: whoever shows the line hears of it when this changes (F62).</summary>
/// <param name="State">Whether it can send.</param>
/// <param name="Breaker">The breaker of its InMails; unspecified behind a state that stops everything, since then it shows nowhere.</param>
/// <param name="Confirmed">Whether the provider's balance confirmed that no credit is left.</param>
/// <param name="ResumeTime">When an open breaker looks again; null if it is not open.</param>
public sealed record AccountStanding(AccountState State, BreakerState Breaker, bool Confirmed, DateTimeOffset? ResumeTime)
{
    /// <summary>Of an account as it is kept.</summary>
    public static AccountStanding Of(Account account)
    {
        var breaker = account.BreakerOf(account.Settings.InmailProduct);
        return account.State != AccountState.Ok ? new(account.State, BreakerState.Unspecified, false, null)
            : breaker.State != BreakerState.Open ? new(AccountState.Ok, breaker.State, false, null)
            : new(AccountState.Ok, BreakerState.Open, breaker.Confirmed, breaker.ResumeTime);
    }

    /// <summary>What made the one into the other: where the state stayed, it was the breaker, whatever else the commit was about. Null if it is the same.</summary>
    /// <param name="before">Null for an account that was put for the first time.</param>
    /// <param name="after">After the commit.</param>
    /// <param name="cause">What the commit was about, if it was about the account's state or settings.</param>
    public static AccountStateCause? Changed(AccountStanding? before, AccountStanding after, AccountStateCause cause) =>
        before == after ? null : before?.State == after.State && cause != AccountStateCause.Put ? AccountStateCause.Breaker : cause;
}
