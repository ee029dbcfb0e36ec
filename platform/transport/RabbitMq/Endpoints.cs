using MassTransit;

namespace Pennypost.Transport.RabbitMq;

/// <summary>Receive endpoints as all of ours are: quorum queues, plain JSON, nothing bound or published that we did not ask for.</summary>
internal static class Endpoints
{
    /// <summary>Begins to consume a queue; ends when disposed, after the handlers under way.</summary>
    public static IAsyncDisposable Connect(IBusControl bus, string queue, int atOnce, Action<IRabbitMqReceiveEndpointConfigurator> configure)
    {
        var handle = bus.ConnectReceiveEndpoint(queue, endpoint =>
        {
            var rabbit = (IRabbitMqReceiveEndpointConfigurator)endpoint;
            rabbit.SetQuorumQueue();
            rabbit.ConfigureConsumeTopology = false;
            rabbit.PublishFaults = false;
            rabbit.PrefetchCount = atOnce;
            rabbit.ConcurrentMessageLimit = atOnce;
            configure(rabbit);
        });
        return new Consumption(handle);
    }

    /// <summary>
    /// Sends and waits for the confirm, with a limit: a broker that took the message and died may leave its confirm open for ever. Whoever sent it does so again; it arrives twice then, and is known by its id.
    /// </summary>
    /// <exception cref="TimeoutException">It may have arrived or not.</exception>
    public static Task SendAsync<T>(this ISendEndpoint endpoint, T message, IPipe<SendContext<T>> pipe, TimeSpan limit, CancellationToken ct)
        where T : class => endpoint.Send(message, pipe, ct).WaitAsync(limit, ct);

    /// <summary>Growing pauses that together last about as long as the patience: from 100 ms, doubling, up to 10 s.</summary>
    public static TimeSpan[] Pauses(TimeSpan patience)
    {
        var (pauses, total, next) = (new List<TimeSpan>(), TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        while (total < patience)
        {
            pauses.Add(next);
            total += next;
            next = next * 2 < _longestPause ? next * 2 : _longestPause;
        }

        return [.. pauses];
    }

    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(10);

    private sealed class Consumption(HostReceiveEndpointHandle handle) : IAsyncDisposable
    {
        private int _ended;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
                await handle.StopAsync();
        }
    }
}
