using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Pennypost.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Pennypost.Transport.RabbitMq;

/// <summary>
/// Listens to a queue in its order and hands over many events at a time; they are acknowledged together once the handler has them. MassTransit hands messages that came together to handlers side by side, and would lose
/// the order. A connection of its own, opened again whenever it broke: what was not acknowledged comes again, in its place.
/// </summary>
internal sealed class OrderedConsumption : IAsyncDisposable
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(10);
    private readonly string _queue;
    private readonly int _most;
    private readonly Topology _topology;
    private readonly ServiceName _service;
    private readonly TransportOptions _options;
    private readonly Func<ReadOnlyMemory<byte>, EventEnvelope?> _read;
    private readonly Func<IReadOnlyList<EventEnvelope>, CancellationToken, Task> _handler;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private int _disposed;

    public OrderedConsumption(
        string queue,
        int most,
        Topology topology,
        ServiceName service,
        TransportOptions options,
        Func<ReadOnlyMemory<byte>, EventEnvelope?> read,
        Func<IReadOnlyList<EventEnvelope>, CancellationToken, Task> handler,
        ILogger logger)
    {
        (_queue, _most, _topology, _service, _options, _read, _handler, _logger) = (queue, most, topology, service, options, read, handler, logger);
        _loop = Task.Run(ListenAsync);
    }

    private async Task ListenAsync()
    {
        var ct = _stopping.Token;
        var pause = _firstPause;
        while (!ct.IsCancellationRequested)
        {
            IConnection? connection = null;
            try
            {
                await _topology.Declared.WaitAsync(ct);
                connection = await BrokerConnection.ConnectAsync(_options, $"pennypost-{_service.Value}-events", ct);
                await ConsumeAsync(connection, () => pause = _firstPause, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                // What was not acknowledged goes to the next who listens.
            }
            catch (Exception exception)
            {
                // A listener goes on whatever the broker or its own store did: the events are still there.
                _logger.ListeningFailed(_queue, exception.GetType().Name, pause.TotalSeconds);
                await Task.Delay(pause, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < _longestPause ? pause * 2 : _longestPause;
            }
            finally
            {
                await BrokerConnection.CloseAsync(connection);
            }
        }
    }

    private async Task ConsumeAsync(IConnection connection, Action handled, CancellationToken ct)
    {
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), ct);
        // Twice a helping: while one is dealt with the next comes in. What the broker sends without an acknowledgement is never more than this.
        await channel.BasicQosAsync(0, (ushort)Math.Min(ushort.MaxValue, 2 * _most), global: false, ct);
        var came = Channel.CreateUnbounded<(ulong Tag, byte[] Body)>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            // The client takes the buffer back when this returns.
            came.Writer.TryWrite((delivery.DeliveryTag, delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        consumer.UnregisteredAsync += (_, _) => Ended("the broker ended it");
        channel.ChannelShutdownAsync += (_, shutdown) => Ended(shutdown.ReplyText);
        await channel.BasicConsumeAsync(_queue, autoAck: false, consumer, ct);
        while (true)
        {
            var (tag, body) = await came.Reader.ReadAsync(ct);
            var events = new List<EventEnvelope>();
            for (var taken = 1; ; taken++)
            {
                if (await ReadAsync(channel, body, ct) is { } happened)
                    events.Add(happened);
                if (taken >= _most || !came.Reader.TryRead(out var next))
                    break;
                (tag, body) = next;
            }

            if (events.Count > 0)
                await _handler(events, ct);
            await channel.BasicAckAsync(tag, multiple: true, ct);
            handled();
        }

        Task Ended(string why)
        {
            came.Writer.TryComplete(new IOException(why));
            return Task.CompletedTask;
        }
    }

    /// <summary>Null for what is no event of ours: it is set aside, and must not hold up what comes after.</summary>
    private async Task<EventEnvelope?> ReadAsync(IChannel channel, byte[] body, CancellationToken ct)
    {
        try
        {
            return _read(body);
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or Google.Protobuf.InvalidProtocolBufferException or Google.Protobuf.InvalidJsonException)
        {
            // Confirmed before it is acknowledged with the others.
            await channel.BasicPublishAsync(Names.Errors(_queue), "", mandatory: false, new BasicProperties { Persistent = true }, body, ct);
            _logger.EventSetAside(_queue, exception.GetType().Name);
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }
}
