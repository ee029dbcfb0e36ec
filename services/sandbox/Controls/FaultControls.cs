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
        "users.invite", "users.invite.list", "users.invite.withdraw", "users.relations", "users.profile",
        "accounts.list", "accounts.get", "linkedin.inmail_balance", "webhooks.create", "webhooks.list", "webhooks.delete",
    ];

    private static readonly string[] Events =
        [Faulting.EventPrefix + "message_received", Faulting.EventPrefix + "new_relation", Faulting.EventPrefix + "account_status"];

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
        var isEvent = endpoint.StartsWith(Faulting.EventPrefix, StringComparison.Ordinal);
        if (endpoint.Length > 0 && endpoint != "*" && !Endpoints.Contains(endpoint) && !Events.Contains(endpoint))
            body.Refuse("endpoint", "must be *, or one of " + string.Join(", ", [.. Endpoints, .. Events]));
        var account = body.Has("account_id") ? Control.Account(world, body) : null;
        var kind = body.Choice<FaultKind>("kind");
        if (!body.Has("kind"))
            body.Violations.Add(Violation.Required("kind"));
        if (kind is { } known && isEvent != (known is FaultKind.Lost or FaultKind.Twice))
            body.Refuse("kind", isEvent ? "must be lost or twice for an event" : "lost and twice are for events");
        var type = body.Text("type");
        if (type is not null && !ErrorType.All.ContainsKey(type))
            body.Refuse("type", "must be a documented error type, without errors/");
        var delay = (int)(body.Number("delay_ms", 0, 120_000) ?? 0);
        var times = (int)(body.Number("times", 1, 1_000_000) ?? 1);
        body.RefuseUnknown();
        if (world.Faults.Count >= options.MaxFaults)
            body.Refuse("endpoint", $"meets as many faults as may wait ({options.MaxFaults}, Sandbox:MaxFaults)");
        if (body.Violations.Count > 0)
            return Answer.Invalid(body.Violations);
        var sequence = world.Faults.All.Select(f => f.Sequence).DefaultIfEmpty().Max() + 1;
        var fault = new Fault
        {
            Id = "fault-" + sequence.ToString(CultureInfo.InvariantCulture),
            Sequence = sequence,
            Endpoint = endpoint,
            AccountId = account?.Id,
            Kind = kind!.Value,
            Type = type,
            DelayMs = delay,
            Times = times,
        };
        world.Faults.Put(fault);
        return Answer.Ok(fault);
    }
}
