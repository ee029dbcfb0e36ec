using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Pennypost.Credits.V1;

namespace Pennypost.Hosting.Tests;

// F64: OpenTelemetry traces and metrics.
public sealed class TellingTelemetry
{
    [Fact]
    public async Task A_call_is_told_to_the_collector_with_the_services_name_and_nothing_of_its_credential()
    {
        var exports = new ConcurrentQueue<(string Path, string Body)>();
        await using var collector = await CollectorAsync(exports);
        var address = collector.Urls.Single();
        await using (var host = await TestHost.StartAsync(new() { ["Hosting:OtlpEndpoint"] = address }))
            await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme"));

        Assert.Contains(exports, export => export.Path.Contains("TraceService", StringComparison.Ordinal) && export.Body.Contains("pennypost-credits", StringComparison.Ordinal)
            && export.Body.Contains("GetPool", StringComparison.Ordinal));
        Assert.Contains(exports, export => export.Path.Contains("MetricsService", StringComparison.Ordinal) && export.Body.Contains("http.server.request.duration", StringComparison.Ordinal));
        Assert.DoesNotContain(exports, export => export.Body.Contains(TestHost.Token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_collector_that_is_down_holds_nothing_up()
    {
        await using var host = await TestHost.StartAsync(new() { ["Hosting:OtlpEndpoint"] = "http://127.0.0.1:9" });

        await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme"));
    }

    private static async Task<WebApplication> CollectorAsync(ConcurrentQueue<(string, string)> exports)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapPost("/{*path}", async (HttpContext http) =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            exports.Enqueue((http.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.WriteAsync(new byte[5]);
            http.Response.AppendTrailer("grpc-status", "0");
        });
        await app.StartAsync();
        return app;
    }
}
