using System.Globalization;
using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Rules;

/// <summary>What a fault does to the next call that it is asked about.</summary>
public static class Striking
{
    /// <summary>
    /// The step that the call meets, <see cref="FaultKind.Pass"/> where it is spared, and the fault as it is afterwards, null once it is used up. Chance
    /// depends on the seed, the fault and its running number only: the same calls in the same order meet the same faults.
    /// </summary>
    public static Meeting Meet(string seed, Fault fault)
    {
        var steps = fault.Steps;
        var step = steps[(int)(fault.Met % steps.Count)];
        if (fault.Rate is { } rate && Draw.Unit(seed, "fault", fault.Id, fault.Met.ToString(CultureInfo.InvariantCulture)) >= rate)
            step = new() { Kind = FaultKind.Pass };
        var left = fault with { Met = fault.Met + 1, Times = step.Kind == FaultKind.Pass ? fault.Times : fault.Times - 1 };
        var ended = fault.Script is not null && !fault.Repeat && left.Met == steps.Count;
        return new(step, ended || left.Times == 0 ? null : left);
    }

    public sealed record Meeting(FaultStep Step, Fault? Left);
}
