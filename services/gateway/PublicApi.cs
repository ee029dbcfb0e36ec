using Grpc.Core;
using Microsoft.Extensions.Options;
using Pennypost.Credits.V1;
using Pennypost.Dispatcher.V1;
using Pennypost.Gateway.Audit;
using Pennypost.Gateway.Events;
using Pennypost.Gateway.Limits;
using Pennypost.Gateway.Rest;
using Pennypost.Gateway.V1;
using Pennypost.Gateway.WebhooksOut;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

/// <summary>
/// The public API: one file per call in Calls/. Each looks at the request's shape and names everything that is wrong with it, passes it on for the
/// caller's tenant, and turns the answer over. It decides nothing. What is the gateway's own (timelines, webhooks) has parts of its own; who may do what is <see cref="Admin.AdminApi"/>.
/// </summary>
internal sealed partial class PublicApi(
    DispatcherService.DispatcherServiceClient dispatcher,
    CreditsService.CreditsServiceClient credits,
    AdministrativeActs acts,
    ExceptionAnswers answers,
    DailyQuota quota,
    Timelines timelines,
    EventWatches watches,
    WebhookBook webhooks,
    WebhookSender sender,
    TimeProvider time,
    IOptions<WebhookOptions> delivering,
    IOptions<GatewayOptions> options) : PennypostService.PennypostServiceBase
{
    /// <summary>Of a request that the service behind looks at in full, under the same names: refuses only what REST could not read.</summary>
    private static void Check(ServerCallContext context) => Check(context, _ => { });

    /// <summary>
    /// The same where shapes are known here too: what REST could not read ends the call before the service has seen it, and then these say what else is wrong. What
    /// was read whole the service judges, which knows more: which policies there are, what an e-mail needs.
    /// </summary>
    private static void CheckUnread(ServerCallContext context, Action<Violations> look)
    {
        if (context.UserState.ContainsKey(RestRequest.Misread)) Check(context, look);
    }

    /// <summary>
    /// The first thing that every call does: looks at the request, and refuses it with everything that is wrong, what REST could not read included.
    /// What was misread is not complained of a second time for being absent.
    /// </summary>
    internal static void Check(ServerCallContext context, Action<Violations> look)
    {
        var violations = context.UserState.TryGetValue(RestRequest.Misread, out var misread) ? (Violations)misread : new Violations();
        string[] named = [.. violations.All.Select(violation => violation.Field)];
        var shapes = new Violations();
        look(shapes);
        foreach (var shape in shapes.All)
            if (!Array.Exists(named, field => shape.Field == field || shape.Field.StartsWith(field + ".", StringComparison.Ordinal) || shape.Field.StartsWith(field + "[", StringComparison.Ordinal)))
                violations.Add(shape.Field, shape.Description);
        if (violations.Any) throw Errors.Invalid(violations);
    }
}
