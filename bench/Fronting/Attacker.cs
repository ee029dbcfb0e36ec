using System.Net.Sockets;
using Pennypost.Bench.Load;
using Topology;

namespace Pennypost.Bench.Fronting;

/// <summary>Somebody who wants the gateway to be of no use to others, in a process of their own that gives way to all others: on a network their processors are not ours.</summary>
internal sealed class Attacker(Uri address, string key)
{
    private const int Threads = 2;
    private const int Connections = 64;
    private const int Idlers = 2_000;

    /// <summary>What is done to the gRPC port, then what is done to the REST port.</summary>
    public static readonly IReadOnlyList<string> OverGrpc = Http2Flood.Kinds;

    public static readonly IReadOnlyList<string> OverRest = ["keys that are none", "a tenant beyond its rate", "bodies of 4 MB", "requests that never end"];

    /// <summary>Goes on until its input ends.</summary>
    public static Task<int> RunAsync(string attack, Uri address, string key)
    {
        var attacker = new Attacker(address, key);
        for (var i = 0; i < Threads; i++) new Thread(() => attacker.Repeat(attack)) { IsBackground = true }.Start();
        Console.WriteLine(address);
        while (Console.ReadLine() is not null) Console.WriteLine("0 0 0 0");
        return Task.FromResult(0);
    }

    private void Repeat(string attack)
    {
        while (true)
        {
            try
            {
                if (OverGrpc.Contains(attack)) Flood(new Http2Flood(attack));
                else if (attack == OverRest[3]) Linger();
                else Ask(Request(attack));
            }
            catch (SocketException)
            {
                // Shut out: another try.
                Thread.Sleep(1);
            }
        }
    }

    private void Flood(Http2Flood flood)
    {
        using var socket = Connected();
        socket.SendTimeout = 1_000;
        socket.Send(flood.Beginning());
        while (true) socket.Send(flood.Next());
    }

    /// <summary>As many requests as answers come, on many connections, whatever the answers are.</summary>
    private void Ask(byte[] request)
    {
        var sockets = Enumerable.Range(0, Connections).Select(_ => Connected()).ToList();
        try
        {
            var answer = new byte[64 << 10];
            foreach (var socket in sockets) socket.Send(request);
            while (true)
            {
                var ready = sockets.ToList();
                Socket.Select(ready, null, null, TimeSpan.FromSeconds(1));
                foreach (var socket in ready)
                {
                    if (socket.Receive(answer) == 0) throw new SocketException((int)SocketError.ConnectionReset);
                    socket.Send(request);
                }
            }
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>Connections that say a byte of a header now and then.</summary>
    private void Linger()
    {
        var sockets = Enumerable.Range(0, Idlers).Select(_ => Connected()).ToList();
        try
        {
            foreach (var socket in sockets) socket.Send("GET /v1/pools HTTP/1.1\r\nHost: x\r\nX-Slow: "u8);
            while (true)
            {
                foreach (var socket in sockets) socket.Send("x"u8);
                Thread.Sleep(100);
            }
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    private byte[] Request(string attack)
    {
        var target = new Target(address, attack == OverRest[0] ? "pp_live_bench.knone.BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB" : key, "");
        return attack == OverRest[2]
            ? new JsonRequest("POST", "/v1/messages", $$"""{"messageId": "{{new string('x', 4_000_000)}}"}""").Bytes(target)
            : Calls.Json["a read"].Bytes(target);
    }

    private Socket Connected()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(address.Host, address.Port);
        return socket;
    }
}
