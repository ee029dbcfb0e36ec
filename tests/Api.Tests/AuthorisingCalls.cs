using System.Text.Json.Nodes;
using Pennypost.Gateway;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.Rest;

namespace Pennypost.Api.Tests;

/// <summary>The authorisation matrix, F69: every rpc with no key, a revoked key, a key without its scope, its own tenant's, another tenant's and a guessed id; over gRPC and over REST.</summary>
public sealed class AuthorisingCalls(AcmeAndStrangers tenants) : IClassFixture<AcmeAndStrangers>
{
    public static TheoryData<string> Rpcs => [.. PublicCalls.All.Select(method => method.Name)];

    [Fact]
    public void Every_call_of_the_contract_stands_in_the_table() =>
        Assert.Equal(PublicCalls.All.Select(method => method.Name).Order(), World.Calls.Keys.Order());

    [Theory, MemberData(nameof(Rpcs))]
    public async Task Nobody_is_answered_without_a_key_or_with_one_that_was_revoked_F69(string rpc)
    {
        foreach (var key in new[] { null, tenants.Revoked })
        {
            foreach (var answered in await tenants.BothAsync(rpc, tenants.Acme.Example(rpc), key))
                Assert.Equal(("UNAUTHENTICATED", "CREDENTIAL_INVALID"), (answered.Code, answered.Reason));
        }
    }

    [Theory, MemberData(nameof(Rpcs))]
    public async Task A_key_without_the_calls_scope_is_refused_F69(string rpc)
    {
        var scope = Scopes.Of(PublicCalls.PathOf(GrpcFace.Rpc(rpc)));
        Assert.NotNull(scope);
        foreach (var answered in await tenants.BothAsync(rpc, tenants.Acme.Example(rpc), tenants.Without[scope]))
            Assert.Equal(("PERMISSION_DENIED", "SCOPE_MISSING"), (answered.Code, answered.Reason));
    }

    [Theory, MemberData(nameof(Rpcs))]
    public async Task The_own_tenant_is_answered_F69(string rpc)
    {
        foreach (var answered in await tenants.BothAsync(rpc, tenants.Acme.Example(rpc), tenants.Acme.Key))
            Assert.True(answered.Code == World.Calls[rpc].Own, $"{rpc}: {answered}");
    }

    public static TheoryData<string> NamingATenant => [.. PublicCalls.All.Where(method => method.InputType.FindFieldByName("tenant_id") is not null && Scopes.Of(PublicCalls.PathOf(method))!.StartsWith("tenants", StringComparison.Ordinal) is false).Select(method => method.Name)];

    [Theory, MemberData(nameof(NamingATenant))]
    public async Task A_tenants_key_names_no_other_tenant_whether_there_is_one_or_not_F69(string rpc)
    {
        var stranger = await tenants.StrangerAsync(rpc);
        var before = await tenants.AcmesThingsAsync();
        foreach (var named in new[] { "acme", "no-such" })
        {
            var request = tenants.Acme.Example(rpc);
            request["tenantId"] = named;
            foreach (var answered in await tenants.BothAsync(rpc, request, stranger))
                Assert.True((answered.Code, answered.Reason) == ("PERMISSION_DENIED", "SCOPE_MISSING"), answered.ToString());
        }

        Assert.Equal(before, await tenants.AcmesThingsAsync());
    }

    [Theory, MemberData(nameof(Rpcs))]
    public async Task Another_tenants_things_are_as_if_they_did_not_exist_F69(string rpc)
    {
        var call = World.Calls[rpc];
        var named = tenants.Acme.Example(rpc);
        var before = await tenants.AcmesThingsAsync();
        // Somebody new each time: what an earlier call made under acme's ids is the stranger's own.
        var stranger = await tenants.StrangerAsync(rpc);

        var theirs = await tenants.BothAsync(rpc, named, stranger);

        foreach (var answered in theirs)
        {
            // What was asked with comes back in an answer; what only acme knows must not.
            foreach (var secret in tenants.OnlyAcmeKnows.Where(word => !named.ToJsonString().Contains(word, StringComparison.Ordinal)))
                Assert.DoesNotContain(secret, answered.ToString(), StringComparison.Ordinal);
        }

        if (call.Does is Does.Administers)
            Assert.All(theirs, answered => Assert.Equal(("PERMISSION_DENIED", "SCOPE_MISSING"), (answered.Code, answered.Reason)));
        if (call.Does is Does.Names)
        {
            var thing = HttpBinding.Of(GrpcFace.Rpc(rpc))!.PathFields[0];
            var (guess, id) = Guessed(named, thing);
            var guessed = await tenants.BothAsync(rpc, guess, stranger);
            Assert.All(theirs, answered => Assert.Equal("NOT_FOUND", answered.Code));
            Assert.Equal(guessed.Select(answered => answered.ToString().Replace("no-such", id, StringComparison.Ordinal)), theirs.Select(answered => answered.ToString()));
        }

        Assert.Equal(before, await tenants.AcmesThingsAsync());
    }

    private static (JsonObject Request, string Id) Guessed(JsonObject named, string field)
    {
        var guess = (JsonObject)named.DeepClone();
        var name = string.Concat(field.Split('_').Select((word, i) => i == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
        var id = (string)guess[name]!;
        guess[name] = "no-such";
        return (guess, id);
    }
}

/// <summary>One tenant with a world, and strangers who have a key and nothing else.</summary>
public sealed class AcmeAndStrangers : IAsyncLifetime
{
    private readonly RunningApi _running = new();

    internal World Acme { get; private set; } = null!;

    internal ApiKeyText Revoked { get; private set; } = null!;

    /// <summary>By scope, a key of acme that has every other one.</summary>
    internal Dictionary<string, ApiKeyText> Without { get; } = [];

    internal string[] OnlyAcmeKnows => ["waits", "careful", "acme", "spring", Acme.SpareKey];

    public async Task InitializeAsync()
    {
        await _running.InitializeAsync();
        Acme = await _running.WorldAsync("acme");
        foreach (var scope in Scopes.All)
            Without[scope] = await _running.KeyAsync("acme", [.. Scopes.All.Where(other => other != scope)]);
        Revoked = await _running.KeyAsync("acme");
        await _running.RevokeAsync(Revoked);
    }

    internal Task<ApiKeyText> StrangerAsync(string rpc) => _running.KeyAsync($"stranger-{rpc}");

    internal async Task<Answered[]> BothAsync(string rpc, JsonObject request, ApiKeyText? key) =>
        [await new GrpcFace(_running.Channel, key).CallAsync(rpc, request), await new RestFace(_running.Http, key).CallAsync(rpc, request)];

    /// <summary>Everything of acme's that a stranger's call could have changed.</summary>
    internal async Task<string> AcmesThingsAsync()
    {
        var api = new GrpcFace(_running.Channel, Acme.Key);
        var shown = new List<string>();
        foreach (var rpc in new[] { "GetMessage", "ListMessages", "GetConnection", "GetPolicy", "GetAccount", "GetPool", "ListHolds", "GetAlertSettings", "ListSuppressed", "GetPlanCatalog", "ListApiKeys", "GetTenant" })
            shown.Add($"{rpc}: {await api.CallAsync(rpc, Acme.Example(rpc))}");
        return string.Join('\n', shown);
    }

    public Task DisposeAsync() => _running.DisposeAsync();
}
