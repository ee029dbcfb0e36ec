using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Gateway.Stored;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Audit;

/// <summary>
/// The audit of what is done by hand on what the gateway keeps, or asks of credits: each act is in a journal of the tenant's own before it takes effect, and its
/// end after it. From there it comes to the tenant's one list of acts (<see cref="ActsNews"/>), also if the dispatcher is away when a key is revoked.
/// </summary>
internal sealed class AdministrativeActs(StateStore store, ILogger<AdministrativeActs> logger)
{
    public const string Kind = "acts";
    public const string Begun = "act.begun";
    public const string Ended = "act.ended";

    /// <summary>A command of the installation's operator.</summary>
    public const string CommandLine = "command-line";

    private static readonly HeadCodec<StoredActs> Codec = HeadCodec.Message(StoredActs.Parser);

    // What a refusal means for sure: nothing was changed.
    private static readonly StatusCode[] ChangedNothing =
        [StatusCode.InvalidArgument, StatusCode.NotFound, StatusCode.AlreadyExists, StatusCode.FailedPrecondition, StatusCode.PermissionDenied, StatusCode.Aborted];

    /// <summary>Records an act on the caller's own tenant, and does it.</summary>
    public Task<T> RecordAsync<T>(ServerCallContext context, OperatorAct act, Func<Task<T>> perform) => RecordAsync(context, context.Caller().Tenant, act, perform);

    /// <summary>Records an act on a tenant, and does it.</summary>
    public Task<T> RecordAsync<T>(ServerCallContext context, string tenantId, OperatorAct act, Func<Task<T>> perform)
    {
        var caller = context.Caller();
        return RecordAsync(tenantId, $"{(caller.Tenant == tenantId ? "key" : "installation")}:{caller.KeyId}", act, perform, context.CancellationToken);
    }

    /// <summary>Records the act, does it, and writes how it ended. What cannot be recorded is not done; what was done is on record whoever still waits.</summary>
    public async Task<T> RecordAsync<T>(string tenantId, string credential, OperatorAct act, Func<Task<T>> perform, CancellationToken cancellationToken)
    {
        var (actId, begun) = (Guid.NewGuid().ToString("N"), act.Clone());
        (begun.Credential, begun.State) = (credential, OperatorActState.Begun);
        if (begun.Actor.Length == 0) begun.Actor = credential;
        begun.ActTime = Timestamp.FromDateTimeOffset(await WriteAsync(tenantId, Begun, actId, begun, isEnd: false, cancellationToken));
        T answer;
        try
        {
            answer = await perform();
        }
        catch (RpcException refused) when (ChangedNothing.Contains(refused.StatusCode))
        {
            await EndAsync(tenantId, actId, begun, OperatorActState.Refused, RpcFault.From(refused).Reason);
            throw;
        }
        await EndAsync(tenantId, actId, begun, OperatorActState.Done, "");
        return answer;
    }

    private async Task EndAsync(string tenantId, string actId, OperatorAct begun, OperatorActState state, string refusal)
    {
        var ended = begun.Clone();
        (ended.State, ended.Refusal) = (state, refusal);
        try
        {
            await WriteAsync(tenantId, Ended, actId, ended, isEnd: true, CancellationToken.None);
        }
        catch (StoreException exception)
        {
            logger.EndNotRecorded(exception, tenantId, state);
        }
    }

    private async Task<DateTimeOffset> WriteAsync(string tenantId, string type, string actId, OperatorAct act, bool isEnd, CancellationToken cancellationToken)
    {
        var written = await store.ExecuteAsync<StoredActs, DateTimeOffset>(new PartitionId(Kind, tenantId, "_"), Codec, RecordKeys.None, view =>
        {
            var said = act.Clone();
            if (isEnd) said.EndTime = Timestamp.FromDateTimeOffset(view.Now);
            else said.ActTime = Timestamp.FromDateTimeOffset(view.Now);
            // Decided again after a commit whose answer was lost it is written twice; the list knows it by its id.
            var head = new StoredActs { Version = 1, Count = (view.Head?.Count ?? 0) + (isEnd ? 0 : 1) };
            return new Decision<StoredActs, DateTimeOffset>.Commit(head, view.Now)
            {
                Entries = [new JournalEntry(type, new StoredAct { ActId = actId, Act = said.ToByteString() }.ToByteArray())],
                Listed = false,
            };
        }, 0, cancellationToken);
        return written.Answer;
    }
}
