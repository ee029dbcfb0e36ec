using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Pennypost.Gateway;
using Pennypost.Gateway.Rest;

namespace Pennypost.Api.Tests;

/// <summary>
/// Noise to every rpc, over gRPC and over REST, in front of the real services: nothing that can be sent is our fault. 4,000 requests;
/// PENNYPOST_FUZZ_REQUESTS says another number, PENNYPOST_FUZZ_SEED another beginning.
/// </summary>
public sealed class FuzzingEveryCall(RunningApi running) : IClassFixture<RunningApi>
{
    private const int AtOnce = 8;

    // The address of a connection or a webhook is called then: noise must not choose it.
    private static readonly string[] _neverMangled = ["PutConnection", "PutWebhook", World.Endless];

    private static readonly string[] _ours = ["INTERNAL", "UNKNOWN", "UNIMPLEMENTED", "DATA_LOSS", "DEADLINE_EXCEEDED"];

    private static readonly string[] _splinters =
    [
        "\"", "{", "}", "[", "]", ":", ",", "null", "true", "-1", "1e999", "9223372036854775808", "\\ud800", "\\u0000", "\u0000", "\uFEFF", "\"@type\":\"x\"", "é", new('[', 200), "\"2026-99-99T00:00:00Z\"",
        "\"-315576000001s\"", "{}", "18446744073709551616.5", "\"validateOnly\":true,", "NaN", "\u202E", "{tenant}:", "../",
    ];

    [Fact]
    public async Task Nothing_that_can_be_sent_is_answered_as_our_fault_F68()
    {
        var requests = Setting("PENNYPOST_FUZZ_REQUESTS", 4_000);
        var seed = Setting("PENNYPOST_FUZZ_SEED", 20_261_127);
        var world = await running.WorldAsync("fuzz");
        var (grpc, rest) = (new GrpcFace(running.Channel, world.Key), new RestFace(running.Http, world.Key));
        var rpcs = PublicCalls.All.Select(method => method.Name).Where(name => !_neverMangled.Contains(name)).ToList();
        var bad = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var codes = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();

        await Parallel.ForAsync(0, requests, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
        {
            var random = new Random(unchecked((seed * 31) + i));
            var rpc = rpcs[random.Next(rpcs.Count)];
            var example = world.Example(rpc);
            var (what, answered) = random.Next(4) switch
            {
                0 => ("bytes", await grpc.CallAsync(rpc, Noise(random))),
                1 => ("message", await grpc.CallAsync(rpc, Message(GrpcFace.Rpc(rpc).InputType, example, random).ToByteArray())),
                2 => ("JSON", await MangledAsync(rest, rpc, example, random)),
                _ => ("message as JSON", await AsJsonAsync(grpc, rest, rpc, Message(GrpcFace.Rpc(rpc).InputType, example, random))),
            };
            codes.AddOrUpdate(answered.Code, 1, (_, count) => count + 1);
            // An id that is empty or has dots is another path, and there is nothing.
            if (answered.Reason == "METHOD_NOT_FOUND")
                return;
            if (_ours.Contains(answered.Code) || answered.Code.StartsWith("HTTP 5", StringComparison.Ordinal) || (answered.Code == "UNAVAILABLE" && answered.Reason != "PROVIDER_UNAVAILABLE"))
                bad.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{rpc}, {what}, seed {seed}, request {i}: {answered}"));
        });

        Assert.True(bad.IsEmpty, string.Join('\n', bad.Take(20)));
        // Noise must get behind the front door too, or it shows nothing.
        Assert.True(codes.GetValueOrDefault("OK") > requests / 50, string.Join(", ", codes));
        Assert.True(codes.GetValueOrDefault("INVALID_ARGUMENT") > requests / 10, string.Join(", ", codes));
        Assert.Equal("OK", (await grpc.CallAsync("GetPool", world.Example("GetPool"))).Code);
    }

    private static Task<Answered> AsJsonAsync(GrpcFace grpc, RestFace rest, string rpc, IMessage message)
    {
        try
        {
            return rest.CallAsync(rpc, (JsonObject)JsonNode.Parse(JsonFormatter.Default.Format(message))!);
        }
        catch (InvalidOperationException)
        {
            // A time that JSON has no words for.
            return grpc.CallAsync(rpc, message.ToByteArray());
        }
    }

    private static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(80)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static Task<Answered> MangledAsync(RestFace rest, string rpc, JsonObject example, Random random)
    {
        var binding = HttpBinding.Of(GrpcFace.Rpc(rpc))!;
        var text = new StringBuilder(example.ToJsonString());
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(text.Length);
            if (random.Next(3) == 0)
                text.Remove(at, Math.Min(random.Next(1, 12), text.Length - at));
            else
                text.Insert(at, _splinters[random.Next(_splinters.Length)]);
            if (text.Length == 0)
                text.Append('0');
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        if (random.Next(8) == 0)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(128, 256);
        var id = random.Next(3) == 0 ? Uri.EscapeDataString(_splinters[random.Next(_splinters.Length)]) : "pool";
        var path = System.Text.RegularExpressions.Regex.Replace(binding.Template, @"\{[a-z_.]+\}", id);
        return binding.Body.Length > 0
            ? rest.SendAsync(binding.Verb, path, bytes, RestFace.TypeOf(rpc))
            : rest.SendAsync(binding.Verb, $"{path}?{Uri.EscapeDataString(_splinters[random.Next(_splinters.Length)])}={Uri.EscapeDataString(text.ToString())}&pageSize={random.NextInt64()}", null);
    }

    /// <summary>The example with some of its fields replaced by what a field of that type can hold.</summary>
    private static IMessage Message(MessageDescriptor type, JsonObject example, Random random)
    {
        var message = JsonParser.Default.Parse(example.ToJsonString(), type);
        Stir(message, random, depth: 0);
        return message;
    }

    private static void Stir(IMessage message, Random random, int depth)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsMap || random.Next(3) > 0)
                continue;
            if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                for (var i = random.Next(4); i > 0; i--)
                    list.Add(Value(field, random, depth));
            }
            else if (field.FieldType == FieldType.Message && field.Accessor.GetValue(message) is IMessage inner && random.Next(2) == 0)
            {
                Stir(inner, random, depth + 1);
            }
            else if (field.Name != "follow_replies")
            {
                field.Accessor.SetValue(message, Value(field, random, depth));
            }
        }
    }

    private static object Value(FieldDescriptor field, Random random, int depth) => field.FieldType switch
    {
        FieldType.String => _splinters[random.Next(_splinters.Length)] + (random.Next(2) == 0 ? "" : new string('y', random.Next(700))),
        FieldType.Bytes => ByteString.CopyFrom(Noise(random)),
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Double => random.Next(3) switch { 0 => random.NextDouble(), 1 => -1e308, _ => random.Next() },
        FieldType.Enum => System.Enum.ToObject(field.EnumType.ClrType, random.Next(-2, 40)),
        FieldType.Int32 => random.Next(3) switch { 0 => random.Next(-3, 50), 1 => int.MaxValue, _ => int.MinValue },
        FieldType.Int64 => random.Next(3) switch { 0 => random.NextInt64(-3, 50), 1 => long.MaxValue, _ => long.MinValue },
        FieldType.Message => Inner(field, random, depth),
        _ => throw new NotSupportedException($"{field.FullName} is a {field.FieldType}."),
    };

    private static IMessage Inner(FieldDescriptor field, Random random, int depth)
    {
        var inner = field.MessageType.Parser.ParseFrom(ByteString.Empty);
        if (inner is Google.Protobuf.WellKnownTypes.Timestamp time)
            (time.Seconds, time.Nanos) = (random.NextInt64(-62_135_596_800, 253_402_300_799), random.Next(1_000_000_000));
        else if (inner is Google.Protobuf.WellKnownTypes.Duration duration)
            duration.Seconds = random.NextInt64(-315_576_000_000, 315_576_000_000);
        else if (depth < 4)
            Stir(inner, random, depth + 1);
        return inner;
    }

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var set) ? set : otherwise;
}
