using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Pennypost.Hosting;

/// <summary>
/// Gives every request an id, which its answer carries, and logs one line when it ends. The id is that of its trace: the logs of all services on the way to the provider have it.
/// The line names the route, never the address: an address may name people.
/// </summary>
internal sealed class RequestLog(RequestDelegate next, ILogger<RequestLog> log, TimeProvider time)
{
    public const string Header = "x-request-id";

    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers[Header] = Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
        if (!log.IsEnabled(LogLevel.Information))
        {
            await next(context);
            return;
        }

        var started = time.GetTimestamp();
        var noted = new Noted();
        context.Features.Set(noted);
        try
        {
            await next(context);
        }
        finally
        {
            var route = context.GetEndpoint()?.DisplayName ?? "no route";
            // Probes come every few seconds, and say what readiness logs anyway.
            if (!route.Contains("/health/", StringComparison.Ordinal) && !route.Contains("/grpc.health.", StringComparison.Ordinal))
                log.Answered(route, Status(context), time.GetElapsedTime(started).TotalMilliseconds, noted.Caller?.Tenant ?? "", noted.Caller?.KeyId ?? "");
        }
    }

    private static string Status(HttpContext context)
    {
        var trailers = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        var status = trailers?["grpc-status"].ToString() is { Length: > 0 } last ? last : context.Response.Headers["grpc-status"].ToString();
        return int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? ((StatusCode)code).ToString() : context.Response.StatusCode.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>What is learned of a request on the way.</summary>
    internal sealed class Noted
    {
        public Caller? Caller { get; set; }
    }
}

/// <summary>That a host logs its requests.</summary>
internal sealed class RequestsLogged;
