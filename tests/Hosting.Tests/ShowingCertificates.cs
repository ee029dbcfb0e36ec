using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pennypost.Credits.V1;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting.Tests;

public sealed class ShowingCertificates : IDisposable
{
    private readonly Authority ours = new("ours");
    private readonly Authority theirs = new("theirs");

    [Fact]
    public async Task Services_of_one_authority_know_each_other()
    {
        await using var peer = await PeerAsync(ours.Issue("credits"));
        await using var caller = await CallerAsync(peer, ours.Issue("dispatcher"));

        await AskAsync(caller);

        Assert.Equal(Uri.UriSchemeHttps, peer.GrpcAddress.Scheme);
    }

    [Fact]
    public async Task A_name_is_what_the_certificate_of_each_instance_behind_it_must_say()
    {
        await using var peer = await PeerAsync(ours.Issue("credits", IPAddress.Parse("10.9.8.7"), "localhost"));
        await using var stranger = await PeerAsync(ours.Issue("router", IPAddress.Parse("10.9.8.7"), "elsewhere"));
        await using var caller = await CallerAsync($"dns:///localhost:{peer.GrpcAddress.Port}", ours.Issue("dispatcher"));
        await using var misled = await CallerAsync($"dns:///localhost:{stranger.GrpcAddress.Port}", ours.Issue("dispatcher"));

        await AskAsync(caller);
        Assert.Equal(ErrorReason.DependencyUnavailable, (await FaultAsync(misled)).ErrorReason);
    }

    [Fact]
    public async Task Nobody_is_let_in_without_a_certificate_and_health_stays_open()
    {
        await using var peer = await PeerAsync(ours.Issue("credits"));
        await using var caller = await CallerAsync(peer, null);

        Assert.Equal(ErrorReason.DependencyUnavailable, (await FaultAsync(caller)).ErrorReason);
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        using var http = new HttpClient(handler) { BaseAddress = peer.Http.BaseAddress };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready")).StatusCode);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_none()
    {
        await using var peer = await PeerAsync(ours.Issue("credits"));
        await using var caller = await CallerAsync(peer, theirs.Issue("dispatcher"));

        Assert.Equal(ErrorReason.DependencyUnavailable, (await FaultAsync(caller)).ErrorReason);
    }

    [Fact]
    public async Task A_peer_of_another_authority_is_not_told_anything()
    {
        await using var peer = await PeerAsync(theirs.Issue("credits"));
        var asked = 0;
        peer.Script.OnGetPool = (_, _) => Task.FromResult(new GetPoolResponse { Pool = new() { Version = ++asked } });
        await using var caller = await CallerAsync(peer, ours.Issue("dispatcher"));

        Assert.Equal(ErrorReason.DependencyUnavailable, (await FaultAsync(caller)).ErrorReason);
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task A_peer_with_another_name_is_not_told_anything()
    {
        await using var peer = await PeerAsync(ours.Issue("credits", IPAddress.Parse("10.9.8.7")));
        await using var caller = await CallerAsync(peer, ours.Issue("dispatcher"));

        Assert.Equal(ErrorReason.DependencyUnavailable, (await FaultAsync(caller)).ErrorReason);
    }

    [Fact]
    public async Task A_certificate_is_no_token()
    {
        await using var peer = await PeerAsync(ours.Issue("credits"), new() { ["Hosting:ServiceTokens:0"] = new string('o', 40) });
        await using var caller = await CallerAsync(peer, ours.Issue("dispatcher"));

        Assert.Equal(ErrorReason.CredentialInvalid, (await FaultAsync(caller)).ErrorReason);
    }

    [Fact]
    public async Task A_peer_without_tls_is_refused_at_start_when_an_authority_is_named()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => ChoosingAnInstance.CallerOf("http://127.0.0.1:9", new() { ["Hosting:PeerCaPath"] = ours.Path }));

        Assert.Contains("Hosting:Peers:ledger must be https, because PeerCaPath is set", refusal.Message, StringComparison.Ordinal);
    }

    private Task<TestHost> PeerAsync((string Certificate, string Key) shown, Dictionary<string, string?>? settings = null) => TestHost.StartAsync(new(settings ?? [])
    {
        ["Hosting:CertificatePath"] = shown.Certificate,
        ["Hosting:CertificateKeyPath"] = shown.Key,
        ["Hosting:ClientCaPath"] = ours.Path,
    });

    private Task<TestHost> CallerAsync(TestHost peer, (string Certificate, string Key)? shown) => CallerAsync(peer.GrpcAddress.ToString(), shown);

    private Task<TestHost> CallerAsync(string setting, (string Certificate, string Key)? shown) => ChoosingAnInstance.CallerOf(setting, new()
    {
        ["Hosting:CertificatePath"] = shown?.Certificate,
        ["Hosting:CertificateKeyPath"] = shown?.Key,
        ["Hosting:PeerCaPath"] = ours.Path,
    });

    private static async Task AskAsync(TestHost caller) =>
        await caller.Services.GetRequiredService<CreditsService.CreditsServiceClient>().GetPoolAsync(new GetPoolRequest(), OnBehalf.Of("acme", default));

    private static async Task<RpcFault> FaultAsync(TestHost caller) => RpcFault.From(await Assert.ThrowsAnyAsync<RpcException>(() => AskAsync(caller)));

    public void Dispose()
    {
        ours.Dispose();
        theirs.Dispose();
    }

    /// <summary>Signs certificates, for an hour.</summary>
    private sealed class Authority : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("pennypost-ca-").FullName;
        private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly X509Certificate2 root;

        public Authority(string name)
        {
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
            root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(2));
            Path = Write($"{name}.pem", root.ExportCertificatePem());
        }

        public string Path { get; }

        public (string Certificate, string Key) Issue(string name, IPAddress? address = null, string? dnsName = null)
        {
            using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", own, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(address ?? IPAddress.Loopback);
            if (dnsName is not null) names.AddDnsName(dnsName);
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
            using var issued = request.Create(root, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
            return (Write($"{name}.pem", issued.ExportCertificatePem()), Write($"{name}.key", own.ExportPkcs8PrivateKeyPem()));
        }

        private string Write(string name, string text)
        {
            var path = System.IO.Path.Combine(folder, name);
            File.WriteAllText(path, text);
            return path;
        }

        public void Dispose()
        {
            root.Dispose();
            key.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }
}
