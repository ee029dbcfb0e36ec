using Grpc.Core;
using Pennypost.Gateway.Events;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    private const int DefaultPage = 50;

    public override async Task<ListEventsResponse> ListEvents(ListEventsRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Page(request.PageSize, request.PageToken);
            EventFilters.Shape(violations, "", request.Types_, request.Subjects);
            violations.Time("from_time", request.FromTime);
        });
        var (tenant, size) = (context.Caller().Tenant, request.PageSize == 0 ? DefaultPage : request.PageSize);
        var position = request switch
        {
            { PageToken.Length: > 0 } => await TakeUpAsync(tenant, "page_token", request.PageToken, context.CancellationToken),
            { FromTime: { } time } => await FromTimeAsync(tenant, time.ToDateTimeOffset(), context.CancellationToken),
            _ => await timelines.OldestAsync(tenant, context.CancellationToken),
        };
        if (await timelines.ReadAsync(tenant, position.Number, size, context.CancellationToken) is not TimelinePage.Read page) throw Errors.PositionLost(null);
        var filters = new EventFilters(request.Types_, request.Subjects);
        if (page.Lines.Count > 0) position = page.Lines[^1].Position;
        var token = position.ToToken(tenant);
        return new ListEventsResponse
        {
            Events = { page.Lines.Select(line => line.Event).OfType<Types.V1.Event>().Where(filters.Lets) },
            NextPageToken = page.Lines.Count == size ? token : "",
            ResumeToken = token,
        };
    }
}
