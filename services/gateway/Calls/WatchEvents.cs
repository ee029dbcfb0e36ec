using Grpc.Core;
using Pennypost.Gateway.Events;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task WatchEvents(WatchEventsRequest request, IServerStreamWriter<WatchEventsResponse> responseStream, ServerCallContext context)
    {
        Check(context, violations =>
        {
            EventFilters.Shape(violations, "", request.Types_, request.Subjects);
            violations.Length("resume_token", request.ResumeToken, 0, 512);
            violations.Time("from_time", request.FromTime);
            if (request.FromTime is not null && request.ResumeToken.Length > 0) violations.Add("from_time", "does not go together with resume_token");
        });
        var tenant = context.Caller().Tenant;
        var from = request switch
        {
            { ResumeToken.Length: > 0 } => await TakeUpAsync(tenant, "resume_token", request.ResumeToken, context.CancellationToken),
            { FromTime: { } time } => await FromTimeAsync(tenant, time.ToDateTimeOffset(), context.CancellationToken),
            _ => await timelines.NewestAsync(tenant, context.CancellationToken),
        };
        await watches.TellAsync(
            tenant, new EventFilters(request.Types_, request.Subjects), from, item => responseStream.WriteAsync(item, context.CancellationToken), context.CancellationToken);
    }

    private async Task<TimelinePosition> TakeUpAsync(string tenant, string field, string token, CancellationToken ct)
    {
        if (TimelinePosition.Read(token, tenant) is not { } position) throw Errors.Invalid(field, "is no token of this tenant's events");
        return await timelines.FindAsync(tenant, position, ct) is { } lost ? throw Errors.PositionLost(lost.First) : position;
    }

    private async Task<TimelinePosition> FromTimeAsync(string tenant, DateTimeOffset time, CancellationToken ct)
    {
        var (position, lost) = await timelines.BeforeAsync(tenant, time, ct);
        return lost is null ? position : throw Errors.PositionLost(lost.First);
    }
}
