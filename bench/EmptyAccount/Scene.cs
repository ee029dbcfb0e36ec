using System.Globalization;

namespace Pennypost.Bench.EmptyAccount;

/// <summary>
/// What every way is given: a list of people who can be reached by a paid InMail only, seats that share a contract's credits, of which none are left at the provider, and free sends on the first seat.
/// A week on it is topped up, and then renewed, six hours late.
/// </summary>
/// <param name="InMails">People on the list.</param>
/// <param name="Seats">Senders that share it.</param>
/// <param name="Believed">Credits that our books show although there are none.</param>
/// <param name="FreeSends">Messages to relations, and as many invitations.</param>
internal sealed record Scene(int InMails, int Seats, int Believed, int FreeSends)
{
    /// <summary>Premium Business: its credits can be bought, and it renews on a billing day.</summary>
    public const string Plan = "premium_business";
    public const int Grant = 15;
    public const int TopUp = 10;

    public static readonly TimeSpan UntilTopUp = TimeSpan.FromDays(2);
    public static readonly TimeSpan AfterTopUp = TimeSpan.FromDays(2);
    public static readonly TimeSpan GrantIsLate = TimeSpan.FromHours(6);
    public static readonly TimeSpan AfterRenewal = TimeSpan.FromDays(2);

    public IEnumerable<string> SeatIds => Ids("seat", Seats);

    public IEnumerable<string> People => Ids("stranger", InMails);

    public IEnumerable<string> Relations => Ids("relation", FreeSends);

    public IEnumerable<string> Invited => Ids("invited", FreeSends);

    /// <summary>The next renewal, on a day that every month has.</summary>
    public static DateTimeOffset RenewalAfter(DateTimeOffset now)
    {
        var day = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero) + UntilTopUp + AfterTopUp + TimeSpan.FromDays(1);
        while (day.Day > 28) day += TimeSpan.FromDays(1);
        return day;
    }

    private static IEnumerable<string> Ids(string name, int count) => Enumerable.Range(1, count).Select(n => string.Create(CultureInfo.InvariantCulture, $"{name}-{n}"));
}

/// <summary>What one way came to, by the provider's own counts.</summary>
internal sealed record Found(string Way, Scene Scene)
{
    /// <summary>Calls that the provider refused until the top-up, until the renewal, and after it.</summary>
    public List<int> Refused { get; } = [];

    /// <summary>Paid InMails that went out in the same spans.</summary>
    public List<int> Sent { get; } = [];

    /// <summary>Free sends that went out on the first day.</summary>
    public int Free { get; set; }

    /// <summary>People whose message waits for a credit at the end, or for anything else.</summary>
    public int Waiting { get; set; }

    /// <summary>People whom nothing will reach unless somebody starts them again by hand.</summary>
    public int Lost { get; set; }

    /// <summary>Refused calls that began after the first refusal had been understood; null where nobody tries to.</summary>
    public int? Late { get; set; }

    /// <summary>What must hold and does not.</summary>
    public List<string> Wrong { get; } = [];
}
