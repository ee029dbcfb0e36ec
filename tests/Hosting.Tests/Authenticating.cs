using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting.Tests;

public sealed class Authenticating
{
    [Theory]
    [InlineData(null, "acme", ErrorReason.CredentialInvalid)]
    [InlineData("Bearer wrong", "acme", ErrorReason.CredentialInvalid)]
    [InlineData("Bearer ", "acme", ErrorReason.CredentialInvalid)]
    [InlineData("Basic " + TestHost.Token, "acme", ErrorReason.CredentialInvalid)]
    [InlineData("Bearer " + TestHost.Token + "x", "acme", ErrorReason.CredentialInvalid)]
    [InlineData("Bearer " + TestHost.Token, null, ErrorReason.ScopeMissing)]
    [InlineData("Bearer " + TestHost.Token, "no:such{id}", ErrorReason.ScopeMissing)]
    public async Task Refuses_a_call_without_a_good_token_and_a_tenant(string? authorization, string? tenant, ErrorReason reason)
    {
        await using var host = await TestHost.StartAsync();
        var reached = false;
        host.Script.OnGetPool = (_, _) => { reached = true; return Task.FromResult(new GetPoolResponse()); };
        var headers = new Metadata();
        if (authorization is not null) headers.Add("authorization", authorization);
        if (tenant is not null) headers.Add("pennypost-tenant", tenant);

        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await host.Credits.GetPoolAsync(new GetPoolRequest(), headers));

        var fault = RpcFault.From(refusal);
        Assert.Equal(reason, fault.ErrorReason);
        Assert.Equal(reason.Code(), refusal.StatusCode);
        Assert.Equal("credits.pennypost.dev", fault.Domain);
        Assert.False(reached);
    }

    [Fact]
    public async Task Tells_the_service_who_calls()
    {
        await using var host = await TestHost.StartAsync();
        Caller? caller = null;
        host.Script.OnGetPool = (_, context) => { caller = context.Caller(); return Task.FromResult(new GetPoolResponse()); };

        await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme"));

        Assert.Equal("acme", caller?.Tenant);
        Assert.Equal((CallerKind.Service, ""), (caller?.Kind, caller?.KeyId));
    }

    /// <summary>F66: what a service asks for an API key is that key's doing.</summary>
    [Theory]
    [InlineData("k12ab", "k12ab")]
    [InlineData("no:such{id}", "")]
    public async Task Tells_the_service_for_which_key(string sent, string known)
    {
        await using var host = await TestHost.StartAsync();
        Caller? caller = null;
        Metadata? passedOn = null;
        host.Script.OnGetPool = (_, context) =>
        {
            (caller, passedOn) = (context.Caller(), OnBehalf.Of(context).Headers);
            return Task.FromResult(new GetPoolResponse());
        };
        var headers = TestHost.As("acme");
        headers.Add("pennypost-key", sent);

        await host.Credits.GetPoolAsync(new GetPoolRequest(), headers);

        Assert.Equal((CallerKind.Service, known), (caller?.Kind, caller?.KeyId));
        Assert.Equal(known, passedOn?.GetValue("pennypost-key") ?? "");
    }

    [Fact]
    public async Task Accepts_every_token_of_a_rotation()
    {
        var next = new string('n', 32);
        await using var host = await TestHost.StartAsync(new() { ["Hosting:ServiceTokens:1"] = next });

        await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme"));
        await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme", next));
    }
}
