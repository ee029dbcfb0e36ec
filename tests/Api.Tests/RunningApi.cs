using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pennypost.Gateway.Keys;
using Pennypost.Standalone;

namespace Pennypost.Api.Tests;

/// <summary>The whole of Pennypost in this process, on stores in memory, with the sandbox as provider: what is called here is the real thing, behind its real front.</summary>
public class RunningApi : IAsyncLifetime
{
    private Installation _installation = null!;

    /// <summary>Who else listens to what is logged.</summary>
    private protected virtual ILoggerProvider? Listener => null;

    internal Keys Keys => _installation.Keys;

    internal GrpcChannel Channel { get; private set; } = null!;

    internal HttpClient Http { get; private set; } = null!;

    internal Uri Grpc => _installation.Grpc;

    public virtual async Task InitializeAsync()
    {
        _installation = await Installation.StartAsync(
            new InstallationOptions(null, 0, 0, 0, null)
            {
                // What is looked for here is not how fast one may call, nor how long a connection is waited for.
                GatewaySettings = new Dictionary<string, string?> { ["Gateway:KeyCallsPerSecond"] = "1000000", ["Gateway:TenantCallsPerSecond"] = "1000000", ["Hosting:UnreadSeconds"] = "3" },
                Listener = Listener,
            },
            CancellationToken.None);
        Channel = GrpcChannel.ForAddress(_installation.Grpc, new GrpcChannelOptions { MaxSendMessageSize = null });
        Http = new HttpClient { BaseAddress = _installation.Rest };
    }

    /// <summary>A key of the tenant with these scopes; all that are a tenant's if none are named.</summary>
    internal async Task<ApiKeyText> KeyAsync(string tenant, IReadOnlyList<string>? scopes = null)
    {
        var key = ApiKeyText.New(tenant);
        var kept = await _installation.Gateway.Services.GetRequiredService<ApiKeys>().KeepAsync(key, "tests", scopes ?? Scopes.OfATenant, CancellationToken.None);
        Assert.IsType<KeyKept.Kept>(kept);
        return key;
    }

    internal Task RevokeAsync(ApiKeyText key) => _installation.Gateway.Services.GetRequiredService<ApiKeys>().RevokeAsync(key.Tenant, key.KeyId, CancellationToken.None);

    /// <summary>The provider, and its controls.</summary>
    internal HttpClient Sandbox()
    {
        var sandbox = new HttpClient { BaseAddress = _installation.Sandbox };
        sandbox.DefaultRequestHeaders.Add("X-API-KEY", _installation.Keys.ProviderKey);
        return sandbox;
    }

    /// <summary>Makes the tenant's world: one of everything that a call can name. Ids are the same for all tenants, but for those of accounts, which belong to one tenant each.</summary>
    internal async Task<World> WorldAsync(string tenant)
    {
        var world = new World(tenant, await KeyAsync(tenant, Scopes.All), _installation.Sandbox, _installation.Keys.ProviderKey);
        using var sandbox = Sandbox();
        using var made = await sandbox.PostAsJsonAsync("sandbox/v1/world", new
        {
            accounts = new[] { new { id = world.Account, subscriptions = new[] { new { plan = "sales_navigator", balance = 20 } } } },
            // Who is not said to be there is made up, and another for each account.
            prospects = World.People.Select(id => new { id, degree = "third" }),
        });
        made.EnsureSuccessStatusCode();
        var api = new GrpcFace(Channel, world.Key);
        foreach (var rpc in World.Makes)
            await MadeAsync(api, rpc, world.Example(rpc));
        await MadeAsync(api, "SendMessage", world.Fill("""{"message": {"messageId": "gone", "prospect": {"profile": "ada-lovelace"}, "content": {"body": "Never sent"}, "notBefore": "$later"}}"""));
        await MadeAsync(api, "CancelMessage", new JsonObject { ["messageId"] = "gone" });
        var pool = await MadeAsync(api, "GetPool", new JsonObject { ["poolId"] = "pool" });
        world.Lot = (string)pool["pool"]!["lots"]![0]!["lotId"]!;
        world.SpareKey = (string)(await MadeAsync(api, "CreateApiKey", world.Example("CreateApiKey")))["apiKey"]!["keyId"]!;
        world.RotatedKey = (string)(await MadeAsync(api, "CreateApiKey", world.Example("CreateApiKey")))["apiKey"]!["keyId"]!;
        return world;
    }

    private static async Task<JsonNode> MadeAsync(GrpcFace api, string rpc, JsonObject request)
    {
        var answered = await api.CallAsync(rpc, request);
        Assert.True(answered.Code == "OK", string.Create(CultureInfo.InvariantCulture, $"{rpc}: {answered}"));
        return answered.Json!;
    }

    public virtual async Task DisposeAsync()
    {
        Http.Dispose();
        Channel.Dispose();
        await _installation.DisposeAsync();
    }
}
