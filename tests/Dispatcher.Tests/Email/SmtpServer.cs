using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Pennypost.Dispatcher.Email;

namespace Dispatcher.Tests.Email;

/// <summary>A letter that the server took.</summary>
internal sealed record TakenLetter(string From, string[] To, string Letter, bool Encrypted, string User);

/// <summary>A mail server in a process of its own: Debian's python3-aiosmtpd, which does as the addresses say.</summary>
internal sealed class SmtpServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<TakenLetter> _letters = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SmtpServer(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Port { get; private set; }

    /// <summary>Letters that the server has, whether or not it said so; waits until there are so many, at most 5 s.</summary>
    public async Task<IReadOnlyList<TakenLetter>> TakenAsync(int count)
    {
        for (var look = 0; look < 100 && _letters.Count < count; look++)
            await Task.Delay(50);
        return [.. _letters];
    }

    public static async Task<SmtpServer> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/python3") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Script(), .. arguments])
            start.ArgumentList.Add(argument);
        var server = new SmtpServer(Process.Start(start)!);
        try
        {
            server.Port = await server._port.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException("The mail server does not start:\n" + string.Join('\n', server._errors));
        }

        return server;
    }

    /// <summary>A mailbox at this server.</summary>
    public Mailbox Mailbox(string from = "ann@acme.test", MailSecurity security = MailSecurity.None) => new()
    {
        Tenant = "acme",
        ConnectionId = "mail",
        Host = "127.0.0.1",
        Port = Port,
        Security = security,
        FromAddress = from,
        FromName = "Ann Árvai",
    };

    /// <summary>A certificate for this machine, and its key, as files of PEM in a folder of their own.</summary>
    public static (string Certificate, string Key) Certificate()
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-mail-").FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificatePath, keyPath) = (Path.Combine(folder, "certificate.pem"), Path.Combine(folder, "key.pem"));
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        return (certificatePath, keyPath);
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            _port.TrySetResult(port);
        else
            _letters.Enqueue(JsonSerializer.Deserialize<TakenLetter>(line, JsonSerializerOptions.Web)!);
    }

    private static string Script([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "smtp_server.py");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
