namespace Pennypost.Delivery.Accounts;

/// <summary>The time between two sends. People do not write every ten seconds to the tick: it is drawn for each send, from the spacing upwards and never below (F46).</summary>
public static class Pace
{
    private const int AboutSpacing = 100;

    /// <summary>How long the account rests after a send of this message.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="owner">The message's hash, <see cref="Slots.OwnerOf"/>: by it those who hand out times know the rest before it begins.</param>
    public static TimeSpan After(Account account, long owner)
    {
        var (spacing, spread) = (account.Settings.Spacing, account.Settings.Safety.SpacingSpreadPercent);
        if (account.SafetyLevel == SafetyLevel.Slow)
            spacing *= 2;
        return spread == 0 ? spacing : spacing * (1 + spread / 100.0 * Draw.Unit(account.Id, AboutSpacing, owner));
    }
}
