using FsCheck;
using FsCheck.Fluent;
using Pipelines.Sockets.Unofficial;
using Pipelines.Sockets.Unofficial.Arenas;

namespace Pennypost.Standins.Tests.Pipes;

public sealed class AllocatingFromAnArena
{
    // Lengths around the smallest block, so that runs fit, do not fit any more, and are longer than a block.
    private static readonly Arbitrary<int[]> Lengths = Gen.Choose(0, 200).ArrayOf().ToArbitrary();

    private static Arena<int> SmallArena() => new(new ArenaOptions(ArenaFlags.None, blockSizeBytes: 256));

    [Fact]
    public void Gives_runs_that_never_share_an_element() => Prop.ForAll(Lengths, lengths =>
    {
        using var arena = SmallArena();
        var runs = lengths.Select(arena.Allocate).ToArray();
        for (var run = 0; run < runs.Length; run++) runs[run].FirstSpan.Fill(run + 1);

        return runs.Select((run, number) => run.Length == lengths[number] && run.FirstSpan.ToArray().All(value => value == number + 1)).All(right => right);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Gives_wiped_memory_again_after_a_reset() => Prop.ForAll(Lengths, Lengths, (before, after) =>
    {
        using var arena = SmallArena();
        foreach (var length in before) arena.Allocate(length).FirstSpan.Fill(-1);
        arena.Reset();

        return after.Select(arena.Allocate).All(run => run.FirstSpan.ToArray().All(value => value == 0));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Uses_the_same_memory_again_after_a_reset()
    {
        using var arena = SmallArena();
        ref var before = ref arena.Allocate(10)[0];
        arena.Reset();
        ref var after = ref arena.Allocate(10)[0];

        Assert.True(System.Runtime.CompilerServices.Unsafe.AreSame(ref before, ref after));
    }

    [Fact]
    public void Keeps_nothing_alive_after_a_reset()
    {
        using var arena = new Arena<object?>();
        var weak = Leave(arena);
        arena.Reset();
        GC.Collect();

        Assert.False(weak.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Leave(Arena<object?> arena)
        {
            var value = new object();
            arena.Allocate(1)[0] = value;
            return new WeakReference(value);
        }
    }

    [Fact]
    public void Refuses_a_negative_length()
    {
        using var arena = SmallArena();
        Assert.Throws<ArgumentOutOfRangeException>(() => { arena.Allocate(-1); });
    }

    [Fact]
    public void Shows_a_sequence_the_same_from_every_side() => Prop.ForAll<int[]>(values =>
    {
        using var arena = SmallArena();
        arena.Allocate(3);
        var sequence = arena.Allocate(values.Length);
        values.CopyTo(sequence.FirstSpan);

        var indexed = Enumerable.Range(0, values.Length).Select(i => sequence[i]);
        var enumerated = new List<int>();
        foreach (ref var value in sequence) enumerated.Add(value);
        var next = new List<int>();
        var enumerator = sequence.GetEnumerator();
        for (var i = 0; i < values.Length; i++) next.Add(enumerator.GetNext());
        var spanned = new List<int>();
        foreach (var span in sequence.Spans) spanned.AddRange(span.ToArray());
        var copied = new long[values.Length + 1];
        sequence.CopyTo(copied.AsSpan(), (in int value) => (long)value);
        var untyped = sequence.Untyped();

        return values.SequenceEqual(indexed) && values.SequenceEqual(enumerated) && values.SequenceEqual(next) && values.SequenceEqual(spanned)
            && copied.Take(values.Length).SequenceEqual(values.Select(value => (long)value)) && copied[^1] == 0
            && sequence.ToArray((in int value) => value).SequenceEqual(values)
            && sequence.ToArray((in int value, in int more) => value + more, 1).SequenceEqual(values.Select(value => unchecked(value + 1)))
            && untyped.Length == values.Length && untyped.IsEmpty == (values.Length == 0) && untyped.Cast<int>().FirstSpan.SequenceEqual(values)
            && sequence.IsSingleSegment && sequence.Length == values.Length;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Refuses_what_lies_outside_a_sequence()
    {
        using var arena = SmallArena();
        var sequence = arena.Allocate(2);

        Assert.Throws<IndexOutOfRangeException>(() => { sequence[2] = 1; });
        Assert.Throws<IndexOutOfRangeException>(() =>
        {
            var enumerator = sequence.GetEnumerator();
            for (var i = 0; i < 3; i++) enumerator.GetNext();
        });
        Assert.Throws<InvalidOperationException>(() => sequence.CopyTo(new int[1].AsSpan(), (in int value) => value));
        Assert.Throws<InvalidCastException>(() => { sequence.Untyped().Cast<string>(); });
    }

    [Fact]
    public void Goes_through_the_targets_of_a_delegate()
    {
        Action one = () => { };
        Action two = () => { };

        Assert.True(one.IsSingle());
        Assert.False((one + two).IsSingle());
        var targets = new List<Action>();
        foreach (var target in (one + two).AsEnumerable()) targets.Add(target);
        Assert.Equal([one, two], targets);
        foreach (var _ in ((Action?)null).AsEnumerable()) Assert.Fail("there is none");
    }
}
