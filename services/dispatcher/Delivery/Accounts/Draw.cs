namespace Pennypost.Delivery.Accounts;

/// <summary>Chance on which every process agrees: the same question has the same answer, wherever and however often it is asked.</summary>
public static class Draw
{
    /// <summary>0 up to but not 1, spread evenly over different questions.</summary>
    /// <param name="accountId">Whose.</param>
    /// <param name="about">What is drawn.</param>
    /// <param name="number">For which time or send.</param>
    public static double Unit(string accountId, long about, long number) =>
        (Mix(Mix(Mix(unchecked((ulong)Slots.OwnerOf(accountId))) + unchecked((ulong)about)) + unchecked((ulong)number)) >> 11) * (1.0 / (1UL << 53));

    /// <summary>SplitMix64's step: neighbours become strangers.</summary>
    private static ulong Mix(ulong bits)
    {
        bits += 0x9E3779B97F4A7C15UL;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9UL;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBUL;
        return bits ^ (bits >> 31);
    }
}
