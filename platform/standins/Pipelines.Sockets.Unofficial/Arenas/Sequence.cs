namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>A sequence that forgot its element type.</summary>
public readonly struct Sequence
{
    private readonly Array? array;
    private readonly int offset, length;

    internal Sequence(Array? array, int offset, int length) => (this.array, this.offset, this.length) = (array, offset, length);

    /// <summary>How many elements.</summary>
    public long Length => length;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => length == 0;

    /// <summary>The sequence with its element type again; an <see cref="InvalidCastException"/> if it is another.</summary>
    public Sequence<T> Cast<T>() => new((T[]?)array, offset, length);
}

/// <summary>A run of elements of an arena.</summary>
public readonly struct Sequence<T>
{
    private readonly T[]? array;
    private readonly int offset, length;

    internal Sequence(T[]? array, int offset, int length) => (this.array, this.offset, this.length) = (array, offset, length);

    /// <summary>How many elements.</summary>
    public long Length => length;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => length == 0;

    /// <summary>Always so here: an arena's runs never span blocks.</summary>
    public bool IsSingleSegment => true;

    /// <summary>All elements.</summary>
    public Span<T> FirstSpan => new(array, offset, length);

    /// <summary>The elements span by span.</summary>
    public SpanEnumerable Spans => new(this);

    /// <summary>The element at that place; an <see cref="IndexOutOfRangeException"/> outside.</summary>
    public ref T this[int index] => ref FirstSpan[index];

    /// <summary>The elements one by one.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>The sequence without its element type.</summary>
    public Sequence Untyped() => new(array, offset, length);

    /// <summary>The spans of a sequence.</summary>
    public readonly ref struct SpanEnumerable
    {
        private readonly Sequence<T> sequence;

        internal SpanEnumerable(Sequence<T> sequence) => this.sequence = sequence;

        /// <summary>From the first span.</summary>
        public SpanEnumerator GetEnumerator() => new(sequence);
    }

    /// <summary>Goes through the spans of a sequence.</summary>
    public ref struct SpanEnumerator
    {
        private readonly Span<T> span;
        private bool left;

        internal SpanEnumerator(Sequence<T> sequence)
        {
            span = sequence.FirstSpan;
            left = !sequence.IsEmpty;
        }

        /// <summary>The span that the last <see cref="MoveNext"/> found.</summary>
        public Span<T> Current { get; private set; }

        /// <summary>Goes to the next span, if there is one.</summary>
        public bool MoveNext()
        {
            if (!left) return false;
            left = false;
            Current = span;
            return true;
        }
    }

    /// <summary>Goes through the elements of a sequence.</summary>
    public ref struct Enumerator
    {
        private readonly Span<T> span;
        private int index;

        internal Enumerator(Sequence<T> sequence)
        {
            span = sequence.FirstSpan;
            index = -1;
        }

        /// <summary>The element that the last <see cref="MoveNext"/> found.</summary>
        public readonly ref T Current => ref span[index];

        /// <summary>Goes to the next element, if there is one.</summary>
        public bool MoveNext()
        {
            if (index + 1 >= span.Length) return false;
            index++;
            return true;
        }

        /// <summary>Goes to the next element and gives it; an <see cref="IndexOutOfRangeException"/> past the end.</summary>
        public ref T GetNext() => ref span[MoveNext() ? index : span.Length];
    }
}
