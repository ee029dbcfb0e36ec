using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.Policies;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Store;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Messages;

/// <summary>The calls about messages: parse, decide, answer.</summary>
internal sealed class MessageCalls(
    Intake intake, Lookups lookups, Prospects prospects, TenantPolicies policies, StateStore store, CrashPoint crash, OperatorActs acts, Errors errors, ILogger<MessageCalls> log)
{
    public async Task<AcceptResponse> AcceptAsync(string tenant, AcceptRequest request, CancellationToken ct)
    {
        var now = await store.NowAsync(ct);
        var violations = new Violations();
        var parsed = Parse.Message(request.Message, idRequired: true, now, violations);
        await policies.CheckNameAsync(tenant, request.Message, violations, ct);
        if (parsed is not { } message || violations.Any)
            throw errors.Invalid(violations);
        var answer = await intake.AcceptAsync(tenant, message, request.ValidateOnly, now, ct);
        crash.Reach(CrashPoints.AfterAccept);
        return answer switch
        {
            IntakeAnswer.Taken taken => new AcceptResponse { Message = ToWire.Message(taken.Message, taken.ProspectId, withEvents: true), Existed = taken.Existed },
            IntakeAnswer.Reused reused => throw errors.MessageIdReused(message.MessageId, reused.Field),
            IntakeAnswer.UnknownAccount unknown => throw errors.AccountNotFound(unknown.AccountId),
            IntakeAnswer.NoSender => throw errors.NoSender(),
            _ => throw errors.TooManyOpenMessages(Prospect.MaxOpenMessages),
        };
    }

    public async Task<GetMessageResponse> GetAsync(string tenant, GetMessageRequest request, CancellationToken ct)
    {
        Check(violations => violations.Id("message_id", request.MessageId));
        var at = await FindAsync(tenant, request.MessageId, ct) ?? throw errors.MessageNotFound(request.MessageId);
        return new GetMessageResponse { Message = ToWire.Message(at.Message, at.ProspectId, withEvents: true) };
    }

    public async Task<CancelMessageResponse> CancelAsync(string tenant, CancelMessageRequest request, CancellationToken ct)
    {
        Check(violations => violations.Id("message_id", request.MessageId));
        var at = await FindAsync(tenant, request.MessageId, ct) ?? throw errors.MessageNotFound(request.MessageId);
        return await prospects.CancelAsync(at, ct) switch
        {
            CancelAnswer.Cancelled cancelled => new CancelMessageResponse { Message = ToWire.Message(cancelled.Message, at.ProspectId, withEvents: true) },
            CancelAnswer.Already already => new CancelMessageResponse { Message = ToWire.Message(already.Message, at.ProspectId, withEvents: true) },
            CancelAnswer.TooLate late => throw errors.MessageNotCancellable(request.MessageId, (Wire.MessageState)late.Message.State),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    public async Task<ResolveMessageResponse> ResolveAsync(Caller caller, ResolveMessageRequest request, CancellationToken ct)
    {
        Check(violations =>
        {
            violations.Id("message_id", request.MessageId);
            violations.Range("attempt", request.Attempt, 1, 1_000);
            OperatorActs.Check(request.Actor, request.Why, violations, actorRequired: true);
        });
        var act = new Wire.OperatorAct
        {
            Kind = Wire.OperatorActKind.ResolveMessage,
            Actor = request.Actor,
            Why = request.Why,
            MessageId = request.MessageId,
            Attempt = request.Attempt,
            Sent = request.Sent,
        };
        return await acts.RecordAsync(caller, act, _ => ResolveAsync(caller.Tenant, request, ct), ct);
    }

    private async Task<ResolveMessageResponse> ResolveAsync(string tenant, ResolveMessageRequest request, CancellationToken ct)
    {
        var at = await FindAsync(tenant, request.MessageId, ct) ?? throw errors.MessageNotFound(request.MessageId);
        var answer = await prospects.ResolveAsync(at, request.Attempt, request.Sent, ct);
        if (answer is ResolveAnswer.NotInDoubt not)
            throw errors.MessageNotInDoubt(request.MessageId, request.Attempt, (Wire.MessageState)not.Message.State);
        if (answer is ResolveAnswer.Resolved)
            log.Resolved(tenant, request.MessageId, request.Attempt, request.Sent ? "sent" : "not sent", request.Actor);
        return new ResolveMessageResponse { Message = ToWire.Message(answer is ResolveAnswer.Resolved resolved ? resolved.Message : ((ResolveAnswer.Already)answer).Message, at.ProspectId, withEvents: true) };
    }

    private async Task<MessageInHand?> FindAsync(string tenant, string messageId, CancellationToken ct) =>
        await lookups.ProspectOfMessageAsync(tenant, messageId, ct) is { } prospectId ? await prospects.FindAsync(tenant, prospectId, messageId, ct) : null;

    private void Check(Action<Violations> look)
    {
        var violations = new Violations();
        look(violations);
        if (violations.Any)
            throw errors.Invalid(violations);
    }
}
