using Pennypost.Hosting;

namespace Pennypost.Standalone;

/// <summary>The one clock of a standalone installation, as a control beside the sandbox's own: months in seconds, for tests and for users (F76).</summary>
internal static class VirtualClock
{
    /// <summary>What a caller asks for.</summary>
    /// <param name="AdvanceSeconds">How far to move, 0 to 366 days.</param>
    public sealed record Move(double AdvanceSeconds);

    public static WebApplication MapVirtualClock(this WebApplication sandbox, Installation installation)
    {
        sandbox.MapPost("/standalone/v1/clock", async (Move move, HttpRequest request, CancellationToken ct) =>
        {
            if (!new Secret(installation.Keys.ProviderKey).Matches(request.Headers["X-API-KEY"].ToString()))
                return Results.Json(new { error = "The header X-API-KEY must carry the sandbox's key." }, statusCode: StatusCodes.Status401Unauthorized);
            if (move.AdvanceSeconds is not (>= 0 and <= 366 * 86_400.0))
                return Results.Json(new { error = "advanceSeconds must be from 0 to 31622400." }, statusCode: StatusCodes.Status400BadRequest);
            return Results.Json(new { now = await installation.Clock.MoveAsync(TimeSpan.FromSeconds(move.AdvanceSeconds), ct) });
        });
        return sandbox;
    }
}
