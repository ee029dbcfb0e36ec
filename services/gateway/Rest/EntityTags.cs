using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.Net.Http.Headers;
using Pennypost.Errors.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Rest;

/// <summary>
/// ETag, If-Match and If-None-Match for resources that have an <c>etag</c> (docs/rest.md). An ETag is the resource's etag, which stands for its settings, a dot, and a
/// hash of all that is shown of it: If-Match holds a change to the first, If-None-Match compares the whole, so that nothing that moved is answered as unmodified.
/// </summary>
internal static partial class EntityTags
{
    /// <summary>The one resource with an etag in a request or an answer; null if there is none.</summary>
    public static FieldDescriptor? Resource(MessageDescriptor message)
    {
        var resources = message.Fields.InDeclarationOrder().Where(field => field.FieldType == FieldType.Message && !field.IsRepeated && Etag(field) is not null).ToList();
        return resources.Count == 1 ? resources[0] : null;
    }

    /// <summary>The ETag of what the answer shows; null if it shows nothing that has one, or what is not kept.</summary>
    public static EntityTagHeaderValue? Of(IMessage request, IMessage answer)
    {
        if (Resource(answer.Descriptor) is not { } field || field.Accessor.GetValue(answer) is not IMessage shown) return null;
        if (request.Descriptor.FindFieldByName("validate_only")?.Accessor.GetValue(request) is true) return null;
        var etag = (string)Etag(field)!.Accessor.GetValue(shown);
        return etag.Length == 0 ? null : new EntityTagHeaderValue($"\"{etag}.{Convert.ToHexStringLower(SHA256.HashData(shown.ToByteArray())[..8])}\"");
    }

    /// <summary>Whether the caller has what the tag stands for.</summary>
    public static bool IsKnown(HttpRequest request, EntityTagHeaderValue tag) =>
        HttpMethods.IsGet(request.Method) && EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known)
        && known.Any(one => one == EntityTagHeaderValue.Any || one.Compare(tag, useStrongComparison: false));

    /// <summary>Fills the resource's etag from If-Match. A condition that cannot be kept is refused, never dropped.</summary>
    public static void Read(HttpRequest http, IMessage request, Violations violations)
    {
        if (HttpMethods.IsGet(http.Method)) return;
        if (http.Headers.IfNoneMatch.Count > 0) violations.Add("if-none-match", "is taken by GET only");
        if (http.Headers.IfMatch.Count == 0) return;
        if (Resource(request.Descriptor) is not { } field)
        {
            violations.Add("if-match", "is taken only where a resource with an etag is put");
            return;
        }
        // Weak ones too: a proxy that compresses makes them so, and what they are compared by is not the bytes.
        if (http.Headers.IfMatch.Count > 1 || !EntityTagHeaderValue.TryParse(http.Headers.IfMatch.ToString(), out var tag) || tag == EntityTagHeaderValue.Any)
        {
            violations.Add("if-match", "must be one ETag, in quotes");
            return;
        }
        var etag = ShownHash().Replace(tag.Tag.ToString().Trim('"'), "");
        if (etag.Length == 0)
        {
            violations.Add("if-match", "must not be empty");
            return;
        }
        var resource = field.Accessor.GetValue(request) as IMessage;
        if (resource is null) field.Accessor.SetValue(request, resource = field.MessageType.Parser.ParseFrom(ByteString.Empty));
        var said = (string)Etag(field)!.Accessor.GetValue(resource);
        if (said.Length > 0 && said != etag) violations.Add($"{field.Name}.etag", "differs between If-Match and body");
        Etag(field)!.Accessor.SetValue(resource, etag);
    }

    /// <summary>412 where what If-Match held the change to is not so; null for the usual status.</summary>
    public static int? Status(HttpRequest request, RpcFault fault) =>
        fault.ErrorReason == ErrorReason.LostRace && request.Headers.IfMatch.Count > 0 ? StatusCodes.Status412PreconditionFailed : null;

    private static FieldDescriptor? Etag(FieldDescriptor resource) =>
        resource.MessageType.FindFieldByName("etag") is { FieldType: FieldType.String, IsRepeated: false } etag ? etag : null;

    [GeneratedRegex(@"\.[0-9a-f]{16}$")]
    private static partial Regex ShownHash();
}
