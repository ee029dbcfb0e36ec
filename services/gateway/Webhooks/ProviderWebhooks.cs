using System.Text.Json.Nodes;
using System.Threading.RateLimiting;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Pennypost.Dispatcher.V1;
using Pennypost.Gateway.Rest;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Webhooks;

/// <summary>
/// Takes the provider's webhooks: <c>POST /v1/webhooks/provider/{tenant}/{connection_id}</c>. The credential is the connection's shared secret in
/// <c>Unipile-Auth</c>, which the dispatcher checks. 200 says that the event is durable; anything else, and the provider sends it again. Bodies are
/// personal: they are never logged.
/// </summary>
internal sealed class ProviderWebhooks(DispatcherService.DispatcherServiceClient dispatcher, CallPipeline pipeline, IOptions<GatewayOptions> options) : IDisposable
{
    public const string OpenApiRoute = "/v1/webhooks/provider/{tenant}/{connection_id}";

    // As the dispatcher reads it; the provider's largest are a few kilobytes.
    private const int MaxBodyBytes = 256 * 1024;
    private const int MaxSecretLength = 256;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly ConcurrencyLimiter places = new(new ConcurrencyLimiterOptions { PermitLimit = options.Value.ConcurrentWebhooks, QueueLimit = 0 });

    public void Map(WebApplication app) => app.MapPost(OpenApiRoute, new RequestDelegate(ReceiveAsync));

    private async Task ReceiveAsync(HttpContext http)
    {
        using var call = new RestCall(http, Method, Limit);
        try
        {
            await pipeline.OpenUnaryAsync<HttpContext, object>(PassOnAsync, http, call);
            await http.Response.WriteAsync("{}", http.RequestAborted);
        }
        catch (RpcException exception)
        {
            await HttpFault.WriteAsync(http, RpcFault.From(exception));
        }
    }

    private const string Method = "/webhooks/provider";

    private async Task<object> PassOnAsync(HttpContext http, ServerCallContext call)
    {
        using var place = places.AttemptAcquire();
        if (!place.IsAcquired) throw Errors.TooManyAtOnce("webhooks", options.Value.ConcurrentWebhooks);
        var tenant = (string)http.Request.RouteValues["tenant"]!;
        var connection = (string)http.Request.RouteValues["connection_id"]!;
        var secret = http.Request.Headers["Unipile-Auth"].ToString();
        var violations = new Violations();
        violations.Id("tenant", tenant);
        violations.Id("connection_id", connection);
        violations.Length("unipile-auth", secret, 0, MaxSecretLength);
        if (violations.Any) throw Errors.Invalid(violations);
        var body = await RestRequest.BytesAsync(http.Request, MaxBodyBytes, call.CancellationToken);
        if (body.Length == 0) throw Errors.Invalid("body", "must not be empty");

        await dispatcher.ReceiveProviderEventAsync(
            new ReceiveProviderEventRequest { ConnectionId = connection, Secret = secret, Body = ByteString.CopyFrom(body.Span) },
            OnBehalf.Of(tenant, call.CancellationToken).WithDeadline(call.Deadline));
        http.Response.ContentType = "application/json";
        return http;
    }

    public static JsonObject OpenApiOperation(OpenApiErrors errors) => new()
    {
        ["operationId"] = "ReceiveProviderEvent",
        ["summary"] = "Takes one webhook of the provider.",
        ["description"] = "Configure this URL at the provider, with the connection's webhook secret in the header `Unipile-Auth`. 200: the event is durable.",
        ["tags"] = new JsonArray("webhooks"),
        ["security"] = new JsonArray(),
        ["parameters"] = new JsonArray(
            new JsonObject { ["name"] = "tenant", ["in"] = "path", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" } },
            new JsonObject { ["name"] = "connection_id", ["in"] = "path", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" } },
            new JsonObject { ["name"] = "Unipile-Auth", ["in"] = "header", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" } }),
        ["requestBody"] = new JsonObject { ["required"] = true, ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "object" } } } },
        ["responses"] = new JsonObject(errors.Only("Errors: INVALID_REQUEST, WEBHOOK_SECRET_INVALID, RATE_LIMITED, REQUEST_TOO_LARGE, DEPENDENCY_UNAVAILABLE")
            .Select(error => new KeyValuePair<string, JsonNode?>(error.Status, error.Response)))
        {
            ["200"] = new JsonObject { ["description"] = "The event is durable." },
            ["default"] = OpenApiDocument.Error(),
        },
    };

    public void Dispose() => places.Dispose();
}
