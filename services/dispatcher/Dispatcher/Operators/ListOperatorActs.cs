using System.Globalization;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Operators;

/// <summary>Lists what operators did, newest first. A call reads one page and answers what matches of it: its work is bounded by its page.</summary>
internal sealed class ListOperatorActs(OperatorActs acts, Errors errors)
{
    private const int UsualPage = 50;
    private const int LargestPage = 500;
    private const int LongestCredential = 100;

    public async Task<ListOperatorActsResponse> HandleAsync(string tenant, ListOperatorActsRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Range("page_size", request.PageSize, 0, LargestPage);
        var from = From(request.PageToken, violations);
        violations.Length("actor", request.Actor, 0, OperatorActs.LongestActor);
        if (!Enum.IsDefined(request.Kind))
            violations.Add("kind", "is no kind of act");
        violations.Length("credential", request.Credential, 0, LongestCredential);
        if (violations.Any)
            throw errors.Invalid(violations);
        var (found, next) = await acts.ListAsync(tenant, from, request.PageSize == 0 ? UsualPage : request.PageSize, ct);
        return new ListOperatorActsResponse
        {
            Acts = { found.Where(act => Matches(act, request)) },
            NextPageToken = next == 0 ? "" : next.ToString(CultureInfo.InvariantCulture),
        };
    }

    private static bool Matches(OperatorAct act, ListOperatorActsRequest wanted) =>
        (wanted.Actor.Length == 0 || act.Actor == wanted.Actor)
        && (wanted.Kind == OperatorActKind.Unspecified || act.Kind == wanted.Kind)
        && (wanted.Credential.Length == 0 || act.Credential == wanted.Credential)
        && (wanted.FromTime is null || act.ActTime.CompareTo(wanted.FromTime) >= 0)
        && (wanted.UntilTime is null || act.ActTime.CompareTo(wanted.UntilTime) < 0);

    /// <summary>A token is the number of the page's first act.</summary>
    private static long? From(string pageToken, Violations violations)
    {
        if (pageToken.Length == 0)
            return null;
        if (long.TryParse(pageToken, NumberStyles.None, CultureInfo.InvariantCulture, out var from) && from > 0)
            return from;
        violations.Add("page_token", "must come from the answer before");
        return null;
    }
}
