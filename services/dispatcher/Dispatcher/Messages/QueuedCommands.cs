using System.Text;
using Google.Protobuf;
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
    private static readonly JsonParser _parser = new(JsonParser.Settings.Default);
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

    private static MessageSpec Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return _parser.Parse<MessageSpec>(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body.Span));
        }
        catch (Exception unreadable) when (unreadable is InvalidProtocolBufferException or InvalidJsonException or DecoderFallbackException or FormatException or InvalidOperationException)
        {
            // A parser's message may quote what stood there, which may be personal; the name of a field may not.
            var why = unreadable.Message.StartsWith("Unknown field", StringComparison.Ordinal) ? unreadable.Message : unreadable.GetType().Name;
            throw new PoisonCommandException("INVALID_REQUEST: the body is not the JSON of a message: " + why);
        }
    }

    private static string Why(RpcFault fault)
    {
        var named = fault.Violations.Take(MostNamed).Select(violation => $"{violation.Field} {violation.Description}");
        var rest = fault.Violations.Count > MostNamed ? [$"and {fault.Violations.Count - MostNamed} more"] : Array.Empty<string>();
        return fault.Violations.Count == 0 ? $"{fault.Reason}: {fault.Message}" : $"{fault.Reason}: {string.Join("; ", named.Concat(rest))}";
    }
}
