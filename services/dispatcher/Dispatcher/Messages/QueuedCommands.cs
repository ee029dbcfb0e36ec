using Grpc.Core;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Transport;

namespace Pennypost.Dispatcher.Messages;

/// <summary>
/// Messages that other products put on their tenant's queue, as the JSON of one message (the body of <c>POST /v1/messages</c>): the same Accept as a call's. What can never be accepted is set aside at once, where
/// ReplayErrors finds it; what cannot be accepted now is tried again.
/// </summary>
internal sealed class QueuedCommands(ICommandQueues queues, MessageCalls messages) : IHostedService
{
    private const int MostNamed = 20;
    private readonly List<IAsyncDisposable> _consuming = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _consuming.AddRange(queues.Tenants.Select(tenant => queues.Consume(tenant, AcceptAsync)));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in _consuming)
            await queue.DisposeAsync();
    }

    /// <summary>Returns when the message is durable.</summary>
    /// <exception cref="PoisonCommandException">It can never be accepted as it is.</exception>
    internal async Task AcceptAsync(QueuedCommand command, CancellationToken ct)
    {
        var spec = Read(command.Body);
        try
        {
            await messages.AcceptAsync(command.Tenant, new AcceptRequest { Message = spec }, ct);
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.InvalidArgument or StatusCode.AlreadyExists or StatusCode.NotFound or StatusCode.FailedPrecondition)
        {
            throw new PoisonCommandException(Why(RpcFault.From(refused)));
        }
    }

    /// <summary>The same reading as the REST face's: all that is wrong is named, and nothing of what stood there is quoted.</summary>
    private static MessageSpec Read(ReadOnlyMemory<byte> body)
    {
        var (spec, violations) = (new MessageSpec(), new Violations());
        JsonReading.Body(body, spec, "message", violations);
        return violations.Any ? throw new PoisonCommandException(Why("INVALID_REQUEST", violations.All)) : spec;
    }

    private static string Why(RpcFault fault) => fault.Violations.Count == 0 ? $"{fault.Reason}: {fault.Message}" : Why(fault.Reason, fault.Violations);

    private static string Why(string reason, IReadOnlyCollection<Violation> violations)
    {
        var named = violations.Take(MostNamed).Select(violation => $"{violation.Field} {violation.Description}");
        var rest = violations.Count > MostNamed ? [$"and {violations.Count - MostNamed} more"] : Array.Empty<string>();
        return $"{reason}: {string.Join("; ", named.Concat(rest))}";
    }
}
