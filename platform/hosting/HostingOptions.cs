using System.ComponentModel.DataAnnotations;

namespace Pennypost.Hosting;

/// <summary>What every host is told, in the configuration section <c>Hosting</c>; checked when it starts.</summary>
public sealed class HostingOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Hosting";

    /// <summary>The address to listen on: an IP address; loopback unless told otherwise.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port of gRPC (HTTP/2); 0 for any free one.</summary>
    [Range(0, 65_535)]
    public int GrpcPort { get; set; }

    /// <summary>The port of HTTP/1.1: health, and the gateway's REST face; 0 for any free one.</summary>
    [Range(0, 65_535)]
    public int HttpPort { get; set; }

    /// <summary>
    /// What services show each other in <c>authorization: Bearer</c>, 32 to 512 characters each. The first is sent, all are accepted: to
    /// rotate without a restart put the new one last everywhere, then first everywhere, then drop the old one.
    /// </summary>
    public IList<Secret> ServiceTokens { get; } = [];

    /// <summary>
    /// Where the other services are, by name: one address (<c>Hosting:Peers:credits = http://10.0.0.1:7001</c>), the addresses of several instances
    /// separated by commas, or a name that resolves to all of them (<c>dns:///credits:7001</c>).
    /// </summary>
    public IDictionary<string, string> Peers { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Largest message read, in bytes.</summary>
    [Range(1_024, 64 * 1024 * 1024)]
    public int MaxReceiveMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Largest message sent, in bytes.</summary>
    [Range(1_024, 64 * 1024 * 1024)]
    public int MaxSendMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Longest time that a unary call may take, in seconds, whatever deadline its caller set; also its deadline if none was set.</summary>
    [Range(1, 600)]
    public double MaxUnarySeconds { get; set; } = 60;

    /// <summary>Longest life of a stream, in seconds. It then ends with DEADLINE_EXCEEDED, and its resume token takes it up again.</summary>
    [Range(1, 86_400)]
    public double MaxStreamSeconds { get; set; } = 3_600;

    /// <summary>Deadline of a call to a peer that was given none, in seconds.</summary>
    [Range(0.1, 600)]
    public double PeerCallSeconds { get; set; } = 10;

    /// <summary>Connections open at once.</summary>
    [Range(1, 100_000)]
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>Calls open at once on one connection.</summary>
    [Range(1, 10_000)]
    public int MaxStreamsPerConnection { get; set; } = 200;

    /// <summary>Seconds for which a caller may read nothing of what it is answered before its connection is closed.</summary>
    [Range(1, 3_600)]
    public int UnreadSeconds { get; set; } = 30;

    /// <summary>Largest headers of one request, in bytes.</summary>
    [Range(1_024, 1024 * 1024)]
    public int MaxHeaderBytes { get; set; } = 16 * 1024;

    /// <summary>Longest time from SIGTERM to the end, in seconds, in which calls under way may finish; <see cref="DrainSeconds"/> is part of it.</summary>
    [Range(0.1, 600)]
    public double ShutdownSeconds { get; set; } = 30;

    /// <summary>
    /// Seconds after SIGTERM in which new connections and calls are still served, while readiness says that it is stopping: so long a load balancer may take to notice. 0 where nothing stands before the host.
    /// Less than <see cref="ShutdownSeconds"/>.
    /// </summary>
    [Range(0, 300)]
    public double DrainSeconds { get; set; }

    /// <summary>Whether the console gets a JSON object for each line of the log, with the trace that it belongs to; otherwise text for people.</summary>
    public bool JsonLogs { get; set; }

    /// <summary>Whether gRPC reflection is served. Unset: only in the Development environment.</summary>
    public bool? Reflection { get; set; }

    /// <summary>Where traces, metrics and logs go (OTLP over gRPC), for example <c>http://localhost:4317</c>. Unset: nowhere.</summary>
    public Uri? OtlpEndpoint { get; set; }

    /// <summary>PEM file of the server's certificate chain; unset: no TLS (loopback, or a mesh that brings its own).</summary>
    public string? CertificatePath { get; set; }

    /// <summary>PEM file of the certificate's key.</summary>
    public string? CertificateKeyPath { get; set; }

    /// <summary>
    /// PEM file of the authority that signs callers' certificates. If set, the gRPC port lets nobody in who shows none of it; the service token is
    /// required all the same. Health over HTTP stays open. Needs <see cref="CertificatePath"/>.
    /// </summary>
    public string? ClientCaPath { get; set; }

    /// <summary>
    /// PEM file of the authority that signs the peers' certificates; it alone is trusted then, peers are called over TLS only, and are shown this host's own
    /// certificate. Unset: the machine's authorities, for peers at https addresses.
    /// </summary>
    public string? PeerCaPath { get; set; }

    /// <summary>For tests: the gap between two commits at which the process is killed or stopped, once. Empty: never.</summary>
    [StringLength(64)]
    public string CrashAt { get; set; } = "";

    /// <summary>For tests: what happens there.</summary>
    public CrashKind CrashKind { get; set; } = CrashKind.Kill;

    /// <summary>For tests: the how many-th time that the gap is reached.</summary>
    [Range(1, 1_000_000)]
    public int CrashAtNth { get; set; } = 1;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (DrainSeconds >= ShutdownSeconds && DrainSeconds > 0)
            yield return new ValidationResult($"{Section}:{nameof(DrainSeconds)} must be less than {Section}:{nameof(ShutdownSeconds)}", [nameof(DrainSeconds)]);
        if (!System.Net.IPAddress.TryParse(Address, out _))
            yield return new ValidationResult($"{Section}:{nameof(Address)} must be an IP address", [nameof(Address)]);
        if (ServiceTokens.Count > 8)
            yield return new ValidationResult($"{Section}:{nameof(ServiceTokens)} may have at most 8 tokens", [nameof(ServiceTokens)]);
        for (var i = 0; i < ServiceTokens.Count; i++)
            if (ServiceTokens[i].Length is < 32 or > 512)
                yield return new ValidationResult($"{Section}:{nameof(ServiceTokens)}:{i} must have 32 to 512 characters", [nameof(ServiceTokens)]);
        foreach (var (name, setting) in Peers)
        {
            var addresses = PeerAddresses.Parse(setting, out var violations);
            if (PeerCaPath is not null && addresses is PeerAddresses.Listed { Tls: false })
                yield return new ValidationResult($"{Section}:{nameof(Peers)}:{name} must be https, because {nameof(PeerCaPath)} is set", [nameof(Peers)]);
            foreach (var violation in violations) yield return new ValidationResult($"{Section}:{nameof(Peers)}:{name} {violation}", [nameof(Peers)]);
        }
        if (OtlpEndpoint is { IsAbsoluteUri: false })
            yield return new ValidationResult($"{Section}:{nameof(OtlpEndpoint)} must be an absolute address", [nameof(OtlpEndpoint)]);
        if ((CertificatePath is null) != (CertificateKeyPath is null))
            yield return new ValidationResult($"{Section}:{nameof(CertificatePath)} and {nameof(CertificateKeyPath)} go together", [nameof(CertificatePath)]);
        if (ClientCaPath is not null && CertificatePath is null)
            yield return new ValidationResult($"{Section}:{nameof(ClientCaPath)} needs {nameof(CertificatePath)}: without TLS nobody shows a certificate", [nameof(ClientCaPath)]);
        foreach (var (name, path) in new[] { (nameof(ClientCaPath), ClientCaPath), (nameof(PeerCaPath), PeerCaPath) })
            if (path is not null && Certificates.TryAuthorities(path) is null)
                yield return new ValidationResult($"{Section}:{name} must name a readable PEM file with certificates", [name]);
    }
}
