using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Pennypost.Bench.Load;

/// <summary>Whom to ask: a service over HTTP/2 without TLS, and as whom.</summary>
internal sealed record Target(Uri Address, string Token, string Tenant);

/// <summary>
/// One HTTP/2 connection for unary gRPC calls of one method, driven by one thread. It speaks as much of HTTP/2 as that needs: headers are sent once in full and then as eight indexed
/// bytes, as any HTTP/2 library does; the server is asked not to compress its own, so that a status can be read in passing. A client library costs several times as much as the server that is measured.
/// </summary>
internal sealed partial class GrpcConnection : IDisposable
{
    /// <summary>What Kestrel allows on one connection unless it is told otherwise.</summary>
    public const int MaxInFlight = 100;

    private const int HeaderBytes = 9;
    private const int MessagePrefix = 5;

    // What a peer takes unless it says otherwise.
    private const int LongestFrame = 16_384;
    private const int EndOfStream = 1;
    private const int EndOfHeaders = 4;
    private const int ReceiveCredit = 1 << 24;

    // What HPACK says with one byte.
    private const int LongestText = 126;

    // Streams in flight by number; an answer that is very late holds the newer ones up rather than be mistaken for one of them.
    private const int Slots = 4_096;

    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Requests requests;
    private readonly byte[] firstHeaders;
    private readonly byte[] headers;
    private readonly long[] stamps = new long[Slots];
    private readonly byte[] received = new byte[256 << 10];
    private readonly byte[] sending;
    private int filled;
    private int pending;
    private int nextStream = 1;
    private long window = 65_535;
    private int receivedSinceCredit;

    public GrpcConnection(Target target, Requests requests)
    {
        if (requests.Longest + MessagePrefix > LongestFrame) throw new ArgumentException("This client sends a request in one frame.", nameof(requests));
        this.requests = requests;
        // All that may be in flight fits into one packet.
        sending = new byte[Math.Max(128 << 10, MaxInFlight * (requests.Longest + 64))];
        (firstHeaders, headers) = Headers(target, requests.Path);
        socket.Connect(target.Address.Host, target.Address.Port);
        var start = new List<byte>("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        // No table for the server's headers, nothing pushed, as much as it likes of each answer.
        start.AddRange([0, 0, 18, 4, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 4, 0x7F, 0xFF, 0xFF, 0xFF]);
        start.CopyTo(sending);
        pending = start.Count;
        Credit(1 << 30);
        Flush();
    }

    public int InFlight { get; private set; }

    public bool CanSend =>
        InFlight < MaxInFlight && window > requests.Longest + MessagePrefix && stamps[Slot(nextStream)] == 0 && pending < sending.Length - (2 * Requests.MaxBytes) - requests.Longest - firstHeaders.Length;

    /// <summary>Puts one request in the next packet.</summary>
    /// <param name="number">Which.</param>
    /// <param name="stamp">Comes back with its answer; not 0.</param>
    public void Write(long number, long stamp)
    {
        var block = nextStream == 1 ? firstHeaders : headers;
        Frame(block.Length, 1, EndOfHeaders, nextStream);
        block.CopyTo(sending, pending);
        pending += block.Length;
        var message = sending.AsSpan(pending + HeaderBytes + 5);
        var length = requests.Write(message, number);
        Frame(length + 5, 0, EndOfStream, nextStream);
        sending[pending] = 0;
        BinaryPrimitives.WriteInt32BigEndian(sending.AsSpan(pending + 1), length);
        pending += 5 + length;
        window -= 5 + length;
        stamps[Slot(nextStream)] = stamp;
        nextStream += 2;
        InFlight++;
    }

    public void Flush()
    {
        for (var sent = 0; sent < pending;) sent += socket.Send(sending.AsSpan(sent, pending - sent));
        pending = 0;
    }

    /// <summary>Waits for something to come, at most so long.</summary>
    public bool Wait(TimeSpan atMost)
    {
        var descriptor = new PollDescriptor { Handle = (int)socket.Handle, Events = 1 };
        var wait = new TimeSpec { Seconds = atMost.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = atMost.Ticks % TimeSpan.TicksPerSecond * 100 };
        return PPoll(ref descriptor, 1, ref wait, 0) > 0;
    }

    /// <summary>Waits for something and reads what there is. Each answer's stamp goes to <paramref name="answered"/>; an answer that is not OK ends the run.</summary>
    public void Receive(Action<long> answered)
    {
        var count = socket.Receive(received.AsSpan(filled));
        if (count == 0) throw new InvalidOperationException("The server closed the connection.");
        filled += count;
        var at = 0;
        while (filled - at >= HeaderBytes)
        {
            var length = (received[at] << 16) | (received[at + 1] << 8) | received[at + 2];
            if (filled - at < HeaderBytes + length) break;
            Take(received[at + 3], received[at + 4], BinaryPrimitives.ReadInt32BigEndian(received.AsSpan(at + 5)), received.AsSpan(at + HeaderBytes, length), answered);
            at += HeaderBytes + length;
        }

        received.AsSpan(at, filled - at).CopyTo(received);
        filled -= at;
    }

    private void Take(byte kind, byte flags, int stream, ReadOnlySpan<byte> payload, Action<long> answered)
    {
        switch (kind)
        {
            case 0:
                receivedSinceCredit += payload.Length;
                if (receivedSinceCredit > ReceiveCredit) Credit(receivedSinceCredit);
                break;
            case 1 when (flags & EndOfStream) != 0:
                if (payload.IndexOf("\x0bgrpc-status\x01\x30"u8) < 0) throw new InvalidOperationException($"A call failed: {Encoding.Latin1.GetString(payload)}");
                ref var stamp = ref stamps[Slot(stream)];
                answered(stamp);
                stamp = 0;
                InFlight--;
                break;
            case 3:
                throw new InvalidOperationException($"The server reset a call (HTTP/2 error {BinaryPrimitives.ReadInt32BigEndian(payload)}).");
            case 4 when (flags & 1) == 0:
                Frame(0, 4, 1, 0);
                break;
            case 6 when (flags & 1) == 0:
                Frame(8, 6, 1, 0);
                payload.CopyTo(sending.AsSpan(pending));
                pending += 8;
                break;
            case 7:
                throw new InvalidOperationException($"The server ended the connection: {Encoding.Latin1.GetString(payload[8..])}");
            case 8 when stream == 0:
                window += BinaryPrimitives.ReadInt32BigEndian(payload);
                break;
        }
    }

    private void Credit(int bytes)
    {
        Frame(4, 8, 0, 0);
        BinaryPrimitives.WriteInt32BigEndian(sending.AsSpan(pending), bytes);
        pending += 4;
        receivedSinceCredit = 0;
    }

    private void Frame(int length, byte kind, byte flags, int stream)
    {
        var frame = sending.AsSpan(pending, HeaderBytes);
        (frame[0], frame[1], frame[2], frame[3], frame[4]) = ((byte)(length >> 16), (byte)(length >> 8), (byte)length, kind, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame[5..], stream);
        pending += HeaderBytes;
    }

    private static int Slot(int stream) => (stream >> 1) % Slots;

    /// <summary>HPACK: literals that the server adds to its table, and then their places in it; the newest is the 62nd.</summary>
    private static (byte[] First, byte[] Then) Headers(Target target, string path)
    {
        var first = new List<byte> { 0x83, 0x86 };
        Literal(4, null, path);
        Literal(1, null, target.Address.Authority);
        Literal(31, null, "application/grpc");
        Literal(0, "te", "trailers");
        Literal(23, null, "Bearer " + target.Token);
        Literal(0, "pennypost-tenant", target.Tenant);
        return ([.. first], [0x83, 0x86, 0x80 | 67, 0x80 | 66, 0x80 | 65, 0x80 | 64, 0x80 | 63, 0x80 | 62]);

        void Literal(byte index, string? name, string value)
        {
            first.Add((byte)(0x40 | index));
            if (name is not null) Text(name);
            Text(value);
        }

        void Text(string text)
        {
            if (text.Length > LongestText) throw new ArgumentException($"A header of this client may have {LongestText} characters.", nameof(target));
            first.Add((byte)text.Length);
            first.AddRange(Encoding.ASCII.GetBytes(text));
        }
    }

    /// <summary>Lets this thread's short waits end on time: the kernel otherwise rounds them up by 50 microseconds.</summary>
    public static void WaitExactly()
    {
        if (PrCtl(29, 1, 0, 0, 0) != 0) throw new InvalidOperationException("The kernel does not let waits be exact.");
    }

    public void Dispose() => socket.Dispose();

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Handle;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static partial int PPoll(ref PollDescriptor descriptors, ulong count, ref TimeSpec wait, nint signals);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int PrCtl(int option, ulong argument, ulong third, ulong fourth, ulong fifth);
}
