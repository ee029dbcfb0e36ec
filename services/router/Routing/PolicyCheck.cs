namespace Pennypost.Routing;

/// <summary>What is wrong with one field of a policy. Fields are named as in pennypost.types.v1.RoutingPolicy.</summary>
public readonly record struct PolicyFault(string Field, string Problem);

/// <summary>What a policy must keep to. A policy without faults can be decided by.</summary>
public static class PolicyCheck
{
    private const int MaxName = 64;
    private const int MaxConditions = 16;
    private const long MaxCredits = 1_000_000;

    // What a hold may ask to be left over.
    private const long MaxFloor = 10_000;
    private const int MaxPatienceDays = 180;

    /// <summary>Every fault at once, in the order of the fields.</summary>
    public static IReadOnlyList<PolicyFault> Of(RoutingPolicy policy)
    {
        var faults = new List<PolicyFault>();
        if (policy.Name.Length is 0 or > MaxName || !policy.Name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-'))
            faults.Add(new("name", "must be 1 to 64 of A-Z, a-z, 0-9, _ and -"));
        if (policy.Version < 0)
            faults.Add(new("version", "must not be negative"));
        Known("choice", policy.Choice, faults);
        Channels(policy.ChannelOrder, faults);
        Range("credit_floor", policy.CreditFloor, 0, MaxFloor, faults);
        Conditions(policy, faults);
        Warrant(policy, faults);
        Known("on_exhaustion", policy.OnExhaustion, faults);
        if (policy.Hours is { } hours)
            Hours(hours, faults);
        Known("stickiness", policy.Stickiness, faults);
        return faults;
    }

    private static void Channels(IReadOnlyList<Channel> channels, List<PolicyFault> faults)
    {
        if (channels.Count == 0)
            faults.Add(new("channels", "must name a channel: one that is not named is off"));

        var seen = new HashSet<Channel>();
        for (var i = 0; i < channels.Count; i++)
        {
            if (!Enum.IsDefined(channels[i]) || channels[i].IsEngagement())
                faults.Add(new($"channels[{i}]", "must be a channel of messages"));
            else if (!seen.Add(channels[i]))
                faults.Add(new($"channels[{i}]", "stands there twice"));
        }
    }

    private static void Conditions(RoutingPolicy policy, List<PolicyFault> faults)
    {
        if (policy.Conditions.Count > MaxConditions)
            faults.Add(new("conditions", $"must be at most {MaxConditions}"));

        var seen = new HashSet<Channel>();
        for (var i = 0; i < Math.Min(policy.Conditions.Count, MaxConditions); i++)
        {
            var (condition, at) = (policy.Conditions[i], $"conditions[{i}]");
            if (!policy.ChannelOrder.Contains(condition.Channel))
                faults.Add(new($"{at}.channel", "must be one of channels"));
            else if (!seen.Add(condition.Channel))
                faults.Add(new($"{at}.channel", "has a condition already: say everything in one"));

            Range($"{at}.min_credits", condition.MinCredits, 0, MaxCredits, faults);
            if (condition.MinPriority is { } priority)
                Known($"{at}.min_priority", priority, faults);
            if (condition.EmailVerified && condition.Channel != Channel.Email)
                faults.Add(new($"{at}.email_verified", "is a condition of CHANNEL_EMAIL only"));
            if (condition is { MinCredits: 0, MinPriority: null, EmailVerified: false, NotGeneric: false })
                faults.Add(new(at, "must ask for something"));
        }
    }

    private static void Warrant(RoutingPolicy policy, List<PolicyFault> faults)
    {
        if (policy.ChannelOrder.Contains(Channel.InMail) && policy.Warrant is { HighPriority: false, UnansweredInvitation: false, WouldBeForfeited: false })
            faults.Add(new("inmail_warrant", "must let something warrant a credit, or CHANNEL_INMAIL must not be among channels"));
        if (policy.InvitationPatience < TimeSpan.FromDays(1) || policy.InvitationPatience > TimeSpan.FromDays(MaxPatienceDays))
            faults.Add(new("inmail_warrant.patience_days", $"must be 1 to {MaxPatienceDays}, or 0 for the installation's"));
    }

    private static void Hours(PolicyHours hours, List<PolicyFault> faults)
    {
        if (hours.TimeZone.Length > 0 && !TimeZoneInfo.TryFindSystemTimeZoneById(hours.TimeZone, out _))
            faults.Add(new("hours.time_zone", "must be an IANA time zone, such as Europe/Berlin"));

        var seen = new HashSet<int>();
        if (hours.Days.Any(day => day is < 1 or > 7))
            faults.Add(new("hours.days", "must be 1 (Monday) to 7 (Sunday)"));
        if (!hours.Days.All(seen.Add))
            faults.Add(new("hours.days", "must not name a day twice"));

        if (hours is { FromMinute: 0, ToMinute: 0 })
            return;
        Range("hours.from_minute", hours.FromMinute, 0, 1_439, faults);
        Range("hours.to_minute", hours.ToMinute, 1, 1_440, faults);
        if (hours.ToMinute <= hours.FromMinute)
            faults.Add(new("hours.to_minute", "must be more than from_minute"));
    }

    private static void Range(string field, long value, long min, long max, List<PolicyFault> faults)
    {
        if (value < min || value > max)
            faults.Add(new(field, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"must be {min:N0} to {max:N0}")));
    }

    private static void Known<TEnum>(string field, TEnum value, List<PolicyFault> faults)
        where TEnum : struct, Enum
    {
        if (!Enum.IsDefined(value))
            faults.Add(new(field, "must be one of the enum's values"));
    }
}
