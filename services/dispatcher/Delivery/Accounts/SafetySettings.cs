using System.Collections.Immutable;

namespace Pennypost.Delivery.Accounts;

/// <summary>How carefully a sender is used. Nothing in here goes over its hard caps or under its spacing; the default leaves both as they are.</summary>
public sealed record SafetySettings
{
    /// <summary>Caps that rise day by day, at most one per action. Default none.</summary>
    public ImmutableArray<Ramp> Ramps { get; init; } = [];

    /// <summary>How far below itself each cap is drawn, anew for each of its periods; 0 to 20 %. Default 0.</summary>
    public int CapJitterPercent { get; init; }

    /// <summary>How far above itself the spacing is drawn, anew for each send; 0 to 300 %. Default 0. With a spacing of 10 s, 100 gives the provider's 10 to 20 s (Unipile, provider limits).</summary>
    public int SpacingSpreadPercent { get; init; }

    /// <summary>Invitations that may wait for an answer at once, 1 to 3,000.</summary>
    public int PendingCeiling { get; init; } = Pending.DefaultCeiling;

    /// <summary>From which age on the oldest are withdrawn when the ceiling is near, 7 to 365 days; zero for never. Default zero.</summary>
    public TimeSpan WithdrawAfter { get; init; }

    /// <summary>When too few answer its InMails; null for never minding. Default null.</summary>
    public ResponseGuard? ResponseGuard { get; init; }

    /// <summary>Under this safety score it is slowed down, 0 to 100; 0 for never. Default 0.</summary>
    public int SlowBelow { get; init; }

    /// <summary>Under this safety score it is paused, 0 to 100; 0 for never. Default 0.</summary>
    public int PauseBelow { get; init; }

    /// <summary>What refusals lead to in place of their defaults, at most one per reason. Default none.</summary>
    public ImmutableArray<GateRule> GateRules { get; init; } = [];

    /// <summary>With a first day for each ramp that names none: the one that the action's ramp has already, or today.</summary>
    public SafetySettings Begun(SafetySettings? before, DateTimeOffset now) => Ramps.All(ramp => ramp.StartTime != default) ? this : this with
    {
        Ramps = [.. Ramps.Select(ramp => ramp.StartTime != default ? ramp : ramp with { StartTime = before?.Ramps.FirstOrDefault(known => known.Action == ramp.Action)?.StartTime ?? now })],
    };

    /// <inheritdoc/>
    public bool Equals(SafetySettings? other) =>
        other is not null
        && (CapJitterPercent, SpacingSpreadPercent, PendingCeiling, WithdrawAfter) == (other.CapJitterPercent, other.SpacingSpreadPercent, other.PendingCeiling, other.WithdrawAfter)
        && (ResponseGuard, SlowBelow, PauseBelow) == (other.ResponseGuard, other.SlowBelow, other.PauseBelow)
        && Ramps.SequenceEqual(other.Ramps) && GateRules.SequenceEqual(other.GateRules);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(CapJitterPercent, SpacingSpreadPercent, PendingCeiling, WithdrawAfter, ResponseGuard, SlowBelow, PauseBelow, Ramps.Length);
}
