namespace Pennypost.Dispatcher.Provider;

/// <summary>
/// How long a circuit stays open: twice as long each time that it opens again, up to a limit, so that a server that is out for long, or comes and goes, is asked less and less. One that stayed closed for as long as
/// it was last open begins anew.
/// </summary>
internal static class CircuitPause
{
    /// <summary>Decides.</summary>
    /// <param name="last">The pause before; null for the first.</param>
    /// <param name="closedFor">How long it was closed since then; null if it was not: the one call that tried failed.</param>
    /// <param name="first">The shortest.</param>
    /// <param name="most">The longest; less than the shortest counts as the shortest.</param>
    public static TimeSpan Next(TimeSpan? last, TimeSpan? closedFor, TimeSpan first, TimeSpan most)
    {
        if (last is not { } before || closedFor >= before)
            return first;
        var longest = most > first ? most : first;
        return before < longest / 2 ? before * 2 : longest;
    }
}
