using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Pennypost.Hosting;

/// <summary>
/// Traces and metrics over OTLP, if an endpoint is configured. Everything in the process that is named <c>Pennypost.*</c> is exported, and
/// what ASP.NET and HttpClient tell of themselves.
/// </summary>
internal sealed class Telemetry(IOptions<HostingOptions> options, ServiceName service) : IHostedService, IDisposable
{
    // Without "Microsoft.AspNetCore" nothing inside a request is exported; without "Grpc.Net.Client" what a peer did has no parent there.
    internal static readonly string[] Sources = ["Microsoft.AspNetCore", "System.Net.Http", "Grpc.Net.Client", "MassTransit", "Pennypost.*"];
    private static readonly string[] Meters =
        ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "MassTransit", "Pennypost.*"];

    private TracerProvider? traces;
    private MeterProvider? metrics;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.OtlpEndpoint is not { } endpoint) return Task.CompletedTask;
        traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource(service)).AddSource(Sources).AddOtlpExporter(To(endpoint)).Build();
        metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource(service)).AddMeter(Meters).AddOtlpExporter(To(endpoint)).Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        traces?.Dispose();
        metrics?.Dispose();
    }

    public static ResourceBuilder Resource(ServiceName service) =>
        ResourceBuilder.CreateDefault().AddService($"pennypost-{service.Value}", serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString(3));

    public static Action<OtlpExporterOptions> To(Uri endpoint) => exporter =>
    {
        exporter.Endpoint = endpoint;
        exporter.Protocol = OtlpExportProtocol.Grpc;
    };
}

/// <summary>The short name of the service that this host is: <c>credits</c>.</summary>
public sealed record ServiceName(string Value);
