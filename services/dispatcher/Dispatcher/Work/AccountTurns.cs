namespace Pennypost.Dispatcher.Work;

/// <summary>
/// Within this process, workers queue for an account before they ask it for its one write, instead of being refused and coming back. Between processes the account's lease decides; it decides in any case.
/// </summary>
internal sealed class AccountTurns
{
    private readonly Lock _sync = new();
    private readonly Dictionary<(string Tenant, string AccountId), Line> _lines = [];

    /// <summary>Accounts that somebody writes for or waits for.</summary>
    public int Count
    {
        get
        {
            lock (_sync)
                return _lines.Count;
        }
    }

    /// <summary>Waits for the turn, at most as long as the limit; null if it did not come.</summary>
    public async Task<IDisposable?> TakeAsync(string tenant, string accountId, TimeSpan limit, CancellationToken ct)
    {
        var line = Join((tenant, accountId));
        var taken = false;
        try
        {
            taken = await line.Turn.WaitAsync(limit, ct);
            return taken ? new Place(this, (tenant, accountId), line) : null;
        }
        finally
        {
            if (!taken)
                Leave((tenant, accountId), line);
        }
    }

    private Line Join((string, string) account)
    {
        lock (_sync)
        {
            if (!_lines.TryGetValue(account, out var line))
                _lines[account] = line = new Line();
            line.Members++;
            return line;
        }
    }

    /// <summary>The last one out takes the line with it.</summary>
    private void Leave((string, string) account, Line line)
    {
        lock (_sync)
        {
            if (--line.Members == 0)
                _lines.Remove(account);
        }
    }

    private sealed class Line
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Members { get; set; }
    }

    private sealed class Place(AccountTurns owner, (string, string) account, Line line) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) != 0)
                return;
            line.Turn.Release();
            owner.Leave(account, line);
        }
    }
}
