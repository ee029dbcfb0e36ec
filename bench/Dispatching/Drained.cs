using System.Diagnostics;
using System.Globalization;
using MassTransit;
using Pennypost.Transport;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Pennypost.Bench.Dispatching;

/// <summary>Queues of the same kind as ours, filled and then drained by consumers that do nothing: what the broker and its clients cost by themselves.</summary>
/// <param name="host">Of the broker.</param>
/// <param name="user">May do what a service may.</param>
/// <param name="password">Its password.</param>
internal sealed class Drained(string host, string user, string password)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly int AtOnce = new TransportOptions().CommandsAtOnce;

    private string Host => host.Split(':')[0];

    private int Port => int.Parse(host.Split(':')[1], CultureInfo.InvariantCulture);

    /// <summary>By RabbitMQ's own client, one acknowledgement each.</summary>
    public async Task<Drain> RawAsync(IReadOnlyList<byte[]> bodies, CancellationToken ct)
    {
        const string Queue = "pennypost.bench-raw";
        await using var connection = await ConnectAsync(ct);
        await FillAsync(connection, Queue, bodies, ct);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        await channel.BasicQosAsync(0, (ushort)AtOnce, global: false, ct);
        var clock = new Clock(bodies.Count);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivered) =>
        {
            await channel.BasicAckAsync(delivered.DeliveryTag, multiple: false, ct);
            clock.One();
        };
        clock.Start();
        await channel.BasicConsumeAsync(Queue, autoAck: false, consumer, ct);
        return await clock.EndAsync(Limit, ct);
    }

    /// <summary>By a MassTransit consumer, set up as our command queues are.</summary>
    public async Task<Drain> MassTransitAsync(IReadOnlyList<byte[]> bodies, CancellationToken ct)
    {
        const string Queue = "pennypost.bench-masstransit";
        await using (var connection = await ConnectAsync(ct))
            await FillAsync(connection, Queue, bodies, ct);
        var clock = new Clock(bodies.Count);
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(Host, (ushort)Port, "/", "pennypost-bench", broker =>
            {
                broker.Username(user);
                broker.Password(password);
            });
            rabbit.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
        });
        await bus.StartAsync(ct);
        try
        {
            clock.Start();
            var endpoint = bus.ConnectReceiveEndpoint(Queue, configure =>
            {
                var queue = (IRabbitMqReceiveEndpointConfigurator)configure;
                queue.SetQuorumQueue();
                queue.ConfigureConsumeTopology = false;
                queue.PublishFaults = false;
                queue.PrefetchCount = AtOnce;
                queue.ConcurrentMessageLimit = AtOnce;
                queue.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
                queue.Handler<Anything>(_ =>
                {
                    clock.One();
                    return Task.CompletedTask;
                });
            });
            await endpoint.Ready;
            return await clock.EndAsync(Limit, ct);
        }
        finally
        {
            await bus.StopAsync(ct);
        }
    }

    /// <summary>Any JSON object.</summary>
    internal sealed record Anything;

    public Task<IConnection> ConnectAsync(CancellationToken ct) =>
        new ConnectionFactory { UserName = user, Password = password, HostName = Host, Port = Port, AutomaticRecoveryEnabled = false }.CreateConnectionAsync("pennypost-bench", ct);

    private static async Task FillAsync(IConnection connection, string queue, IReadOnlyList<byte[]> bodies, CancellationToken ct)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: ct);
        // As MassTransit declares its own, so that both are the same queue.
        await channel.ExchangeDeclareAsync(queue, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: ct);
        await channel.QueueBindAsync(queue, queue, "", cancellationToken: ct);
        await PublishAsync(connection, queue, bodies, ct);
    }

    /// <summary>Confirmed, and in batches: the next goes when the one before is on the disk.</summary>
    public static async Task PublishAsync(IConnection connection, string exchange, IReadOnlyList<byte[]> bodies, CancellationToken ct)
    {
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), ct);
        foreach (var some in bodies.Chunk(256))
            await Task.WhenAll(some.Select(body => channel.BasicPublishAsync(exchange, "", mandatory: true, new BasicProperties { Persistent = true }, body, ct).AsTask()));
    }

    /// <summary>From the first message to the last, in time and in this process's processor time.</summary>
    private sealed class Clock
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly int _messages;
        private int _left;
        private long _started;
        private TimeSpan _cpu;

        public Clock(int messages) => _messages = _left = messages;

        public void Start() => (_started, _cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);

        public void One()
        {
            if (Interlocked.Decrement(ref _left) == 0)
                _all.TrySetResult();
        }

        public async Task<Drain> EndAsync(TimeSpan limit, CancellationToken ct)
        {
            await _all.Task.WaitAsync(limit, ct);
            return new Drain(_messages, Stopwatch.GetElapsedTime(_started).TotalSeconds, (Environment.CpuUsage.TotalTime - _cpu).TotalSeconds);
        }
    }
}

/// <summary>So many messages were done in so many seconds, with so much processor time of whoever did them.</summary>
internal readonly record struct Drain(int Messages, double Seconds, double Cpu)
{
    public double PerSecond => Messages / Seconds;

    public double CpuMicros => Cpu * 1e6 / Messages;
}
