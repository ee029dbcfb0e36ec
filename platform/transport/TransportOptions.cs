using System.ComponentModel.DataAnnotations;
using Pennypost.Hosting;

namespace Pennypost.Transport;

/// <summary>How events, ready work and commands travel.</summary>
public enum TransportKind
{
    /// <summary>Inside one process: nothing to install. What it holds is lost with the process and comes again from journal and due index. There are no command queues.</summary>
    InProcess,

    /// <summary>RabbitMQ, one node or a cluster.</summary>
    RabbitMq,
}

/// <summary>Configuration section <c>Transport</c>; checked at start.</summary>
public sealed class TransportOptions : IValidatableObject
{
    /// <summary>The section's name.</summary>
    public const string Section = "Transport";

    /// <summary>In process unless told otherwise.</summary>
    public TransportKind Kind { get; set; } = TransportKind.InProcess;

    /// <summary>The brokers, <c>host:port</c> each, 1 to 9; of a cluster, all its nodes.</summary>
    public IList<string> Hosts { get; } = [];

    /// <summary>The virtual host.</summary>
    [Required]
    [StringLength(128, MinimumLength = 1)]
    public string VirtualHost { get; set; } = "/";

    /// <summary>The broker's user; every service has one of its own.</summary>
    [StringLength(128)]
    public string User { get; set; } = "";

    /// <summary>Its password.</summary>
    public Secret? Password { get; set; }

    /// <summary>Whether the broker is spoken to over TLS.</summary>
    public bool Tls { get; set; }

    /// <summary>Dispatcher: tenants that may put commands on a queue of theirs and read their events from another; ids, at most 1,000.</summary>
    public IList<string> Tenants { get; } = [];

    /// <summary>Events that a tenant's queue keeps for a listener who is away; the oldest are dropped beyond it.</summary>
    [Range(1, 10_000_000)]
    public int TenantEventsKept { get; set; } = 100_000;

    /// <summary>Commands of one tenant handled at once by one instance.</summary>
    [Range(1, 1_000)]
    public int CommandsAtOnce { get; set; } = 16;

    /// <summary>How long a command whose handler fails is tried again before it is set aside.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:25:00")]
    public TimeSpan CommandPatience { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the broker may take to confirm what is sent; beyond it, it counts as not sent and is sent again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:05:00")]
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long what is under way may take when the host stops.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:09:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Enum.IsDefined(Kind))
            yield return new ValidationResult($"{Section}:{nameof(Kind)} must be InProcess or RabbitMq.", [nameof(Kind)]);
        if (Tenants.Count > 1_000)
            yield return new ValidationResult($"{Section}:{nameof(Tenants)} may have at most 1,000 tenants.", [nameof(Tenants)]);
        for (var index = 0; index < Tenants.Count; index++)
            if (!Ids.IsId(Tenants[index]))
                yield return new ValidationResult($"{Section}:{nameof(Tenants)}:{index} must be an id.", [nameof(Tenants)]);
        if (Kind != TransportKind.RabbitMq)
            yield break;
        if (Hosts.Count is < 1 or > 9)
            yield return new ValidationResult($"{Section}:{nameof(Hosts)} needs 1 to 9 brokers, such as 'localhost:5672'.", [nameof(Hosts)]);
        for (var index = 0; index < Hosts.Count; index++)
            if (Broker.Parse(Hosts[index]) is null)
                yield return new ValidationResult($"{Section}:{nameof(Hosts)}:{index} must be host:port.", [nameof(Hosts)]);
        if (User.Length == 0)
            yield return new ValidationResult($"{Section}:{nameof(User)} is needed for RabbitMQ.", [nameof(User)]);
        if (Password is null or { Length: 0 })
            yield return new ValidationResult($"{Section}:{nameof(Password)} is needed for RabbitMQ.", [nameof(Password)]);
    }

    /// <summary>Where a broker is.</summary>
    internal sealed record Broker(string Host, int Port)
    {
        public static Broker? Parse(string text) =>
            text.LastIndexOf(':') is > 0 and var colon && int.TryParse(text.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65_535
                ? new Broker(text[..colon].Trim('[', ']'), port)
                : null;
    }
}
