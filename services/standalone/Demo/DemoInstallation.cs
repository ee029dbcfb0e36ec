using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Pennypost.Gateway.V1;
using Pennypost.Types.V1;

namespace Pennypost.Standalone.Demo;

/// <summary>
/// Makes a fresh installation ready to send, through the public API as any user would: a connection to the sandbox provider, a pool per sender with what is left of its credits, three senders, the provider's webhook.
/// Every step may be repeated.
/// </summary>
internal sealed class DemoInstallation(DemoPlace place, PennypostService.PennypostServiceClient client, SandboxControls controls, Metadata credential)
{
    private const string ConnectionId = "sandbox";

    /// <summary>A sender of the demo's world, and the pool that pays its InMails.</summary>
    private sealed record Sender(string AccountId, string Name, Tier Tier, Product Product, string PlanId, string PoolId, string BalanceField, int? BillingDay, string Subscription, int Balance);

    private static readonly Sender[] Senders =
    [
        new("ada-sales", "Ada (Sales Navigator Core)", Tier.SalesNavigator, Product.SalesNavigator, "sales_navigator_core", "ada-sales-navigator", "sales_navigator", null, "sales_navigator", 9),
        new("ben-business", "Ben (Premium Business)", Tier.Premium, Product.Premium, "premium_business", "ben-premium", "premium", 14, "premium_business", 4),
        new("cleo-recruiting", "Cleo (Recruiter Lite)", Tier.Recruiter, Product.Recruiter, "recruiter_lite", "cleo-recruiter", "recruiter", 20, "recruiter_lite", 6),
    ];

    /// <summary>Whether a message could be sent at all.</summary>
    public static async Task<bool> HasSenderAsync(DemoPlace place, CancellationToken ct)
    {
        using var channel = GrpcChannel.ForAddress(place.Grpc);
        var accounts = await new PennypostService.PennypostServiceClient(channel).ListAccountsAsync(new() { PageSize = 1 }, new Metadata { { "authorization", $"Bearer {place.ApiKey}" } }, cancellationToken: ct);
        return accounts.Accounts.Count > 0;
    }

    public async Task PrepareAsync(CancellationToken ct)
    {
        // A list of one's own has no world beside it: the senders are then made as examples/world.json has them, and the people are invented. Who is there is left alone.
        var seats = Senders.Select(sender => new { id = sender.AccountId, name = sender.Name, subscriptions = new[] { Subscription(sender) } });
        await controls.PostAsync("sandbox/v1/world", new { keep_existing = true, accounts = seats }, ct);
        await client.PutConnectionAsync(
            new() { Connection = new() { ConnectionId = ConnectionId, BaseUrl = place.Sandbox.ToString(), ApiKey = place.ProviderKey, WebhookSecret = place.WebhookSecret } },
            credential, cancellationToken: ct);
        var pools = (await client.ListPoolsAsync(new(), credential, cancellationToken: ct)).Pools.Select(pool => pool.PoolId).ToHashSet(StringComparer.Ordinal);
        foreach (var sender in Senders)
        {
            // A used seat: the ledger opens with what the provider says is left, not with a month's grant.
            if (!pools.Contains(sender.PoolId))
            {
                var balance = await controls.GetAsync($"api/v1/linkedin/inmail_balance?account_id={sender.AccountId}", ct);
                var create = new CreatePoolRequest { PoolId = sender.PoolId, PlanId = sender.PlanId, OpeningBalance = balance[sender.BalanceField]!.GetValue<long>() };
                if (sender.BillingDay is { } day)
                    create.Renewal = new() { BillingAnchor = new() { Day = day } };
                await client.CreatePoolAsync(create, credential, cancellationToken: ct);
            }

            await client.PutAccountAsync(
                new()
                {
                    Account = new()
                    {
                        AccountId = sender.AccountId,
                        ConnectionId = ConnectionId,
                        DisplayName = sender.Name,
                        Tier = sender.Tier,
                        InmailProduct = sender.Product,
                        Pools = { new AccountPool { Product = sender.Product, PoolId = sender.PoolId } },
                        // The demo's days are short: no pause between two sends. The default is 10 s.
                        Spacing = Duration.FromTimeSpan(TimeSpan.Zero),
                    },
                },
                credential, cancellationToken: ct);
        }

        await RegisterWebhookAsync(ct);
    }

    private static object Subscription(Sender sender) => sender.BillingDay is { } day
        ? new { plan = sender.Subscription, balance = sender.Balance, renewal_day = day }
        : new { plan = sender.Subscription, balance = sender.Balance };

    private async Task RegisterWebhookAsync(CancellationToken ct)
    {
        var url = new Uri(place.Rest, $"v1/webhooks/provider/{place.Tenant}/{ConnectionId}").ToString();
        foreach (var source in new[] { "messaging", "users", "account_status" })
        {
            var name = $"pennypost-{source}";
            var known = (await controls.GetAsync("api/v1/webhooks", ct))["items"]!.AsArray()
                .Any(hook => hook!["name"]?.GetValue<string>() == name && hook["request_url"]?.GetValue<string>() == url);
            if (!known)
            {
                var headers = new[] { new { key = "Unipile-Auth", value = place.WebhookSecret }, new { key = "Content-Type", value = "application/json" } };
                await controls.PostAsync("api/v1/webhooks", new { request_url = url, source, name, headers }, ct);
            }
        }
    }

    /// <summary>What the senders wrote by hand before, and the answers: Pennypost hears of both by webhook, and knows these threads as replied.</summary>
    public async Task ReplayHistoryAsync(IReadOnlyList<Prior> history, CancellationToken ct)
    {
        foreach (var prior in history)
        {
            var written = await controls.GetAsync($"sandbox/v1/deliveries?member_id={Uri.EscapeDataString(prior.Prospect)}", ct);
            if (written["deliveries"]!.AsArray().Count > 0)
                continue;
            await controls.PostAsync("sandbox/v1/sends", new { account_id = prior.Account, prospect_id = prior.Prospect, kind = "inmail", api = prior.Api, subject = "Hello", text = prior.Inmail }, ct);
            await controls.PostAsync("sandbox/v1/reply", new { account_id = prior.Account, prospect_id = prior.Prospect, text = prior.Reply }, ct);
        }
    }
}
