using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Pennypost.Hosting;

/// <summary>The host's own certificate, and whom it trusts. Files are read when the host starts.</summary>
internal static class Certificates
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    /// <summary>What a listener shows; with <paramref name="callersCaPath"/> it also wants to see a certificate that this authority signed.</summary>
    public static void Use(HttpsConnectionAdapterOptions https, HostingOptions hosting, string? callersCaPath)
    {
        (https.ServerCertificate, https.ServerCertificateChain) = Own(hosting);
        if (callersCaPath is null) return;
        var roots = Authorities(callersCaPath);
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (certificate, presented, errors) => IsTrusted(certificate, presented, errors, roots, ClientUse);
    }

    /// <summary>How peers are met: shown this host's own certificate, if it has one, and believed if the authority of <c>PeerCaPath</c> signed theirs.</summary>
    public static SslClientAuthenticationOptions ForPeers(HostingOptions hosting)
    {
        var options = new SslClientAuthenticationOptions();
        if (hosting.CertificatePath is not null)
        {
            var (certificate, chain) = Own(hosting);
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        }
        if (hosting.PeerCaPath is { } path)
        {
            var roots = Authorities(path);
            options.RemoteCertificateValidationCallback = (_, certificate, presented, errors) => IsTrusted(certificate, presented, errors, roots, ServerUse);
        }
        return options;
    }

    /// <summary>The certificates of authorities in a PEM file; null if it has none, or cannot be read.</summary>
    public static X509Certificate2Collection? TryAuthorities(string path)
    {
        try
        {
            return Authorities(path) is { Count: > 0 } found ? found : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return null;
        }
    }

    private static X509Certificate2Collection Authorities(string path)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPemFile(path);
        return found;
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) Own(HostingOptions hosting)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(hosting.CertificatePath!);
        return (X509Certificate2.CreateFromPemFile(hosting.CertificatePath!, hosting.CertificateKeyPath), chain);
    }

    // Only the authority that was named counts, not the machine's: who may sign for any web site may not sign for our services.
    private static bool IsTrusted(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors, X509Certificate2Collection roots, string use)
    {
        // What the machine's own roots say is asked anew; a wrong name or no certificate stays wrong.
        if (certificate is not X509Certificate2 shown || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(use));
        if (presented is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore);
            foreach (var element in presented.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }
        return chain.Build(shown);
    }
}
