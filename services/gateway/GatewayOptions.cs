using System.ComponentModel.DataAnnotations;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

/// <summary>The configuration section <c>Gateway</c>; checked when the host starts.</summary>
public sealed class GatewayOptions : IValidatableObject
{
    /// <summary>The section's name.</summary>
    public const string Section = "Gateway";

    /// <summary>Required, 32 to 512 characters: keys the hashes under which API keys are stored. Another one makes every key invalid.</summary>
    public Secret? KeyHashSecret { get; set; }

    /// <summary>Calls per second of one tenant, all its keys together. Counted by each instance, as the two rates below; a tenant may have others of its own (PutTenant). A request counts as one call for each 64 KiB that it began.</summary>
    [Range(1, 1_000_000)]
    public int TenantCallsPerSecond { get; set; } = 500;

    /// <summary>Calls per UTC day of one tenant, all its keys and all instances together; 0: no limit.</summary>
    [Range(0, 1_000_000_000)]
    public long TenantCallsPerDay { get; set; }

    /// <summary>Calls per second of one key.</summary>
    [Range(1, 1_000_000)]
    public int KeyCallsPerSecond { get; set; } = 250;

    /// <summary>Calls of one key that may be under way at once; open streams count.</summary>
    [Range(1, 100_000)]
    public int KeyConcurrentCalls { get; set; } = 64;

    /// <summary>Provider webhooks that may be under way at once.</summary>
    [Range(1, 100_000)]
    public int ConcurrentWebhooks { get; set; } = 256;

    /// <summary>Messages of one batch or import that are handed on at once.</summary>
    [Range(1, 256)]
    public int BatchConcurrency { get; set; } = 16;

    /// <summary>Largest CSV file, in bytes.</summary>
    [Range(1_024, 256 * 1024 * 1024)]
    public int MaxImportBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Most rows of a CSV file, without the header.</summary>
    [Range(1, 1_000_000)]
    public int MaxImportRows { get; set; } = 10_000;

    /// <summary>Whether Swagger UI is served at <c>/swagger</c>.</summary>
    public bool SwaggerUi { get; set; } = true;

    /// <summary>
    /// Origins whose pages may call the REST API from a browser, exactly as the browser names them (<c>https://app.example.com</c>); at most 32. None by default: then no
    /// page of another origin can.
    /// </summary>
    public IList<string> CorsOrigins { get; } = [];

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (KeyHashSecret is null || KeyHashSecret.Length is < 32 or > 512)
            yield return new ValidationResult($"{Section}:{nameof(KeyHashSecret)} is required, with 32 to 512 characters; make one with: openssl rand -hex 32", [nameof(KeyHashSecret)]);
        if (CorsOrigins.Count > 32)
            yield return new ValidationResult($"{Section}:{nameof(CorsOrigins)} may have at most 32 origins", [nameof(CorsOrigins)]);
        for (var i = 0; i < CorsOrigins.Count; i++)
            if (!IsOrigin(CorsOrigins[i]))
                yield return new ValidationResult($"{Section}:{nameof(CorsOrigins)}:{i} must be an origin as a browser sends it, such as https://app.example.com: no path, no closing slash, no *", [nameof(CorsOrigins)]);
    }

    private static bool IsOrigin(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && string.Equals(uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped), text, StringComparison.Ordinal);
}
