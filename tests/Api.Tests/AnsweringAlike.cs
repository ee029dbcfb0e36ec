using System.Text.Json.Nodes;
using Google.Protobuf;
using Pennypost.Gateway;

namespace Pennypost.Api.Tests;

/// <summary>F68: one contract, and the same answers and errors by every way to it.</summary>
public sealed class AnsweringAlike(RunningApi running) : IClassFixture<RunningApi>
{
    private static readonly List<string> _rpcs = [.. PublicCalls.All.Select(method => method.Name).Where(rpc => rpc != World.Endless)];
    private static readonly JsonFormatter _json = new(JsonFormatter.Settings.Default);

    [Fact]
    public async Task Every_call_gets_equal_answers_and_equal_errors_by_grpc_rest_python_and_node_F68()
    {
        var ways = new[] { "grpc", "rest", "python", "node" };
        var worlds = new Dictionary<string, World>();
        foreach (var way in ways)
            worlds[way] = await running.WorldAsync($"by-{way}");

        Assert.True(await CompareAsync(ways, way => worlds[way], world => Asked(world, [.. _rpcs.Where(rpc => rpc != World.OfEverybody)])) > 1_000);
        // What shows every tenant differs while any of them changes: it is asked by all ways in one world, when that is over.
        Assert.True(await CompareAsync(ways, _ => worlds["grpc"], world => Asked(world, [World.OfEverybody])) > 10);
    }

    /// <summary>Asks the same by every way, each in its world; answers how many requests that were.</summary>
    private async Task<int> CompareAsync(string[] ways, Func<string, World> worldOf, Func<World, List<(string Rpc, string What, IMessage Request)>> requests)
    {
        var said = new Dictionary<string, List<Answered?>>();
        foreach (var way in ways)
            said[way] = await AskAsync(way, worldOf(way), requests(worldOf(way)));

        var asked = requests(worldOf("grpc"));
        var differing = new List<string>();
        for (var i = 0; i < asked.Count; i++)
        {
            var right = said["grpc"][i]!.Comparable(worldOf("grpc").Tenant);
            foreach (var way in ways)
            {
                if (said[way][i]?.Comparable(worldOf(way).Tenant) is { } other && other != right)
                    differing.Add($"{asked[i].Rpc}, {asked[i].What}, {way}: {Difference(right, other)}");
            }
        }

        Assert.True(differing.Count == 0, $"{differing.Count} of {asked.Count}:\n{string.Join('\n', differing.Take(40))}");
        Assert.DoesNotContain(said["grpc"], answered => answered!.Code is "INTERNAL" or "UNKNOWN" or "UNIMPLEMENTED");
        return asked.Count;
    }

    /// <summary>Where two texts part.</summary>
    private static string Difference(string right, string other)
    {
        var at = right.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count();
        var from = Math.Max(0, at - 80);
        return $"\n  grpc ...{right[from..Math.Min(right.Length, at + 160)]}\n  else ...{other[from..Math.Min(other.Length, at + 160)]}";
    }

    /// <summary>Every rpc as it should be called, then every way in which its request can be wrong.</summary>
    private static List<(string Rpc, string What, IMessage Request)> Asked(World world, List<string> rpcs) =>
        [
            .. rpcs.Select(rpc => (rpc, "as it should be", GrpcFace.Request(rpc, world.Example(rpc)))),
            .. rpcs.SelectMany(rpc => Hostile.Variants(rpc, world.Example(rpc)).Select(variant => (rpc, variant.What, variant.Request))),
        ];

    private async Task<List<Answered?>> AskAsync(string way, World world, List<(string Rpc, string What, IMessage Request)> asked)
    {
        if (way is "python" or "node")
            return await Callers.AskAsync(way, running.Grpc, world.Key, [.. asked.Select(one => (one.Rpc, one.Request.ToByteArray()))]);

        var (grpc, rest) = (new GrpcFace(running.Channel, world.Key), new RestFace(running.Http, world.Key));
        var said = new List<Answered?>();
        foreach (var (rpc, what, request) in asked)
            said.Add(way == "grpc" ? await grpc.CallAsync(rpc, request.ToByteArray()) : await rest.TryCallAsync(rpc, (JsonObject)JsonNode.Parse(_json.Format(request))!));
        return said;
    }
}
