namespace Faults;

/// <summary>
/// X19: looks for an order in which one caller after the other could have been told all that the callers of a pool were told: nobody before somebody whose answer had come when they began, versions never falling, and each
/// answer the one that <see cref="SerialPool"/> gives at that place. Calls that were not answered may stand anywhere after their beginning, or nowhere.
/// </summary>
public static class SerialOrder
{
    /// <summary>So many places are tried; a search that needs more has shown nothing, and says so.</summary>
    private const int MaxSteps = 4_000_000;

    /// <summary>Null when there is such an order, else where it ends.</summary>
    /// <param name="pool">Whose history it is.</param>
    /// <param name="start">The pool when it was opened.</param>
    /// <param name="history">All calls on it.</param>
    public static string? Find(string pool, SerialPool start, IEnumerable<Call> history) => new Search(pool, start, history).Run();

    private sealed class Search
    {
        private readonly string _pool;
        private readonly Call[] _answered;
        private readonly Call[] _open;
        private readonly int[] _byEnd;
        private readonly int[] _byVersion;
        private readonly bool[] _placed;
        private readonly bool[] _openPlaced;
        private readonly ulong[] _marks;
        private readonly HashSet<ulong> _tried = [];
        private readonly Stack<Step> _steps = new();

        public Search(string pool, SerialPool start, IEnumerable<Call> history)
        {
            var calls = history.ToList();
            _pool = pool;
            _answered = [.. calls.Where(call => call.Told is not null).OrderBy(call => call.Begun)];
            // A command that was sent several times without an answer has its effect once, at any time after it was first sent.
            _open = [.. calls.Where(call => call.Told is null && call.Asked != Asked.Read).GroupBy(call => (call.Asked, call.Id, call.Account)).Select(same => same.MinBy(call => call.Begun)!).OrderBy(call => call.Begun)];
            _byEnd = [.. Enumerable.Range(0, _answered.Length).OrderBy(index => _answered[index].Ended)];
            _byVersion = [.. Enumerable.Range(0, _answered.Length).Where(index => _answered[index].Told!.Version > 0).OrderBy(index => _answered[index].Told!.Version)];
            (_placed, _openPlaced) = (new bool[_answered.Length], new bool[_open.Length]);
            var chance = new Random(1);
            _marks = [.. Enumerable.Range(0, _answered.Length + _open.Length).Select(_ => (ulong)chance.NextInt64())];
            _steps.Push(Next(new Step(start, -1, 0, 0, 0, 0)));
        }

        public string? Run()
        {
            var (tried, longest, stuck) = (0, -1, _steps.Peek());
            while (_steps.TryPeek(out var step))
            {
                if (step.Count == _answered.Length)
                    return null;
                if (step.Count > longest)
                    (longest, stuck) = (step.Count, step);
                if (step.Untried.Count == 0 && !step.HasOpen)
                    AddOpen(step);
                if (step.Untried.Count == 0)
                {
                    _steps.Pop();
                    Mark(step.Call, placed: false);
                    continue;
                }

                var (call, after) = step.Untried.Dequeue();
                if (++tried > MaxSteps)
                    return $"{_pool}: after {MaxSteps} tries neither an order was found nor that there is none";
                var set = step.Set ^ _marks[call];
                if (!_tried.Add(set ^ Mixed(after)))
                    continue;
                Mark(call, placed: true);
                _steps.Push(Next(new Step(after, call, step.Count + (call < _answered.Length ? 1 : 0), step.First, step.FirstEnd, step.FirstVersion) { Set = set }));
            }

            var waiting = Enumerable.Range(stuck.First, _answered.Length - stuck.First).Select(index => _answered[index]).Where(call => call.Begun >= 0).Take(3);
            return $"{_pool}: no order of its calls explains their answers. The longest has {longest} of {_answered.Length} and leaves {stuck.Pool.Available} available, {stuck.Pool.Held} held; then comes none of {string.Join("; ", waiting.Select(call => $"{call.Asked} {call.Id} for {call.Account}: {call.Told}"))}";
        }

        private void Mark(int call, bool placed)
        {
            if (call >= _answered.Length)
                _openPlaced[call - _answered.Length] = placed;
            else if (call >= 0)
                _placed[call] = placed;
        }

        /// <summary>What may come next, the likeliest first.</summary>
        private Step Next(Step step)
        {
            while (step.First < _placed.Length && _placed[step.First])
                step.First++;
            while (step.FirstEnd < _byEnd.Length && _placed[_byEnd[step.FirstEnd]])
                step.FirstEnd++;
            while (step.FirstVersion < _byVersion.Length && _placed[_byVersion[step.FirstVersion]])
                step.FirstVersion++;
            if (step.FirstEnd == _byEnd.Length)
                return step;
            // Whoever began after an answer had come cannot stand before it.
            var end = _answered[_byEnd[step.FirstEnd]].Ended;
            var version = step.FirstVersion < _byVersion.Length ? _answered[_byVersion[step.FirstVersion]].Told!.Version : 0;
            var refusals = new List<(int, SerialPool)>();
            for (var index = step.First; index < _answered.Length && _answered[index].Begun < end; index++)
            {
                var call = _answered[index];
                if (_placed[index] || (call.Told!.Version > 0 && call.Told.Version != version))
                    continue;
                var (after, told) = step.Pool.Ask(call.Asked, call.Id, call.Account);
                if (told.Answer != call.Told.Answer || (call.Told.Available is { } available && available != told.Available))
                    continue;
                if (call.Told.Version > 0)
                    step.Untried.Enqueue((index, after));
                else
                    refusals.Add((index, after));
            }

            refusals.ForEach(step.Untried.Enqueue);
            return step;
        }

        /// <summary>Only where none of the answered calls leads on: effects of calls whose answers did not come, or come later.</summary>
        private void AddOpen(Step step)
        {
            step.HasOpen = true;
            var end = step.FirstEnd < _byEnd.Length ? _answered[_byEnd[step.FirstEnd]].Ended : long.MaxValue;
            for (var index = 0; index < _open.Length && _open[index].Begun < end; index++)
            {
                // One without an effect may as well be nowhere.
                if (!_openPlaced[index] && step.Pool.Ask(_open[index].Asked, _open[index].Id, _open[index].Account).After is var after && after != step.Pool)
                    step.Untried.Enqueue((_answered.Length + index, after));
            }
        }

        private static ulong Mixed(SerialPool pool) => pool.Print ^ ((ulong)pool.Available * 0x9E3779B97F4A7C15UL) ^ ((ulong)pool.Held * 0xC2B2AE3D27D4EB4FUL) ^ ((ulong)pool.Spent * 0x165667B19E3779F9UL);
    }

    /// <summary>A place in the order that is being tried: the pool there, and what may come next.</summary>
    private sealed class Step(SerialPool pool, int call, int count, int first, int firstEnd, int firstVersion)
    {
        public SerialPool Pool { get; } = pool;
        public int Call { get; } = call;
        public int Count { get; } = count;
        public int First { get; set; } = first;
        public int FirstEnd { get; set; } = firstEnd;
        public int FirstVersion { get; set; } = firstVersion;
        public ulong Set { get; init; }
        public bool HasOpen { get; set; }
        public Queue<(int Call, SerialPool After)> Untried { get; } = new();
    }
}
