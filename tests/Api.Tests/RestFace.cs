using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.Rest;

namespace Pennypost.Api.Tests;

/// <summary>Any rpc by its name, over REST: path, query and body as the annotation has them.</summary>
internal sealed partial class RestFace(HttpClient http, ApiKeyText? key)
{
    // Kestrel's own limit is 8 KiB, for the whole line.
    private const int LongestUrl = 8_000;

    /// <summary>What became of the call; null if no address says it: an id that is empty or goes up a folder is another path, and a line has an end.</summary>
    public async Task<Answered?> TryCallAsync(string rpc, JsonObject request)
    {
        var binding = HttpBinding.Of(GrpcFace.Rpc(rpc))!;
        var left = (JsonObject)request.DeepClone();
        var inPath = PathField().Matches(binding.Template).Select(match => Taken(left, match.Groups[1].Value)).ToList();
        if (inPath.Exists(text => text.Length == 0 || text.Contains('\0') || text.Contains('/')))
            return null;
        var inAddress = inPath.Sum(text => text.Length) + (binding.Body == "*" ? 0 : left.Where(pair => pair.Key != Camel(binding.Body)).Sum(pair => pair.Value?.ToJsonString().Length ?? 0));
        return inAddress > LongestUrl ? null : await CallAsync(rpc, request);
    }

    public async Task<Answered> CallAsync(string rpc, JsonObject request)
    {
        var binding = HttpBinding.Of(GrpcFace.Rpc(rpc))!;
        var left = (JsonObject)request.DeepClone();
        var path = PathField().Replace(binding.Template, match => Uri.EscapeDataString(Taken(left, match.Groups[1].Value)));
        JsonNode? body = null;
        if (binding.Body == "*")
            body = left;
        else if (binding.Body.Length > 0)
        {
            body = left[Camel(binding.Body)] ?? new JsonObject();
            left.Remove(Camel(binding.Body));
        }

        var query = binding.Body == "*" ? "" : string.Join('&', left.SelectMany(pair => Values(pair.Value).Select(value => $"{pair.Key}={Uri.EscapeDataString(value)}")));
        return await SendAsync(binding.Verb, query.Length > 0 ? $"{path}?{query}" : path, body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString()), TypeOf(rpc));
    }

    /// <summary>What the body of a call is.</summary>
    public static string TypeOf(string rpc) => GrpcFace.Rpc(rpc).IsClientStreaming ? "application/x-ndjson" : "application/json";

    /// <summary>Anything at all.</summary>
    public async Task<Answered> SendAsync(string verb, string path, byte[]? body, string type = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), path);
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Text.Reveal());
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            return Answered.OfStream(new JsonArray([.. Data().Matches(text).Select(line => JsonNode.Parse(line.Groups[1].Value))]));
        if (response.IsSuccessStatusCode)
            return new("OK", "", [], JsonNode.Parse(text), "");
        if (response.Content.Headers.ContentType?.MediaType != "application/json")
            return new($"HTTP {(int)response.StatusCode}", "", [], null, text);

        var error = JsonNode.Parse(text)!["error"]!;
        var details = error["details"]!.AsArray();
        return new(
            (string)error["status"]!,
            (string?)Detail(details, "ErrorInfo")?["reason"] ?? "",
            [.. (Detail(details, "BadRequest")?["fieldViolations"]?.AsArray() ?? []).Select(violation => (string)violation!["field"]!)],
            null,
            $"{(int)response.StatusCode} {(string?)error["message"]}");
    }

    private static JsonNode? Detail(JsonArray details, string type) => details.SingleOrDefault(detail => ((string)detail!["@type"]!).EndsWith("." + type, StringComparison.Ordinal));

    /// <summary>The text at a path with dots; what goes into the path goes nowhere else.</summary>
    private static string Taken(JsonObject from, string path)
    {
        var names = path.Split('.').Select(Camel).ToList();
        var holder = names.SkipLast(1).Aggregate((JsonObject?)from, (inside, name) => inside?[name] as JsonObject);
        var value = holder?[names[^1]]?.ToString() ?? "";
        holder?.Remove(names[^1]);
        return value;
    }

    private static IEnumerable<string> Values(JsonNode? value) => value is JsonArray some ? some.Select(one => one?.ToString() ?? "") : [value?.ToString() ?? ""];

    private static string Camel(string name) => Underscored().Replace(name, match => match.Groups[1].Value.ToUpperInvariant());

    [GeneratedRegex(@"\{([a-z_.]+)\}")]
    private static partial Regex PathField();

    [GeneratedRegex("_([a-z])")]
    private static partial Regex Underscored();

    [GeneratedRegex("(?<!^event: end\n)^data: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Data();
}
