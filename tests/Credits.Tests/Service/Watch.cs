using System.Collections.Concurrent;
using Grpc.Core;
using Pennypost.Credits.V1;
using Topology;

namespace Pennypost.Credits.Tests.Service;

/// <summary>A client that watches and keeps what it was told.</summary>
internal sealed class Watch : IDisposable
{
    private readonly AsyncServerStreamingCall<WatchPoolsResponse> call;
    private readonly ConcurrentQueue<WatchPoolsResponse> items = new();

    public Watch(CreditsApp app, WatchPoolsRequest request, string tenant = "acme")
    {
        call = app.Client.WatchPools(request, CreditsApp.As(tenant));
        Ended = ReadAsync();
    }

    /// <summary>Completes when the stream is over, however it ends.</summary>
    public Task Ended { get; }

    public IEnumerable<WatchPoolsResponse> Items => items;

    public IEnumerable<WatchPoolsResponse> Events => items.Where(item => item.Event is not null);

    public Task BeginsAsync() => Eventually.TrueAsync(() => !items.IsEmpty, "the watch says where it begins");

    private async Task ReadAsync()
    {
        try
        {
            while (await call.ResponseStream.MoveNext(default)) items.Enqueue(call.ResponseStream.Current);
        }
        catch (RpcException)
        {
            // Over: what was told is kept.
        }
    }

    public void Dispose() => call.Dispose();
}
