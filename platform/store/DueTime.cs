namespace Pennypost.Store;

/// <summary>Due times as stored.</summary>
internal static class DueTime
{
    /// <summary>Rounded up: an entry is never claimed before its time.</summary>
    public static long ToMs(DateTimeOffset at)
    {
        var ms = at.ToUnixTimeMilliseconds();
        return at.Ticks % TimeSpan.TicksPerMillisecond == 0 ? ms : ms + 1;
    }
}
