using System.Buffers.Text;
using System.Security.Cryptography;

namespace Pennypost.Credits;

/// <summary>Where a watch is: for each shard the last commit of which everything was told, and of one shard's next commit how many entries were.</summary>
/// <param name="Sequences">By shard.</param>
/// <param name="Shard">The shard whose next commit was told in part; meaningless when <paramref name="Told"/> is 0.</param>
/// <param name="Told">How many of that commit's entries were told.</param>
internal sealed record WatchPosition(IReadOnlyList<long> Sequences, int Shard, int Told)
{
    private const byte Format = 1;
    private const int CheckLength = 4;
    private const int MostBytesEach = 10;

    /// <summary>The longest token that there can be: no more of one is looked at.</summary>
    private static int LongestToken(int shards) => Base64Url.GetEncodedLength(1 + ((shards + 3) * MostBytesEach) + CheckLength);

    /// <summary>As a token: format, number of shards, what was told in part, the sequences, and a checksum, so that one that was cut or mistyped is refused.</summary>
    public string ToToken()
    {
        var bytes = new List<byte>(16 + (Sequences.Count * 4)) { Format };
        Write(bytes, (ulong)Sequences.Count);
        Write(bytes, (ulong)Shard);
        Write(bytes, (ulong)Told);
        foreach (var sequence in Sequences) Write(bytes, (ulong)sequence);
        bytes.AddRange(SHA256.HashData(bytes.ToArray())[..CheckLength]);
        return Base64Url.EncodeToString(bytes.ToArray());
    }

    /// <summary>The position that a token says; null for what is no token of a store with so many shards.</summary>
    public static WatchPosition? Read(string token, int shards)
    {
        if (token.Length > LongestToken(shards) || !Base64Url.IsValid(token)) return null;
        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length <= CheckLength || bytes[0] != Format || !SHA256.HashData(bytes.AsSpan(0, bytes.Length - CheckLength)).AsSpan(0, CheckLength).SequenceEqual(bytes.AsSpan(bytes.Length - CheckLength)))
            return null;
        var rest = bytes.AsSpan(1, bytes.Length - 1 - CheckLength);
        if (!Take(ref rest, out var count) || count != shards || !Take(ref rest, out var shard) || shard >= shards || !Take(ref rest, out var told) || told > int.MaxValue) return null;
        var sequences = new long[shards];
        for (var at = 0; at < shards; at++)
            if (!Take(ref rest, out sequences[at])) return null;
        return rest.IsEmpty ? new WatchPosition(sequences, (int)shard, (int)told) : null;
    }

    private static void Write(List<byte> bytes, ulong number)
    {
        for (; number >= 0x80; number >>= 7) bytes.Add((byte)(number | 0x80));
        bytes.Add((byte)number);
    }

    private static bool Take(ref Span<byte> bytes, out long number)
    {
        number = 0;
        for (var at = 0; at < bytes.Length && at < 9; at++)
        {
            number |= (long)(bytes[at] & 0x7F) << (7 * at);
            if (bytes[at] >= 0x80) continue;
            bytes = bytes[(at + 1)..];
            return true;
        }

        return false;
    }
}
