using System.Collections.Immutable;
using System.Globalization;

namespace Faults;

/// <summary>
/// A pool as one caller after the other would see it, written from the product's rules and not from the ledger's code. No time passes in it: it is for loads that last less than a day and meet no renewal.
/// A value: what is asked leads to the next one.
/// </summary>
public sealed record SerialPool(long Available, long Held, long Spent, long Refunded, long ToppedUp)
{
    private ImmutableDictionary<string, Line> Lines { get; init; } = [];

    /// <summary>Differs, as good as always, when anything that the pool knows of an id does.</summary>
    public ulong Print { get; private init; }

    /// <summary>How many credits each top-up of a load brings.</summary>
    public const long TopUpCredits = 3;

    public static SerialPool With(long credits) => new(credits, 0, 0, 0, 0);

    /// <summary>What is told, and the pool after it. The version is left open.</summary>
    public (SerialPool After, Told Told) Ask(Asked asked, string id, string account)
    {
        var known = Lines.GetValueOrDefault(id);
        return asked switch
        {
            Asked.Place => Place(id, account, known),
            Asked.Capture => Capture(id, known),
            Asked.Release => Release(id, known),
            Asked.Refund => Refund(id, known),
            Asked.TopUp => TopUp(id, known),
            _ => (this, Text($"read {Available} available, {Held} held, {Spent} spent, {Refunded} refunded, {ToppedUp} topped up")),
        };
    }

    private (SerialPool, Told) Place(string id, string account, Line? known)
    {
        if (known is { IsGivenUp: true })
            return (this, Text($"HOLD_ID_REFUSED"));
        if (known is not null)
            return (this, known.Account != account ? Text($"HOLD_ID_REUSED field=account_id") : known.Refusal is { } kept ? new Told(kept, null, 0) : Text($"placed {known.State}") with { Available = Available });
        if (Available == 0)
        {
            var refusal = Held > 0 ? Text($"CREDITS_HELD available=0 held={Held}") : Text($"INSUFFICIENT_CREDITS available=0 held=0");
            return (Keep(id, new Line("Refused", account, refusal.Answer)), refusal);
        }

        var after = (this with { Available = Available - 1, Held = Held + 1 }).Keep(id, new Line("Held", account, null));
        return (after, Text($"placed Held") with { Available = after.Available });
    }

    private (SerialPool, Told) Capture(string id, Line? known)
    {
        if (known is null)
            return (this, Text($"HOLD_NOT_FOUND"));
        var (after, line) = Spend(known);
        // A reply that was told before the send was known of counts now.
        if (line is { IsAnswered: true, State: "Captured" })
            (after, line) = after.GiveBack(line);
        return (after.Keep(id, line), Text($"captured {line.State}"));
    }

    private (SerialPool, Told) Release(string id, Line? known) => known switch
    {
        null => (Keep(id, new Line("Refused", "", null) { IsGivenUp = true }), Text($"released nothing")),
        { State: "Held" } => ((this with { Available = Available + 1, Held = Held - 1 }).Keep(id, known with { State = "Released" }), Text($"released Released")),
        { State: "Captured" or "Refunded" } => (this, Text($"HOLD_SETTLED state={known.State.ToUpperInvariant()}")),
        { State: "Refused" } => (this, Text($"released nothing")),
        _ => (this, Text($"released {known.State}")),
    };

    private (SerialPool, Told) Refund(string id, Line? known)
    {
        if (known is null)
            return (this, Text($"HOLD_NOT_FOUND"));
        if (known.State == "Refunded")
            return (this, Text($"AlreadyRefunded") with { Available = Available });
        if (known.State is "Released" or "Refused")
            return (Keep(id, known with { IsAnswered = true }), Text($"NotSpent") with { Available = Available });
        // A reply proves the send.
        var (spent, line) = Spend(known);
        var (after, refunded) = spent.GiveBack(line);
        return (after.Keep(id, refunded), Text($"Refunded") with { Available = after.Available });
    }

    private (SerialPool, Told) TopUp(string id, Line? known)
    {
        var after = known is not null ? this : (this with { Available = Available + TopUpCredits, ToppedUp = ToppedUp + TopUpCredits }).Keep(id, new Line("Bought", "", null));
        return (after, Text($"topped up") with { Available = after.Available });
    }

    private (SerialPool, Line) Spend(Line known) => known.State switch
    {
        "Captured" or "Refunded" => (this, known),
        "Held" => (this with { Held = Held - 1, Spent = Spent + 1 }, known with { State = "Captured" }),
        // The message left although its hold had ended: another credit pays, or one that nobody knew of.
        _ => (this with { Available = Math.Max(0, Available - 1), Spent = Spent + 1 }, known with { State = "Captured" }),
    };

    private (SerialPool, Line) GiveBack(Line line) => (this with { Available = Available + 1, Refunded = Refunded + 1 }, line with { State = "Refunded" });

    private SerialPool Keep(string id, Line line)
    {
        var before = Lines.GetValueOrDefault(id);
        return before == line ? this : this with { Lines = Lines.SetItem(id, line), Print = Print ^ PrintOf(id, before) ^ PrintOf(id, line) };
    }

    private static ulong PrintOf(string id, Line? line) => line is null ? 0 : ((ulong)(uint)HashCode.Combine(id, line) << 32) | (uint)HashCode.Combine(line, id, 7);

    private static Told Text(FormattableString text) => new(text.ToString(CultureInfo.InvariantCulture), null, 0);

    /// <summary>What is known of an id.</summary>
    private sealed record Line(string State, string Account, string? Refusal)
    {
        /// <summary>Released before it was placed.</summary>
        public bool IsGivenUp { get; init; }

        /// <summary>A reply was told while nothing was spent.</summary>
        public bool IsAnswered { get; init; }
    }
}
