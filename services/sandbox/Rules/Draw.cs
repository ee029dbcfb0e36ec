using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Pennypost.Sandbox.Rules;

/// <summary>
/// Chance that does not depend on the order of calls: the same seed, member, account and action always draw the same number, so that two runs
/// that do the same things in another order can be compared.
/// </summary>
public static class Draw
{
    /// <summary>A number from 0 up to, not including, 1.</summary>
    public static double Unit(params ReadOnlySpan<string> about) =>
        (Bits(about) >> 11) * (1.0 / (1UL << 53));

    /// <summary>A time between the two, both included.</summary>
    public static TimeSpan Between(TimeSpan least, TimeSpan most, params ReadOnlySpan<string> about) =>
        // Whole milliseconds, as times are written in the API: what was scheduled must still be due after a restart.
        TimeSpan.FromMilliseconds(Math.Round((least + ((most - least) * Unit(about))).TotalMilliseconds));

    /// <summary>A number of 64 bits.</summary>
    public static ulong Bits(params ReadOnlySpan<string> about) => BinaryPrimitives.ReadUInt64BigEndian(Hash(about));

    /// <summary>An opaque id of 22 characters, letters and digits and <c>_</c> and <c>-</c>, beginning with a letter.</summary>
    public static string Id(params ReadOnlySpan<string> about)
    {
        var id = Base64(Hash(about).AsSpan(0, 16));
        return char.IsAsciiLetter(id[0]) ? id : "u" + id[1..];
    }

    internal static string Base64(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static byte[] Hash(ReadOnlySpan<string> about)
    {
        // Lengths keep ("ab","c") and ("a","bc") apart.
        var text = new StringBuilder();
        foreach (var part in about)
            text.Append(part.Length).Append(':').Append(part);
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
