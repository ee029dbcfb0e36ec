using System.Collections.Frozen;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.Keys;

/// <summary>What an API key may do, and what each public call asks for. A call without a line here cannot be made.</summary>
internal static class Scopes
{
    public const string MessagesRead = "messages:read";
    public const string MessagesWrite = "messages:write";
    public const string AccountsRead = "accounts:read";
    public const string AccountsWrite = "accounts:write";
    public const string CreditsRead = "credits:read";
    public const string CreditsWrite = "credits:write";
    public const string PoliciesRead = "policies:read";
    public const string PoliciesWrite = "policies:write";
    public const string EventsRead = "events:read";
    public const string WebhooksRead = "webhooks:read";
    public const string WebhooksWrite = "webhooks:write";
    public const string KeysRead = "keys:read";
    public const string KeysWrite = "keys:write";
    public const string AuditRead = "audit:read";
    public const string TenantsRead = "tenants:read";
    public const string TenantsWrite = "tenants:write";

    /// <summary>Those of a tenant: what its first key may do.</summary>
    public static readonly IReadOnlyList<string> OfATenant =
        [MessagesRead, MessagesWrite, AccountsRead, AccountsWrite, CreditsRead, CreditsWrite, PoliciesRead, PoliciesWrite, EventsRead, WebhooksRead, WebhooksWrite, KeysRead, KeysWrite, AuditRead];

    /// <summary>With those of the installation, which reach beyond the key's own tenant.</summary>
    public static readonly IReadOnlyList<string> All = [.. OfATenant, TenantsRead, TenantsWrite];

    private static readonly string Service = $"/{PennypostService.Descriptor.FullName}/";
    private static readonly string Administration = $"/{AdminService.Descriptor.FullName}/";

    /// <summary>The import has no rpc of its own: a file is no message.</summary>
    public static readonly string ImportCsv = Service + "ImportCsv";

    private static readonly FrozenDictionary<string, string> ByMethod = new Dictionary<string, string>
    {
        ["SendMessage"] = MessagesWrite,
        ["SendMessages"] = MessagesWrite,
        ["StreamMessages"] = MessagesWrite,
        ["ImportCsv"] = MessagesWrite,
        ["PreviewMessage"] = MessagesRead,
        ["LintContent"] = MessagesRead,
        ["PlanMessages"] = MessagesRead,
        ["ComparePlans"] = MessagesRead,
        ["GetMessage"] = MessagesRead,
        ["ListMessages"] = MessagesRead,
        ["ExportMessages"] = MessagesRead,
        ["WatchMessage"] = MessagesRead,
        ["CancelMessage"] = MessagesWrite,
        ["ResolveMessage"] = MessagesWrite,
        ["GetBacklog"] = MessagesRead,
        ["RetryMessages"] = MessagesWrite,
        ["ReplayCommands"] = MessagesWrite,
        ["SuppressProspect"] = MessagesWrite,
        ["ListSuppressed"] = MessagesRead,
        ["EraseProspect"] = MessagesWrite,
        ["PutConnection"] = AccountsWrite,
        ["GetConnection"] = AccountsRead,
        ["TestConnection"] = AccountsWrite,
        ["PutPolicy"] = PoliciesWrite,
        ["GetPolicy"] = PoliciesRead,
        ["ListPolicies"] = PoliciesRead,
        ["GetRates"] = MessagesRead,
        ["PutAccount"] = AccountsWrite,
        ["GetAccount"] = AccountsRead,
        ["ListAccounts"] = AccountsRead,
        ["PauseAccount"] = AccountsWrite,
        ["ResumeAccount"] = AccountsWrite,
        ["ListBreakers"] = AccountsRead,
        ["GetBreakerHistory"] = AccountsRead,
        ["ListAlerts"] = AccountsRead,
        ["GetAlertSettings"] = AccountsRead,
        ["PutAlertSettings"] = AccountsWrite,
        ["ResetBreaker"] = AccountsWrite,
        ["CreatePool"] = CreditsWrite,
        ["GetPool"] = CreditsRead,
        ["ListPools"] = CreditsRead,
        ["TopUpPool"] = CreditsWrite,
        ["ForecastPool"] = CreditsRead,
        ["ChangePoolPlan"] = CreditsWrite,
        ["CancelPoolPlan"] = CreditsWrite,
        ["PutPoolTerms"] = CreditsWrite,
        ["VoidLot"] = CreditsWrite,
        ["PutSeat"] = CreditsWrite,
        ["PutBudget"] = CreditsWrite,
        ["ImportSends"] = CreditsWrite,
        ["ReconcilePool"] = CreditsWrite,
        ["ListHolds"] = CreditsRead,
        ["GetPlanCatalog"] = CreditsRead,
        ["PutPlanOverride"] = CreditsWrite,
        ["ListPoolEntries"] = CreditsRead,
        ["ExportPoolEntries"] = CreditsRead,
        ["VerifyPool"] = CreditsRead,
        ["WatchEvents"] = EventsRead,
        ["ListEvents"] = EventsRead,
        ["PutWebhook"] = WebhooksWrite,
        ["GetWebhook"] = WebhooksRead,
        ["ListWebhooks"] = WebhooksRead,
        ["DeleteWebhook"] = WebhooksWrite,
        ["RotateWebhookSecret"] = WebhooksWrite,
        ["TestWebhook"] = WebhooksWrite,
        ["ReplayWebhook"] = WebhooksWrite,
        ["ListWebhookFailures"] = WebhooksRead,
    }.Select(line => (Method: Service + line.Key, line.Value)).Concat(new Dictionary<string, string>
    {
        ["CreateApiKey"] = KeysWrite,
        ["ListApiKeys"] = KeysRead,
        ["RotateApiKey"] = KeysWrite,
        ["RevokeApiKey"] = KeysWrite,
        ["PutTenant"] = TenantsWrite,
        ["GetTenant"] = TenantsRead,
        ["ListTenants"] = TenantsRead,
        ["ListOperatorActs"] = AuditRead,
    }.Select(line => (Method: Administration + line.Key, line.Value))).ToFrozenDictionary(line => line.Method, line => line.Value);

    /// <summary>Whether a method (<c>/package.Service/Method</c>) administers: it does not count against the daily quota.</summary>
    public static bool IsAdministration(string method) => method.StartsWith(Administration, StringComparison.Ordinal);

    /// <summary>The scope that a method (<c>/package.Service/Method</c>) asks for; null if it has none and so cannot be called.</summary>
    public static string? Of(string method) => ByMethod.GetValueOrDefault(method);
}
