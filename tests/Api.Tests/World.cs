using System.Globalization;
using System.Text.Json.Nodes;
using Pennypost.Gateway.Keys;

namespace Pennypost.Api.Tests;

/// <summary>What a call does with the things that it names.</summary>
internal enum Does
{
    /// <summary>Names a thing that must be there: another tenant's answers like one that does not exist.</summary>
    Names,

    /// <summary>Makes or replaces a thing: under another tenant's ids it makes the caller's own, and theirs stays as it is.</summary>
    Makes,

    /// <summary>Lists or counts what the caller's tenant has.</summary>
    Lists,
}

/// <summary>One call of every rpc that succeeds in a <see cref="World"/>.</summary>
/// <param name="Does">What it does with what it names.</param>
/// <param name="Json">The request; words that begin with <c>$</c> are filled in.</param>
/// <param name="Own">What its own tenant gets; OK, unless the call is right and the thing's state is not.</param>
internal sealed record Call(Does Does, string Json, string Own = "OK");

/// <summary>A tenant that has one of everything, and how every rpc is called there. An rpc without a line here fails the tests.</summary>
internal sealed class World(string tenant, ApiKeyText key, Uri sandbox, string providerKey)
{
    /// <summary>In the order in which they need each other.</summary>
    public static readonly IReadOnlyList<string> Makes = ["PutConnection", "CreatePool", "PutAccount", "PutPolicy", "SendMessage", "PutBudget", "PutSeat", "PutWebhook"];

    /// <summary>It tells what happens until its caller leaves: there is no answer to compare, and tests/Gateway.Tests looks at what it tells.</summary>
    public const string Endless = "WatchEvents";

    /// <summary>To whom anything is written here.</summary>
    public static readonly IReadOnlyList<string> People = ["ada-lovelace", "grace-hopper", "edith-clarke", "mary-somerville", "sophie-germain"];

    public static readonly IReadOnlyDictionary<string, Call> Calls = new Dictionary<string, Call>
    {
        ["SendMessage"] = new(Does.Makes, """{"message": {"messageId": "waits", "prospect": {"profile": "ada-lovelace", "firstName": "Ada"}, "content": {"subject": "One question", "body": "May I ask?"}, "notBefore": "$later", "campaignId": "spring"}}"""),
        ["SendMessages"] = new(Does.Makes, """{"messages": [{"messageId": "one-of-two", "prospect": {"profile": "grace-hopper"}, "content": {"body": "May I?"}, "notBefore": "$later"}, {"messageId": "two-of-two", "prospect": {"profile": "edith-clarke"}, "content": {"body": "May I?"}, "notBefore": "$later"}]}"""),
        ["PreviewMessage"] = new(Does.Lists, """{"message": {"prospect": {"profile": "mary-somerville"}, "content": {"body": "May I ask?"}}}"""),
        ["GetMessage"] = new(Does.Names, """{"messageId": "waits"}"""),
        ["ListMessages"] = new(Does.Lists, """{"pageSize": 100}"""),
        ["WatchMessage"] = new(Does.Names, """{"messageId": "gone"}"""),
        ["CancelMessage"] = new(Does.Names, """{"messageId": "gone"}"""),
        ["ResolveMessage"] = new(Does.Names, """{"messageId": "waits", "attempt": 1, "sent": true, "actor": "olga"}""", "FAILED_PRECONDITION"),
        ["GetRates"] = new(Does.Lists, """{"matureAfter": "0s", "unitCosts": {"currency": "USD", "creditMicros": 10000000}}"""),
        ["GetBacklog"] = new(Does.Lists, """{"pageSize": 100}"""),
        ["RetryMessages"] = new(Does.Lists, """{"state": "MESSAGE_STATE_FAILED", "actor": "olga"}"""),
        ["ReplayCommands"] = new(Does.Lists, """{"limit": 10, "actor": "olga"}"""),
        ["SuppressProspect"] = new(Does.Makes, """{"profile": "mary-somerville", "why": "asked for it"}"""),
        ["ListSuppressed"] = new(Does.Lists, "{}"),
        ["EraseProspect"] = new(Does.Makes, """{"profile": "sophie-germain"}"""),
        ["PutConnection"] = new(Does.Makes, """{"connection": {"connectionId": "main", "baseUrl": "$sandbox", "apiKey": "$providerKey", "webhookSecret": "a-secret-of-the-tests"}}"""),
        ["GetConnection"] = new(Does.Names, """{"connectionId": "main"}"""),
        ["PutPolicy"] = new(Does.Makes, """{"policy": {"name": "careful", "creditFloor": 3}}"""),
        ["GetPolicy"] = new(Does.Names, """{"name": "careful"}"""),
        ["ListPolicies"] = new(Does.Lists, "{}"),
        ["PutAccount"] = new(Does.Makes, """{"account": {"accountId": "$account", "connectionId": "main", "tier": "TIER_SALES_NAVIGATOR", "inmailProduct": "PRODUCT_SALES_NAVIGATOR", "pools": [{"product": "PRODUCT_SALES_NAVIGATOR", "poolId": "pool"}]}}"""),
        ["GetAccount"] = new(Does.Names, """{"accountId": "$account"}"""),
        ["ListAccounts"] = new(Does.Lists, "{}"),
        ["PauseAccount"] = new(Does.Names, """{"accountId": "$account", "actor": "olga", "why": "holiday"}"""),
        ["ResumeAccount"] = new(Does.Names, """{"accountId": "$account", "actor": "olga"}"""),
        ["ListBreakers"] = new(Does.Lists, "{}"),
        ["GetBreakerHistory"] = new(Does.Names, """{"accountId": "$account"}"""),
        ["ResetBreaker"] = new(Does.Names, """{"accountId": "$account", "product": "PRODUCT_SALES_NAVIGATOR"}"""),
        ["ListAlerts"] = new(Does.Lists, "{}"),
        ["GetAlertSettings"] = new(Does.Lists, "{}"),
        ["PutAlertSettings"] = new(Does.Makes, """{"settings": {"lowCredits": 7}}"""),
        ["ListOperatorActs"] = new(Does.Lists, "{}"),
        ["CreatePool"] = new(Does.Makes, """{"poolId": "pool", "planId": "sales_navigator_core", "openingBalance": 20, "terms": {"topUpAllowed": true, "priceMicros": 10000000, "currency": "USD"}}"""),
        ["GetPool"] = new(Does.Names, """{"poolId": "pool"}"""),
        ["ListPools"] = new(Does.Lists, "{}"),
        ["TopUpPool"] = new(Does.Names, """{"poolId": "pool", "topUpId": "bought", "credits": 5, "unitCostMicros": 10000000, "currency": "USD"}"""),
        ["ForecastPool"] = new(Does.Names, """{"poolId": "pool", "days": 10, "sendsPerDay": 1.5}"""),
        ["ChangePoolPlan"] = new(Does.Names, """{"poolId": "pool", "changeId": "up", "planId": "sales_navigator_advanced", "validateOnly": true}"""),
        ["CancelPoolPlan"] = new(Does.Names, """{"poolId": "pool", "changeId": "down", "validateOnly": true}"""),
        ["PutPoolTerms"] = new(Does.Names, """{"poolId": "pool", "terms": {"topUpAllowed": true, "priceMicros": 10000000, "currency": "USD", "floor": 2}}"""),
        ["VoidLot"] = new(Does.Names, """{"poolId": "pool", "lotId": "$lot", "validateOnly": true}"""),
        ["PutSeat"] = new(Does.Names, """{"poolId": "pool", "accountId": "$account", "periodLimit": 10, "weekLimit": 5}"""),
        ["PutBudget"] = new(Does.Names, """{"poolId": "pool", "campaignId": "spring", "credits": 8}"""),
        ["ImportSends"] = new(Does.Names, """{"poolId": "pool", "sends": [{"holdId": "by-hand", "accountId": "$account", "sendTime": "$earlier"}]}"""),
        ["ReconcilePool"] = new(Does.Names, """{"poolId": "pool", "reconcileId": "look", "observedAvailable": 20, "observeTime": "$earlier"}"""),
        ["ListHolds"] = new(Does.Names, """{"poolId": "pool"}"""),
        ["ListPoolEntries"] = new(Does.Names, """{"poolId": "pool", "pageSize": 3}"""),
        ["VerifyPool"] = new(Does.Names, """{"poolId": "pool"}"""),
        ["GetPlanCatalog"] = new(Does.Lists, "{}"),
        ["PutPlanOverride"] = new(Does.Makes, """{"planId": "sales_navigator_core", "terms": {"floor": 4}}"""),
        ["WatchEvents"] = new(Does.Lists, """{"resumeToken": "no-token"}""", "INVALID_ARGUMENT"),
        ["ListEvents"] = new(Does.Lists, """{"types": ["webhook"], "fromTime": "$later"}"""),
        ["PutWebhook"] = new(Does.Makes, """{"webhook": {"webhookId": "main", "url": "https://hooks.invalid/", "filter": {"types": ["webhook"]}, "disabled": true}}"""),
        ["GetWebhook"] = new(Does.Names, """{"webhookId": "main"}"""),
        ["ListWebhooks"] = new(Does.Lists, "{}"),
        ["DeleteWebhook"] = new(Does.Makes, """{"webhookId": "spare"}"""),
        ["RotateWebhookSecret"] = new(Does.Names, """{"webhookId": "main"}"""),
        ["TestWebhook"] = new(Does.Names, """{"webhookId": "main"}"""),
        ["ReplayWebhook"] = new(Does.Names, """{"webhookId": "main", "fromTime": "$earlier"}"""),
        ["ListWebhookFailures"] = new(Does.Names, """{"webhookId": "main"}"""),
        ["CreateApiKey"] = new(Does.Makes, """{"displayName": "one more", "scopes": ["messages:read"]}"""),
        ["ListApiKeys"] = new(Does.Lists, "{}"),
        ["RevokeApiKey"] = new(Does.Names, """{"keyId": "$spareKey"}"""),
    };

    public string Tenant => tenant;

    public ApiKeyText Key => key;

    public string Account => $"{tenant}-seat";

    public string Lot { get; set; } = "";

    public string SpareKey { get; set; } = "";

    /// <summary>The rpc's request in this world.</summary>
    public JsonObject Example(string rpc) => Fill(Calls[rpc].Json);

    public JsonObject Fill(string json) => (JsonObject)JsonNode.Parse(json
        .Replace("$later", Time(TimeSpan.FromDays(30)), StringComparison.Ordinal)
        .Replace("$earlier", Time(TimeSpan.FromDays(-1)), StringComparison.Ordinal)
        .Replace("$account", Account, StringComparison.Ordinal)
        .Replace("$lot", Lot, StringComparison.Ordinal)
        .Replace("$spareKey", SpareKey, StringComparison.Ordinal)
        .Replace("$sandbox", sandbox.ToString(), StringComparison.Ordinal)
        .Replace("$providerKey", providerKey, StringComparison.Ordinal))!;

    // By the day: what is asked for twice is asked for in the same words.
    private static string Time(TimeSpan fromToday) => (DateTime.UtcNow.Date + fromToday).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
