using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Pennypost.Gateway.WebhooksOut;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Tests;

public sealed class SigningWebhooks
{
    /// <summary>The vector that the reference libraries of Standard Webhooks test themselves with.</summary>
    [Fact]
    public void A_signature_is_what_Standard_Webhooks_libraries_verify_F70() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        Signatures.Sign([new Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"u8));

    [Fact]
    public void Two_secrets_sign_side_by_side_and_neither_prints_F70()
    {
        var (one, two) = (Signatures.NewSecret(), Signatures.NewSecret());
        var header = Signatures.Sign([one, two], "e1", 1, "{}"u8);

        Assert.Equal([Signatures.Sign([one], "e1", 1, "{}"u8), Signatures.Sign([two], "e1", 1, "{}"u8)], header.Split(' '));
        Assert.StartsWith("whsec_", one.Reveal(), StringComparison.Ordinal);
        Assert.Equal("***", one.ToString());
    }

    [Fact]
    public void A_secret_is_stored_sealed_for_its_webhook_under_the_installations_own_F70()
    {
        var sealing = Sealing("a-secret-for-hashes-of-32-characters");
        var secret = Signatures.NewSecret();
        var hidden = sealing.Seal(secret, "acme", "w1");

        Assert.True(secret.Matches(sealing.Open(hidden, "acme", "w1").Reveal()));
        Assert.DoesNotContain(secret.Reveal(), Encoding.Latin1.GetString(hidden.Span), StringComparison.Ordinal);
        Assert.NotEqual(hidden, sealing.Seal(secret, "acme", "w1"));
        Assert.ThrowsAny<CryptographicException>(() => sealing.Open(hidden, "zenith", "w1"));
        Assert.ThrowsAny<CryptographicException>(() => Sealing("another-secret-for-hashes-32-characters").Open(hidden, "acme", "w1"));
    }

    private static SealedSecrets Sealing(string secret) => new(Options.Create(new GatewayOptions { KeyHashSecret = new Secret(secret) }));
}
