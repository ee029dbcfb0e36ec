using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pennypost.Errors.V1;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Pennypost.Gateway.Rest;

/// <summary>
/// What calls may fail with, read from their comments (<c>Errors: NOT_FOUND/POOL_NOT_FOUND, ...</c>) and the service's: a response per HTTP status, with
/// every reason that it may carry and what errors.proto says of it.
/// </summary>
internal sealed partial class OpenApiErrors
{
    private readonly Dictionary<ErrorReason, string> said;
    private readonly Dictionary<string, IReadOnlyList<ErrorReason>> common;

    public OpenApiErrors(ProtoComments comments)
    {
        said = ErrorsReflection.Descriptor.EnumTypes.Single(type => type.Name == nameof(ErrorReason)).Values
            .ToDictionary(value => (ErrorReason)value.Number, value => comments.Of(value).ReplaceLineEndings(" "));
        common = PublicCalls.Services.ToDictionary(service => service.FullName, service => (IReadOnlyList<ErrorReason>)Named(CommonErrors().Match(comments.Of(service)).Value));
    }

    /// <summary>The responses of a call besides its answer; what it shares with most calls is referred to.</summary>
    /// <param name="comment">The call's.</param>
    /// <param name="service">Whose call it is.</param>
    /// <param name="lostRaceOfIfMatch">Whether it takes <c>If-Match</c>: what was changed meanwhile is then 412.</param>
    public IEnumerable<(string Status, JsonObject Response)> Of(string comment, ServiceDescriptor service, bool lostRaceOfIfMatch = false)
    {
        var own = Named(CallErrors().Match(comment).Value);
        var shared = ByStatus(Shared).ToDictionary(group => group.Status, group => group.Reasons);
        foreach (var (status, reasons) in ByStatus(own.Union(common[service.FullName])))
        {
            var response = shared.TryGetValue(status, out var same) && same.ToHashSet().SetEquals(reasons) ? new JsonObject { ["$ref"] = $"#/components/responses/{NameOf(status)}" } : Response(reasons);
            yield return (status.ToString(CultureInfo.InvariantCulture), response);
            if (lostRaceOfIfMatch && reasons.Contains(ErrorReason.LostRace))
                yield return ("412", Response([ErrorReason.LostRace], "The change came with `If-Match`, which names another state than there is."));
        }
        yield return ("default", new JsonObject { ["$ref"] = "#/components/responses/Error" });
    }

    /// <summary>The responses of what has a credential of its own, and only those that are named.</summary>
    public IEnumerable<(string Status, JsonObject Response)> Only(string comment) =>
        ByStatus(Named(CallErrors().Match(comment).Value)).Select(group => (group.Status.ToString(CultureInfo.InvariantCulture), Response(group.Reasons)));

    private IReadOnlyList<ErrorReason> Shared => common[PennypostService.Descriptor.FullName];

    /// <summary>What every call of the one service, and most of the other, may answer.</summary>
    public JsonObject Common()
    {
        var responses = new JsonObject { ["Error"] = Body("A google.rpc.Status with exactly one ErrorInfo. Reasons may be added: go by the status where one is not known.") };
        foreach (var (status, reasons) in ByStatus(Shared)) responses[NameOf(status)] = Response(reasons);
        return responses;
    }

    /// <summary>Every reason with its meaning, for the schema of errors.</summary>
    public string Reasons() => Listed(said.Keys.Where(reason => reason != ErrorReason.Unspecified));

    private static string NameOf(int status) => string.Create(CultureInfo.InvariantCulture, $"Error{status}");

    // Nobody is there to be told that they left.
    private static IEnumerable<(int Status, List<ErrorReason> Reasons)> ByStatus(IEnumerable<ErrorReason> reasons) => reasons
        .Where(reason => reason != ErrorReason.Cancelled)
        .GroupBy(reason => HttpFault.HttpStatus(Errors.Domain.Fault(reason, "")))
        .OrderBy(group => group.Key)
        .Select(group => (group.Key, group.ToList()));

    private static List<ErrorReason> Named(string text) =>
        [.. Capitals().Matches(text).Select(match => ErrorReasons.Parse(match.Value)).Where(reason => reason != ErrorReason.Unspecified).Distinct()];

    private JsonObject Response(IReadOnlyList<ErrorReason> reasons, string? before = null)
    {
        var response = Body((before is null ? "" : before + "\n\n") + Listed(reasons));
        response["x-error-reasons"] = new JsonArray([.. reasons.Select(reason => (JsonNode)reason.Name())]);
        if (reasons.Any(reason => reason.Code() is Grpc.Core.StatusCode.ResourceExhausted or Grpc.Core.StatusCode.Unavailable && reason != ErrorReason.RequestTooLarge))
            response["headers"] = new JsonObject { ["Retry-After"] = new JsonObject { ["$ref"] = "#/components/headers/Retry-After" } };
        return response;
    }

    private string Listed(IEnumerable<ErrorReason> reasons) => string.Join('\n', reasons.Select(reason => $"- `{reason.Name()}`: {said[reason]}"));

    private static JsonObject Body(string description) => OpenApiDocument.Response(description, OpenApiSchemas.Reference("Error"));

    [GeneratedRegex(@"(?<=Errors: ).+?(?=\n\n|$)", RegexOptions.Singleline)]
    private static partial Regex CallErrors();

    [GeneratedRegex("(?<=Any call may fail with ).+?(?=;)", RegexOptions.Singleline)]
    private static partial Regex CommonErrors();

    [GeneratedRegex("[A-Z]+(?:_[A-Z]+)*")]
    private static partial Regex Capitals();
}
