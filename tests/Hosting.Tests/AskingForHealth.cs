using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Pennypost.Hosting.Tests;

public sealed class AskingForHealth
{
    [Fact]
    public async Task Is_ready_when_every_dependency_is_there()
    {
        await using var host = await TestHost.StartAsync(configure: pennypost => pennypost.AddDependency("store", (_, _) => ValueTask.FromResult<string?>(null)));

        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("/health/ready")).StatusCode);
        Assert.Equal(ServingStatus.Serving, await CheckAsync(host, ""));
        Assert.Equal(ServingStatus.Serving, await CheckAsync(host, "pennypost.credits.v1.CreditsService"));
    }

    [Fact]
    public async Task Names_the_dependency_that_is_missing_and_stays_alive()
    {
        await using var host = await TestHost.StartAsync(configure: pennypost => pennypost
            .AddDependency("store", (_, _) => ValueTask.FromResult<string?>("store: connection refused"))
            .AddDependency("clock", (_, _) => throw new TimeoutException("inner text")));

        var ready = await host.Http.GetAsync("/health/ready");
        var body = await ready.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("store: connection refused", body, StringComparison.Ordinal);
        Assert.Contains("clock: TimeoutException", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("/health/live")).StatusCode);
        Assert.Equal(ServingStatus.NotServing, await CheckAsync(host, ""));
        Assert.Equal(ServingStatus.Serving, await CheckAsync(host, "live"));
    }

    [Fact]
    public async Task Does_not_know_a_service_that_it_does_not_serve()
    {
        await using var host = await TestHost.StartAsync();

        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await CheckAsync(host, "no.such.Service"));

        Assert.Equal(StatusCode.NotFound, refusal.StatusCode);
    }

    [Fact]
    public async Task Watching_tells_a_change_once()
    {
        string? missing = null;
        await using var host = await TestHost.StartAsync(configure: pennypost => pennypost.AddDependency("store", (_, _) => ValueTask.FromResult(missing)));
        using var watch = new Grpc.Health.V1.Health.HealthClient(host.Channel).Watch(new HealthCheckRequest());
        Assert.True(await watch.ResponseStream.MoveNext(default));
        Assert.Equal(ServingStatus.Serving, watch.ResponseStream.Current.Status);

        missing = "store: gone";

        Assert.True(await watch.ResponseStream.MoveNext(default).WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(ServingStatus.NotServing, watch.ResponseStream.Current.Status);
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_is_named()
    {
        await using var host = await TestHost.StartAsync(new() { ["Hosting:Peers:router"] = "http://127.0.0.1:9" },
            pennypost => pennypost.AddPeer<Pennypost.Router.V1.RouterService.RouterServiceClient>("router"));

        var body = await (await host.Http.GetAsync("/health/ready")).Content.ReadAsStringAsync();

        Assert.Contains("router does not answer", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_nobody_serves_is_a_404_with_a_reason()
    {
        await using var host = await TestHost.StartAsync();

        var response = await host.Http.GetAsync("/nothing");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("METHOD_NOT_FOUND", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reflection_is_off_unless_it_is_switched_on()
    {
        await using var host = await TestHost.StartAsync();
        using var call = new ServerReflection.ServerReflectionClient(host.Channel).ServerReflectionInfo();
        var refusal = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "*" });
            await call.ResponseStream.MoveNext(default);
        });

        Assert.Equal(StatusCode.Unimplemented, refusal.StatusCode);
    }

    [Fact]
    public async Task Reflection_shows_every_service_and_the_files_it_needs()
    {
        await using var host = await TestHost.StartAsync(new() { ["Hosting:Reflection"] = "true" });
        using var call = new ServerReflection.ServerReflectionClient(host.Channel).ServerReflectionInfo();

        var services = await AskAsync(new ServerReflectionRequest { ListServices = "*" });
        var files = await AskAsync(new ServerReflectionRequest { FileContainingSymbol = "pennypost.credits.v1.CreditsService.PlaceHold" });
        var nothing = await AskAsync(new ServerReflectionRequest { FileContainingSymbol = "no.such.Symbol" });
        await call.RequestStream.CompleteAsync();

        Assert.Contains("pennypost.credits.v1.CreditsService", services.ListServicesResponse.Service.Select(service => service.Name));
        var names = files.FileDescriptorResponse.FileDescriptorProto.Select(bytes => Google.Protobuf.Reflection.FileDescriptorProto.Parser.ParseFrom(bytes).Name).ToList();
        Assert.Contains("pennypost/credits/v1/credits.proto", names);
        Assert.Contains("google/protobuf/timestamp.proto", names);
        Assert.Equal((int)StatusCode.NotFound, nothing.ErrorResponse.ErrorCode);

        using var alpha = new Grpc.Reflection.V1Alpha.ServerReflection.ServerReflectionClient(host.Channel).ServerReflectionInfo();
        await alpha.RequestStream.WriteAsync(new Grpc.Reflection.V1Alpha.ServerReflectionRequest { ListServices = "*" });
        Assert.True(await alpha.ResponseStream.MoveNext(default));
        Assert.Equal(services.ListServicesResponse.Service.Count, alpha.ResponseStream.Current.ListServicesResponse.Service.Count);
        await alpha.RequestStream.CompleteAsync();

        async Task<ServerReflectionResponse> AskAsync(ServerReflectionRequest request)
        {
            await call.RequestStream.WriteAsync(request);
            Assert.True(await call.ResponseStream.MoveNext(default));
            return call.ResponseStream.Current;
        }
    }

    private static async Task<ServingStatus> CheckAsync(TestHost host, string service) =>
        (await new Grpc.Health.V1.Health.HealthClient(host.Channel).CheckAsync(new HealthCheckRequest { Service = service })).Status;
}
