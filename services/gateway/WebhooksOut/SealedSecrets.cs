using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Pennypost.Hosting;

namespace Pennypost.Gateway.WebhooksOut;

/// <summary>
/// Webhooks' secrets as they are stored: AES-256-GCM under a key that is derived from the installation's own secret (<c>Gateway:KeyHashSecret</c>), bound to tenant and webhook. Who has the store alone signs nothing.
/// </summary>
internal sealed class SealedSecrets(IOptions<GatewayOptions> options)
{
    private const byte Format = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private readonly byte[] key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.Value.KeyHashSecret!.Reveal()), 32, info: "pennypost webhook secrets v1"u8.ToArray());

    public ByteString Seal(Secret secret, string tenant, string webhookId)
    {
        var text = Encoding.UTF8.GetBytes(secret.Reveal());
        var sealedBytes = new byte[1 + NonceLength + TagLength + text.Length];
        sealedBytes[0] = Format;
        var (nonce, tag, hidden) = Parts(sealedBytes);
        RandomNumberGenerator.Fill(nonce.Span);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce.Span, text, hidden.Span, tag.Span, Bound(tenant, webhookId));
        return ByteString.CopyFrom(sealedBytes);
    }

    /// <exception cref="CryptographicException">It was sealed under another <c>Gateway:KeyHashSecret</c>, or for another webhook.</exception>
    public Secret Open(ByteString sealedSecret, string tenant, string webhookId)
    {
        var sealedBytes = sealedSecret.ToByteArray();
        if (sealedBytes.Length <= 1 + NonceLength + TagLength || sealedBytes[0] != Format) throw new CryptographicException("A webhook's secret is stored in a form that this version does not know.");
        var (nonce, tag, hidden) = Parts(sealedBytes);
        var text = new byte[hidden.Length];
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(nonce.Span, hidden.Span, tag.Span, text, Bound(tenant, webhookId));
        return new Secret(Encoding.UTF8.GetString(text));
    }

    private static (Memory<byte> Nonce, Memory<byte> Tag, Memory<byte> Hidden) Parts(byte[] bytes) =>
        (bytes.AsMemory(1, NonceLength), bytes.AsMemory(1 + NonceLength, TagLength), bytes.AsMemory(1 + NonceLength + TagLength));

    private static byte[] Bound(string tenant, string webhookId) => Encoding.UTF8.GetBytes($"{tenant}/{webhookId}");
}
