using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Pennypost.Bench.Load;

/// <summary>One HTTP/1.1 request, asked again and again.</summary>
/// <param name="Verb">GET or POST.</param>
/// <param name="Path">With its query.</param>
/// <param name="Body">JSON; empty for none.</param>
internal sealed record JsonRequest(string Verb, string Path, string Body)
{
    /// <summary>As it goes over the wire.</summary>
    public byte[] Bytes(Target target)
    {
        var head = $"{Verb} {Path} HTTP/1.1\r\nHost: {target.Address.Authority}\r\nAuthorization: Bearer {target.Token}\r\n";
        return Encoding.UTF8.GetBytes(Body.Length == 0
            ? $"{head}\r\n"
            : string.Create(CultureInfo.InvariantCulture, $"{head}Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(Body)}\r\n\r\n{Body}"));
    }
}

/// <summary>The client for JSON: so many threads, each with so many connections, one request at a time on each, as HTTP/1.1 has it. Written by hand for the reason of <see cref="GrpcConnection"/>.</summary>
internal static class JsonCallers
{
    public const int Threads = 4;
    public const int PerThread = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>A closed loop: each connection carries its next request as soon as it has an answer.</summary>
    /// <returns>Answers, and the seconds they took.</returns>
    public static (long Operations, double Seconds) Loop(Target target, JsonRequest request, TimeSpan length)
    {
        var bytes = request.Bytes(target);
        var answers = 0L;
        var started = Stopwatch.GetTimestamp();
        Callers.OnThreads(Threads, _ =>
        {
            var connections = Enumerable.Range(0, PerThread).Select(_ => new Connection(target)).ToDictionary(connection => connection.Socket);
            try
            {
                var mine = 0L;
                foreach (var connection in connections.Values) connection.Send(bytes);
                for (var waiting = connections.Count; waiting > 0;)
                {
                    var ready = connections.Values.Where(connection => connection.IsWaiting).Select(connection => connection.Socket).ToList();
                    Socket.Select(ready, null, null, Patience);
                    if (ready.Count == 0) throw new InvalidOperationException("No answer came.");
                    foreach (var socket in ready)
                    {
                        var connection = connections[socket];
                        if (!connection.Receive()) continue;
                        mine++;
                        if (Stopwatch.GetElapsedTime(started) < length) connection.Send(bytes);
                        else waiting--;
                    }
                }

                Interlocked.Add(ref answers, mine);
            }
            finally
            {
                foreach (var connection in connections.Values) connection.Socket.Dispose();
            }
        });
        return (answers, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private sealed class Connection
    {
        private readonly byte[] received = new byte[64 << 10];
        private int filled;

        public Connection(Target target) => Socket.Connect(target.Address.Host, target.Address.Port);

        public Socket Socket { get; } = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public bool IsWaiting { get; private set; }

        public void Send(byte[] request)
        {
            for (var sent = 0; sent < request.Length;) sent += Socket.Send(request.AsSpan(sent));
            (IsWaiting, filled) = (true, 0);
        }

        /// <summary>Reads what there is; true when the answer is whole. One that is not OK ends the run.</summary>
        public bool Receive()
        {
            var count = Socket.Receive(received.AsSpan(filled));
            if (count == 0) throw new InvalidOperationException("The server closed the connection.");
            filled += count;
            var text = received.AsSpan(0, filled);
            var head = text.IndexOf("\r\n\r\n"u8);
            if (head < 0) return false;
            if (!text.StartsWith("HTTP/1.1 200"u8)) throw new InvalidOperationException($"A call failed: {Encoding.UTF8.GetString(text)}");
            IsWaiting = !IsWhole(text[..head], text[(head + 4)..]);
            return !IsWaiting;
        }

        private static bool IsWhole(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
        {
            var at = head.IndexOf("Content-Length: "u8);
            if (at < 0) return body.EndsWith("0\r\n\r\n"u8);
            var digits = head[(at + 16)..];
            var end = digits.IndexOf((byte)'\r');
            return body.Length >= int.Parse(end < 0 ? digits : digits[..end], CultureInfo.InvariantCulture);
        }
    }
}
