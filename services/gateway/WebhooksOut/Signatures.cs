using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pennypost.Hosting;

namespace Pennypost.Gateway.WebhooksOut;

/// <summary>
/// Signatures as Standard Webhooks has them (standardwebhooks.com), which libraries of many languages verify: <c>v1,</c> and the base64 of HMAC-SHA256 over <c>id.timestamp.body</c>; one for each secret, with a space
/// between. Pure.
/// </summary>
internal static class Signatures
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";
    private const string SecretPrefix = "whsec_";
    private const int SecretBytes = 32;

    /// <summary>A new secret: <c>whsec_</c> and 256 random bits in base64.</summary>
    public static Secret NewSecret() => new(SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)));

    /// <summary>The signature's header.</summary>
    /// <param name="secrets">Those that sign, the newest first.</param>
    /// <param name="id">Of the event.</param>
    /// <param name="unixSeconds">When it is sent.</param>
    /// <param name="body">As it is sent.</param>
    public static string Sign(IEnumerable<Secret> secrets, string id, long unixSeconds, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{unixSeconds}.")), .. body];
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret.Reveal()[SecretPrefix.Length..]), signed))));
    }
}
