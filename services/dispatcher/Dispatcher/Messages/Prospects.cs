using System.Diagnostics;
using Microsoft.Extensions.Options;
using Pennypost.Delivery.Messages;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Messages;

/// <summary>A prospect with one of its messages and its texts, as of one version.</summary>
internal sealed record MessageInHand(string Tenant, string ProspectId, Prospect Prospect, Message Message, Content Content, DateTimeOffset Now);

/// <summary>Commits to prospect partitions: each is one pure decision, one write, one answer. What a change means for records, journal and due times is said here once.</summary>
internal sealed partial class Prospects(StateStore store, Doorbells doorbells, TimeProvider time, MessageMeter meter, IOptions<DispatcherOptions> options)
{
    /// <summary>Records asked for in one read.</summary>
    private const int MostKeys = 256;

    private readonly DeliveryRules _rules = options.Value.Rules;

    public DeliveryRules Rules => _rules;

    /// <summary>Real time, for what a moved clock must not make look old.</summary>
    public DateTimeOffset RealNow => time.GetUtcNow();

    public async Task<MessageInHand?> FindAsync(string tenant, string prospectId, string messageId, CancellationToken ct)
    {
        var (messageKey, contentKey) = (ProspectStorage.MessageKey(messageId), ProspectStorage.ContentKey(messageId));
        var read = await store.ReadAsync(ProspectStorage.Partition(tenant, prospectId), ProspectStorage.Codec, [messageKey, contentKey], 0, ct);
        if (read.Head is null || MessageStorage.Message(read.Records.GetValueOrDefault(messageKey)) is not { } message)
            return null;
        return new MessageInHand(tenant, prospectId, read.Head, message, Content.Read(read.Records.GetValueOrDefault(contentKey)), read.Now);
    }

    /// <summary>One message without its texts; null if there is none.</summary>
    public async Task<Message?> KeptAsync(string tenant, string prospectId, string messageId, CancellationToken ct)
    {
        var key = ProspectStorage.MessageKey(messageId);
        return MessageStorage.Message((await store.ReadAsync(ProspectStorage.Partition(tenant, prospectId), ProspectStorage.Codec, [key], 0, ct)).Records.GetValueOrDefault(key));
    }

    /// <summary>The trace in which a message was accepted; none if that was not traced.</summary>
    public async Task<ActivityContext> TraceAsync(string tenant, string prospectId, string messageId, CancellationToken ct)
    {
        var key = ProspectStorage.TraceKey(messageId);
        return Traces.Read((await store.ReadAsync(ProspectStorage.Partition(tenant, prospectId), ProspectStorage.Codec, [key], 0, ct)).Records.GetValueOrDefault(key));
    }

    /// <summary>A page of a prospect's messages, in no particular order.</summary>
    public async Task<(IReadOnlyList<Message> Messages, string? NextPageToken)> MessagesAsync(string tenant, string prospectId, int pageSize, string? pageToken, CancellationToken ct)
    {
        var page = await store.RecordsAsync(ProspectStorage.Partition(tenant, prospectId), ProspectStorage.MessageKey(""), pageSize, pageToken, ct);
        return ([.. page.Records.Select(record => MessageStorage.Message(record.Value)).OfType<Message>()], page.NextPageToken);
    }

    public async Task<Prospect> FindAsync(string tenant, string prospectId, CancellationToken ct) =>
        (await store.ReadAsync(ProspectStorage.Partition(tenant, prospectId), ProspectStorage.Codec, [], 0, ct)).Head ?? Prospect.Unknown;

    /// <summary>Which of these provider messages are known: sends of ours, or heard of before.</summary>
    public async Task<IReadOnlySet<string>> KnownAsync(string tenant, string prospectId, IReadOnlyCollection<string> providerMessages, CancellationToken ct)
    {
        var keys = providerMessages.SelectMany(hash => new[] { ProspectStorage.OwnKey(hash), ProspectStorage.HeardKey(hash) }).Distinct(StringComparer.Ordinal).ToList();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var some in keys.Chunk(MostKeys))
        {
            var read = await store.ReadAsync(ProspectStorage.Partition(tenant, prospectId), ProspectStorage.Codec, some, 0, ct);
            known.UnionWith(read.Records.Where(record => record.Value is not null).Select(record => record.Key));
        }

        return providerMessages.Where(hash => known.Contains(ProspectStorage.OwnKey(hash)) || known.Contains(ProspectStorage.HeardKey(hash))).ToHashSet(StringComparer.Ordinal);
    }

    public async Task<AcceptAnswer> AcceptAsync(string tenant, string prospectId, Func<DateTimeOffset, Accept> command, Content content, string messageId, CancellationToken ct)
    {
        var key = ProspectStorage.MessageKey(messageId);
        var (kept, trace) = (new RecordChange.Put(ProspectStorage.ContentKey(messageId), content.Bytes()), Traces.Current());
        return await ExecuteAsync(tenant, prospectId, RecordKeys.New(key), [messageId], (prospect, messages, now) =>
        {
            var answer = Accepting.Decide(prospect, messages.GetValueOrDefault(messageId), command(now));
            return answer is AcceptAnswer.Accepted accepted
                ? new Decided<AcceptAnswer>(answer, accepted.Change)
                {
                    Records = trace is null ? [kept] : [kept, new RecordChange.Put(ProspectStorage.TraceKey(messageId), trace)],
                }
                : new Decided<AcceptAnswer>(answer, null);
        }, ct);
    }

    public Task<OpenAnswer> OpenAsync(MessageInHand at, Candidate candidate, DateTimeOffset decideTime, CancellationToken ct) =>
        OnMessageAsync<OpenAnswer>(at, (prospect, message, now) => Opening.Decide(prospect, message, new(candidate, decideTime, now), _rules) switch
        {
            OpenAnswer.Opened opened => new(opened, opened.Change),
            OpenAnswer.Ended ended => new(ended, ended.Change),
            var answer => new(answer, null),
        }, ct);

    public Task<IntendAnswer> IntendAsync(MessageInHand at, int attempt, CancellationToken ct)
    {
        var realNow = RealNow;
        return OnMessageAsync<IntendAnswer>(at, (prospect, message, now) => Intending.Decide(prospect, message, new(attempt, now, realNow), _rules) switch
        {
            IntendAnswer.Intended intended => new(intended, intended.Change),
            IntendAnswer.Stopped stopped => new(stopped, stopped.Change),
            var answer => new(answer, null),
        }, ct);
    }

    /// <summary>The outcome commit; the provider's id of the message is kept, so that its own webhook is known as ours.</summary>
    public Task<ConcludeAnswer> ConcludeAsync(MessageInHand at, int attempt, SendOutcome outcome, bool settled, string? ownHash, CancellationToken ct, bool beforeIntent = false) =>
        OnMessageAsync<ConcludeAnswer>(at, (prospect, message, now) =>
        {
            var answer = Concluding.Decide(prospect, message, new(attempt, outcome, settled, now) { BeforeIntent = beforeIntent }, _rules);
            return answer is ConcludeAnswer.Concluded concluded
                ? new(answer, concluded.Change) { Records = ownHash is null ? [] : [new RecordChange.Put(ProspectStorage.OwnKey(ownHash), [1])] }
                : new(answer, null);
        }, ct);

    public Task<VerifyAnswer> VerifyAsync(MessageInHand at, int attempt, Finding finding, string? ownHash, CancellationToken ct)
    {
        var realNow = RealNow;
        return OnMessageAsync<VerifyAnswer>(at, (prospect, message, now) => Verifying.Decide(prospect, message, new(attempt, finding, now, realNow), _rules) switch
        {
            VerifyAnswer.ProvedSent sent => new(sent, sent.Change) { Records = ownHash is null ? [] : [new RecordChange.Put(ProspectStorage.OwnKey(ownHash), [1])] },
            VerifyAnswer.ProvedNotSent notSent => new(notSent, notSent.Change),
            VerifyAnswer.StillUnknown unknown => new(unknown, unknown.Change),
            var answer => new(answer, null),
        }, ct);
    }

    public Task<ResolveAnswer> ResolveAsync(MessageInHand at, int attempt, bool sent, CancellationToken ct)
    {
        var realNow = RealNow;
        return OnMessageAsync<ResolveAnswer>(at, (prospect, message, now) =>
        {
            var answer = Resolving.Decide(prospect, message, new(attempt, sent, now, realNow), _rules);
            return new(answer, (answer as ResolveAnswer.Resolved)?.Change);
        }, ct);
    }

    public Task<CancelAnswer> CancelAsync(MessageInHand at, CancellationToken ct) =>
        OnMessageAsync<CancelAnswer>(at, (prospect, message, now) =>
        {
            var answer = Ending.Cancel(prospect, message, now);
            return new(answer, (answer as CancelAnswer.Cancelled)?.Change);
        }, ct);

    /// <summary>Tries a message again that ended or waits; only looks, if <paramref name="validateOnly"/>.</summary>
    public Task<RetryAnswer> RetryAsync(string tenant, string prospectId, string messageId, Retry command, bool validateOnly, CancellationToken ct) =>
        ExecuteAsync(tenant, prospectId, RecordKeys.Of(ProspectStorage.MessageKey(messageId)), [messageId], (prospect, messages, now) =>
        {
            var answer = Retrying.Decide(prospect, messages[messageId], command with { Now = now }, _rules);
            var change = answer switch
            {
                RetryAnswer.Requeued requeued => requeued.Change,
                RetryAnswer.Woken woken => woken.Change,
                _ => null,
            };
            return new Decided<RetryAnswer>(answer, validateOnly ? null : change);
        }, ct);

    /// <summary>False if it is not there to be ended.</summary>
    public Task<bool> EndAsync(MessageInHand at, Delivery.Reason reason, CancellationToken ct) =>
        OnMessageAsync<bool>(at, (prospect, message, now) =>
            message.IsOver || message.Current is not null ? new(false, null) : new(true, Ending.End(prospect, message, reason, now)), ct);

    /// <summary>False if it is not there to wait.</summary>
    public Task<bool> WaitAsync(MessageInHand at, Delivery.Reason reason, DateTimeOffset until, string demandPool, CancellationToken ct) =>
        ChangeAsync(at, (prospect, message, now) => Ending.Wait(prospect, message, reason, until, demandPool, now), ct);

    public Task<bool> SettledAsync(MessageInHand at, int attempt, CancellationToken ct) =>
        ChangeAsync(at, (prospect, message, now) => Settling.Settled(prospect, message, attempt, now), ct);

    /// <summary>Something was taken for an attempt after it had been settled, and could not be given back yet: its due time repeats that.</summary>
    public Task<bool> OweSettlingAsync(MessageInHand at, int attempt, CancellationToken ct) =>
        ChangeAsync(at, (prospect, message, now) => Settling.Owe(prospect, message, attempt, now, _rules), ct);

    public Task<bool> RefundedAsync(MessageInHand at, bool cameBack, CancellationToken ct) =>
        ChangeAsync(at, (prospect, message, now) => Settling.Refunded(prospect, message, cameBack, now), ct);

    public Task<bool> LeftDemandAsync(MessageInHand at, CancellationToken ct) =>
        ChangeAsync(at, (prospect, message, _) => Settling.LeftDemand(prospect, message), ct);

    public Task<bool> PostponeAsync(MessageInHand at, CancellationToken ct) =>
        ChangeAsync(at, (prospect, message, now) => Settling.Postpone(prospect, message, now, _rules), ct);

    /// <summary>Makes a message that waits due at this time or now, whichever is later; false if it does not wait that long.</summary>
    public Task<bool> WakeAsync(string tenant, string prospectId, string messageId, DateTimeOffset? at, CancellationToken ct) =>
        ExecuteAsync(tenant, prospectId, RecordKeys.Of(ProspectStorage.MessageKey(messageId)), [messageId], (prospect, messages, now) =>
        {
            var change = messages.GetValueOrDefault(messageId) is { } message ? Ending.Wake(prospect, message, at > now ? at.Value : now) : null;
            return new Decided<bool>(change is not null, change);
        }, ct);

    /// <summary>False if the prospect was erased: then nothing is kept of them.</summary>
    public Task<bool> LearnAsync(string tenant, string prospectId, Profile profile, CancellationToken ct) =>
        ExecuteAsync(tenant, prospectId, RecordKeys.None, [], (prospect, _, now) =>
            Learning.Decide(prospect, profile, now) is { } after ? new Decided<bool>(true, new(after, [])) : new Decided<bool>(false, null), ct);

    /// <summary>Writes the due entry again from the message's own state: for one that was found with nothing to do.</summary>
    public Task<bool> TidyAsync(string tenant, string prospectId, string messageId, CancellationToken ct) =>
        ExecuteAsync(tenant, prospectId, RecordKeys.Of(ProspectStorage.MessageKey(messageId)), [messageId], (prospect, messages, _) =>
            messages.GetValueOrDefault(messageId) is { } message
                ? new Decided<bool>(true, new(prospect, [message]))
                : new Decided<bool>(false, new(prospect, [])) { Due = [new DueChange.Remove(ProspectStorage.MessageKey(messageId))] }, ct);

    /// <summary>A happening that may touch any message under way: heard once per <paramref name="heardHash"/>, if there is one.</summary>
    /// <returns>Whether it changed anything.</returns>
    public Task<bool> HearAsync(
        string tenant,
        string prospectId,
        string? heardHash,
        Func<Prospect, IEnumerable<string>> touches,
        Func<Prospect, IReadOnlyDictionary<string, Message>, Func<string, bool>, DateTimeOffset, Change?> decide,
        CancellationToken ct)
    {
        var heardKey = heardHash is null ? null : ProspectStorage.HeardKey(heardHash);
        var ownKey = heardHash is null ? null : ProspectStorage.OwnKey(heardHash);
        var keys = heardHash is null ? RecordKeys.None : RecordKeys.Of(heardKey!, ownKey!);
        return RunAsync<bool>(tenant, prospectId, keys, (view, steps) =>
        {
            if (heardKey is not null && view.Record(heardKey) is not null)
                return new Decision<Prospect, bool>.Answer(false);
            var prospect = view.Head ?? Prospect.Unknown;
            // What the provider tells of somebody who was erased is not kept.
            if (heardKey is not null && prospect.Forgotten)
                return new Decision<Prospect, bool>.Answer(false);
            var ids = touches(prospect).ToList();
            var missing = ids.Select(ProspectStorage.MessageKey).Where(key => !view.IsLoaded(key)).ToList();
            if (missing.Count > 0)
                return new Decision<Prospect, bool>.NeedRecords(missing);
            var messages = Load(view, ids);
            var change = decide(prospect, messages, _ => ownKey is not null && view.Record(ownKey) is not null, view.Now);
            if (change is null)
                return new Decision<Prospect, bool>.Answer(false);
            return Commit(view, steps, messages, new Decided<bool>(true, change) { Records = heardKey is null ? [] : [new RecordChange.Put(heardKey, [1])] });
        }, ct);
    }

    /// <summary>Credits and the account know of a send that was made by hand.</summary>
    public Task<bool> ObservedToldAsync(string tenant, string prospectId, ObservedSend told, CancellationToken ct) =>
        ExecuteAsync(tenant, prospectId, RecordKeys.None, [], (prospect, _, _) => Observing.Told(prospect, told) is { } change ? new Decided<bool>(true, change) : new(false, null), ct);

    /// <summary>They did not answer: again later. Where nothing is left to tell, its due entry goes.</summary>
    public Task<bool> PostponeObservedAsync(string tenant, string prospectId, CancellationToken ct) =>
        ExecuteAsync(tenant, prospectId, RecordKeys.None, [], (prospect, _, _) => Observing.Postpone(prospect) is { } change
            ? new Decided<bool>(true, change)
            : new(false, new(prospect, [])) { Due = [new DueChange.Remove(ProspectStorage.ObservedDue)] }, ct);

    private Task<bool> ChangeAsync(MessageInHand at, Func<Prospect, Message, DateTimeOffset, Change?> decide, CancellationToken ct) =>
        OnMessageAsync<bool>(at, (prospect, message, now) => decide(prospect, message, now) is { } change ? new(true, change) : new(false, null), ct);

    private Task<TAnswer> OnMessageAsync<TAnswer>(MessageInHand at, Func<Prospect, Message, DateTimeOffset, Decided<TAnswer>> decide, CancellationToken ct)
    {
        var id = at.Message.Id;
        return ExecuteAsync(at.Tenant, at.ProspectId, RecordKeys.Of(ProspectStorage.MessageKey(id)), [id], (prospect, messages, now) => decide(prospect, messages[id], now), ct);
    }

    private Task<TAnswer> ExecuteAsync<TAnswer>(
        string tenant,
        string prospectId,
        RecordKeys keys,
        IReadOnlyList<string> messageIds,
        Func<Prospect, IReadOnlyDictionary<string, Message>, DateTimeOffset, Decided<TAnswer>> decide,
        CancellationToken ct) =>
        RunAsync<TAnswer>(tenant, prospectId, keys, (view, steps) =>
        {
            var messages = Load(view, messageIds);
            return Commit(view, steps, messages, decide(view.Head ?? Prospect.Unknown, messages, view.Now));
        }, ct);

    private async Task<TAnswer> RunAsync<TAnswer>(string tenant, string prospectId, RecordKeys keys, Func<PartitionView<Prospect>, List<Step>, Decision<Prospect, TAnswer>> decide, CancellationToken ct)
    {
        IReadOnlyList<string> rings = [];
        var steps = new List<Step>();
        var executed = await store.ExecuteAsync(ProspectStorage.Partition(tenant, prospectId), ProspectStorage.Codec, keys, view =>
        {
            // Decided again, after a conflict, it is another step.
            steps.Clear();
            var decision = decide(view, steps);
            rings = decision is Decision<Prospect, TAnswer>.Commit commit ? [.. commit.Records.Select(record => ProspectStorage.MessageOf(record.Key)).OfType<string>()] : [];
            return decision;
        }, 0, ct);
        foreach (var messageId in rings)
            doorbells.Ring(tenant, messageId);
        foreach (var step in steps)
            meter.Count(step.Before, step.After);
        return executed.Answer;
    }

    private static Dictionary<string, Message> Load(PartitionView<Prospect> view, IReadOnlyList<string> ids)
    {
        var messages = new Dictionary<string, Message>(ids.Count, StringComparer.Ordinal);
        foreach (var id in ids)
            if (MessageStorage.Message(view.Record(ProspectStorage.MessageKey(id))) is { } message)
                messages[id] = message;
        return messages;
    }

    /// <summary>From a change of the domain to one commit: changed messages become records, their new events journal entries, what they have coming their due time.</summary>
    private Decision<Prospect, TAnswer> Commit<TAnswer>(PartitionView<Prospect> view, List<Step> steps, Dictionary<string, Message> before, Decided<TAnswer> decided)
    {
        if (decided.Change is not { } change)
            return new Decision<Prospect, TAnswer>.Answer(decided.Answer);
        var (records, due, entries) = (new List<RecordChange>(decided.Records), new List<DueChange>(decided.Due), new List<JournalEntry>());
        foreach (var message in change.Messages)
        {
            var key = ProspectStorage.MessageKey(message.Id);
            steps.Add(new(before.GetValueOrDefault(message.Id), message));
            records.Add(new RecordChange.Put(key, MessageStorage.Bytes(message)));
            due.Add(Obligations.Due(message, _rules) is { } at ? new DueChange.Set(key, at.Time, at.Priority, []) : new DueChange.Remove(key));
            var known = before.GetValueOrDefault(message.Id)?.LastSequence ?? 0;
            entries.AddRange(message.Events.Where(happened => happened.Sequence > known).Select(happened =>
                new JournalEntry(EventNames.Of(happened.Kind), MessageStorage.Bytes(message, happened))));
        }

        if (change.Prospect.Observed != (view.Head ?? Prospect.Unknown).Observed)
            due.Add(Observing.Due(change.Prospect, _rules, view.Now) is { } tell ? new DueChange.Set(ProspectStorage.ObservedDue, tell, 2, []) : new DueChange.Remove(ProspectStorage.ObservedDue));
        return new Decision<Prospect, TAnswer>.Commit(change.Prospect, decided.Answer) { Records = records, Entries = entries, Due = due, Listed = false };
    }

    /// <summary>A message before and after a commit; null before its first.</summary>
    private sealed record Step(Message? Before, Message After);

    private sealed record Decided<TAnswer>(TAnswer Answer, Change? Change)
    {
        public IReadOnlyList<RecordChange> Records { get; init; } = [];

        public IReadOnlyList<DueChange> Due { get; init; } = [];
    }
}
