using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Pennypost.Architecture.Tests;

/// <summary>docker-compose.yml with its anchors and merges resolved, as Docker sees it; every value is a text.</summary>
internal static class Compose
{
    public static JsonObject File { get; } = Read("docker-compose.yml");

    public static IReadOnlyList<Container> Containers { get; } = [.. File["services"]!.AsObject().Select(service => new Container(service.Key, service.Value!.AsObject()))];

    /// <summary>Secrets by name, each with the file that it is read from.</summary>
    public static IReadOnlyDictionary<string, string> Secrets { get; } = File["secrets"]!.AsObject().ToDictionary(secret => secret.Key, secret => (string)secret.Value!["file"]!);

    public static JsonObject Read(string file)
    {
        using var text = new StringReader(Tree.Read(file));
        var yaml = new DeserializerBuilder().Build().Deserialize<object>(new MergingParser(new Parser(text)));
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(yaml))!.AsObject();
    }

    public static IReadOnlyList<string> Texts(JsonNode? list) => list is JsonArray array ? [.. array.Select(item => (string)item!)] : [];
}

/// <summary>One container of docker-compose.yml.</summary>
internal sealed record Container(string Name, JsonObject Yaml)
{
    /// <summary>Whether it runs an image that is built here.</summary>
    public bool IsOurs => Yaml["build"] is not null;

    public IReadOnlyList<string> Profiles => Compose.Texts(Yaml["profiles"]);

    public IReadOnlyDictionary<string, string> Environment => Yaml["environment"]?.AsObject().ToDictionary(variable => variable.Key, variable => (string)variable.Value!) ?? [];

    /// <summary>Names of secrets, each with the name of the file in the container.</summary>
    public IReadOnlyList<(string Source, string Target)> Secrets => Yaml["secrets"] is JsonArray secrets
        ? [.. secrets.Select(secret => secret is JsonObject mapped ? ((string)mapped["source"]!, (string)mapped["target"]!) : ((string)secret!, (string)secret!))]
        : [];

    public IReadOnlyList<string> WaitsFor => Yaml["depends_on"]?.AsObject().Select(other => other.Key).ToList() ?? [];

    /// <summary>The setting of that name, as a text; empty if there is none.</summary>
    public string this[string setting] => (string?)Yaml[setting] ?? "";

    public override string ToString() => Name;
}
