using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Rest;

/// <summary>What is known of the line that is looked at.</summary>
internal static class RequestLines
{
    public const string Type = "application/x-ndjson";

    /// <summary>Where the call's state holds how long the line is.</summary>
    public const string Bytes = "line bytes";

    /// <summary>How long the line is that is looked at; null where no lines come.</summary>
    public static int? BytesOf(ServerCallContext call) => call.UserState.TryGetValue(Bytes, out var bytes) ? (int)bytes : null;

    /// <summary>Whether the line is no JSON object: nothing more can be said of it.</summary>
    public static bool IsBroken(ServerCallContext call) =>
        call.UserState.TryGetValue(RestRequest.Misread, out var misread) && ((Violations)misread).All.Any(violation => violation.Field == "*");
}

/// <summary>
/// The requests of a stream over HTTP: one JSON object a line, read as they come. What could not be read of a line stands in the call's state
/// (<see cref="RestRequest.Misread"/>) while it is the current one.
/// </summary>
internal sealed class RequestLines<TRequest>(HttpContext http, int maxLineBytes, ServerCallContext call) : IAsyncStreamReader<TRequest>
    where TRequest : class, IMessage, new()
{
    private const byte Newline = (byte)'\n';

    public TRequest Current { get; private set; } = new();

    /// <summary>Looks at what stands before the body.</summary>
    public void Begin(HttpBinding binding)
    {
        var violations = new Violations();
        if (!RestRequest.Is(http.Request.ContentType, RequestLines.Type)) violations.Add("content-type", $"must be {RequestLines.Type}");
        RestRequest.Query(http, binding, new TRequest(), violations);
        if (violations.Any) throw Errors.Invalid(violations);
        // It ends with the call's time, however long it is; and it may pause.
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
        http.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
    }

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        call.UserState.Remove(RestRequest.Misread);
        while (true)
        {
            var read = await http.Request.BodyReader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            var end = rest.PositionOf(Newline);
            if ((end is null ? rest.Length : rest.Slice(0, end.Value).Length) > maxLineBytes)
            {
                http.Request.BodyReader.AdvanceTo(rest.End);
                throw Errors.TooLarge(maxLineBytes);
            }
            if (end is null && !read.IsCompleted)
            {
                http.Request.BodyReader.AdvanceTo(rest.Start, rest.End);
                continue;
            }
            var line = (end is null ? rest : rest.Slice(0, end.Value)).ToArray();
            http.Request.BodyReader.AdvanceTo(end is null ? rest.End : rest.GetPosition(1, end.Value));
            if (!line.AsSpan().Trim(" \t\r"u8).IsEmpty)
            {
                Read(line);
                return true;
            }
            if (end is null) return false;
        }
    }

    private void Read(byte[] line)
    {
        call.UserState[RequestLines.Bytes] = line.Length;
        var violations = new Violations();
        Current = new TRequest();
        JsonReading.Body(line, Current, "", violations);
        if (violations.Any) call.UserState[RestRequest.Misread] = violations;
    }
}
