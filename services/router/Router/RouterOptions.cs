using System.ComponentModel.DataAnnotations;
using Pennypost.Routing;

namespace Pennypost.Router;

/// <summary>What an installation may set of the routing policy, in the configuration section <c>Router</c>; the rest is <see cref="RoutingPolicy"/>.</summary>
public sealed class RouterOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Router";

    /// <summary>How long what was seen of a profile counts as known, in days.</summary>
    [Range(0.01, 90)]
    public double ProfileLifeDays { get; set; } = RoutingPolicy.Default.NetworkDistanceLife.TotalDays;

    /// <summary>How long a balance counts as known, in seconds.</summary>
    [Range(1, 86_400)]
    public double CreditsLifeSeconds { get; set; } = RoutingPolicy.Default.CreditsLife.TotalSeconds;

    /// <summary>How long an invitation may stay unanswered before a message that is not of high priority may cost a credit, in days.</summary>
    [Range(1, 180)]
    public double InvitationPatienceDays { get; set; } = RoutingPolicy.Default.InvitationPatience.TotalDays;

    /// <summary>When to look again for a fact that could not be had, in minutes.</summary>
    [Range(1, 10_080)]
    public double UnknownFactRecheckMinutes { get; set; } = RoutingPolicy.Default.UnknownFactRecheck.TotalMinutes;

    /// <summary>Where e-mail stands among the channels; <c>Never</c> switches it off.</summary>
    [EnumDataType(typeof(EmailPlace))]
    public EmailPlace Email { get; set; } = EmailPlace.BeforeInMail;

    /// <summary>How many plans one instance makes at once: each takes a processor, and up to some hundred megabytes, for seconds.</summary>
    [Range(1, 64)]
    public int MaxPlans { get; set; } = 2;

    /// <summary>The policy with these settings.</summary>
    public RoutingPolicy ToPolicy() => RoutingPolicy.Default.WithEmail(Email) with
    {
        NetworkDistanceLife = TimeSpan.FromDays(ProfileLifeDays),
        OpenProfileLife = TimeSpan.FromDays(ProfileLifeDays),
        CanSendInMailLife = TimeSpan.FromDays(ProfileLifeDays),
        InvitationLife = TimeSpan.FromDays(ProfileLifeDays),
        CreditsLife = TimeSpan.FromSeconds(CreditsLifeSeconds),
        InvitationPatience = TimeSpan.FromDays(InvitationPatienceDays),
        UnknownFactRecheck = TimeSpan.FromMinutes(UnknownFactRecheckMinutes),
    };
}
