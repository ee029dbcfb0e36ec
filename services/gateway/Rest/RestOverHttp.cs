using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Pennypost.Gateway.Rest;

/// <summary>What lies around every answer over HTTP: compression, and who may read it in a browser.</summary>
internal static class RestOverHttp
{
    private static readonly string[] AskedWith =
        [HeaderNames.Authorization, HeaderNames.ContentType, HeaderNames.Accept, HeaderNames.IfMatch, HeaderNames.IfNoneMatch, IdempotencyKey.Header, "Last-Event-ID"];

    private static readonly string[] AnsweredWith =
        [HeaderNames.ETag, HeaderNames.RetryAfter, "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "ratelimit-day-limit", "ratelimit-day-remaining", "ratelimit-day-reset", "x-request-id"];

    public static void AddRestOverHttp(this IServiceCollection services)
    {
        services.AddCors();
        services.AddResponseCompression(compression =>
        {
            // No cookie sends a caller's credential from somebody else's page, so there is nobody who could guess at a secret in an answer by its length.
            compression.EnableForHttps = true;
            // Streams never: an event that sits in a compressor's buffer has not come.
            compression.MimeTypes = ["application/json"];
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
        });
        services.AddSingleton<IResponseCompressionProvider, WorthCompressing>();
    }

    /// <summary>Before anything that answers.</summary>
    public static void UseRestOverHttp(this WebApplication app, GatewayOptions options)
    {
        if (options.CorsOrigins.Count > 0)
            // It answers a browser's question before the call by itself: that one carries no key.
            app.UseCors(cors => cors
                .WithOrigins([.. options.CorsOrigins])
                .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Put, HttpMethods.Delete)
                .WithHeaders(AskedWith)
                .WithExposedHeaders(AnsweredWith)
                .SetPreflightMaxAge(TimeSpan.FromMinutes(10)));
        // gRPC compresses its messages itself.
        app.UseWhen(http => http.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) != true, rest => rest.UseResponseCompression());
    }

    /// <summary>Answers of 1 KiB and more.</summary>
    private sealed class WorthCompressing(IServiceProvider services, IOptions<ResponseCompressionOptions> options) : ResponseCompressionProvider(services, options)
    {
        private const int MinBytes = 1_024;

        public override bool ShouldCompressResponse(HttpContext context) => context.Response.ContentLength is null or >= MinBytes && base.ShouldCompressResponse(context);
    }
}
