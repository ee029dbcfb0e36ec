using System.Text.Json.Nodes;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.Rest;

namespace Pennypost.Api.Tests;

/// <summary>What a call does with the things that it names.</summary>
internal enum Does
{
    /// <summary>Is the installation's: reaches tenants other than its key's own, and is refused to keys that are a tenant's.</summary>
    Administers,

    /// <summary>Names a thing that must be there: another tenant's answers like one that does not exist.</summary>
    Names,

    /// <summary>Makes or replaces a thing: under another tenant's ids it makes the caller's own, and theirs stays as it is.</summary>
    Makes,

    /// <summary>Lists or counts what the caller's tenant has.</summary>
    Lists,
}

/// <summary>What one call of every rpc comes to in a <see cref="World"/>; its request is the one that the OpenAPI document shows.</summary>
/// <param name="Does">What it does with what it names.</param>
/// <param name="Own">What its own tenant gets; OK, unless the call is right and the thing's state is not.</param>
internal sealed record Call(Does Does, string Own = "OK");

/// <summary>A tenant that has one of everything, and how every rpc is called there. An rpc without a line here fails the tests.</summary>
internal sealed class World(string tenant, ApiKeyText key, Uri sandbox, string providerKey)
{
    /// <summary>In the order in which they need each other.</summary>
    public static readonly IReadOnlyList<string> Makes = ["PutConnection", "CreatePool", "PutAccount", "PutPolicy", "SendMessage", "PutBudget", "PutSeat", "PutWebhook", "PutTenant"];

    /// <summary>It tells what happens until its caller leaves: there is no answer to compare, and tests/Gateway.Tests looks at what it tells.</summary>
    public const string Endless = "WatchEvents";

    /// <summary>It shows every tenant of the installation: answers are compared apart, while none of them changes.</summary>
    public const string OfEverybody = "ListTenants";

    /// <summary>To whom anything is written here.</summary>
    public static readonly IReadOnlyList<string> People = ["ada-lovelace", "grace-hopper", "edith-clarke", "mary-somerville", "sophie-germain"];

    public static readonly IReadOnlyDictionary<string, Call> Calls = new Dictionary<string, Call>
    {
        ["SendMessage"] = new(Does.Makes),
        ["SendMessages"] = new(Does.Makes),
        ["StreamMessages"] = new(Does.Makes),
        ["PreviewMessage"] = new(Does.Lists),
        ["LintContent"] = new(Does.Lists),
        ["PlanMessages"] = new(Does.Lists),
        ["ComparePlans"] = new(Does.Lists),
        ["GetMessage"] = new(Does.Names),
        ["ListMessages"] = new(Does.Lists),
        ["ExportMessages"] = new(Does.Lists),
        ["WatchMessage"] = new(Does.Names),
        ["CancelMessage"] = new(Does.Names),
        ["ResolveMessage"] = new(Does.Names, "FAILED_PRECONDITION"),
        ["GetRates"] = new(Does.Lists),
        ["GetBacklog"] = new(Does.Lists),
        ["RetryMessages"] = new(Does.Lists),
        ["ReplayCommands"] = new(Does.Lists),
        ["SuppressProspect"] = new(Does.Makes),
        ["ListSuppressed"] = new(Does.Lists),
        ["EraseProspect"] = new(Does.Makes),
        ["PutConnection"] = new(Does.Makes),
        ["GetConnection"] = new(Does.Names),
        ["TestConnection"] = new(Does.Names),
        ["PutPolicy"] = new(Does.Makes),
        ["GetPolicy"] = new(Does.Names),
        ["ListPolicies"] = new(Does.Lists),
        ["PutAccount"] = new(Does.Makes),
        ["GetAccount"] = new(Does.Names),
        ["ListAccounts"] = new(Does.Lists),
        ["PauseAccount"] = new(Does.Names),
        ["ResumeAccount"] = new(Does.Names),
        ["ListBreakers"] = new(Does.Lists),
        ["GetBreakerHistory"] = new(Does.Names),
        ["ResetBreaker"] = new(Does.Names),
        ["ListAlerts"] = new(Does.Lists),
        ["GetAlertSettings"] = new(Does.Lists),
        ["PutAlertSettings"] = new(Does.Makes),
        ["ListOperatorActs"] = new(Does.Lists),
        ["CreatePool"] = new(Does.Makes),
        ["GetPool"] = new(Does.Names),
        ["ListPools"] = new(Does.Lists),
        ["TopUpPool"] = new(Does.Names),
        ["ForecastPool"] = new(Does.Names),
        ["ChangePoolPlan"] = new(Does.Names),
        ["CancelPoolPlan"] = new(Does.Names),
        ["PutPoolTerms"] = new(Does.Names),
        ["VoidLot"] = new(Does.Names),
        ["PutSeat"] = new(Does.Names),
        ["PutBudget"] = new(Does.Names),
        ["ImportSends"] = new(Does.Names),
        ["ReconcilePool"] = new(Does.Names),
        ["ListHolds"] = new(Does.Names),
        ["ListPoolEntries"] = new(Does.Names),
        ["ExportPoolEntries"] = new(Does.Names),
        ["VerifyPool"] = new(Does.Names),
        ["GetPlanCatalog"] = new(Does.Lists),
        ["PutPlanOverride"] = new(Does.Makes),
        ["WatchEvents"] = new(Does.Lists, "INVALID_ARGUMENT"),
        ["ListEvents"] = new(Does.Lists),
        ["PutWebhook"] = new(Does.Makes),
        ["GetWebhook"] = new(Does.Names),
        ["ListWebhooks"] = new(Does.Lists),
        ["DeleteWebhook"] = new(Does.Makes),
        ["RotateWebhookSecret"] = new(Does.Names),
        ["TestWebhook"] = new(Does.Names),
        ["ReplayWebhook"] = new(Does.Names),
        ["ListWebhookFailures"] = new(Does.Names),
        ["CreateApiKey"] = new(Does.Makes),
        ["ListApiKeys"] = new(Does.Lists),
        ["RotateApiKey"] = new(Does.Names),
        ["RevokeApiKey"] = new(Does.Names),
        ["PutTenant"] = new(Does.Administers),
        ["GetTenant"] = new(Does.Administers),
        ["ListTenants"] = new(Does.Administers),
    };

    public string Tenant => tenant;

    public ApiKeyText Key => key;

    public string Account => $"{tenant}-seat";

    public string Lot { get; set; } = "";

    public string SpareKey { get; set; } = "";

    public string RotatedKey { get; set; } = "";

    /// <summary>The rpc's request in this world: the one that the gateway documents.</summary>
    public JsonObject Example(string rpc)
    {
        var example = RequestExamples.Of(rpc, DateTimeOffset.UtcNow, Words);
        // A watch has no end; one that goes on from nowhere is refused.
        if (rpc == Endless)
            example["resumeToken"] = "no-token";
        return example;
    }

    public JsonObject Fill(string json) => RequestExamples.Fill(json, DateTimeOffset.UtcNow, Words);

    private Dictionary<string, string> Words => new()
    {
        ["$account"] = Account,
        ["$lot"] = Lot,
        ["$spareKey"] = SpareKey,
        ["$rotatedKey"] = RotatedKey,
        ["$tenant"] = tenant,
        ["$sandbox"] = sandbox.ToString(),
        ["$providerKey"] = providerKey,
        ["$webhookSecret"] = "a-secret-of-the-tests",
    };
}
