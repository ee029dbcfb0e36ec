using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<SendMessagesResponse> SendMessages(SendMessagesRequest request, ServerCallContext context)
    {
        Check(context, violations => Batch(violations, request));
        // The call has counted as one already.
        await quota.TakeAsync(context, request.Messages.Count - 1);
        var results = await AcceptAllAsync(request.Messages, request.ValidateOnly, OnBehalf.Of(context));
        return new SendMessagesResponse { Results = { results.Select(handed => handed.Result) } };
    }

    private static void Batch(Violations violations, SendMessagesRequest request)
    {
        violations.Items("messages", request.Messages.Count, 1, Shapes.MaxBatch);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Math.Min(request.Messages.Count, Shapes.MaxBatch); i++)
        {
            violations.Message($"messages[{i}]", request.Messages[i]);
            if (!ids.Add(request.Messages[i].MessageId)) violations.Add($"messages[{i}].message_id", "stands there twice");
        }
    }

    /// <summary>Hands messages over, some at once; each is answered at its place.</summary>
    internal async Task<Handed[]> AcceptAllAsync(IReadOnlyList<MessageSpec> messages, bool validateOnly, CallOptions call)
    {
        var results = new Handed[messages.Count];
        var limits = new ParallelOptions { MaxDegreeOfParallelism = options.Value.BatchConcurrency, CancellationToken = call.CancellationToken };
        await Parallel.ForAsync(0, messages.Count, limits, async (i, _) => results[i] = await AcceptOneAsync(messages[i], validateOnly, call));
        return results;
    }

    private async Task<Handed> AcceptOneAsync(MessageSpec? message, bool validateOnly, CallOptions call)
    {
        var messageId = message?.MessageId ?? "";
        try
        {
            var answer = await dispatcher.AcceptAsync(new Dispatcher.V1.AcceptRequest { Message = ForDispatcher(message), ValidateOnly = validateOnly }, call.ForPartition(messageId));
            return new Handed(new SendResult { MessageId = messageId, Message = answer.Message, Existed = answer.Existed }, []);
        }
        catch (RpcException exception) when (!call.CancellationToken.IsCancellationRequested)
        {
            return Refused(messageId, RpcFault.From(answers.Of(exception, nameof(SendMessages))));
        }
    }

    private static Handed Refused(string messageId, RpcFault fault) => new(new SendResult { MessageId = messageId, Refusal = RefusalOf(fault) }, fault.Violations);

    private static Refusal RefusalOf(RpcFault fault) => new()
    {
        Reason = fault.Reason,
        Code = (int)fault.Code,
        Text = fault.Violations.Count == 0 ? fault.Message : string.Join("; ", fault.Violations.Select(violation => $"{violation.Field} {violation.Description}")),
        Field = fault.Metadata.GetValueOrDefault("field", ""),
        Violations = { fault.Violations.Select(violation => new FieldViolation { Field = violation.Field, Description = violation.Description }) },
    };
}

/// <summary>What became of a message that was handed over, with everything that was wrong with it.</summary>
internal sealed record Handed(SendResult Result, IReadOnlyList<Violation> Violations);
