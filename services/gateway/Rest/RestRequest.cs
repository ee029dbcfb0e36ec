using System.Buffers;
using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Rest;

/// <summary>Reads a request message from an HTTP request: body, path, query and a few headers, each field from exactly one of them.</summary>
internal static class RestRequest
{
    /// <summary>Where the call's state holds what could not be read: the call names it together with what is wrong with the rest.</summary>
    public const string Misread = "misread";

    /// <summary>Reads what can be read.</summary>
    /// <exception cref="RpcException">The body is no JSON object at all: nothing more can be said of it.</exception>
    public static async Task<TRequest> ReadAsync<TRequest>(HttpContext http, HttpBinding binding, int maxBytes, ServerCallContext call)
        where TRequest : class, IMessage, new()
    {
        var request = new TRequest();
        var body = binding.Body.Length == 0 ? ReadOnlyMemory<byte>.Empty : await BytesAsync(http.Request, maxBytes, call.CancellationToken);
        var violations = new Violations();
        var readable = true;
        if (body.Length > 0 && !IsJson(http.Request.ContentType))
        {
            violations.Add("content-type", "must be application/json");
            readable = false;
        }
        else if (binding.Body == "*") readable = JsonReading.Body(body, request, "", violations);
        else if (binding.Body.Length > 0) readable = BodyField(body, request, binding.Body, violations);
        Path(http, binding, request, violations);
        Query(http, binding, request, violations);
        IdempotencyKey.Read(http.Request, request, violations);
        EntityTags.Read(http.Request, request, violations);
        if (!readable) throw Errors.Invalid(violations);
        if (violations.Any) call.UserState[Misread] = violations;
        return request;
    }

    /// <summary>The whole body, up to a limit.</summary>
    public static async Task<ReadOnlyMemory<byte>> BytesAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes) throw Errors.TooLarge(maxBytes);
        var bytes = new ArrayBufferWriter<byte>(4_096);
        while (true)
        {
            var read = await request.Body.ReadAsync(bytes.GetMemory(4_096), cancellationToken);
            if (read == 0) return bytes.WrittenMemory;
            bytes.Advance(read);
            if (bytes.WrittenCount > maxBytes) throw Errors.TooLarge(maxBytes);
        }
    }

    private static bool BodyField(ReadOnlyMemory<byte> body, IMessage request, string name, Violations violations)
    {
        var field = request.Descriptor.FindFieldByName(name);
        var inner = field.MessageType.Parser.ParseFrom(ByteString.Empty);
        var readable = JsonReading.Body(body, inner, name, violations);
        field.Accessor.SetValue(request, inner);
        return readable;
    }

    private static void Path(HttpContext http, HttpBinding binding, IMessage request, Violations violations)
    {
        for (var i = 0; i < binding.PathFields.Count; i++)
        {
            var path = FieldPath.Find(request.Descriptor, binding.PathFields[i])!;
            var text = (string)http.Request.RouteValues[$"p{i}"]!;
            if (JsonReading.FromText(text, path.Last, path.Name, violations) is not { } value) continue;
            var holder = path.Holder(request);
            // A body that names another thing than the path is a mistake, not a choice.
            if (path.Last.Accessor.GetValue(holder) is { } said && !said.Equals(Default(path.Last)) && !said.Equals(Typed(path.Last, value)))
                violations.Add(path.Name, "differs between path and body");
            path.Last.Accessor.SetValue(holder, value);
        }
    }

    /// <summary>Reads what the address says beside the path.</summary>
    public static void Query(HttpContext http, HttpBinding binding, IMessage request, Violations violations)
    {
        foreach (var (name, values) in http.Request.Query)
        {
            var path = FieldPath.Find(request.Descriptor, name);
            var elsewhere = path is not null && (binding.Body == "*" || binding.PathFields.Contains(path.Name) || (binding.Body.Length > 0 && path.Fields[0].Name == binding.Body));
            if (path is null || elsewhere)
            {
                violations.Add(path?.Name ?? JsonReading.Shown(name), elsewhere ? "belongs into the path or the body" : "is not a parameter of this call");
                continue;
            }
            if (!path.Last.IsRepeated && values.Count > 1)
            {
                violations.Add(path.Name, "stands there twice");
                continue;
            }
            foreach (var text in values)
            {
                if (JsonReading.FromText(text ?? "", path.Last, path.Name, violations) is not { } value) continue;
                if (path.Last.IsRepeated) ((IList)path.Last.Accessor.GetValue(path.Holder(request))).Add(value);
                else path.Last.Accessor.SetValue(path.Holder(request), value);
            }
        }
    }

    private static object Default(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => "",
        FieldType.Enum => Typed(field, 0),
        FieldType.Int32 => 0,
        FieldType.Int64 => 0L,
        _ => false,
    };

    private static object Typed(FieldDescriptor field, object value) =>
        field.FieldType == FieldType.Enum ? System.Enum.ToObject(field.EnumType.ClrType, value) : value;

    private static bool IsJson(string? contentType) => Is(contentType, "application/json");

    /// <summary>Whether a content type is this one, whatever its parameters.</summary>
    public static bool Is(string? contentType, string expected) =>
        contentType is not null && Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(contentType, out var type) && type.MediaType.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
