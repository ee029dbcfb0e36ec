using System.Net.Sockets;
using Topology;

namespace Pennypost.Api.Tests;

/// <summary>
/// Floods of HTTP/2 frames at the gRPC port: each ends its own connection, and nobody else notices. One of streams or headers does so at once. One of pings or settings whose answers nobody reads is read no
/// further, and closed when its time is up (<c>Hosting:UnreadSeconds</c>). What it costs others is measured by <c>bench -- attacks</c>.
/// </summary>
public sealed class FloodingConnections(RunningApi running) : IClassFixture<RunningApi>
{
    private const int MostFrames = 4_000_000;
    private static readonly TimeSpan _longestFlood = TimeSpan.FromSeconds(30);

    // So long at a time the flooder waits for room.
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("rapid reset")]
    [InlineData("continuation")]
    [InlineData("settings")]
    [InlineData("ping")]
    public async Task A_flood_ends_its_own_connection_and_no_other(string kind)
    {
        var key = await running.KeyAsync("honest");
        var api = new GrpcFace(running.Channel, key);
        using var over = new CancellationTokenSource();
        var honest = Task.Run(async () =>
        {
            var calls = 0;
            do
            {
                var answered = await api.CallAsync("ListPools", new System.Text.Json.Nodes.JsonObject());
                Assert.True(answered.Code == "OK", answered.ToString());
                calls++;
            }
            while (!over.IsCancellationRequested || calls < 20);
        });

        var (frames, isClosed) = await Task.Run(() => Flood(new Http2Flood(kind)));
        await over.CancelAsync();
        await honest;

        Assert.True(isClosed, $"After {frames} frames the connection was still open.");
    }

    /// <summary>Sends until the server has had enough; answers how many frames that were, and whether it closed. Nothing is read: what the server answers piles up there.</summary>
    private (int Frames, bool IsClosed) Flood(Http2Flood flood)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(running.Grpc.Host, running.Grpc.Port);
        socket.Send(flood.Beginning());
        socket.Blocking = false;
        var (frames, started, packet) = (0, DateTime.UtcNow, ReadOnlyMemory<byte>.Empty);
        while (frames < MostFrames && DateTime.UtcNow - started < _longestFlood)
        {
            if (packet.IsEmpty)
                (packet, frames) = (flood.Next(), frames + Http2Flood.PerPacket);
            var sent = socket.Send(packet.Span, SocketFlags.None, out var error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
                return (frames, true);
            packet = packet[Math.Max(0, sent)..];
            // It is not read any more, or slowly: whether it is closed shows at one of the next.
            if (error == SocketError.WouldBlock)
                socket.Poll(_turn, SelectMode.SelectWrite);
        }

        return (frames, false);
    }
}
