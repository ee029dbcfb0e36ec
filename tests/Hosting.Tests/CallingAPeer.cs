using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Pennypost.Credits.V1;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting.Tests;

public sealed class CallingAPeer
{
    [Fact]
    public async Task Carries_the_token_the_tenant_and_a_deadline()
    {
        await using var peer = await TestHost.StartAsync();
        Caller? caller = null;
        var left = TimeSpan.Zero;
        peer.Script.OnGetPool = (_, context) =>
        {
            caller = context.Caller();
            left = context.Deadline - DateTime.UtcNow;
            return Task.FromResult(new GetPoolResponse());
        };
        await using var host = await CallerOf(peer.GrpcAddress, new() { ["Hosting:PeerCallSeconds"] = "7" });

        await Client(host).GetPoolAsync(new GetPoolRequest(), OnBehalf.Of("acme", default));

        Assert.Equal("acme", caller?.Tenant);
        Assert.InRange(left.TotalSeconds, 1, 7);
    }

    [Fact]
    public async Task Passes_the_callers_deadline_and_tenant_on()
    {
        await using var peer = await TestHost.StartAsync();
        var left = TimeSpan.Zero;
        var tenant = "";
        peer.Script.OnGetPool = (_, context) =>
        {
            left = context.Deadline - DateTime.UtcNow;
            tenant = context.Caller().Tenant;
            return Task.FromResult(new GetPoolResponse());
        };
        await using var host = await CallerOf(peer.GrpcAddress);
        host.Script.OnGetPool = async (request, context) => await Client(host).GetPoolAsync(request, OnBehalf.Of(context));

        await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("zenith"), DateTime.UtcNow.AddSeconds(4));

        Assert.Equal("zenith", tenant);
        Assert.InRange(left.TotalSeconds, 0.5, 4);
    }

    [Fact]
    public async Task Keeps_the_peers_own_refusal_and_domain()
    {
        await using var peer = await TestHost.StartAsync();
        peer.Script.OnGetPool = (_, _) => throw new FaultDomain("elsewhere").Refuse(ErrorReason.PoolNotFound, "There is no such pool.", ("pool_id", "p9"));
        await using var host = await CallerOf(peer.GrpcAddress);
        host.Script.OnGetPool = async (request, context) => await Client(host).GetPoolAsync(request, OnBehalf.Of(context));

        var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () => await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme"))));

        Assert.Equal(ErrorReason.PoolNotFound, fault.ErrorReason);
        Assert.Equal("elsewhere.pennypost.dev", fault.Domain);
        Assert.Equal("p9", fault.Metadata["pool_id"]);
    }

    [Fact]
    public async Task Names_a_peer_that_is_down_without_its_address()
    {
        await using var host = await CallerOf(new Uri("http://127.0.0.1:9"));
        host.Script.OnGetPool = async (request, context) => await Client(host).GetPoolAsync(request, OnBehalf.Of(context));

        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme")));

        var fault = RpcFault.From(refusal);
        Assert.Equal(ErrorReason.DependencyUnavailable, fault.ErrorReason);
        Assert.Equal("ledger", fault.Metadata["dependency"]);
        Assert.DoesNotContain("127.0.0.1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_the_peer_refuses_is_our_fault_not_the_callers()
    {
        await using var peer = await TestHost.StartAsync(new() { ["Hosting:ServiceTokens:0"] = new string('o', 40) });
        await using var host = await CallerOf(peer.GrpcAddress);
        host.Script.OnGetPool = async (request, context) =>
        {
            try
            {
                return await Client(host).GetPoolAsync(request, OnBehalf.Of(context));
            }
            catch (RpcException exception)
            {
                // The test's peer has our own domain; a real one has another.
                throw (RpcFault.From(exception) with { Domain = "ledger.pennypost.dev" }).ToException();
            }
        };

        var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () => await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme"))));

        Assert.Equal(ErrorReason.Internal, fault.ErrorReason);
    }

    [Fact]
    public async Task Is_refused_without_a_tenant()
    {
        await using var host = await CallerOf(new Uri("http://127.0.0.1:9"));

        Assert.Throws<InvalidOperationException>(() => { _ = Client(host).GetPoolAsync(new GetPoolRequest()); });
        Assert.Throws<ArgumentException>(() => OnBehalf.Of("no:id", default));
    }

    private static CreditsService.CreditsServiceClient Client(TestHost host) => host.Services.GetRequiredService<CreditsService.CreditsServiceClient>();

    private static Task<TestHost> CallerOf(Uri peer, Dictionary<string, string?>? settings = null) =>
        TestHost.StartAsync(new(settings ?? []) { ["Hosting:Peers:ledger"] = peer.ToString() }, pennypost => pennypost.AddPeer<CreditsService.CreditsServiceClient>("ledger"));
}
