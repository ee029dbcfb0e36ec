using System.Globalization;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting;

/// <summary>A fault over HTTP/1.1: <c>google.rpc.Status</c> as JSON, with the status that its code stands for.</summary>
public static class HttpFault
{
    /// <summary>The HTTP status of a gRPC code (google/rpc/code.proto), but 413 for a request that is too large.</summary>
    public static int HttpStatus(RpcFault fault) => fault.Code switch
    {
        StatusCode.OK => 200,
        StatusCode.Cancelled => 499,
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => 400,
        StatusCode.DeadlineExceeded => 504,
        // A path that nobody serves is 404 to a web client.
        StatusCode.NotFound or StatusCode.Unimplemented => 404,
        StatusCode.AlreadyExists or StatusCode.Aborted => 409,
        StatusCode.PermissionDenied => 403,
        StatusCode.ResourceExhausted when fault.ErrorReason == ErrorReason.RequestTooLarge => 413,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Unavailable => 503,
        StatusCode.Unauthenticated => 401,
        _ => 500,
    };

    /// <summary>The body, as AIP-193 has it: <c>{"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": ..., "details": [...]}}</c>.</summary>
    /// <param name="fault">What to write.</param>
    /// <param name="status">The HTTP status, where it is another than the usual one.</param>
    public static string Body(RpcFault fault, int? status = null)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WritePropertyName("error");
            Write(json, fault, status ?? HttpStatus(fault));
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes the fault as the response, unless one has begun.</summary>
    /// <param name="context">The request.</param>
    /// <param name="fault">What to write.</param>
    /// <param name="status">The HTTP status, where a header of the request makes it another than the usual one.</param>
    public static async Task WriteAsync(HttpContext context, RpcFault fault, int? status = null)
    {
        if (context.Response.HasStarted) return;
        context.Response.StatusCode = status ?? HttpStatus(fault);
        context.Response.ContentType = "application/json";
        if (fault.RetryAfter is { } delay)
            context.Response.Headers.RetryAfter = ((long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (fault.Code == StatusCode.Unauthenticated) context.Response.Headers.WWWAuthenticate = "Bearer";
        var body = Encoding.UTF8.GetBytes(Body(fault, status));
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, RpcFault fault, int status)
    {
        json.WriteStartObject();
        json.WriteNumber("code", status);
        json.WriteString("status", StatusName(fault.Code));
        json.WriteString("message", fault.Message);
        json.WriteStartArray("details");

        Begin(json, "ErrorInfo");
        json.WriteString("reason", fault.Reason);
        json.WriteString("domain", fault.Domain);
        json.WriteStartObject("metadata");
        foreach (var (key, value) in fault.Metadata) json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteEndObject();

        if (fault.Violations.Count > 0)
        {
            Begin(json, "BadRequest");
            json.WriteStartArray("fieldViolations");
            foreach (var violation in fault.Violations)
            {
                json.WriteStartObject();
                json.WriteString("field", violation.Field);
                json.WriteString("description", violation.Description);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        if (fault.RetryAfter is { } delay)
        {
            Begin(json, "RetryInfo");
            json.WriteString("retryDelay", string.Create(CultureInfo.InvariantCulture, $"{delay.TotalSeconds:0.###}s"));
            json.WriteEndObject();
        }
        if (fault.QuotaSubject is { } subject)
        {
            Begin(json, "QuotaFailure");
            json.WriteStartArray("violations");
            json.WriteStartObject();
            json.WriteString("subject", subject);
            json.WriteString("description", fault.Message);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();

        static void Begin(Utf8JsonWriter json, string type)
        {
            json.WriteStartObject();
            json.WriteString("@type", "type.googleapis.com/google.rpc." + type);
        }
    }

    private static string StatusName(StatusCode code) => JsonNamingPolicy.SnakeCaseUpper.ConvertName(code.ToString());
}
