using System.Collections.Concurrent;

namespace Pennypost.Dispatcher.Work;

/// <summary>
/// Within this process, workers queue for an account before they ask it for its one write, instead of being refused and coming back. Between processes the account's lease decides; it decides in any case.
/// </summary>
internal sealed class AccountTurns
{
    private readonly ConcurrentDictionary<(string Tenant, string AccountId), SemaphoreSlim> _turns = new();

    /// <summary>Waits for the turn, at most as long as the limit; null if it did not come.</summary>
    public async Task<IDisposable?> TakeAsync(string tenant, string accountId, TimeSpan limit, CancellationToken ct)
    {
        var turn = _turns.GetOrAdd((tenant, accountId), _ => new SemaphoreSlim(1, 1));
        return await turn.WaitAsync(limit, ct) ? new Turn(turn) : null;
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0)
                turn.Release();
        }
    }
}
