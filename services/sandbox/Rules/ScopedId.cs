using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Rules;

/// <summary>
/// Provider ids as one account sees them: <c>ACo...</c> classic, <c>ACw...</c> Sales Navigator, <c>AE...</c> Recruiter (facts 1.1). They can be
/// computed from the seed alone, and mean nothing to any other account.
/// </summary>
public static class ScopedId
{
    private const int Length = 16;

    /// <summary>The number that stands for a member inside ids.</summary>
    public static ulong KeyOf(string seed, string memberId) => Draw.Bits(seed, "member", memberId);

    public static string Of(string seed, string accountId, Product product, ulong memberKey)
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, memberKey ^ Mask(seed, accountId, product));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Check(seed, accountId, product, memberKey));
        return Prefix(product) + Base64Url.EncodeToString(bytes);
    }

    /// <summary>The member's number, or null when this account was never shown such an id.</summary>
    public static ulong? Resolve(string seed, string accountId, string id)
    {
        foreach (var product in Enum.GetValues<Product>())
        {
            if (!id.StartsWith(Prefix(product), StringComparison.Ordinal) || id.Length != Prefix(product).Length + 22)
                continue;
            Span<byte> bytes = stackalloc byte[Length];
            var text = id.AsSpan(Prefix(product).Length);
            if (!Base64Url.IsValid(text, out var length) || length != Length || !Base64Url.TryDecodeFromChars(text, bytes, out _))
                return null;
            var key = BinaryPrimitives.ReadUInt64BigEndian(bytes) ^ Mask(seed, accountId, product);
            return BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) == Check(seed, accountId, product, key) ? key : null;
        }

        return null;
    }

    public static bool LooksLikeOne(string id) =>
        Enum.GetValues<Product>().Any(p => id.StartsWith(Prefix(p), StringComparison.Ordinal) && id.Length == Prefix(p).Length + 22);

    private static string Prefix(Product product) => product switch
    {
        Product.Premium => "ACoAA",
        Product.SalesNavigator => "ACwAA",
        _ => "AEMAA",
    };

    private static ulong Mask(string seed, string accountId, Product product) => Draw.Bits(seed, "mask", accountId, Prefix(product));

    private static ulong Check(string seed, string accountId, Product product, ulong key) =>
        Draw.Bits(seed, "check", accountId, Prefix(product), key.ToString(CultureInfo.InvariantCulture));
}
