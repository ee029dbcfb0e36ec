using FsCheck;
using FsCheck.Fluent;
using Pennypost.Store;
using Store.Writer;
using Outcome = Pennypost.Store.Decision<Store.Writer.Counter, long>;

namespace Store.Tests;

/// <summary>Any sequence of commands on two writers over one store ends as if one after the other had been done in memory.</summary>
public sealed class RunningAnySequence
{
    public enum Kind
    {
        Add,
        Take,
        Forget,
        Read,
    }

    /// <param name="Writer">0 or 1.</param>
    /// <param name="Counter">0 to 2.</param>
    /// <param name="Id">Few, so that most come again.</param>
    /// <param name="Amount">Taking more than there is is refused.</param>
    public sealed record Step(Kind Kind, int Writer, int Counter, int Id, int Amount);

    private static readonly Arbitrary<Step[]> _sequences = Arb.From(
        Gen.ArrayOf(
            from kind in Gen.Elements(Enum.GetValues<Kind>())
            from writer in Gen.Choose(0, 1)
            from counter in Gen.Choose(0, 2)
            from id in Gen.Choose(0, 9)
            from amount in Gen.Choose(1, 9)
            select new Step(kind, writer, counter, id, amount)),
        steps => Enumerable.Range(0, steps.Length).Select(left => steps.Where((_, index) => index != left).ToArray()));

    /// <summary>The serial model: what a step does to a counter, and what it answers.</summary>
    private sealed class Model
    {
        public long Total { get; private set; }

        public Dictionary<string, long> Answers { get; } = [];

        public long Do(Step step)
        {
            var id = $"i{step.Id}";
            switch (step.Kind)
            {
                case Kind.Read:
                    return Total;
                case Kind.Forget:
                    Answers.Remove(id);
                    return Total;
                case var kind when Answers.TryGetValue(id, out var earlier):
                    _ = kind;
                    return earlier;
                case Kind.Take when step.Amount > Total:
                    return -1;
                default:
                    Total += step.Kind == Kind.Add ? step.Amount : -step.Amount;
                    return Answers[id] = Total;
            }
        }
    }

    private static Outcome Decide(PartitionView<Counter> view, Step step)
    {
        var (id, total) = ($"i{step.Id}", view.Head?.Total ?? 0);
        return step.Kind switch
        {
            Kind.Read => new Outcome.Answer(total),
            Kind.Forget => new Outcome.Commit(view.Head ?? new Counter(0), total) { Records = [new RecordChange.Delete(id)] },
            Kind.Take when view.Record(id) is null && step.Amount > total => new Outcome.Answer(-1),
            Kind.Take => Counter.Add(view, id, -step.Amount),
            _ => Counter.Add(view, id, step.Amount),
        };
    }

    private static Task<Executed<long>> RunAsync(StateStore store, Step step) => store.ExecuteAsync<Counter, long>(
        Backing.Counter(step.Counter),
        Counter.Codec,
        // Both ways of asking for the id, on both writers.
        step.Amount % 2 == 0 ? RecordKeys.New($"i{step.Id}") : RecordKeys.Of($"i{step.Id}"),
        view => Decide(view, step),
        0,
        default);

    private static async Task<bool> EqualsModelAsync(Kept kept, Step[] steps)
    {
        await using var backing = await Backing.NewAsync(kept);
        var stores = new[] { backing.Open(), backing.Open() };
        var model = new[] { new Model(), new Model(), new Model() };
        foreach (var step in steps)
        {
            if ((await RunAsync(stores[step.Writer], step)).Answer != model[step.Counter].Do(step))
                return false;
        }

        for (var counter = 0; counter < 3; counter++)
        {
            var ids = await stores[0].IdsAsync(Backing.Counter(counter));
            if (await stores[1].TotalAsync(Backing.Counter(counter)) != model[counter].Total
                || !ids.SetEquals(model[counter].Answers.Keys)
                || await stores[0].VerifyAsync(Backing.Counter(counter), default) is not JournalVerification.Intact)
                return false;
        }

        return true;
    }

    /// <summary>All at once: no order is promised between writers, but each id has its effect once and the totals add up.</summary>
    private static async Task<bool> AddsUpAsync(Kept kept, Step[] steps)
    {
        await using var backing = await Backing.NewAsync(kept);
        var stores = new[] { backing.Open(), backing.Open() };
        await Task.WhenAll(steps.Select(step => stores[step.Writer].AddAsync(Backing.Counter(step.Counter), $"i{step.Id}", step.Id + 1, load: step.Amount % 2 == 0)));
        for (var counter = 0; counter < 3; counter++)
        {
            var expected = steps.Where(step => step.Counter == counter).Select(step => step.Id).Distinct().Sum(id => id + 1L);
            if (await stores[0].TotalAsync(Backing.Counter(counter)) != expected || await stores[1].VerifyAsync(Backing.Counter(counter), default) is not JournalVerification.Intact)
                return false;
        }

        return true;
    }

    [Theory]
    [InlineData(Kept.InMemory, 60)]
    [InlineData(Kept.InRedis, 60)]
    public void Equals_the_serial_model(Kept kept, int runs) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(runs).WithEndSize(60),
            Prop.ForAll(_sequences, steps => EqualsModelAsync(kept, steps).GetAwaiter().GetResult()));

    [Theory]
    [InlineData(Kept.InMemory, 60)]
    [InlineData(Kept.InRedis, 60)]
    public void Adds_up_when_everything_comes_at_once(Kept kept, int runs) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(runs).WithEndSize(80),
            Prop.ForAll(_sequences, steps => AddsUpAsync(kept, steps).GetAwaiter().GetResult()));
}
