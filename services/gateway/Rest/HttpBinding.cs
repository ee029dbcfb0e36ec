using System.Text;
using Google.Api;
using Google.Protobuf.Reflection;

namespace Pennypost.Gateway.Rest;

/// <summary>
/// How one rpc is reached over HTTP, read from its <c>google.api.http</c> annotation: <c>{field}</c> segments, <c>:verb</c> endings, and a body of
/// <c>*</c> or one field. What this does not understand stops the host at its start.
/// </summary>
internal sealed record HttpBinding
{
    /// <summary>The HTTP method.</summary>
    public required string Verb { get; init; }

    /// <summary>As annotated: <c>/v1/messages/{message_id}:watch</c>.</summary>
    public required string Template { get; init; }

    /// <summary>The same for ASP.NET's router, which allows no dots in names: <c>/v1/connections/{p0}</c>.</summary>
    public required string RoutePattern { get; init; }

    /// <summary>The request field behind each <c>{p0}</c>, <c>{p1}</c>, ...</summary>
    public required IReadOnlyList<string> PathFields { get; init; }

    /// <summary>The request field that the body fills; <c>*</c> for all that the path leaves; empty for no body.</summary>
    public required string Body { get; init; }

    /// <summary>Reads the annotation; null if the rpc has none.</summary>
    public static HttpBinding? Of(MethodDescriptor method)
    {
        if (method.GetOptions()?.GetExtension(AnnotationsExtensions.Http) is not { } rule) return null;
        var (verb, template) = rule.PatternCase switch
        {
            HttpRule.PatternOneofCase.Get => ("GET", rule.Get),
            HttpRule.PatternOneofCase.Put => ("PUT", rule.Put),
            HttpRule.PatternOneofCase.Post => ("POST", rule.Post),
            HttpRule.PatternOneofCase.Delete => ("DELETE", rule.Delete),
            HttpRule.PatternOneofCase.Patch => ("PATCH", rule.Patch),
            _ => throw new NotSupportedException($"{method.FullName}: a custom HTTP verb."),
        };
        if (rule.AdditionalBindings.Count > 0 || rule.ResponseBody.Length > 0)
            throw new NotSupportedException($"{method.FullName}: additional bindings and response bodies.");
        var (pattern, fields) = Pattern(method, template);
        if (rule.Body is not ("" or "*") && method.InputType.FindFieldByName(rule.Body) is not { FieldType: FieldType.Message, IsRepeated: false })
            throw new NotSupportedException($"{method.FullName}: the body {rule.Body} is no message field.");
        return new HttpBinding { Verb = verb, Template = template, RoutePattern = pattern, PathFields = fields, Body = rule.Body };
    }

    private static (string Pattern, List<string> Fields) Pattern(MethodDescriptor method, string template)
    {
        var pattern = new StringBuilder();
        var fields = new List<string>();
        for (var rest = template.AsSpan(); rest.Length > 0;)
        {
            var open = rest.IndexOf('{');
            if (open < 0)
            {
                pattern.Append(rest);
                break;
            }
            var close = rest.IndexOf('}');
            var field = close > open ? rest[(open + 1)..close].ToString() : "";
            if (field.Length == 0 || field.AsSpan().ContainsAny('=', '*')) throw new NotSupportedException($"{method.FullName}: the path {template}.");
            _ = FieldPath.Find(method.InputType, field) ?? throw new NotSupportedException($"{method.FullName}: the path names no field {field}.");
            pattern.Append(rest[..open]).Append("{p").Append(fields.Count).Append('}');
            fields.Add(field);
            rest = rest[(close + 1)..];
        }
        return (pattern.ToString(), fields);
    }
}
