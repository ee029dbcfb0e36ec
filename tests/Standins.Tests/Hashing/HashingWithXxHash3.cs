using System.Globalization;
using System.IO.Hashing;

namespace Pennypost.Standins.Tests.Hashing;

public sealed class HashingWithXxHash3
{
    private static byte[] Sequence(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 131) + (i / 256 * 17) + 7))];

    [Fact]
    public void Agrees_with_the_reference_implementation_at_every_length()
    {
        using var resource = new StreamReader(typeof(HashingWithXxHash3).Assembly.GetManifestResourceStream("xxh3-vectors.txt")!);
        var vectors = resource.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(' '))
            .Select(parts => (Length: int.Parse(parts[0], CultureInfo.InvariantCulture), Hash: ulong.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)))
            .ToList();
        var bytes = Sequence(vectors.Max(vector => vector.Length));

        Assert.True(vectors.Count > 1_100, "the table was not read");
        Assert.Empty(vectors.Where(vector => XxHash3.HashToUInt64(bytes.AsSpan(0, vector.Length)) != vector.Hash).Select(vector => vector.Length));
    }

    /// <summary>The self-test of xxhsum: bytes of a generator of its own, with seed 0 and with one other.</summary>
    [Theory]
    [InlineData(0, 0x2D06800538D394C2, 0xA8A6B918B2F0364A)]
    [InlineData(1, 0xC44BDFF4074EECDB, 0x032BE332DD766EF8)]
    [InlineData(6, 0x27B56A84CD2D7325, 0x84589C116AB59AB9)]
    [InlineData(12, 0xA713DAF0DFBB77E7, 0xE7303E1B2336DE0E)]
    [InlineData(24, 0xA3FE70BF9D3510EB, 0x850E80FC35BDD690)]
    [InlineData(48, 0x397DA259ECBA1F11, 0xADC2CBAA44ACC616)]
    [InlineData(80, 0xBCDEFBBB2C47C90A, 0xC6DD0CB699532E73)]
    [InlineData(195, 0xCD94217EE362EC3A, 0xBA68003D370CB3D9)]
    [InlineData(403, 0xCDEB804D65C6DEA4, 0x6259F6ECFD6443FD)]
    [InlineData(512, 0x617E49599013CB6B, 0x3CE457DE14C27708)]
    [InlineData(2048, 0xDD59E2C3A5F038E0, 0x66F81670669ABABC)]
    public void Agrees_with_the_published_self_test(int length, ulong unseeded, ulong seeded)
    {
        const ulong prime = 11400714785074694797;
        var bytes = new byte[length];
        ulong generator = 2654435761;
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)(generator >> 56);
            generator = unchecked(generator * prime);
        }

        Assert.Equal(unseeded, XxHash3.HashToUInt64(bytes));
        Assert.Equal(seeded, XxHash3.HashToUInt64(bytes, unchecked((long)prime)));
    }
}
