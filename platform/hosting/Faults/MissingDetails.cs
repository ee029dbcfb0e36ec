using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Pennypost.Hosting;

/// <summary>
/// Gives a reason to the errors that gRPC makes itself, before any interceptor runs: a message too large, bytes that are no protobuf,
/// an unknown compression, a deadline that passed.
/// </summary>
internal sealed class MissingDetails(RequestDelegate next, FaultDomain faults, IOptionsMonitor<HostingOptions> options)
{
    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) != true) return;
        var trailers = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        Complete(context.Response.HasStarted ? trailers : context.Response.Headers.ContainsKey("grpc-status") ? context.Response.Headers : trailers);
    }

    private void Complete(IHeaderDictionary? trailers)
    {
        if (trailers is null || trailers.IsReadOnly || !int.TryParse(trailers["grpc-status"], out var number)) return;
        var code = (StatusCode)number;
        if (code == StatusCode.OK || trailers.ContainsKey(RpcFault.DetailsTrailer)) return;
        var said = Uri.UnescapeDataString(trailers["grpc-message"].ToString());
        var fault = code switch
        {
            StatusCode.ResourceExhausted => faults.RequestTooLarge(options.CurrentValue.MaxReceiveMessageBytes),
            // Handlers answer through the error interceptor, which knows no UNKNOWN: this is a message that could not be read.
            StatusCode.Unknown => faults.NotTheRequestType(),
            StatusCode.Internal when said.Contains("deserializ", StringComparison.OrdinalIgnoreCase) || said.Contains("Incomplete message", StringComparison.Ordinal) => faults.NotTheRequestType(),
            _ => RpcFault.WithoutDetails(code, said, faults.Name),
        };
        trailers["grpc-status"] = ((int)fault.Code).ToString(System.Globalization.CultureInfo.InvariantCulture);
        trailers["grpc-message"] = Uri.EscapeDataString(fault.Message);
        trailers[RpcFault.DetailsTrailer] = Convert.ToBase64String(fault.ToStatus().ToByteArray());
    }
}
