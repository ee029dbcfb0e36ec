using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Pennypost.Api.Tests;

/// <summary>What came of a call, whichever way it went.</summary>
/// <param name="Code">The name of the gRPC status; OK for an answer.</param>
/// <param name="Reason">Why it was refused; empty for an answer.</param>
/// <param name="Violations">The fields that are wrong, in order.</param>
/// <param name="Json">The answer; of a stream all that came, one after the other.</param>
/// <param name="Text">What the service says for people.</param>
internal sealed partial record Answered(string Code, string Reason, IReadOnlyList<string> Violations, JsonNode? Json, string Text)
{
    /// <summary>Of what was sent as a stream of one: a refusal is what the single call would have been refused with.</summary>
    public static Answered OfStream(JsonArray all) => all is [{ } only] && only["result"]?["refusal"] is { } refusal
        ? new(
            Names.Of((Grpc.Core.StatusCode)(int)refusal["code"]!),
            (string)refusal["reason"]!,
            [.. (refusal["violations"]?.AsArray() ?? []).Select(violation => (string)violation!["field"]!)],
            null,
            (string)refusal["text"]!)
        : new("OK", "", [], all, "");

    public override string ToString() => $"{Code}/{Reason} {Text} [{string.Join(", ", Violations)}] {Json?.ToJsonString()}";

    /// <summary>Without what is another one's by nature: times, secrets, versions, and ids that are made by chance or of a tenant.</summary>
    public string Comparable(string tenant)
    {
        // What has no room in a trailer is counted there, and named over REST.
        var named = Violations.Where(field => field != "*").Distinct().Take(40).Order(StringComparer.Ordinal);
        var text = Json?.ToJsonString() ?? "null";
        text = Times().Replace(text, "TIME");
        text = Expected().Replace(text, "$1");
        text = Chance().Replace(text, "\"$1\":\"\"");
        text = Ids().Replace(text, "ID").Replace(tenant, "TENANT", StringComparison.Ordinal);
        // The provider lists all accounts of a key, and all worlds here have the same one.
        text = OtherSeats().Replace(text, "ANOTHER");
        return $"{Code}/{Reason} [{string.Join(", ", named)}] {Ordered(JsonNode.Parse(text))?.ToJsonString()}";
    }

    // Formatters differ in what they leave out and in which order they write; in what is said they must not.
    private static JsonNode? Ordered(JsonNode? node) => node switch
    {
        JsonObject some => Dropped(new JsonObject(some.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new KeyValuePair<string, JsonNode?>(pair.Key, Ordered(pair.Value))))),
        // What was made in the same millisecond stands in any order.
        JsonArray some => some.Count == 0 ? null : new JsonArray([.. some.Select(Ordered).OrderBy(one => one?.ToJsonString(), StringComparer.Ordinal)]),
        JsonValue value => IsDefault(value) ? null : value.DeepClone(),
        _ => null,
    };

    private static JsonObject? Dropped(JsonObject some)
    {
        foreach (var empty in some.Where(pair => pair.Value is null).Select(pair => pair.Key).ToList())
            some.Remove(empty);
        return some.Count == 0 ? null : some;
    }

    private static bool IsDefault(JsonValue value) =>
        value.ToJsonString() is "\"\"" or "0" or "false" or "\"0\"" or "\"0s\"" || value.ToJsonString().EndsWith("_UNSPECIFIED\"", StringComparison.Ordinal);

    [GeneratedRegex(@"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z| \d\d:\d\d UTC)")]
    private static partial Regex Times();

    [GeneratedRegex("\"(secret|etag|version|poolVersion|headHash|hash|previousHash|keyId|resumeToken|nextPageToken|credential|number|lotId|catalogVersion|duration)\":(\"[^\"]*\"|\\d+)")]
    private static partial Regex Chance();

    [GeneratedRegex(@"(\d+\.\d{2})\d+")]
    private static partial Regex Expected();

    [GeneratedRegex("by-(grpc|rest|python|node)-seat")]
    private static partial Regex OtherSeats();

    [GeneratedRegex("p_[a-z2-7]{26}|key:k[0-9a-f]+")]
    private static partial Regex Ids();
}
