using Microsoft.Extensions.Options;
using Pennypost.Hosting;
using RabbitMQ.Client;

namespace Pennypost.Transport.RabbitMq;

/// <summary>A connection beside MassTransit's, for what it has no words for: declaring queues before their consumers come, counting, and moving errors back. Opened when first used, and anew after it broke.</summary>
internal sealed class BrokerConnection(IOptions<TransportOptions> options, ServiceName service) : IAsyncDisposable
{
    private static readonly TimeSpan _callLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _closeLimit = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private IConnection? _connection;
    private IChannel? _channel;

    /// <summary>Runs on a channel, one at a time. Whatever fails closes the channel; the next call opens another.</summary>
    public async Task<T> UseAsync<T>(Func<IChannel, CancellationToken, Task<T>> use, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(_callLimit);
            try
            {
                return await use(await OpenAsync(limit.Token), limit.Token);
            }
            catch
            {
                await CloseChannelAsync();
                throw;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A connection that does not open itself again: whoever has it sees it break.</summary>
    public static Task<IConnection> ConnectAsync(TransportOptions settings, string name, CancellationToken ct)
    {
        var factory = new ConnectionFactory
        {
            UserName = settings.User,
            Password = settings.Password!.Reveal(),
            VirtualHost = settings.VirtualHost,
            AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(15),
            Ssl = new SslOption { Enabled = settings.Tls },
        };
        var brokers = settings.Hosts.Select(TransportOptions.Broker.Parse).OfType<TransportOptions.Broker>()
            .Select(broker => new AmqpTcpEndpoint(broker.Host, broker.Port, new SslOption(broker.Host, enabled: settings.Tls))).ToList();
        return factory.CreateConnectionAsync(brokers, name, ct);
    }

    private async Task<IChannel> OpenAsync(CancellationToken ct)
    {
        if (_channel is { IsOpen: true })
            return _channel;
        await CloseChannelAsync();
        if (_connection is not { IsOpen: true })
        {
            await CloseAsync(_connection);
            _connection = null;
            _connection = await ConnectAsync(options.Value, $"pennypost-{service.Value}-topology", ct);
        }

        return _channel = await _connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), ct);
    }

    private async Task CloseChannelAsync()
    {
        var channel = _channel;
        _channel = null;
        await CloseAsync(channel);
    }

    /// <summary>Closing says goodbye to the broker, and a broker that died does not answer: whoever waits for the turn must not wait for that.</summary>
    public static async Task CloseAsync(IAsyncDisposable? closing)
    {
        if (closing is null)
            return;
        try
        {
            await closing.DisposeAsync().AsTask().WaitAsync(_closeLimit);
        }
        catch (Exception)
        {
            // It is given up either way.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseChannelAsync();
        await CloseAsync(_connection);
        _turn.Dispose();
    }
}
