using Pennypost.Delivery.Messages;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Messages;

/// <summary>The commits of an erasure.</summary>
internal sealed partial class Prospects
{
    /// <summary>Messages in one commit.</summary>
    private const int ErasedAtOnce = 200;

    /// <summary>Until an erasure that a send keeps waiting, or that a crash left, is taken up again.</summary>
    private static readonly TimeSpan _eraseAgain = TimeSpan.FromSeconds(30);

    /// <summary>Begins or goes on: from this commit on the erasure finishes by itself. Null if nobody knows them.</summary>
    public Task<Prospect?> BeginErasingAsync(string tenant, string prospectId, bool suppress, bool goesOn, CancellationToken ct) =>
        RunAsync<Prospect?>(tenant, prospectId, RecordKeys.None, (view, steps) =>
        {
            if (view.Head is null && !suppress)
                return new Decision<Prospect, Prospect?>.Answer(null);
            var prospect = view.Head ?? Prospect.Unknown;
            var missing = prospect.OpenMessages.Select(ProspectStorage.MessageKey).Where(key => !view.IsLoaded(key)).ToList();
            if (missing.Count > 0)
                return new Decision<Prospect, Prospect?>.NeedRecords(missing);
            var messages = Load(view, prospect.OpenMessages);
            var change = goesOn ? Erasing.GoOn(prospect, messages.Values, view.Now) : Erasing.Begin(prospect, messages.Values, suppress, view.Now);
            return Commit(view, steps, messages, new Decided<Prospect?>(change.Prospect, change) { Due = [new DueChange.Set(ProspectStorage.EraseDue, view.Now + _eraseAgain, 4, [])] });
        }, ct);

    /// <summary>Takes from these messages what names the person. False if a send of one is under way: its message is left.</summary>
    public async Task<bool> EraseMessagesAsync(string tenant, string prospectId, IReadOnlyList<string> messageIds, CancellationToken ct)
    {
        var all = true;
        foreach (var some in messageIds.Chunk(ErasedAtOnce))
        {
            all &= await ExecuteAsync(tenant, prospectId, RecordKeys.Of([.. some.Select(ProspectStorage.MessageKey)]), some, (prospect, messages, _) =>
            {
                var erased = messages.Values.Where(prospect.IsErased).Select(message => (message.Id, Nameless: Erasing.Nameless(message))).ToList();
                return new Decided<bool>(erased.TrueForAll(one => one.Nameless is not null), new(prospect, [.. erased.Select(one => one.Nameless).OfType<Message>()]))
                {
                    Records = [.. erased.Where(one => one.Nameless is not null).SelectMany(one => new[] { ProspectStorage.ContentKey(one.Id), ProspectStorage.TraceKey(one.Id) }).Select(key => new RecordChange.Delete(key))],
                };
            }, ct);
        }

        return all;
    }

    /// <summary>The last commit of an erasure. False while a send is under way; then it comes back.</summary>
    public Task<bool> FinishErasingAsync(string tenant, string prospectId, CancellationToken ct) =>
        ExecuteAsync(tenant, prospectId, RecordKeys.None, [], (prospect, _, _) => Erasing.Nameless(prospect) is { } nameless
            ? new Decided<bool>(true, new(nameless, [])) { Due = [new DueChange.Remove(ProspectStorage.EraseDue)] }
            : new Decided<bool>(false, null), ct);
}
