using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.WebhooksOut;

/// <summary>How a name is looked up.</summary>
internal delegate Task<IPAddress[]> ResolveName(string host, CancellationToken ct);

/// <summary>
/// Posts one event, once. The name is looked up here, its addresses are checked, and only a checked one is connected to: a name that leads elsewhere a moment later changes nothing. No proxy, no redirect, no cookie, no
/// trace of ours, and nothing of the answer is read but its status and headers.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default);
    private readonly HttpMessageInvoker http;
    private readonly ResolveName resolve;
    private readonly TimeProvider time;
    private readonly WebhookOptions options;

    public WebhookSender(ResolveName resolve, TimeProvider time, IOptions<WebhookOptions> options)
    {
        (this.resolve, this.time, this.options) = (resolve, time, options.Value);
        http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            // Neither its spans nor its metrics: both name the address.
            ActivityHeadersPropagator = null,
            MeterFactory = new UnheardMeters(),
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.Value.Timeout,
            MaxConnectionsPerServer = 64,
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            ConnectCallback = ConnectAsync,
        });
    }

    /// <summary>Posts it, and says what came of it.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="secrets">What signs it.</param>
    /// <param name="happened">What is told.</param>
    /// <param name="ct">Ends the waiting: whether it arrived is then unknown.</param>
    public async Task<Outcome> PostAsync(Uri url, IReadOnlyList<Secret> secrets, Event happened, CancellationToken ct)
    {
        var body = System.Text.Encoding.UTF8.GetBytes(Json.Format(happened));
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Pennypost", "1"));
        request.Headers.TryAddWithoutValidation(Signatures.IdHeader, happened.EventId);
        request.Headers.TryAddWithoutValidation(Signatures.TimestampHeader, now.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation(Signatures.SignatureHeader, Signatures.Sign(secrets, happened.EventId, now, body));
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limited.CancelAfter(options.Timeout);
        try
        {
            using var response = await http.SendAsync(request, limited.Token);
            return (int)response.StatusCode switch
            {
                >= 200 and < 300 => new Outcome.Delivered(),
                >= 300 and < 400 and var status => new Outcome.Failed(WebhookFailure.Redirect, status),
                var status => new Outcome.Failed(WebhookFailure.Status, status, RetryAfter(response.Headers.RetryAfter)),
            };
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new Outcome.Failed(WebhookFailure.Timeout);
        }
        catch (HttpRequestException exception)
        {
            return new Outcome.Failed(FailureOf(exception));
        }
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? asked) => (asked?.Delta ?? (asked?.Date - time.GetUtcNow())) is { } delay && delay > TimeSpan.Zero ? delay : null;

    private static WebhookFailure FailureOf(HttpRequestException exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is ForbiddenAddressException) return WebhookFailure.AddressForbidden;
            if (cause is AuthenticationException) return WebhookFailure.Tls;
        }
        return WebhookFailure.NotConnected;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        IPAddress[] found = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, ct);
        var open = found.Where(address => Addresses.MayConnect(address, options.AllowLoopback)).ToArray();
        if (found.Length > 0 && open.Length == 0) throw new ForbiddenAddressException();
        Exception? last = null;
        foreach (var address in open.Take(4))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception exception)
            {
                socket.Dispose();
                if (exception is not SocketException) throw;
                last = exception;
            }
        }
        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    public void Dispose() => http.Dispose();

    /// <summary>What nobody exports.</summary>
    private sealed class UnheardMeters : IMeterFactory
    {
        private readonly Meter meter = new("unheard");

        public Meter Create(MeterOptions options) => meter;

        public void Dispose() => meter.Dispose();
    }

    /// <summary>The name leads to no address that may be connected to. It does not say to which: whoever may put webhooks need not learn what our network holds.</summary>
    private sealed class ForbiddenAddressException() : IOException("The address is not public.");
}
