using System.Diagnostics;
using Pennypost.Store;

namespace Topology;

/// <summary>Waiting with a limit.</summary>
public static class Eventually
{
    /// <summary>Waits for a condition with a limit: no test sleeps and hopes.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan limit, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
                throw new TimeoutException($"Not within {limit.TotalSeconds:0.#} s: {what}.");
            await Task.Delay(10);
        }
    }

    public static Task TrueAsync(Func<bool> condition, TimeSpan limit, string what) => TrueAsync(() => Task.FromResult(condition()), limit, what);

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), TimeSpan.FromSeconds(20), what);

    /// <summary>Repeats until the store is there, with the same limit.</summary>
    public static async Task<T> ValueAsync<T>(Func<Task<T>> call, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (StoreUnavailableException exception)
            {
                if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(20))
                    throw new TimeoutException($"Not within 20 s: {what}.", exception);
                await Task.Delay(50);
            }
        }
    }
}
