using System.Globalization;
using Pennypost.Sandbox.Acts;
using Pennypost.Sandbox.Api;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Controls;

/// <summary>Ordering what goes wrong with the next calls or events.</summary>
internal static class FaultControls
{
    /// <summary>Short names of the provider's endpoints, by which faults are ordered and calls are counted.</summary>
    public static IReadOnlyList<string> Endpoints { get; } =
    [
        "chats.start", "chats.messages.send", "chats.list", "chats.get", "chats.messages.list", "messages.list", "attendees.chats",
        "users.invite", "users.invite.list", "users.invite.withdraw", "users.relations", "users.profile", "posts.reaction", "posts.comment",
        "accounts.list", "accounts.get", "linkedin.inmail_balance", "webhooks.create", "webhooks.list", "webhooks.delete",
    ];

    private static readonly string[] Events =
        [Faulting.EventPrefix + "message_received", Faulting.EventPrefix + "new_relation", Faulting.EventPrefix + "account_status"];

    /// <summary>Their calls name no account that could be stopped.</summary>
    private static readonly string[] WithoutAccount = ["accounts.list", "webhooks.create", "webhooks.list", "webhooks.delete"];

    /// <summary>What each step says for itself, or chance would say in its place.</summary>
    private static readonly string[] BesideScript = ["kind", "type", "delay_ms", "status", "retry_after_seconds", "rate"];

    /// <summary>Steps of one script: it is stored anew with each call that it is asked about.</summary>
    private const int MostSteps = 200;

    /// <summary>Above every deadline that a caller would wait for.</summary>
    private const int MostDelayMs = 120_000;

    /// <summary>A day: relations are told up to 8 hours late (facts 1.5).</summary>
    private const int MostLateMs = 24 * 3_600_000;

    private const int UsualReorderedMs = 60_000;

    private const int MostRetryAfterSeconds = 24 * 3_600;

    public static void Map(RouteGroupBuilder sandbox)
    {
        sandbox.MapPost("/faults", (HttpContext http, Control control) => control.ActAsync(http, (w, b) => Order(w, b, control.Options)));
        sandbox.MapGet("/faults", (HttpContext http, Control control) => control.ReadAsync(http, world =>
            Answer.Ok(new { faults = world.Faults.All.OrderBy(f => f.Sequence).ToList() })));
        sandbox.MapDelete("/faults", (HttpContext http, Control control) => control.ReadAsync(http, world =>
        {
            var all = world.Faults.All.Select(f => f.Id).ToList();
            all.ForEach(world.Faults.Remove);
            return Answer.Ok(new { removed = all.Count });
        }));
    }

    private static Answer Order(World world, JsonBody body, SandboxOptions options)
    {
        var endpoint = body.Text("endpoint", required: true) ?? "";
        if (endpoint.Length > 0 && endpoint != "*" && !Endpoints.Contains(endpoint) && !Events.Contains(endpoint))
            body.Refuse("endpoint", "must be *, or one of " + string.Join(", ", [.. Endpoints, .. Events]));
        var account = body.Has("account_id") ? Control.Account(world, body) : null;
        var script = body.Has("script") ? Script(body, endpoint) : null;
        var step = script is null ? Step(body, endpoint, inScript: false) : null;
        var rate = script is null ? body.Share("rate") : null;
        var bounded = script is null && !body.Has("rate");
        var times = (int?)body.Number("times", 1, 1_000_000) ?? (bounded ? 1 : null);
        var repeat = body.Flag("repeat") ?? false;
        if (script is null && body.Has("repeat"))
            body.Refuse("repeat", "is for a script");
        body.RefuseUnknown();
        if (world.Faults.Count >= options.MaxFaults)
            body.Refuse("endpoint", $"meets as many faults as may wait ({options.MaxFaults}, Sandbox:MaxFaults)");
        if (body.Violations.Count > 0)
            return Answer.Invalid(body.Violations);
        var sequence = world.TakeFaultNumber();
        var fault = new Fault
        {
            Id = "fault-" + sequence.ToString(CultureInfo.InvariantCulture),
            Sequence = sequence,
            Endpoint = endpoint,
            AccountId = account?.Id,
            Kind = step?.Kind,
            Type = step?.Type,
            DelayMs = step?.DelayMs ?? 0,
            Status = step?.Status,
            RetryAfterSeconds = step?.RetryAfterSeconds,
            Times = times,
            Rate = rate,
            Script = script,
            Repeat = repeat,
        };
        world.Faults.Put(fault);
        return Answer.Ok(fault);
    }

    private static List<FaultStep> Script(JsonBody body, string endpoint)
    {
        foreach (var name in BesideScript.Where(body.Has))
            body.Refuse(name, "cannot stand beside a script");
        var count = body.Violations.Count;
        var items = body.ObjectsOrTexts("script", "kind", MostSteps);
        if (items.Count == 0 && body.Violations.Count == count)
            body.Refuse("script", "must hold at least one step");
        var steps = new List<FaultStep>();
        foreach (var item in items)
        {
            steps.Add(Step(item, endpoint, inScript: true));
            item.RefuseUnknown();
        }

        return steps;
    }

    /// <summary>One thing that goes wrong. <c>type</c> and <c>delay_ms</c> may stand beside a kind that has no use for them, so that a caller can try kinds in turn.</summary>
    private static FaultStep Step(JsonBody body, string endpoint, bool inScript)
    {
        var isEvent = endpoint.StartsWith(Faulting.EventPrefix, StringComparison.Ordinal);
        var kind = body.Choice<FaultKind>("kind");
        body.Require("kind");
        if (kind == FaultKind.Pass && !inScript)
            body.Refuse("kind", "pass is a step of a script");
        else if (kind is { } known and not FaultKind.Pass && isEvent != (known is FaultKind.Lost or FaultKind.Twice or FaultKind.Late or FaultKind.Reordered))
            body.Refuse("kind", isEvent ? "must be lost, twice, late or reordered for an event" : "lost, twice, late and reordered are for events");
        if (kind is FaultKind.Restrict or FaultKind.Disconnect && WithoutAccount.Contains(endpoint))
            body.Refuse("kind", "restrict and disconnect are for calls that name an account");
        var type = body.Text("type");
        if (type is not null && !ErrorType.All.ContainsKey(type))
            body.Refuse("type", "must be a documented error type, without errors/");
        var (least, most, usual) = kind switch
        {
            FaultKind.Late => (1, MostLateMs, 0),
            FaultKind.Reordered => (1, MostLateMs, UsualReorderedMs),
            _ => (0, MostDelayMs, 0),
        };
        var delay = (int)(body.Number("delay_ms", least, most, required: kind == FaultKind.Late) ?? usual);
        var ofProxy = kind is FaultKind.Http or FaultKind.HttpAfter;
        var status = (int?)body.Number("status", 500, 599, required: ofProxy);
        if (kind is not null && !ofProxy && body.Has("status"))
            body.Refuse("status", "is for http and http_after");
        var retryAfter = (int?)body.Number("retry_after_seconds", 0, MostRetryAfterSeconds);
        if (kind is not (null or FaultKind.Error or FaultKind.ErrorAfter) && !ofProxy && body.Has("retry_after_seconds"))
            body.Refuse("retry_after_seconds", "is for error, error_after, http and http_after");
        return new() { Kind = kind ?? FaultKind.Pass, Type = type, DelayMs = delay, Status = status, RetryAfterSeconds = retryAfter };
    }
}
