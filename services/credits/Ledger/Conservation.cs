using System.Collections.Immutable;

namespace Pennypost.Ledger;

/// <summary>
/// The law of the ledger: granted + topped up + refunded + adjusted = available + held + spent + expired + forfeited + voided, and nothing is ever below zero.
/// </summary>
public static class Conservation
{
    /// <summary>What is wrong with the pool, in words; empty when it holds.</summary>
    public static ImmutableArray<string> Violations(Pool pool)
    {
        var found = ImmutableArray.CreateBuilder<string>();
        var totals = pool.Totals;
        long available = 0, held = 0;
        foreach (var lot in pool.Lots)
        {
            available += lot.Available;
            held += lot.Held;
            Check(lot.Available >= 0, $"lot {lot.Number} has {lot.Available} available");
            Check(lot.Held >= 0, $"lot {lot.Number} has {lot.Held} held");
        }

        var came = totals.Granted + totals.ToppedUp + totals.Refunded + totals.Adjusted;
        var accounted = available + held + totals.Spent + totals.Expired + totals.Forfeited + totals.Voided;
        Check(came == accounted, $"{came} credits came but {accounted} are accounted for");
        Check(totals is { Granted: >= 0, ToppedUp: >= 0, Refunded: >= 0, Spent: >= 0, Expired: >= 0, Forfeited: >= 0, Voided: >= 0 }, $"a total is below zero: {totals}");
        Check(totals.Refunded <= totals.Spent, $"{totals.Refunded} refunds of {totals.Spent} sends");
        Check(pool.Shortfall >= 0, $"the shortfall is {pool.Shortfall}");
        Check(pool.Shortfall == 0 || pool.Available == 0, $"{pool.Shortfall} are owed while {pool.Available} are available");
        return found.ToImmutable();

        void Check(bool holds, string otherwise)
        {
            if (!holds)
            {
                found.Add(otherwise);
            }
        }
    }
}
