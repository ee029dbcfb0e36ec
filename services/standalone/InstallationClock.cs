using Pennypost.Store;

namespace Pennypost.Standalone;

/// <summary>The one clock of an installation: of its services' stores and of the sandbox provider, which only move together.</summary>
/// <param name="stores">Of every service that has one; the first is asked for the time.</param>
/// <param name="sandbox">The sandbox provider.</param>
/// <param name="sandboxKey">Its key.</param>
internal sealed class InstallationClock(IReadOnlyList<StateStore> stores, Uri sandbox, string sandboxKey) : IDisposable
{
    private static readonly TimeSpan _mostPause = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _moving = new(1, 1);

    /// <summary>The installation's time.</summary>
    public Task<DateTimeOffset> NowAsync(CancellationToken ct) => stores[0].NowAsync(ct);

    /// <summary>When a message or a pool is due next.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken ct) =>
        (await Task.WhenAll(stores.Select(store => store.NextDueAsync(ct)))).Min();

    /// <summary>
    /// Moves the clock of every service and of the sandbox forward. The services first: nothing the sandbox does then lies in their future. What they send at the new time waits for the sandbox to come there too:
    /// an answer to it would else seem to be older than it.
    /// </summary>
    public async Task<DateTimeOffset> MoveAsync(TimeSpan by, CancellationToken ct)
    {
        await _moving.WaitAsync(ct);
        try
        {
            using var controls = new SandboxControls(sandbox, sandboxKey);
            var offsets = await Task.WhenAll(stores.Select(store => store.ClockOffsetAsync(ct)));
            var target = offsets.Append(await controls.ClockOffsetAsync(ct)).Max() + by;
            await controls.PauseAsync(_mostPause, ct);
            foreach (var store in stores)
                await store.RaiseClockOffsetAsync(target, ct);
            await controls.RaiseClockOffsetAsync(target, ct);
            return await NowAsync(ct);
        }
        finally
        {
            _moving.Release();
        }
    }

    public void Dispose() => _moving.Dispose();
}
