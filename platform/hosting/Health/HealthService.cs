using Grpc.Core;
using Grpc.Health.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Pennypost.Hosting;

/// <summary>
/// gRPC health v1. The empty name and every service of this host answer readiness; <c>live</c> answers that the process is there.
/// </summary>
internal sealed class HealthService(Readiness readiness, ServedDescriptors served) : Grpc.Health.V1.Health.HealthBase
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        var status = await StatusAsync(request.Service, context.CancellationToken);
        if (status == ServingStatus.ServiceUnknown) throw (RpcFault.WithoutDetails(StatusCode.Unimplemented, "There is no such service.") with { Code = StatusCode.NotFound }).ToException();
        return new HealthCheckResponse { Status = status };
    }

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        ServingStatus? told = null;
        while (!context.CancellationToken.IsCancellationRequested)
        {
            var status = await StatusAsync(request.Service, context.CancellationToken);
            if (status != told) await responseStream.WriteAsync(new HealthCheckResponse { Status = status });
            told = status;
            await Task.Delay(WatchInterval, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (told == ServingStatus.Serving) await responseStream.WriteAsync(new HealthCheckResponse { Status = ServingStatus.NotServing });
    }

    private async ValueTask<ServingStatus> StatusAsync(string service, CancellationToken cancellationToken)
    {
        if (service == Readiness.LiveService) return ServingStatus.Serving;
        if (service.Length > 0 && !served.ServiceNames.Contains(service)) return ServingStatus.ServiceUnknown;
        return (await readiness.MissingAsync(cancellationToken)).Count == 0 ? ServingStatus.Serving : ServingStatus.NotServing;
    }
}
