using System.Globalization;
using System.Text.Json.Nodes;

namespace Pennypost.Gateway.Rest;

/// <summary>
/// One request of every rpc, in proto3 JSON (<c>examples.json</c>). The OpenAPI document shows them, and the tests of the whole API make each of them
/// in an installation that has what they name: what is shown works.
/// </summary>
internal static class RequestExamples
{
    // What the reader has others of. Times are near, so that what is pasted is not refused for its age.
    private static readonly IReadOnlyDictionary<string, string> Shown = new Dictionary<string, string>
    {
        ["$account"] = "ada-sales",
        ["$lot"] = "lot-of-the-pool",
        ["$spareKey"] = "k0123456789abcdef",
        ["$rotatedKey"] = "kfedcba9876543210",
        ["$tenant"] = "acme",
        ["$sandbox"] = "https://api1.unipile.com:13111",
        ["$providerKey"] = "the-key-that-the-provider-gave-you",
        ["$webhookSecret"] = "a-secret-of-your-own",
    };

    private static readonly JsonObject All = Read();

    /// <summary>Every rpc that has one.</summary>
    public static IEnumerable<string> Rpcs => All.Select(example => example.Key);

    /// <summary>The rpc's request as a reader sees it.</summary>
    public static JsonObject Of(string rpc, DateTimeOffset now) => Of(rpc, now, Shown);

    /// <summary>The rpc's request with other words for those that begin with <c>$</c>.</summary>
    public static JsonObject Of(string rpc, DateTimeOffset now, IReadOnlyDictionary<string, string> words)
    {
        var example = All[rpc] ?? throw new InvalidOperationException($"{rpc} has no example in examples.json.");
        return Fill(example.ToJsonString(), now, words);
    }

    /// <summary>A request of one's own in the same words.</summary>
    public static JsonObject Fill(string json, DateTimeOffset now, IReadOnlyDictionary<string, string> words)
    {
        var text = json.Replace("$later", Day(now.AddDays(30)), StringComparison.Ordinal).Replace("$earlier", Day(now.AddDays(-1)), StringComparison.Ordinal);
        foreach (var (word, value) in words) text = text.Replace(word, value, StringComparison.Ordinal);
        return (JsonObject)JsonNode.Parse(text)!;
    }

    // By the day: what is asked for twice is asked for in the same words.
    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'00:00:00'Z'", CultureInfo.InvariantCulture);

    private static JsonObject Read()
    {
        using var stream = typeof(RequestExamples).Assembly.GetManifestResourceStream("examples.json") ?? throw new InvalidOperationException("The examples are missing from the assembly.");
        return (JsonObject)JsonNode.Parse(stream)!;
    }
}
