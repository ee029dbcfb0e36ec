using System.Globalization;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Pennypost.Hosting;

/// <summary>
/// Gives every gRPC call an end: a caller's deadline counts up to the host's own limit, and a call without one gets that limit.
/// Written into the request's own <c>grpc-timeout</c>, so that the server enforces it as it enforces any deadline.
/// </summary>
internal sealed class CallLimits(RequestDelegate next, IOptionsMonitor<HostingOptions> options)
{
    private const string Timeout = "grpc-timeout";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is { } method)
        {
            var settings = options.CurrentValue;
            var limit = TimeSpan.FromSeconds(method.Method.Type == MethodType.Unary ? settings.MaxUnarySeconds : settings.MaxStreamSeconds);
            if (Read(context.Request.Headers[Timeout]) is not { } asked || asked > limit)
                context.Request.Headers[Timeout] = string.Create(CultureInfo.InvariantCulture, $"{(long)limit.TotalMilliseconds}m");
        }
        return next(context);
    }

    /// <summary>Reads <c>grpc-timeout</c>: up to eight digits and a unit; null for what is none.</summary>
    internal static TimeSpan? Read(string? header)
    {
        if (header is not { Length: >= 2 and <= 9 } || !long.TryParse(header.AsSpan(0, header.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return null;
        return header[^1] switch
        {
            'H' => TimeSpan.FromHours(value),
            'M' => TimeSpan.FromMinutes(value),
            'S' => TimeSpan.FromSeconds(value),
            'm' => TimeSpan.FromMilliseconds(value),
            'u' => TimeSpan.FromMicroseconds(value),
            'n' => TimeSpan.FromTicks(value / 100),
            _ => null,
        };
    }
}
