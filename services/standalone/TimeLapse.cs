using System.Diagnostics;

namespace Pennypost.Standalone;

/// <summary>Lets an installation's days pass in seconds: waits until nothing is under way, jumps to whatever is due next, and again.</summary>
/// <param name="clock">The installation's.</param>
/// <param name="controls">The sandbox provider's, which has due times too.</param>
/// <param name="isUnderWay">Whether work goes on that must not find itself days later.</param>
internal sealed class TimeLapse(InstallationClock clock, SandboxControls controls, Func<DateTimeOffset, CancellationToken, Task<bool>> isUnderWay)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>Less is not worth a stop: what is due within it happens together.</summary>
    public TimeSpan LeastJump { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>So many looks in a row must find nothing under way before a jump of more than a minute: an event may be on its way, and must not arrive days late.</summary>
    public int QuietLooks { get; init; } = 1;

    /// <summary>Real time between two looks.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Real time, for all days together.</summary>
    public required TimeSpan RealLimit { get; init; }

    /// <summary>Until that time has come and nothing is under way. The time that was left when the real time was up, else nothing.</summary>
    public async Task<TimeSpan?> ToAsync(DateTimeOffset until, CancellationToken ct)
    {
        for (var quiet = 0; ;)
        {
            var now = await clock.NowAsync(ct);
            quiet = await isUnderWay(now, ct) ? 0 : quiet + 1;
            if (quiet > 0 && now >= until)
                return null;
            if (_watch.Elapsed > RealLimit)
                return until - now;
            if (quiet > 0)
            {
                var due = new[] { await clock.NextDueAsync(ct), await controls.NextDueAsync(ct), until }.OfType<DateTimeOffset>().Min();
                // Something that is due already is being fetched: time need not move for it.
                if (due > now && quiet >= (due - now > TimeSpan.FromMinutes(1) ? QuietLooks : 1))
                    await clock.MoveAsync(Earlier(Later(due, now + LeastJump), Later(until, now)) - now, ct);
            }

            await Task.Delay(Poll, ct);
        }
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
