using System.Globalization;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Api;

/// <summary>Registering webhooks (facts 1.5).</summary>
internal static class WebhookEndpoints
{
    private static readonly string[] MessagingEvents =
        ["message_received", "message_reaction", "message_read", "message_edited", "message_deleted", "message_delivered"];

    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapPost("/webhooks", Create);
        v1.MapGet("/webhooks", List);
        v1.MapDelete("/webhooks/{webhookId}", Delete);
    }

    private static async Task Create(HttpContext http, Calls calls)
    {
        const string Endpoint = "webhooks.create";
        if (await JsonBody.ReadAsync(http) is not { } body)
        {
            await calls.RefuseAsync(http, Endpoint, null, Answer.Error(ErrorType.MalformedRequest, "The body must be a JSON object."));
            return;
        }

        var url = body.Text("request_url", required: true) ?? "";
        if (url.Length > 0 && !(Uri.TryCreate(url, UriKind.Absolute, out var target) && target.Scheme is "http" or "https"))
            body.Refuse("request_url", "must be an http or https address");
        HookSource? source = body.Text("source", required: true) switch
        {
            "messaging" => HookSource.Messaging,
            "account_status" => HookSource.AccountStatus,
            "users" or "relations" => HookSource.Users,
            _ => null,
        };
        if (source is null && body.Has("source"))
            body.Refuse("source", "must be messaging, account_status, users or relations");
        var name = body.Text("name", mostLength: 200);
        var accounts = body.Texts("account_ids", most: 1_000);
        var events = body.Texts("events", most: 20);
        var known = source switch
        {
            HookSource.Messaging => MessagingEvents,
            HookSource.AccountStatus => ["account_status"],
            _ => ["new_relation"],
        };
        // The events of account_status are named by their messages (OK, CREDENTIALS ...), which the sandbox always sends.
        if (source != HookSource.AccountStatus && events.Except(known).Any())
            body.Refuse("events", "must be of " + string.Join(", ", known));
        var headers = new List<HookHeader>();
        foreach (var header in body.Objects("headers", most: 20))
        {
            headers.Add(new(header.Text("key", mostLength: 200, required: true) ?? "", header.Text("value") ?? ""));
            header.RefuseUnknown();
        }

        _ = (body.Text("format"), body.Flag("enabled"));
        body.RefuseUnknown();
        await calls.AnswerAsync(http, Endpoint, null, world =>
        {
            foreach (var id in accounts.Where(id => world.Accounts.Find(id) is null))
                body.Refuse("account_ids", "names an unknown account: " + id);
            if (body.Violations.Count > 0)
                return Answer.Invalid(body.Violations);
            if (world.Hooks.Count >= calls.Options.MaxHooks)
                return Answer.Error(ErrorType.LimitExceeded, "As many webhooks are registered as may be (Sandbox:MaxHooks).");
            var hook = new Hook
            {
                Id = Draw.Id(world.Seed, "hook", url, string.Create(CultureInfo.InvariantCulture, $"{source} {world.Now.ToUnixTimeMilliseconds()} {world.Hooks.Count}")),
                RequestUrl = url,
                Source = source!.Value,
                Name = name,
                AccountIds = accounts,
                Headers = headers,
                Events = source == HookSource.AccountStatus ? [] : events,
            };
            world.Hooks.Put(hook);
            return Answer.Created(new { @object = "WebhookCreated", webhook_id = hook.Id });
        });
    }

    private static Task List(HttpContext http, Calls calls)
    {
        var violations = new List<Violation>();
        var page = Page.Parse(http.Request, violations);
        return violations.Count > 0
            ? calls.RefuseAsync(http, "webhooks.list", null, Answer.Invalid(violations))
            : calls.AnswerAsync(http, "webhooks.list", null, world => page!.Of("WebhookList", world.Hooks.All, h => (0L, h.Id), h => new
            {
                @object = "Webhook",
                id = h.Id,
                name = h.Name,
                request_url = h.RequestUrl,
                source = h.Source == HookSource.AccountStatus ? "account_status" : h.Source == HookSource.Messaging ? "messaging" : "users",
                account_ids = h.AccountIds,
                events = h.Events,
                // Secrets that were set are not told again.
                headers = h.Headers.Select(header => new { key = header.Key }),
                format = "json",
                enabled = true,
            }));
    }

    private static Task Delete(HttpContext http, Calls calls, string webhookId) => calls.AnswerAsync(http, "webhooks.delete", null, world =>
    {
        if (world.Hooks.Find(webhookId) is null)
            return Answer.Error(ErrorType.ResourceNotFound, "Webhook not found.");
        world.Hooks.Remove(webhookId);
        return Answer.Ok(new { @object = "WebhookDeleted" });
    });
}
