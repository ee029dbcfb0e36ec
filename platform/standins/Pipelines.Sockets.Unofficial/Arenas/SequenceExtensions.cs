namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>Makes one value of another.</summary>
public delegate TTo Projection<TFrom, TTo>(in TFrom value);

/// <summary>Makes one value of another, with a state.</summary>
public delegate TTo Projection<TFrom, TState, TTo>(in TFrom value, in TState state);

/// <summary>Copies projected sequences.</summary>
public static class SequenceExtensions
{
    /// <summary>A new array of every element projected.</summary>
    public static TTo[] ToArray<TFrom, TTo>(this in Sequence<TFrom> source, Projection<TFrom, TTo> projection)
    {
        ArgumentNullException.ThrowIfNull(projection);
        var from = source.FirstSpan;
        if (from.IsEmpty) return [];
        var to = new TTo[from.Length];
        for (var i = 0; i < to.Length; i++) to[i] = projection(in from[i]);
        return to;
    }

    /// <summary>A new array of every element projected with a state.</summary>
    public static TTo[] ToArray<TFrom, TState, TTo>(this in Sequence<TFrom> source, Projection<TFrom, TState, TTo> projection, in TState state)
    {
        ArgumentNullException.ThrowIfNull(projection);
        var from = source.FirstSpan;
        if (from.IsEmpty) return [];
        var to = new TTo[from.Length];
        for (var i = 0; i < to.Length; i++) to[i] = projection(in from[i], in state);
        return to;
    }

    /// <summary>Every element projected into the destination, which is left untouched if it is too short: that is an <see cref="InvalidOperationException"/>.</summary>
    public static void CopyTo<TFrom, TTo>(this in Sequence<TFrom> source, Span<TTo> destination, Projection<TFrom, TTo> projection)
    {
        ArgumentNullException.ThrowIfNull(projection);
        var from = source.FirstSpan;
        if (from.Length > destination.Length) throw new InvalidOperationException("The destination is too short.");
        for (var i = 0; i < from.Length; i++) destination[i] = projection(in from[i]);
    }
}
