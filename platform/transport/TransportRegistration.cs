using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pennypost.Hosting;
using Pennypost.Transport.RabbitMq;

namespace Pennypost.Transport;

/// <summary>How a host gets its transport.</summary>
public static class TransportRegistration
{
    /// <summary>
    /// Adds what section <c>Transport</c> names. In process, register an <see cref="IEventTopic"/> before to share one with other services of the process. Call it before the host's own hosted services: it must
    /// stop after them.
    /// </summary>
    public static PennypostHost AddTransport(this PennypostHost host, WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<TransportOptions>().BindConfiguration(TransportOptions.Section).ValidateDataAnnotations();
        if (builder.Configuration.GetValue<TransportKind?>($"{TransportOptions.Section}:{nameof(TransportOptions.Kind)}") == TransportKind.RabbitMq)
            AddRabbitMq(host, builder);
        else
            AddInProcess(services);
        return host;
    }

    private static void AddInProcess(IServiceCollection services)
    {
        services.TryAddSingleton(new TransportLimits());
        services.TryAddSingleton<IEventTopic>(provider =>
            new InProcessEventTopic(provider.GetRequiredService<TransportLimits>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<InProcessEventTopic>>()));
        services.TryAddSingleton<IWorkQueue, InProcessWorkQueue>();
        services.AddSingleton<NoBroker>();
        services.AddSingleton<ICommandQueues>(provider => provider.GetRequiredService<NoBroker>());
        services.AddSingleton<IErrorQueues>(provider => provider.GetRequiredService<NoBroker>());
    }

    private static void AddRabbitMq(PennypostHost host, WebApplicationBuilder builder)
    {
        var services = builder.Services;
        // MassTransit tells each connection and endpoint at length; what goes wrong is a warning or more.
        builder.Logging.AddFilter("MassTransit", LogLevel.Warning);
        services.AddSingleton<BrokerConnection>();
        services.AddSingleton<Topology>();
        services.AddHostedService(provider => provider.GetRequiredService<Topology>());
        services.AddSingleton<IEventTopic, RabbitMqEventTopic>();
        services.AddSingleton<IWorkQueue, RabbitMqWorkQueue>();
        services.AddSingleton<ICommandQueues, RabbitMqCommandQueues>();
        services.AddSingleton<IErrorQueues, RabbitMqErrorQueues>();
        services.AddOptions<MassTransitHostOptions>().Configure<IOptions<TransportOptions>>((bus, transport) => bus.StopTimeout = transport.Value.StopTimeout);
        services.AddMassTransit(bus =>
        {
            // It would report its use to its makers over the network.
            bus.DisableUsageTelemetry();
            bus.UsingRabbitMq((context, rabbit) => Configure(rabbit, context.GetRequiredService<IOptions<TransportOptions>>().Value, context.GetRequiredService<ServiceName>()));
        });
        host.AddDependency("broker", (provider, _) => ValueTask.FromResult(Missing(provider.GetRequiredService<IBusControl>())));
    }

    private static void Configure(IRabbitMqBusFactoryConfigurator rabbit, TransportOptions options, ServiceName service)
    {
        var brokers = options.Hosts.Select(TransportOptions.Broker.Parse).OfType<TransportOptions.Broker>().ToList();
        rabbit.Host(brokers[0].Host, (ushort)brokers[0].Port, options.VirtualHost, $"pennypost-{service.Value}", broker =>
        {
            broker.Username(options.User);
            broker.Password(options.Password!.Reveal());
            broker.PublisherConfirmation = true;
            broker.Heartbeat(TimeSpan.FromSeconds(15));
            if (options.Tls)
                broker.UseSsl(ssl => ssl.ServerName = brokers[0].Host);
            if (brokers.Count > 1)
                broker.UseCluster(cluster => brokers.ForEach(node => cluster.Node($"{node.Host}:{node.Port}")));
        });
        // Plain JSON, without an envelope: every language reads and writes it.
        rabbit.UseRawJsonSerializer(RawSerializerOptions.AnyMessageType, isDefault: true);
        rabbit.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
    }

    private static string? Missing(IBusControl bus)
    {
        var health = bus.CheckHealth();
        return health.Status == BusHealthStatus.Healthy ? null : $"the broker is not connected ({health.Status})";
    }

    /// <summary>Without a broker there are no queues of commands, and no errors on them.</summary>
    private sealed class NoBroker : ICommandQueues, IErrorQueues
    {
        public IReadOnlyList<string> Tenants => [];

        public IAsyncDisposable Consume(string tenant, Func<QueuedCommand, CancellationToken, Task> handler) => throw new InvalidOperationException("There are no command queues in process.");

        public Task<(int Replayed, int Left)> ReplayAsync(ErrorQueue queue, string tenant, int most, CancellationToken cancellationToken) => Task.FromResult((0, 0));
    }
}
