using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pennypost.Credits;
using Pennypost.Credits.V1;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.Accounts;

public sealed class RememberingVersions
{
    private static readonly CallOptions AsAcme = OnBehalf.Of("acme", default);

    [Fact]
    public async Task A_store_of_credits_that_went_back_while_nobody_ran_is_refused_until_an_operator_accepts_it()
    {
        await using var installation = new RestoredCredits();
        var credits = await installation.StartAsync();
        await credits.CreatePoolAsync(new() { PoolId = "p1", PlanId = "sales_navigator_core", OpeningBalance = 5 }, AsAcme);
        await credits.PlaceHoldAsync(Hold("m1_1"), AsAcme);
        await installation.StopCreditsAsync();
        var backup = installation.Copy();
        await installation.StartCreditsAsync();
        var told = await credits.PlaceHoldAsync(Hold("m2_1"), AsAcme);
        await credits.CaptureHoldAsync(Sent("m2_1"), AsAcme);

        // The process of credits is a new one: only its caller knows that there was more.
        await installation.StopCreditsAsync();
        await installation.StartCreditsAsync(backup);

        var fault = await RefusedAsync(credits.PlaceHoldAsync(Hold("m3_1"), AsAcme));
        Assert.Equal("pool:acme:p1", fault.Metadata["partition"]);
        Assert.True(Number(fault, "seen_version") > told.PoolVersion);
        Assert.True(Number(fault, "store_version") < told.PoolVersion);
        await RefusedAsync(credits.GetPoolAsync(new() { PoolId = "p1" }, AsAcme));
        // What would be booked would let the old store grow past what it lost, and nobody would ever notice.
        await RefusedAsync(credits.CaptureHoldAsync(Sent("m2_1"), AsAcme));
        await RefusedAsync(credits.ReleaseHoldAsync(new() { PoolId = "p1", HoldId = "m2_1" }, AsAcme));
        await RefusedAsync(credits.RefundHoldAsync(new() { PoolId = "p1", HoldId = "m2_1", ReplyTime = Now(), Trigger = RefundTrigger.Reply }, AsAcme));
        await RefusedAsync(credits.ReconcilePoolAsync(new() { PoolId = "p1", ReconcileId = "r1", ObservedAvailable = 3, ObserveTime = Now() }, AsAcme));

        await credits.AcceptRewindAsync(new() { PoolId = "p1", Actor = "olga", SeenVersion = Number(fault, "seen_version") }, AsAcme);

        var after = await credits.PlaceHoldAsync(Hold("m3_1"), AsAcme);
        Assert.True(after.PoolVersion > Number(fault, "seen_version"));
        // The backup had 4 left: the hold that was lost is corrected by reconciling, as the operator knows.
        Assert.Equal(3, after.Available);
        await credits.GetPoolAsync(new() { PoolId = "p1" }, AsAcme);
        await credits.ReleaseHoldAsync(new() { PoolId = "p1", HoldId = "m3_1" }, AsAcme);
    }

    [Fact]
    public async Task A_rewind_accepted_for_one_caller_is_refused_to_one_who_saw_more_and_can_be_accepted_for_that_one_too()
    {
        await using var installation = new RestoredCredits();
        var credits = await installation.StartAsync();
        var another = installation.AnotherDispatcher();
        await credits.CreatePoolAsync(new() { PoolId = "p1", PlanId = "sales_navigator_core", OpeningBalance = 9 }, AsAcme);
        await installation.StopCreditsAsync();
        var backup = installation.Copy();
        await installation.StartCreditsAsync();
        await credits.PlaceHoldAsync(Hold("m1_1"), AsAcme);
        foreach (var hold in new[] { "m2_1", "m3_1", "m4_1", "m5_1" }) await another.PlaceHoldAsync(Hold(hold), AsAcme);
        await installation.StopCreditsAsync();
        await installation.StartCreditsAsync(backup);

        var first = await RefusedAsync(credits.GetPoolAsync(new() { PoolId = "p1" }, AsAcme));
        await credits.AcceptRewindAsync(new() { PoolId = "p1", Actor = "olga", SeenVersion = Number(first, "seen_version") }, AsAcme);
        await credits.GetPoolAsync(new() { PoolId = "p1" }, AsAcme);
        var second = await RefusedAsync(another.GetPoolAsync(new() { PoolId = "p1" }, AsAcme));
        await credits.AcceptRewindAsync(new() { PoolId = "p1", Actor = "olga", SeenVersion = Number(second, "seen_version") }, AsAcme);

        await another.GetPoolAsync(new() { PoolId = "p1" }, AsAcme);
        await credits.GetPoolAsync(new() { PoolId = "p1" }, AsAcme);
    }

    [Fact]
    public void Says_which_pool_each_call_is_about()
    {
        CallOptions sent = default;
        var context = new ClientInterceptorContext<ReleaseHoldRequest, ReleaseHoldResponse>(
            new Method<ReleaseHoldRequest, ReleaseHoldResponse>(MethodType.Unary, "credits", "ReleaseHold",
                Marshallers.Create(request => request.ToByteArray(), ReleaseHoldRequest.Parser.ParseFrom), Marshallers.Create(answer => answer.ToByteArray(), ReleaseHoldResponse.Parser.ParseFrom)),
            null, AsAcme);

        new PoolVersions().AsyncUnaryCall(new ReleaseHoldRequest { PoolId = "p1", HoldId = "m1_1" }, context, (_, given) =>
        {
            sent = given.Options;
            return new AsyncUnaryCall<ReleaseHoldResponse>(Task.FromResult(new ReleaseHoldResponse()), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
        });

        Assert.Equal("acme/p1", sent.Headers!.GetValue(OnBehalf.PartitionHeader));
    }

    [Fact]
    public void Keeps_the_newest_and_forgets_the_pools_that_were_not_spoken_of_for_longest()
    {
        var seen = new NewestVersions(2);
        seen.Note(("acme", "a"), 7);
        seen.Note(("acme", "a"), 5);
        seen.Note(("acme", "b"), 1);
        seen.Note(("other", "a"), 0);
        Assert.Equal((7, 1, 0), (seen.Of(("acme", "a")), seen.Of(("acme", "b")), seen.Of(("other", "a"))));

        seen.Note(("acme", "a"), 6);
        seen.Note(("other", "a"), 3);

        Assert.Equal((7, 0, 3), (seen.Of(("acme", "a")), seen.Of(("acme", "b")), seen.Of(("other", "a"))));
    }

    private static PlaceHoldRequest Hold(string id) => new() { PoolId = "p1", HoldId = id, AccountId = "ann" };

    private static CaptureHoldRequest Sent(string id) => new() { PoolId = "p1", HoldId = id, SendTime = Now() };

    private static Timestamp Now() => Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow);

    private static long Number(RpcFault fault, string name) => long.Parse(fault.Metadata[name], CultureInfo.InvariantCulture);

    private static async Task<RpcFault> RefusedAsync<T>(AsyncUnaryCall<T> call)
    {
        var fault = RpcFault.From(await Assert.ThrowsAnyAsync<RpcException>(async () => await call));
        Assert.Equal(ErrorReason.StoreRewound, fault.ErrorReason);
        return fault;
    }
}

/// <summary>The real credits service on a file, which a test sets back, and dispatchers that go on running meanwhile.</summary>
internal sealed class RestoredCredits(LostAnswers? losing = null) : IAsyncDisposable
{
    private const string Token = "a-service-token-of-32-characters-";
    private readonly string _folder = Directory.CreateTempSubdirectory("pennypost-rewind-").FullName;
    private readonly List<WebApplication> _dispatchers = [];
    private WebApplication? _credits;
    private Uri? _address;

    public async Task<CreditsService.CreditsServiceClient> StartAsync()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "first"));
        await StartCreditsAsync();
        return AnotherDispatcher();
    }

    public CreditsService.CreditsServiceClient AnotherDispatcher()
    {
        var builder = Builder(("Hosting:Peers:credits", _address!.ToString()));
        builder.AddPennypostHosting("dispatcher").AddPeer<CreditsService.CreditsServiceClient, PoolVersions>("credits");
        var app = builder.Build();
        _dispatchers.Add(app);
        return app.Services.GetRequiredService<CreditsService.CreditsServiceClient>();
    }

    public async Task StartCreditsAsync(string? folder = null)
    {
        var builder = Builder(("Store:Path", folder ?? Path.Combine(_folder, "first")), ("Hosting:GrpcPort", (_address?.Port ?? 0).ToString(CultureInfo.InvariantCulture)));
        builder.AddCredits();
        if (losing is not null)
        {
            builder.Services.AddSingleton(losing);
            builder.Services.Configure<Grpc.AspNetCore.Server.GrpcServiceOptions>(grpc => grpc.Interceptors.Add<LostAnswers>());
        }

        _credits = builder.Build();
        _credits.MapCredits();
        await _credits.StartAsync();
        _address = _credits.GrpcAddress();
        foreach (var dispatcher in _dispatchers) await UntilFoundAsync(dispatcher.Services.GetRequiredService<CreditsService.CreditsServiceClient>());
    }

    /// <summary>A channel takes a moment to find an instance that is back: on a busy machine longer than a call's tries.</summary>
    private static async Task UntilFoundAsync(CreditsService.CreditsServiceClient credits)
    {
        for (var until = DateTime.UtcNow.AddSeconds(20); ;)
        {
            try
            {
                await credits.GetPlanCatalogAsync(new(), OnBehalf.Of("acme", default));
                return;
            }
            catch (RpcException away) when (away.StatusCode == StatusCode.Unavailable && DateTime.UtcNow < until)
            {
                await Task.Delay(50);
            }
        }
    }

    public async Task StopCreditsAsync()
    {
        await _credits!.StopAsync();
        await _credits.DisposeAsync();
        _credits = null;
    }

    /// <summary>What a backup holds.</summary>
    public string Copy()
    {
        var copy = Directory.CreateDirectory(Path.Combine(_folder, "backup")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(_folder, "first"))) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }

    private static WebApplicationBuilder Builder(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("Hosting:ServiceTokens:0", Token), .. settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))]);
        return builder;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var dispatcher in _dispatchers) await dispatcher.DisposeAsync();
        if (_credits is not null) await StopCreditsAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
