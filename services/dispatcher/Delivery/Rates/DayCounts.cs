using System.Collections.Immutable;

namespace Pennypost.Delivery.Rates;

/// <summary>What is counted together.</summary>
/// <param name="Channel">By which channel it went.</param>
/// <param name="Segment">Whom to; empty if nobody said.</param>
/// <param name="Variant">In which text; empty if nobody said.</param>
public sealed record CountCell(Channel Channel, string Segment, string Variant)
{
    /// <summary>Of the channel alone: what names neither segment nor variant, and what names too many.</summary>
    public static CountCell Of(Channel channel) => new(channel, "", "");
}

/// <summary>How much of what was sent came to what.</summary>
/// <param name="Sent">Messages sent.</param>
/// <param name="Accepted">Connection requests of them that were accepted.</param>
/// <param name="Replied">Conversations that began.</param>
/// <param name="CreditsSpent">Credits that they took.</param>
/// <param name="CreditsRefunded">Of these, those that came back.</param>
public readonly record struct Tally(long Sent, long Accepted, long Replied, long CreditsSpent, long CreditsRefunded)
{
    /// <summary>One more of a kind.</summary>
    public Tally With(CountedKind kind) => kind switch
    {
        CountedKind.Sent => this with { Sent = Sent + 1 },
        CountedKind.Accepted => this with { Accepted = Accepted + 1 },
        CountedKind.Replied => this with { Replied = Replied + 1 },
        CountedKind.CreditSpent => this with { CreditsSpent = CreditsSpent + 1 },
        CountedKind.CreditRefunded => this with { CreditsRefunded = CreditsRefunded + 1 },
        _ => throw new System.Diagnostics.UnreachableException($"Nothing counts a {kind}."),
    };

    /// <summary>Both together.</summary>
    public Tally Plus(Tally other) => new(
        Sent + other.Sent, Accepted + other.Accepted, Replied + other.Replied, CreditsSpent + other.CreditsSpent, CreditsRefunded + other.CreditsRefunded);
}

/// <summary>What went out on one day, in UTC, and what came of it since.</summary>
public sealed record DayCounts
{
    /// <summary>Cells with a segment or a variant of one day. What names a further one is counted for its channel alone.</summary>
    public const int MostLabelled = 200;

    /// <summary>Nothing went out.</summary>
    public static DayCounts None { get; } = new();

    /// <summary>By cell.</summary>
    public ImmutableDictionary<CountCell, Tally> Cells { get; init; } = ImmutableDictionary<CountCell, Tally>.Empty;

    /// <summary>Messages sent that name a segment or a variant and are counted for their channel alone.</summary>
    public long Merged { get; init; }

    /// <summary>
    /// One step more. What becomes of a message is counted where its send was: a send always comes before what becomes of it, no cell goes from a day, and a day that is full stays full.
    /// </summary>
    public DayCounts With(CountedStep step)
    {
        var cell = new CountCell(step.Channel, step.Segment, step.Variant);
        var alone = CountCell.Of(step.Channel);
        var merges = cell != alone && !Cells.ContainsKey(cell) && Cells.Keys.Count(known => known != CountCell.Of(known.Channel)) >= MostLabelled;
        if (merges)
            cell = alone;
        return new DayCounts
        {
            Cells = Cells.SetItem(cell, Cells.GetValueOrDefault(cell).With(step.Kind)),
            Merged = Merged + (merges && step.Kind == CountedKind.Sent ? 1 : 0),
        };
    }
}
