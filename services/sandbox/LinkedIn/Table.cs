using System.Diagnostics.CodeAnalysis;

namespace Pennypost.Sandbox.LinkedIn;

/// <summary>One kind of record, in memory, with what has changed since it was last stored.</summary>
internal sealed class Table<T>(string kind, Func<T, string> key, Action<T?, T?>? index = null) : ITable
    where T : class
{
    private readonly Dictionary<string, T> rows = [];
    private readonly HashSet<string> changed = [];

    public string Kind => kind;

    public Type RowType => typeof(T);

    public int Count => rows.Count;

    public IReadOnlyCollection<T> All => rows.Values;

    public T? Find(string id) => rows.GetValueOrDefault(id);

    public bool TryGet(string id, [NotNullWhen(true)] out T? row) => rows.TryGetValue(id, out row);

    public void Put(T row)
    {
        Take(row);
        changed.Add(key(row));
    }

    public void Remove(string id)
    {
        if (!rows.Remove(id, out var old))
            return;
        index?.Invoke(old, null);
        changed.Add(id);
    }

    public void Load(object row) => Take((T)row);

    public IEnumerable<(string Id, object? Row)> TakeChanges()
    {
        var all = changed.Select(id => (id, (object?)rows.GetValueOrDefault(id))).ToList();
        changed.Clear();
        return all;
    }

    private void Take(T row)
    {
        var id = key(row);
        var old = rows.GetValueOrDefault(id);
        rows[id] = row;
        index?.Invoke(old, row);
    }
}

/// <summary>A table as its storage sees it.</summary>
internal interface ITable
{
    string Kind { get; }

    Type RowType { get; }

    void Load(object row);

    IEnumerable<(string Id, object? Row)> TakeChanges();
}
