using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Dispatcher.Stored;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Operators;

/// <summary>
/// The audit of what is done by hand (F66): what operators do, and what is set up. Each act is recorded in a partition of the tenant's own before it takes effect, so that none is without a record, and gets its end written once it was answered. The
/// journal of that partition has both, chained by hashes; nothing here is ever deleted, and nothing names a person, so that erasing one leaves it as it is.
/// </summary>
internal sealed class OperatorActs(StateStore store, Errors errors, ILogger<OperatorActs> logger)
{
    /// <summary>The journal's entry of an act that is about to take effect.</summary>
    public const string Begun = "operator.act";

    /// <summary>The journal's entry of an act that was answered or refused.</summary>
    public const string Ended = "operator.act_ended";

    /// <summary>The longest name of an actor.</summary>
    public const int LongestActor = 200;

    /// <summary>The longest reason.</summary>
    public const int LongestWhy = 500;

    private static readonly HeadCodec<StoredOperatorActs> _codec = HeadCodec.Message(StoredOperatorActs.Parser);

    /// <summary>Who does it and why, as every operator's call says it.</summary>
    public static void Check(string actor, string why, Violations violations, bool actorRequired = false)
    {
        violations.Length("actor", actor, actorRequired ? 1 : 0, LongestActor);
        violations.Length("why", why, 0, LongestWhy);
        // It is kept for good: what names a person cannot be taken out again when they are to be erased.
        if (why.Contains('@', StringComparison.Ordinal) || why.Contains("://", StringComparison.Ordinal) || why.Contains("linkedin.com", StringComparison.OrdinalIgnoreCase))
            violations.Add("why", "must name nobody: no e-mail address and no link");
        if (why.Any(char.IsControl))
            violations.Add("why", "must have no control characters");
    }

    /// <summary>
    /// Records the act, does it, and writes how it ended. An act that cannot be recorded is not done; one whose end cannot be written was done all the same, and stays BEGUN in the list.
    /// </summary>
    /// <param name="caller">The credential.</param>
    /// <param name="act">What is done on what, by whom and why.</param>
    /// <param name="perform">Does it, as whom it is recorded.</param>
    /// <param name="touched">How many messages or errors it was about, from its answer.</param>
    /// <param name="ct">Ends the waiting. Once the act was done, its end is written whoever still waits.</param>
    public async Task<T> RecordAsync<T>(Caller caller, OperatorAct act, Func<string, Task<T>> perform, Func<T, long> touched, CancellationToken ct)
    {
        var call = Guid.NewGuid().ToString("N");
        await BeginAsync(caller, act, call, ct);
        T answer;
        try
        {
            answer = await perform(act.Actor.Length > 0 ? act.Actor : Credential(caller));
        }
        catch (RpcException refused) when (errors.ChangedNothing(refused))
        {
            await EndAsync(caller.Tenant, call, OperatorActState.Refused, RpcFault.From(refused).Reason, 0);
            throw;
        }

        await EndAsync(caller.Tenant, call, OperatorActState.Done, "", touched(answer));
        return answer;
    }

    /// <summary>As above, of an act that is about one thing.</summary>
    public Task<T> RecordAsync<T>(Caller caller, OperatorAct act, Func<string, Task<T>> perform, CancellationToken ct) => RecordAsync(caller, act, perform, _ => 0, ct);

    /// <summary>Takes an act that another service has in its journal: as it was begun, or as it ended. What is there already is not taken again.</summary>
    /// <returns>Its number.</returns>
    public async Task<long> TakeAsync(string tenant, string actId, OperatorAct act, CancellationToken ct)
    {
        var takenKey = TakenKey(actId);
        var taken = await store.ExecuteAsync<StoredOperatorActs, long>(Partition(tenant), _codec, RecordKeys.Of(takenKey), view =>
        {
            var (count, isBegin) = (view.Head?.Count ?? 0, act.State == OperatorActState.Begun);
            var number = view.Record(takenKey) is { } known ? StoredOpenAct.Parser.ParseFrom(known).Number : count + 1;
            var actKey = ActKey(number);
            if (number <= count && !view.IsLoaded(actKey))
                return new Decision<StoredOperatorActs, long>.NeedRecords([actKey]);
            if (number <= count && (isBegin || OperatorAct.Parser.ParseFrom(view.Record(actKey)).State != OperatorActState.Begun))
                return new Decision<StoredOperatorActs, long>.Answer(number);
            var told = act.Clone();
            told.Number = number;
            return new Decision<StoredOperatorActs, long>.Commit(new StoredOperatorActs { Format = 1, Count = Math.Max(count, number) }, number)
            {
                Records = [new RecordChange.Put(actKey, told.ToByteArray()), new RecordChange.Put(takenKey, new StoredOpenAct { Number = number }.ToByteArray())],
                Entries = [new JournalEntry(isBegin ? Begun : Ended, told.ToByteArray())],
            };
        }, 0, ct);
        return taken.Answer;
    }

    /// <summary>A page of the tenant's acts, newest first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="from">The first act wanted; null for the newest.</param>
    /// <param name="pageSize">How many.</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <returns>Where the next page begins; 0 at the end.</returns>
    public async Task<(IReadOnlyList<OperatorAct> Acts, long Next)> ListAsync(string tenant, long? from, int pageSize, CancellationToken ct)
    {
        var count = (await store.ReadAsync(Partition(tenant), _codec, [], 0, ct)).Head?.Count ?? 0;
        var first = Math.Min(from ?? count, count);
        var size = (int)Math.Min(pageSize, first);
        var keys = Enumerable.Range(0, size).Select(back => ActKey(first - back)).ToList();
        var read = await store.ReadAsync(Partition(tenant), _codec, keys, 0, ct);
        return ([.. keys.Select(key => OperatorAct.Parser.ParseFrom(read.Records[key]))], first - size);
    }

    internal static PartitionId Partition(string tenant) => new("operator", tenant, "acts");

    private async Task BeginAsync(Caller caller, OperatorAct act, string call, CancellationToken ct)
    {
        var openKey = OpenKey(call);
        await store.ExecuteAsync<StoredOperatorActs, bool>(Partition(caller.Tenant), _codec, RecordKeys.New(openKey), view =>
        {
            // Decided again after it was committed: it is recorded once.
            if (view.Record(openKey) is not null)
                return new Decision<StoredOperatorActs, bool>.Answer(false);
            var begun = Begin(act, caller, (view.Head?.Count ?? 0) + 1, view.Now);
            return new Decision<StoredOperatorActs, bool>.Commit(new StoredOperatorActs { Format = 1, Count = begun.Number }, true)
            {
                Records = [new RecordChange.Put(ActKey(begun.Number), begun.ToByteArray()), new RecordChange.Put(openKey, new StoredOpenAct { Number = begun.Number }.ToByteArray())],
                Entries = [new JournalEntry(Begun, begun.ToByteArray())],
            };
        }, 0, ct);
    }

    private async Task EndAsync(string tenant, string call, OperatorActState state, string refusal, long touched)
    {
        var openKey = OpenKey(call);
        try
        {
            await store.ExecuteAsync<StoredOperatorActs, bool>(Partition(tenant), _codec, RecordKeys.Of(openKey), view =>
            {
                if (view.Record(openKey) is not { } open)
                    return new Decision<StoredOperatorActs, bool>.Answer(false);
                var actKey = ActKey(StoredOpenAct.Parser.ParseFrom(open).Number);
                if (!view.IsLoaded(actKey))
                    return new Decision<StoredOperatorActs, bool>.NeedRecords([actKey]);
                var ended = End(OperatorAct.Parser.ParseFrom(view.Record(actKey)), state, refusal, touched, view.Now);
                return new Decision<StoredOperatorActs, bool>.Commit(view.Head!, true)
                {
                    Records = [new RecordChange.Put(actKey, ended.ToByteArray()), new RecordChange.Delete(openKey)],
                    Entries = [new JournalEntry(Ended, ended.ToByteArray())],
                };
            }, 0, CancellationToken.None);
        }
        catch (StoreException exception)
        {
            logger.EndNotRecorded(exception, tenant, state);
        }
    }

    /// <summary>The act as it is recorded before it takes effect.</summary>
    internal static OperatorAct Begin(OperatorAct act, Caller caller, long number, DateTimeOffset now)
    {
        var begun = act.Clone();
        begun.Number = number;
        begun.ActTime = Timestamp.FromDateTimeOffset(now);
        begun.State = OperatorActState.Begun;
        begun.Credential = Credential(caller);
        if (begun.Actor.Length == 0)
            begun.Actor = begun.Credential;
        return begun;
    }

    private static string Credential(Caller caller) => caller.KeyId.Length > 0 ? $"key:{caller.KeyId}" : "service";

    /// <summary>The act once it was answered.</summary>
    internal static OperatorAct End(OperatorAct begun, OperatorActState state, string refusal, long touched, DateTimeOffset now)
    {
        var ended = begun.Clone();
        (ended.State, ended.Refusal, ended.Touched, ended.EndTime) = (state, refusal, touched, Timestamp.FromDateTimeOffset(now));
        return ended;
    }

    private static string ActKey(long number) => string.Create(CultureInfo.InvariantCulture, $"act/{number}");

    private static string TakenKey(string actId) => $"taken/{actId}";

    private static string OpenKey(string call) => $"open/{call}";
}
