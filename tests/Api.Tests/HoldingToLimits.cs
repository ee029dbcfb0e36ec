using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Pennypost.Gateway;
using Pennypost.Gateway.Rest;

namespace Pennypost.Api.Tests;

/// <summary>The limits that the contract's comments promise are those that hold: what they allow is not refused for it, and one more is.</summary>
public sealed class HoldingToLimits(RunningApi running) : IClassFixture<RunningApi>
{
    private static readonly ProtoComments _comments = new(Protoset.Read());

    /// <summary>What has a form as well as a length, or stands only beside something else: a row of the letter x alone is within the one and not of the other.</summary>
    private static readonly HashSet<string> _shaped = ["profile", "email", "host", "password", "from_address", "unsubscribe", "post_id", "comment"];

    /// <summary>Whose texts may be longer than a message's: what a channel does not take is what it tells.</summary>
    private static readonly HashSet<string> _looksAtTexts = ["content.subject", "content.body", "content.note", "content.email"];

    /// <summary>A limit that a comment states, and what meets it and what breaks it.</summary>
    private sealed record Limit(string Rpc, string Path, IReadOnlyList<FieldDescriptor> Way, object Within, object Beyond);

    [Fact]
    public async Task What_a_comment_allows_is_taken_and_one_more_is_refused_by_name_F68()
    {
        var world = await running.WorldAsync("limits");
        var api = new GrpcFace(running.Channel, world.Key);
        var limits = PublicCalls.All.SelectMany(method => Stated(method.Name, method.InputType, [], "")).ToList();
        var wrong = new List<string>();
        foreach (var limit in limits)
        {
            var example = world.Example(limit.Rpc);
            var (within, beyond) = (await api.CallAsync(limit.Rpc, With(limit, example, limit.Within)), await api.CallAsync(limit.Rpc, With(limit, example, limit.Beyond)));
            if (within.Violations.Contains(limit.Path) && !_shaped.Contains(limit.Way[^1].Name))
                wrong.Add($"{limit.Rpc}: {limit.Path} within its limit: {within}");
            if (!beyond.Violations.Contains(limit.Path))
                wrong.Add($"{limit.Rpc}: {limit.Path} beyond its limit: {beyond}");
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {limits.Count}:\n{string.Join('\n', wrong)}");
        Assert.True(limits.Count > 100, $"Only {limits.Count} limits were read in the comments.");
    }

    private static IEnumerable<Limit> Stated(string rpc, MessageDescriptor message, IReadOnlyList<FieldDescriptor> way, string at)
    {
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            var comment = _comments.Of(field);
            IReadOnlyList<FieldDescriptor> here = [.. way, field];
            var path = at + field.Name;
            if (comment.Contains("utput only", StringComparison.Ordinal) || (rpc == "LintContent" && _looksAtTexts.Contains(path)))
                continue;
            if (Beyond(field, comment) is var (within, beyond))
                yield return new(rpc, path, here, within, beyond);
            if (field.FieldType == FieldType.Message && !field.IsRepeated && !field.IsMap && field.MessageType.File.Package.StartsWith("pennypost", StringComparison.Ordinal) && way.Count < 4)
            {
                foreach (var inner in Stated(rpc, field.MessageType, here, path + "."))
                    yield return inner;
            }
        }
    }

    /// <summary>The most that is allowed and one more; null where the comment states no limit of a kind that is read.</summary>
    private static (object Within, object Beyond)? Beyond(FieldDescriptor field, string comment) => CommentedLimit.Of(field, comment) switch
    {
        null => null,
        { Kind: CommentedLimit.Counted.Items, Most: var most } => (most, most + 1),
        { Kind: CommentedLimit.Counted.Value, Most: var most } when field.FieldType == FieldType.Int32 => ((int)most, (int)most + 1),
        { Kind: CommentedLimit.Counted.Value, Most: var most } => (most, most + 1),
        { Most: var most } => (new string('x', (int)most), new string('x', (int)most + 1)),
    };

    private static byte[] With(Limit limit, JsonObject example, object value)
    {
        var request = GrpcFace.Request(limit.Rpc, example);
        if (request.Descriptor.FindFieldByName("validate_only") is { } flag)
            flag.Accessor.SetValue(request, true);
        var holder = request;
        foreach (var field in limit.Way.Take(limit.Way.Count - 1))
        {
            if (field.Accessor.GetValue(holder) is not IMessage inner)
            {
                inner = field.MessageType.Parser.ParseFrom(ByteString.Empty);
                field.Accessor.SetValue(holder, inner);
            }

            holder = inner;
        }

        var last = limit.Way[^1];
        if (!last.IsRepeated)
        {
            last.Accessor.SetValue(holder, value);
            return request.ToByteArray();
        }

        var list = (IList)last.Accessor.GetValue(holder);
        for (var i = list.Count; i < (long)value; i++)
            list.Add(last.FieldType switch
            {
                FieldType.String => string.Create(CultureInfo.InvariantCulture, $"x{i}"),
                FieldType.Enum => System.Enum.ToObject(last.EnumType.ClrType, 1),
                FieldType.Int32 => (object)1,
                _ => list.Count > 0 ? list[0]! : last.MessageType.Parser.ParseFrom(ByteString.Empty),
            });
        return request.ToByteArray();
    }
}
