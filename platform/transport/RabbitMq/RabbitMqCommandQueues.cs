using MassTransit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Pennypost.Transport.RabbitMq;

/// <summary>Any JSON object: what is in it is for the handler to say.</summary>
internal sealed record CommandMessage;

/// <summary>A quorum queue per tenant. Its broker user may write into its exchange and nowhere else, so that a command's tenant is a matter of credentials.</summary>
internal sealed class RabbitMqCommandQueues(IBusControl bus, IOptions<TransportOptions> options, ILogger<RabbitMqCommandQueues> logger) : ICommandQueues
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Tenants => [.. options.Value.Tenants];

    /// <inheritdoc/>
    public IAsyncDisposable Consume(string tenant, Func<QueuedCommand, CancellationToken, Task> handler) =>
        Endpoints.Connect(bus, Names.Commands(tenant), options.Value.CommandsAtOnce, endpoint =>
        {
            // Other products send plain JSON without MassTransit's headers.
            endpoint.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
            endpoint.UseMessageRetry(retry =>
            {
                retry.Ignore<PoisonCommandException>();
                retry.Intervals(Endpoints.Pauses(options.Value.CommandPatience));
            });
            endpoint.Handler<CommandMessage>(async context =>
            {
                try
                {
                    await handler(new QueuedCommand(tenant, context.ReceiveContext.GetBody()), context.CancellationToken);
                }
                catch (PoisonCommandException poison)
                {
                    logger.CommandSetAside(tenant, poison.Message);
                    throw;
                }
            });
        });
}
