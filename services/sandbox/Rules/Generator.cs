using System.Globalization;
using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Rules;

/// <summary>Makes members up from a seed: the same id is always the same person.</summary>
public static class Generator
{
    private static readonly string[] FirstNames = ["Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Frances", "Ken", "Radia", "Tony", "Margaret", "Niklaus"];
    private static readonly string[] LastNames = ["Okafor", "Silva", "Novak", "Larsen", "Moreau", "Tanaka", "Weber", "Rossi", "Haddad", "Kim", "Nguyen", "Castro"];
    private static readonly string[] Roles = ["Head of Sales", "VP Engineering", "Founder", "Talent Lead", "Chief of Staff", "Marketing Director", "Data Scientist"];
    private static readonly string[] Companies = ["Northwind", "Contoso", "Fabrikam", "Tailspin", "Adatum", "Litware", "Proseware"];

    /// <summary>The <paramref name="count"/> members <c>{prefix}1</c>, <c>{prefix}2</c> and so on.</summary>
    public static IEnumerable<Prospect> Many(string seed, string prefix, int count) =>
        Enumerable.Range(1, count).Select(n => One(seed, prefix + n.ToString(CultureInfo.InvariantCulture)));

    /// <summary>One member. About a fifth are open profiles, a tenth have InMail switched off (half of those in the ambiguous form), a twentieth hide a field.</summary>
    public static Prospect One(string seed, string id)
    {
        double Chance(string what) => Draw.Unit(seed, id, what);
        string Pick(string what, string[] from) => from[(int)(Chance(what) * from.Length)];

        var door = Chance("inmail");
        var (role, company) = (Pick("role", Roles), Pick("company", Companies));
        return new()
        {
            Id = id,
            PublicIdentifier = id,
            FirstName = Pick("first name", FirstNames),
            LastName = Pick("last name", LastNames),
            Headline = role + " at " + company,
            Company = company,
            OpenProfile = Chance("open profile") < 0.2,
            Premium = Chance("premium") < 0.3,
            OpenToWork = Chance("open to work") < 0.1,
            Inmail = door < 0.05 ? InmailDoor.Off : door < 0.1 ? InmailDoor.OffSaysInsufficientCredits : InmailDoor.Open,
            HiddenFields = Chance("hidden") < 0.05 ? ["is_open_profile", "can_send_inmail"] : [],
            ThrottledSections = Chance("throttled") < 0.02 ? ["experience"] : [],
            Behaviour = new()
            {
                ReplyProbability = 0.05 + (0.35 * Chance("replies")),
                DeclineProbability = 0.1,
                AcceptProbability = 0.2 + (0.4 * Chance("accepts")),
            },
        };
    }

    /// <summary>How far a member is from an account when nothing else says so.</summary>
    public static Degree DegreeOf(string seed, string memberId, string accountId) => Draw.Unit(seed, "degree", memberId, accountId) switch
    {
        < 0.15 => Degree.First,
        < 0.6 => Degree.Second,
        < 0.9 => Degree.Third,
        _ => Degree.OutOfNetwork,
    };
}
