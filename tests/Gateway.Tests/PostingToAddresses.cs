using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Pennypost.Gateway.V1;
using Pennypost.Gateway.WebhooksOut;
using Pennypost.Types.V1;
using Outcome = Pennypost.Gateway.WebhooksOut.Outcome;

namespace Pennypost.Gateway.Tests;

/// <summary>Server-side request forgery: whatever a name leads to, nobody but a public address is connected to. A listener counts.</summary>
public sealed class PostingToAddresses : IDisposable
{
    private readonly TcpListener listener = TcpListener.Create(0);
    private readonly CancellationTokenSource ended = new();
    private int connections;

    public PostingToAddresses()
    {
        // On every address of this machine, of both kinds.
        listener.Start();
        _ = CountAsync();
    }

    private int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    [Fact]
    public async Task Of_the_whole_list_of_forbidden_addresses_none_gets_a_connection()
    {
        foreach (var address in CheckingAddresses.All.Select(IPAddress.Parse))
        {
            using var sender = Sender((_, _) => Task.FromResult<IPAddress[]>([address]));
            Assert.Equal(WebhookFailure.AddressForbidden, (await PostAsync(sender, $"https://target.example:{Port}/")).Failure);
            var literal = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
            Assert.Equal(WebhookFailure.AddressForbidden, (await PostAsync(sender, $"https://{literal}:{Port}/")).Failure);
        }

        await NobodyCameAsync();
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("017700000001")]
    [InlineData("127.1")]
    [InlineData("0")]
    [InlineData("[0:0:0:0:0:ffff:7f00:1]")]
    public async Task However_loopback_is_written_it_gets_no_connection(string host)
    {
        using var sender = Sender(Dns.GetHostAddressesAsync);

        Assert.Equal(WebhookFailure.AddressForbidden, (await PostAsync(sender, $"https://{host}:{Port}/")).Failure);
        await NobodyCameAsync();
    }

    /// <summary>A name that first leads to one place and then to another: it is looked up once for each connection, and what was checked is what is connected to.</summary>
    [Fact]
    public async Task A_name_that_changes_its_address_after_it_was_looked_up_changes_nothing()
    {
        var lookups = 0;
        using var sender = Sender((_, _) => Task.FromResult<IPAddress[]>([Interlocked.Increment(ref lookups) == 1 ? IPAddress.Parse("169.254.169.254") : IPAddress.Loopback]));

        Assert.Equal(WebhookFailure.AddressForbidden, (await PostAsync(sender, $"https://rebinding.example:{Port}/")).Failure);
        Assert.Equal(1, lookups);
        Assert.Equal(WebhookFailure.AddressForbidden, (await PostAsync(sender, $"https://rebinding.example:{Port}/")).Failure);
        Assert.Equal(2, lookups);
        await NobodyCameAsync();
    }

    [Fact]
    public async Task Of_several_addresses_only_those_that_may_be_are_connected_to()
    {
        using var sender = Sender((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.1"), IPAddress.Loopback, IPAddress.Parse("::ffff:127.0.0.1")]), allowLoopback: true);

        Assert.NotEqual(WebhookFailure.AddressForbidden, (await PostAsync(sender, $"http://several.example:{Port}/")).Failure);
        Assert.Equal(1, connections);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        (receiver.Answer, receiver.RedirectTo) = (_ => 307, $"http://127.0.0.1:{Port}/");
        using var sender = Sender(Dns.GetHostAddressesAsync, allowLoopback: true);

        Assert.Equal((WebhookFailure.Redirect, 307), await PostAsync(sender, receiver.Url.ToString()) is var failed ? (failed.Failure, failed.Status) : default);
        await NobodyCameAsync();
    }

    [Fact]
    public async Task A_receiver_without_a_certificate_a_silent_one_and_one_that_is_not_there_are_told_apart()
    {
        using var sender = Sender((host, _) => host == "gone.example" ? throw new SocketException((int)SocketError.HostNotFound) : Task.FromResult<IPAddress[]>([IPAddress.Loopback]), allowLoopback: true);
        await using var receiver = await WebhookReceiver.StartAsync();

        Assert.Equal(WebhookFailure.Timeout, (await PostAsync(sender, $"http://silent.example:{Port}/")).Failure);
        Assert.Contains((await PostAsync(sender, $"https://plain.example:{receiver.Url.Port}/")).Failure, (WebhookFailure[])[WebhookFailure.Tls, WebhookFailure.NotConnected]);
        Assert.Equal(WebhookFailure.NotConnected, (await PostAsync(sender, "https://gone.example/")).Failure);
    }

    private static WebhookSender Sender(ResolveName resolve, bool allowLoopback = false) =>
        new(resolve, TimeProvider.System, Options.Create(new WebhookOptions { AllowLoopback = allowLoopback, Timeout = TimeSpan.FromMilliseconds(500) }));

    private static async Task<Outcome.Failed> PostAsync(WebhookSender sender, string url) =>
        Assert.IsType<Outcome.Failed>(await sender.PostAsync(new Uri(url), [Signatures.NewSecret()], new Event { EventId = "e1" }, default));

    private async Task CountAsync()
    {
        while (!ended.IsCancellationRequested)
        {
            var client = await listener.AcceptTcpClientAsync(ended.Token);
            Interlocked.Increment(ref connections);
            // Says nothing, and goes when the test is over.
            ended.Token.Register(client.Dispose);
        }
    }

    private async Task NobodyCameAsync()
    {
        await Task.Delay(50);
        Assert.Equal(0, connections);
    }

    public void Dispose()
    {
        ended.Cancel();
        listener.Dispose();
        ended.Dispose();
    }
}
