using Grpc.Core;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Admin;

internal sealed partial class AdminApi
{
    public override async Task<ListOperatorActsResponse> ListOperatorActs(ListOperatorActsRequest request, ServerCallContext context)
    {
        PublicApi.Check(context, violations =>
        {
            violations.Page(request.PageSize, request.PageToken);
            violations.Length("actor", request.Actor, 0, 200);
            violations.Known("kind", request.Kind);
            violations.Length("credential", request.Credential, 0, 100);
            violations.Time("from_time", request.FromTime);
            violations.Time("until_time", request.UntilTime);
            violations.OptionalId("tenant_id", request.TenantId);
        });
        var tenantId = await TenantOfAsync(context, request.TenantId, Scopes.TenantsRead);
        var asked = new Dispatcher.V1.ListOperatorActsRequest
        {
            PageSize = request.PageSize,
            PageToken = request.PageToken,
            Actor = request.Actor,
            Kind = request.Kind,
            Credential = request.Credential,
            FromTime = request.FromTime,
            UntilTime = request.UntilTime,
        };
        var own = OnBehalf.Of(context);
        var answer = await dispatcher.ListOperatorActsAsync(asked, tenantId == context.Caller().Tenant ? own : OnBehalf.Of(tenantId, context.CancellationToken).WithDeadline(own.Deadline ?? DateTime.MaxValue));
        return new ListOperatorActsResponse { Acts = { answer.Acts }, NextPageToken = answer.NextPageToken };
    }
}
