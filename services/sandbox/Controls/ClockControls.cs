using System.Diagnostics;
using Pennypost.Sandbox.Acts;
using Pennypost.Sandbox.Api;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Controls;

/// <summary>The sandbox's time: real time plus an offset that only grows.</summary>
internal static class ClockControls
{
    private const long MostMs = 100L * 365 * 24 * 3600 * 1000;

    /// <summary>A caller's own time-out is not to strike for it.</summary>
    private const long MostPauseMs = 10_000;

    public static void Map(RouteGroupBuilder sandbox)
    {
        sandbox.MapGet("/clock", (HttpContext http, Control control) => control.ReadAsync(http, world => Answer.Ok(new
        {
            now = Shapes.Time(world.Now),
            offset_ms = (long)world.Clock.Find("clock")!.Offset.TotalMilliseconds,
            next_due = world.NextDue is { } due ? Shapes.Time(due.At) : null,
            due = world.Dues.Count,
        })));
        sandbox.MapPost("/clock", Move);
        sandbox.MapPost("/clock/pause", (HttpContext http, Control control, ApiPause pause) => control.ActAsync(http, (world, body) =>
        {
            var most = body.Number("most_ms", 1, MostPauseMs, required: true);
            body.RefuseUnknown();
            if (body.Violations.Count > 0)
                return Answer.Invalid(body.Violations);
            pause.Begin(TimeSpan.FromMilliseconds(most!.Value));
            return Answer.Ok(new { now = Shapes.Time(world.Now) });
        }));
    }

    private static async Task Move(HttpContext http, Control control, ApiPause pause)
    {
        if (await JsonBody.ReadAsync(http) is not { } body)
        {
            await Answer.Error(ErrorType.MalformedRequest, "The body must be a JSON object.").WriteAsync(http);
            return;
        }

        var offset = body.Number("offset_ms", 0, MostMs);
        var by = body.Number("advance_ms", 0, MostMs);
        var to = body.Time("to");
        body.RefuseUnknown();
        if ((offset is null ? 0 : 1) + (by is null ? 0 : 1) + (to is null ? 0 : 1) != 1 && body.Violations.Count == 0)
            body.Refuse("offset_ms", "or advance_ms or to is required, exactly one of them");
        var target = offset is { } ms
            ? TimeSpan.FromMilliseconds(ms)
            : to is { } time
                ? Whole(time - control.Stage.Real())
                : control.Stage.Do(world => world.Clock.Find("clock")!.Offset) + TimeSpan.FromMilliseconds(by ?? 0);
        if (target.TotalMilliseconds > MostMs)
            body.Refuse(to is null ? "advance_ms" : "to", "would move the clock more than 100 years ahead of real time");
        if (body.Violations.Count > 0)
        {
            await Answer.Invalid(body.Violations).WriteAsync(http);
            return;
        }

        var move = control.Stage.MoveClock(target);
        if (move is ClockMove.Moved { Reached: true })
            pause.End();
        var answer = move switch
        {
            ClockMove.Moved moved => Answer.Ok(new
            {
                now = Shapes.Time(moved.Now),
                offset_ms = (long)moved.Offset.TotalMilliseconds,
                happened = moved.Happened,
                reached = moved.Reached,
            }),
            ClockMove.Backward backward => Answer.Invalid([new("offset_ms", $"would move the clock backward: it is {(long)backward.Offset.TotalMilliseconds} now")]),
            _ => throw new UnreachableException(),
        };
        await answer.WriteAsync(http);
    }

    private static TimeSpan Whole(TimeSpan span) => TimeSpan.FromMilliseconds(Math.Ceiling(span.TotalMilliseconds));
}
