using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Pennypost.Credits.V1;

namespace Pennypost.Bench;

/// <summary>A closed loop: so many callers, each with its next request as soon as it has an answer.</summary>
internal sealed class Load : IDisposable
{
    public const int Connections = 4;
    public const int CallersPerConnection = 64;
    private readonly GrpcChannel[] channels;
    private readonly CreditsService.CreditsServiceClient[] clients;
    private readonly CallOptions options = new(new Metadata { { "authorization", $"Bearer {Server.Token}" }, { "pennypost-tenant", "bench" } });

    public Load(Uri address)
    {
        channels = [.. Enumerable.Range(0, Connections).Select(_ => GrpcChannel.ForAddress(address))];
        clients = [.. channels.Select(channel => new CreditsService.CreditsServiceClient(channel))];
    }

    /// <summary>A pool with as many credits as one may be opened with.</summary>
    public async Task OpenAsync(string poolId) =>
        await clients[0].CreatePoolAsync(new CreatePoolRequest { PoolId = poolId, PlanId = "sales_navigator_core", OpeningBalance = Ledger.Pool.MaxBalance }, options);

    /// <summary>Places holds for so long. A refusal ends the run: what is measured must have happened.</summary>
    /// <param name="length">For how long requests are begun.</param>
    /// <param name="poolOf">The pool of the n-th request.</param>
    /// <param name="holdPrefix">Unique per round.</param>
    /// <returns>Answers, and the seconds they took.</returns>
    public async Task<(long Operations, double Seconds)> PlaceAsync(TimeSpan length, Func<long, string> poolOf, string holdPrefix)
    {
        var started = Stopwatch.GetTimestamp();
        var next = 0L;
        var callers = Enumerable.Range(0, Connections * CallersPerConnection).Select(caller => Task.Run(async () =>
        {
            var client = clients[caller % Connections];
            while (Stopwatch.GetElapsedTime(started) < length)
            {
                var number = Interlocked.Increment(ref next) - 1;
                await client.PlaceHoldAsync(new PlaceHoldRequest { PoolId = poolOf(number), HoldId = $"{holdPrefix}_{number}", AccountId = "account-1" }, options);
            }
        }));
        await Task.WhenAll(callers);
        return (next, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    public void Dispose()
    {
        foreach (var channel in channels) channel.Dispose();
    }
}
