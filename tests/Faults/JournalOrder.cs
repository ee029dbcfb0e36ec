using Pennypost.Types.V1;

namespace Faults;

/// <summary>
/// Whether a pool's journal is the order of its calls: every answer is the one that <see cref="SerialPool"/> gives at some place of it, never before a place that somebody was told of who was done when the call began, and
/// versions never fall along it. For histories with calls that were never answered, of which <see cref="SerialOrder"/> would have to guess whether and when they had their effect: the journal knows.
/// </summary>
public static class JournalOrder
{
    /// <summary>Null when it is, else what it cannot explain.</summary>
    /// <param name="pool">Whose history it is.</param>
    /// <param name="start">The pool when it was opened.</param>
    /// <param name="history">All calls on it: places, captures, releases, refunds and reads.</param>
    /// <param name="entries">Its whole journal.</param>
    public static string? Find(string pool, SerialPool start, IEnumerable<Call> history, IEnumerable<Entry> entries)
    {
        var calls = history.OrderBy(call => call.Begun).ToList();
        var effects = entries.Select(entry => (Asked: CausedBy(entry.Kind), Id: entry.HoldId)).Where(effect => effect.Asked is not null).Select(effect => (Asked: effect.Asked!.Value, effect.Id)).ToList();
        var accounts = calls.Where(call => call.Asked == Asked.Place).GroupBy(call => call.Id).ToDictionary(same => same.Key, same => same.First().Account);
        // The pool before the first effect, after it, and so on.
        var pools = new List<SerialPool> { start };
        foreach (var (asked, id) in effects)
        {
            var after = pools[^1].Ask(asked, id, accounts.GetValueOrDefault(id, "")).After;
            if (ReferenceEquals(after, pools[^1]))
                return $"{pool}: {asked} of {id} is in the journal where it can have had no effect";
            pools.Add(after);
        }

        var places = effects.Select((effect, index) => (effect, index)).ToDictionary(at => at.effect, at => at.index + 1);
        var made = calls.GroupBy(call => (call.Asked, call.Id)).ToDictionary(same => same.Key, same => same.Min(call => call.Begun));
        if (effects.FirstOrDefault(effect => !made.ContainsKey(effect)) is { Id: not null } unasked)
            return $"{pool}: {unasked.Asked} of {unasked.Id} is in the journal and nobody asked for it";
        return new Walk(pool, calls, pools, places, made).Run();
    }

    private static Asked? CausedBy(EntryKind kind) => kind switch
    {
        EntryKind.Held => Asked.Place,
        EntryKind.Captured => Asked.Capture,
        EntryKind.Released => Asked.Release,
        EntryKind.Refunded => Asked.Refund,
        _ => null,
    };

    /// <summary>
    /// Gives every answered call the earliest place that fits. What holds between two calls says only that one stands no later than the other, so moving each up until it fits finds the least places of all, if there are any.
    /// </summary>
    private sealed class Walk(string pool, List<Call> calls, List<SerialPool> pools, Dictionary<(Asked, string), int> effects, Dictionary<(Asked, string), long> made)
    {
        private readonly List<Call> _answered = [.. calls.Where(call => call.Told is not null)];
        private readonly Dictionary<Call, int> _places = new(ReferenceEqualityComparer.Instance);
        private bool _hasMoved;

        public string? Run()
        {
            var byEnd = _answered.OrderBy(call => call.Ended).ToList();
            var byVersion = _answered.Where(call => call.Told!.Version > 0).GroupBy(call => call.Told!.Version).OrderBy(same => same.Key).ToList();
            if (Falling(byEnd) is { } fall)
                return fall;
            do
            {
                _hasMoved = false;
                if ((InTime(byEnd) ?? InVersions(byVersion)) is { } wrong)
                    return wrong;
            }
            while (_hasMoved);
            return null;
        }

        /// <summary>Nobody is told of a lower version than somebody who was done when they began.</summary>
        private string? Falling(List<Call> byEnd)
        {
            var (done, greatest) = (0, 0L);
            foreach (var call in _answered.Where(call => call.Told!.Version > 0))
            {
                for (; done < byEnd.Count && byEnd[done].Ended < call.Begun; done++)
                    greatest = Math.Max(greatest, byEnd[done].Told!.Version);
                if (call.Told!.Version < greatest)
                    return $"{pool}: {call.Asked} {call.Id} was told version {call.Told.Version} after {greatest}";
            }

            return null;
        }

        /// <summary>Nobody stands before somebody who was done when they began; and nothing that was asked for has its effect before it was.</summary>
        private string? InTime(List<Call> byEnd)
        {
            var (done, before) = (0, (Call?)null);
            foreach (var call in calls)
            {
                for (; done < byEnd.Count && byEnd[done].Ended < call.Begun; done++)
                    before = Later(before, byEnd[done]);
                var key = (call.Asked, call.Id);
                if (effects.TryGetValue(key, out var effect) && made[key] == call.Begun && effect <= PlaceOf(before))
                    return $"{pool}: {call.Asked} {call.Id} is entry {effect} of the journal, and was first asked after {Words(before)}";
                if (call.Told is not null && !Move(call, before))
                    return Nowhere(call, before);
            }

            return null;
        }

        /// <summary>Nobody stands before somebody who was told of an earlier version.</summary>
        private string? InVersions(List<IGrouping<long, Call>> byVersion)
        {
            var before = (Call?)null;
            foreach (var same in byVersion)
            {
                if (same.FirstOrDefault(call => !Move(call, before)) is { } call)
                    return Nowhere(call, before);
                before = same.Aggregate(before, Later);
            }

            return null;
        }

        private int PlaceOf(Call? call) => call is null ? 0 : _places.GetValueOrDefault(call);

        private Call? Later(Call? one, Call other) => PlaceOf(one) > PlaceOf(other) ? one : other;

        private bool Move(Call call, Call? before)
        {
            var known = _places.TryGetValue(call, out var was);
            for (var place = Math.Max(was, PlaceOf(before)); place < pools.Count; place++)
            {
                if (!Fits(call, place))
                    continue;
                _places[call] = place;
                _hasMoved |= !known || place != was;
                return true;
            }

            return false;
        }

        /// <summary>As its own effect, or as an answer that changes nothing: a refusal, a reading, what is told again. Both may be at one place: after a commit of unknown outcome a service finds the effect, and tells it again.</summary>
        private bool Fits(Call call, int place)
        {
            if (place > 0 && effects.GetValueOrDefault((call.Asked, call.Id)) == place && IsTold(call, pools[place - 1].Ask(call.Asked, call.Id, call.Account).Told))
                return true;
            var (after, told) = pools[place].Ask(call.Asked, call.Id, call.Account);
            return ReferenceEquals(after, pools[place]) && IsTold(call, told);
        }

        private static bool IsTold(Call call, Told told) => told.Answer == call.Told!.Answer && (call.Told.Available is not { } available || available == told.Available);

        private string Nowhere(Call call, Call? before) =>
            $"{pool}: {call.Asked} {call.Id} ({call.Begun} to {call.Ended}) was told {call.Told}, which is true nowhere in the journal of {pools.Count - 1} effects after {Words(before)}{string.Concat(Enumerable.Range(Math.Max(0, PlaceOf(before) - 4), 8).Where(place => place < pools.Count).Select(place => $"\n  {place}: {pools[place].Available} available, {pools[place].Held} held"))}";

        private string Words(Call? call) => call is null ? "the beginning" : $"{call.Asked} {call.Id} ({call.Begun} to {call.Ended}) was told, at effect {PlaceOf(call)}, {call.Told}";
    }
}
