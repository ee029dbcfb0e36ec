using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Pennypost.Api.Tests;

/// <summary>
/// Floods of HTTP/2 frames at the gRPC port, and nobody else notices. A flood of streams or headers ends its connection. One of pings or settings whose answers are not read ends it or is read no further: the
/// server waits for room and takes nothing more.
/// </summary>
public sealed class FloodingConnections(RunningApi running) : IClassFixture<RunningApi>
{
    private const int MostFrames = 4_000_000;
    private const int PerWrite = 200;
    private static readonly TimeSpan _longestFlood = TimeSpan.FromSeconds(20);

    // Who takes nothing for so long does not read.
    private static readonly TimeSpan _held = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData("rapid reset", false)]
    [InlineData("continuation", false)]
    [InlineData("settings", true)]
    [InlineData("ping", true)]
    public async Task A_flood_ends_its_own_connection_or_is_held_up_and_no_other_is(string flood, bool mayBeHeld)
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

        var (frames, isClosed) = await Task.Run(() => Flood(flood));
        await over.CancelAsync();
        await honest;

        Assert.True(frames < MostFrames && (isClosed || mayBeHeld), $"After {frames} frames the connection was still open.");
    }

    /// <summary>Sends until the server has had enough; answers how many frames that were, and whether it closed or stopped reading.</summary>
    private (int Frames, bool IsClosed) Flood(string flood)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendTimeout = (int)_held.TotalMilliseconds };
        socket.Connect(running.Grpc.Host, running.Grpc.Port);
        socket.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        socket.Send(Frame(4, 0, 0, []));
        var (stream, sent) = (1, 0);
        if (flood == "continuation")
            socket.Send(Frame(1, 0, 1, Headers()));

        var started = DateTime.UtcNow;
        while (sent < MostFrames && DateTime.UtcNow - started < _longestFlood)
        {
            var frames = new List<byte>();
            for (var i = 0; i < PerWrite; i++, sent++)
            {
                switch (flood)
                {
                    case "rapid reset":
                        frames.AddRange(Frame(1, 4, stream, Headers()));
                        frames.AddRange(Frame(3, 0, stream, [0, 0, 0, 8]));
                        stream += 2;
                        break;
                    case "continuation":
                        frames.AddRange(Frame(9, 0, 1, [0x40, 1, (byte)'a', 1, (byte)'b']));
                        break;
                    case "settings":
                        frames.AddRange(Frame(4, 0, 0, [0, 3, 0, 0, 0, 100]));
                        break;
                    default:
                        frames.AddRange(Frame(6, 0, 0, new byte[8]));
                        break;
                }
            }

            try
            {
                // Nothing is read: what the server answers piles up there, until it closes.
                socket.Send(frames.ToArray());
            }
            catch (SocketException exception)
            {
                return (sent, exception.SocketErrorCode != SocketError.TimedOut);
            }
        }

        return (MostFrames, false);
    }

    private static byte[] Frame(byte kind, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[0], frame[1], frame[2], frame[3], frame[4]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, kind, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    /// <summary>HPACK, all literals that are not remembered.</summary>
    private static byte[] Headers()
    {
        var block = new List<byte> { 0x83, 0x86 };
        Literal(":path", "/pennypost.gateway.v1.PennypostService/ListPools");
        Literal(":authority", "localhost");
        Literal("content-type", "application/grpc");
        Literal("te", "trailers");
        return [.. block];

        void Literal(string name, string value)
        {
            block.Add(0);
            foreach (var text in new[] { name, value })
            {
                block.Add((byte)text.Length);
                block.AddRange(Encoding.ASCII.GetBytes(text));
            }
        }
    }
}
