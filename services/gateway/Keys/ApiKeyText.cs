using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Keys;

/// <summary>
/// The text of an API key: <c>pp_live_{tenant}.{key id}.{256 random bits in base64url}</c>. Tenant and id say where its hash is kept; only the
/// random part proves anything. The prefix lets scanners find a key that was committed by mistake.
/// </summary>
public sealed record ApiKeyText
{
    private const string Prefix = "pp_live_";
    private const int SecretLength = 43;

    private ApiKeyText(string tenant, string keyId, Secret text) => (Tenant, KeyId, Text) = (tenant, keyId, text);

    /// <summary>Whose.</summary>
    public string Tenant { get; }

    /// <summary>Its public id.</summary>
    public string KeyId { get; }

    /// <summary>The whole key.</summary>
    public Secret Text { get; }

    /// <summary>A new key for a tenant; random, kept nowhere yet.</summary>
    public static ApiKeyText New(string tenant)
    {
        if (!Ids.IsId(tenant)) throw new ArgumentException("A tenant is an id: 1 to 64 of A-Z a-z 0-9 _ -", nameof(tenant));
        var keyId = "k" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        return Another(tenant, keyId);
    }

    /// <summary>Another text for a key that there is; random, kept nowhere yet.</summary>
    public static ApiKeyText Another(string tenant, string keyId) =>
        new(tenant, keyId, new Secret($"{Prefix}{tenant}.{keyId}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}"));

    /// <summary>Reads a key's form; says nothing about whether it is valid.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ApiKeyText? key)
    {
        key = null;
        if (text is null || text.Length > 256 || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        var parts = text[Prefix.Length..].Split('.');
        if (parts is not [var tenant, var keyId, { Length: SecretLength } secret] || !Ids.IsId(tenant) || !Ids.IsId(keyId) || !Ids.IsId(secret)) return false;
        key = new ApiKeyText(tenant, keyId, new Secret(text));
        return true;
    }
}
