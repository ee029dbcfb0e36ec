using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pennypost.Hosting;

/// <summary>Something a host cannot work without.</summary>
/// <param name="Name">For people: <c>store</c>, <c>credits</c>.</param>
/// <param name="MissingAsync">Null if it is there; otherwise one line that says what is missing.</param>
public sealed record Dependency(string Name, Func<CancellationToken, ValueTask<string?>> MissingAsync);

/// <summary>Whether a host can take work: every dependency is there, and it is not stopping.</summary>
/// <remarks>Looked at most once a second, however many probes ask.</remarks>
internal sealed class Readiness(IEnumerable<Dependency> dependencies, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Readiness> log) : IDisposable
{
    /// <summary>The gRPC health service name that asks only whether the process answers.</summary>
    public const string LiveService = "live";

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);
    private readonly IReadOnlyList<Dependency> dependencies = [.. dependencies];
    private readonly SemaphoreSlim looking = new(1, 1);
    private (long At, IReadOnlyList<string> Missing)? last;
    private volatile bool draining;

    /// <summary>From now on it says that it is stopping.</summary>
    public void Drain() => draining = true;

    /// <summary>What is missing, one line each; empty when ready.</summary>
    public async ValueTask<IReadOnlyList<string>> MissingAsync(CancellationToken cancellationToken)
    {
        if (draining || lifetime.ApplicationStopping.IsCancellationRequested) return ["stopping"];
        if (!lifetime.ApplicationStarted.IsCancellationRequested) return ["starting"];
        await looking.WaitAsync(cancellationToken);
        try
        {
            if (last is { } seen && time.GetElapsedTime(seen.At) < Freshness) return seen.Missing;
            var missing = (await Task.WhenAll(dependencies.Select(dependency => LookAsync(dependency, cancellationToken)))).OfType<string>().ToList();
            if (missing.Count > 0 && !(last?.Missing ?? []).SequenceEqual(missing)) log.NotReady(string.Join("; ", missing));
            if (missing.Count == 0 && last is null or { Missing.Count: > 0 }) log.Ready();
            last = (time.GetTimestamp(), missing);
            return missing;
        }
        finally
        {
            looking.Release();
        }
    }

    private static async Task<string?> LookAsync(Dependency dependency, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Limit);
        try
        {
            return await dependency.MissingAsync(limited.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A check that fails says as much as one that answers no.
            return $"{dependency.Name}: {exception.GetType().Name}";
        }
    }

    public void Dispose() => looking.Dispose();
}
