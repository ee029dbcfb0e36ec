using System.Buffers;
using System.Collections;
using System.Text;

namespace Grpc.Core;

/// <summary>The headers or the trailers of a call, in order; a key may occur more than once and compares without case.</summary>
public sealed class Metadata : IList<Metadata.Entry>
{
    /// <summary>A key that ends so carries bytes, any other key carries ASCII text.</summary>
    public const string BinaryHeaderSuffix = "-bin";

    /// <summary>Nothing, and nothing can be added.</summary>
    public static readonly Metadata Empty = new() { readOnly = true };

    private readonly List<Entry> entries = [];
    private bool readOnly;

    /// <summary>The last entry of that key, or null.</summary>
    public Entry? Get(string key)
    {
        for (var i = entries.Count - 1; i >= 0; i--)
        {
            if (entries[i].HasKey(key)) return entries[i];
        }
        return null;
    }

    /// <summary>The text of the last entry of that key, or null; an exception if it carries bytes.</summary>
    public string? GetValue(string key) => Get(key)?.Value;

    /// <summary>The bytes of the last entry of that key, or null; text comes as ASCII.</summary>
    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    /// <summary>Every entry of that key, in order. The collection may change between two steps of the enumeration.</summary>
    public IEnumerable<Entry> GetAll(string key)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].HasKey(key)) yield return entries[i];
        }
    }

    /// <inheritdoc/>
    public int Count => entries.Count;

    /// <inheritdoc/>
    public bool IsReadOnly => readOnly;

    /// <inheritdoc/>
    public Entry this[int index]
    {
        get => entries[index];
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            CheckWritable();
            entries[index] = value;
        }
    }

    /// <inheritdoc/>
    public void Add(Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        CheckWritable();
        entries.Add(item);
    }

    /// <summary>Adds text.</summary>
    public void Add(string key, string value) => Add(new Entry(key, value));

    /// <summary>Adds bytes.</summary>
    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    /// <inheritdoc/>
    public void Insert(int index, Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        CheckWritable();
        entries.Insert(index, item);
    }

    /// <inheritdoc/>
    public void RemoveAt(int index)
    {
        CheckWritable();
        entries.RemoveAt(index);
    }

    /// <inheritdoc/>
    public bool Remove(Entry item)
    {
        CheckWritable();
        return entries.Remove(item);
    }

    /// <inheritdoc/>
    public void Clear()
    {
        CheckWritable();
        entries.Clear();
    }

    /// <inheritdoc/>
    public int IndexOf(Entry item) => entries.IndexOf(item);

    /// <inheritdoc/>
    public bool Contains(Entry item) => entries.Contains(item);

    /// <inheritdoc/>
    public void CopyTo(Entry[] array, int arrayIndex) => entries.CopyTo(array, arrayIndex);

    /// <inheritdoc/>
    public IEnumerator<Entry> GetEnumerator() => entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void CheckWritable()
    {
        if (readOnly) throw new InvalidOperationException("Object is read only");
    }

    /// <summary>One key with its text or its bytes.</summary>
    public class Entry
    {
        private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
        private readonly string? value;
        private readonly byte[]? valueBytes;

        /// <summary>Text. The key must not end in "-bin".</summary>
        public Entry(string key, string value)
        {
            Key = Normalized(key);
            if (IsBinaryKey(Key)) throw new ArgumentException($"A key that ends in '{BinaryHeaderSuffix}' carries bytes, not text.", nameof(key));
            this.value = value ?? throw new ArgumentNullException(nameof(value));
        }

        /// <summary>A copy of the bytes. The key must end in "-bin".</summary>
        public Entry(string key, byte[] valueBytes)
        {
            Key = Normalized(key);
            if (!IsBinaryKey(Key)) throw new ArgumentException($"A key for bytes must end in '{BinaryHeaderSuffix}'.", nameof(key));
            ArgumentNullException.ThrowIfNull(valueBytes);
            this.valueBytes = valueBytes.AsSpan().ToArray();
        }

        /// <summary>The key in lower case.</summary>
        public string Key { get; }

        /// <summary>Whether it carries bytes.</summary>
        public bool IsBinary => value is null;

        /// <summary>The text; an exception if it carries bytes.</summary>
        public string Value => value ?? throw new InvalidOperationException("Cannot read a binary metadata entry as a string.");

        /// <summary>A copy of the bytes, or the text as ASCII.</summary>
        public byte[] ValueBytes => valueBytes is null ? Encoding.ASCII.GetBytes(value!) : valueBytes.AsSpan().ToArray();

        internal bool HasKey(string key) => string.Equals(Key, key, StringComparison.OrdinalIgnoreCase);

        /// <summary>The key and the value, for debugging.</summary>
        public override string ToString() => value is null ? $"[Entry: key={Key}, valueBytes={valueBytes}]" : $"[Entry: key={Key}, value={value}]";

        private static bool IsBinaryKey(string key) => key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal);

        // Checked before lower-casing: a letter such as the Kelvin sign becomes an innocent "k" by it.
        private static string Normalized(string key)
        {
            ArgumentNullException.ThrowIfNull(key);
            if (key.AsSpan().ContainsAnyExcept(KeyCharacters)) throw new ArgumentException("Metadata keys may hold only letters, digits, '_', '-' and '.'.", nameof(key));
            return key.ToLowerInvariant();
        }
    }
}
