using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Rules;

/// <summary>Everything that LinkedIn looks at when an account acts toward a member.</summary>
public sealed record Standing
{
    public required Account Account { get; init; }

    public required Prospect Prospect { get; init; }

    public required Degree Degree { get; init; }

    /// <summary>An InMail of this account that the member has not settled.</summary>
    public bool HasUnansweredInmail { get; init; }

    /// <summary>This account's last invitation to the member.</summary>
    public Invitation? LastInvitation { get; init; }

    public required Use Use { get; init; }

    public required DateTimeOffset Now { get; init; }
}

/// <summary>What an account has done so far in the windows that its limits speak of.</summary>
public sealed record Use
{
    public int MessagesToday { get; init; }

    public int InmailsToday { get; init; }

    public int ProfilesToday { get; init; }

    /// <summary>Today and the six UTC days before.</summary>
    public int InvitationsThisWeek { get; init; }

    public int NotesThisMonth { get; init; }

    public int OpenProfileInmailsThisMonth { get; init; }

    public static Use Of(IEnumerable<DayOfUse> days, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var use = new Use();
        foreach (var day in days)
        {
            var age = today.DayNumber - day.Day.DayNumber;
            if (age < 0)
                continue;
            if (age == 0)
                use = use with { MessagesToday = day.Messages, InmailsToday = day.Inmails, ProfilesToday = day.Profiles };
            if (age < 7)
                use = use with { InvitationsThisWeek = use.InvitationsThisWeek + day.Invitations };
            if (day.Day.Year == today.Year && day.Day.Month == today.Month)
            {
                use = use with
                {
                    NotesThisMonth = use.NotesThisMonth + day.Notes,
                    OpenProfileInmailsThisMonth = use.OpenProfileInmailsThisMonth + day.OpenProfileInmails,
                };
            }
        }

        return use;
    }
}
