using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Pennypost.Gateway.Events;

/// <summary>A place in a tenant's timeline, and as a token what takes it up after that. Pure.</summary>
/// <param name="Number">Of the last line that was told; 0 for none.</param>
/// <param name="AtUnixMs">When that line was appended, 0 if there is none: a store that was set back and has since grown to the same number is told by it.</param>
internal readonly record struct TimelinePosition(long Number, long AtUnixMs)
{
    private const byte Format = 1;
    private const int Length = 1 + 8 + 8;
    private const int CheckLength = 6;

    /// <summary>As a token: it is good for its tenant only, and one that was cut or mistyped is refused.</summary>
    public string ToToken(string tenant)
    {
        Span<byte> bytes = stackalloc byte[Length + CheckLength];
        bytes[0] = Format;
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes[1..], Number);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes[9..], AtUnixMs);
        Check(bytes[..Length], tenant)[..CheckLength].CopyTo(bytes[Length..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Null for what is no token of the tenant's timeline.</summary>
    public static TimelinePosition? Read(string token, string tenant)
    {
        Span<byte> bytes = stackalloc byte[Length + CheckLength];
        if (token.Length != Base64Url.GetEncodedLength(bytes.Length) || !Base64Url.IsValid(token) || !Base64Url.TryDecodeFromChars(token, bytes, out var written) || written != bytes.Length) return null;
        if (bytes[0] != Format || !Check(bytes[..Length], tenant)[..CheckLength].SequenceEqual(bytes[Length..])) return null;
        var (number, at) = (System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(bytes[9..]));
        return number < 0 ? null : new TimelinePosition(number, at);
    }

    private static ReadOnlySpan<byte> Check(ReadOnlySpan<byte> bytes, string tenant) => SHA256.HashData([.. bytes, .. Encoding.UTF8.GetBytes(tenant)]);
}
