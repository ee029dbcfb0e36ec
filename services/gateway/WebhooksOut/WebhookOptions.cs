using System.ComponentModel.DataAnnotations;

namespace Pennypost.Gateway.WebhooksOut;

/// <summary>The configuration section <c>Gateway:Webhooks</c>; checked when the host starts.</summary>
public sealed class WebhookOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Gateway:Webhooks";

    /// <summary>For development: http and loopback addresses are allowed. Never where strangers have API keys.</summary>
    public bool AllowLoopback { get; set; }

    /// <summary>Whether this instance delivers. At least one must.</summary>
    public bool Deliver { get; set; } = true;

    /// <summary>How long a receiver may take to answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Requests to one receiver at once, each for another subject.</summary>
    [Range(1, 64)]
    public int AtOnce { get; set; } = 16;

    /// <summary>Webhooks that this instance delivers to at once.</summary>
    [Range(1, 1_000)]
    public int Workers { get; set; } = 64;

    /// <summary>How long after whoever delivers died another takes over; more than twice the timeout. Real time and the installation's.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause after the first failure; four times as long after each further one, each drawn evenly between nothing and that.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest pause between two tries of an event.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromHours(4);

    /// <summary>An event that still fails so long after its first try is given up.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "6.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromHours(24);

    /// <summary>So many events that failed since the last success open the webhook's breaker.</summary>
    [Range(1, 100)]
    public int BreakerFailures { get; set; } = 5;

    /// <summary>The first pause of a breaker; it doubles, up to half an hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:30:00")]
    public TimeSpan BreakerPause { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often an idle instance looks for deliveries that another one left.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(2);
}
