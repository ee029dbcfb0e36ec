using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Pennypost.Bench.Load;

namespace Pennypost.Bench.Deciding;

/// <summary>A few RouteMany streams, each with so many items on their way. The client library carries bytes, so that it takes little beside the server.</summary>
internal static class RouteStreams
{
    private const int Count = 4;
    private const int InFlight = 64;

    private static readonly Method<byte[], byte[]> RouteMany = new(MethodType.DuplexStreaming, Routes.Service, "RouteMany", BytesEcho.Bytes, BytesEcho.Bytes);

    /// <summary>A closed loop: a stream's next item goes when one was answered.</summary>
    /// <returns>Answers, and the seconds they took. An answer that is an error ends the run.</returns>
    public static (long Operations, double Seconds) Loop(Target target, byte[] item, TimeSpan length)
    {
        var (answers, started) = (0L, Stopwatch.GetTimestamp());
        Task.WaitAll(Enumerable.Range(0, Count).Select(_ => Task.Run(OneAsync)));
        return (answers, Stopwatch.GetElapsedTime(started).TotalSeconds);

        async Task OneAsync()
        {
            using var channel = GrpcChannel.ForAddress(target.Address);
            using var stream = channel.CreateCallInvoker().AsyncDuplexStreamingCall(
                RouteMany, null, new CallOptions(new Metadata { { "authorization", "Bearer " + target.Token }, { "pennypost-tenant", target.Tenant } }));
            using var free = new SemaphoreSlim(InFlight);
            var reading = ReadAsync();
            // One item at least: on a busy machine the connection alone may take as long.
            do
            {
                await free.WaitAsync();
                await stream.RequestStream.WriteAsync(item);
            }
            while (Stopwatch.GetElapsedTime(started) < length && !reading.IsCompleted);

            await stream.RequestStream.CompleteAsync();
            Interlocked.Add(ref answers, await reading);

            async Task<long> ReadAsync()
            {
                var mine = 0L;
                try
                {
                    while (await stream.ResponseStream.MoveNext(CancellationToken.None))
                    {
                        mine++;
                        free.Release();
                    }

                    return mine;
                }
                catch
                {
                    // The writer must not wait for answers that never come; the failure itself is seen where the reading is awaited.
                    free.Release(InFlight);
                    throw;
                }
            }
        }
    }
}
