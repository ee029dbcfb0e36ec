using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Pennypost.Credits.V1;

namespace Pennypost.Hosting.Tests;

public sealed class ChoosingAnInstance
{
    private static readonly string[] Partitions = [.. Enumerable.Range(0, 60).Select(i => $"pool-{i}")];

    [Fact]
    public async Task Sends_the_calls_of_one_partition_to_one_instance()
    {
        await using var peers = await Instances.StartAsync("a", "b", "c");
        await using var caller = await CallerOf(peers.Setting);
        await UntilSeen(caller, "a", "b", "c");

        var first = await ChoicesAsync(caller);
        var second = await ChoicesAsync(caller);

        Assert.Equal(first, second);
        Assert.Equal(3, first.Values.Distinct().Count());
    }

    [Fact]
    public async Task Every_caller_chooses_alike_however_its_list_is_ordered()
    {
        await using var peers = await Instances.StartAsync("a", "b", "c");
        await using var one = await CallerOf(peers.Setting);
        await using var other = await CallerOf(string.Join(" , ", peers.Setting.Split(',').Reverse()));
        await UntilSeen(one, "a", "b", "c");
        await UntilSeen(other, "a", "b", "c");

        Assert.Equal(await ChoicesAsync(one), await ChoicesAsync(other));
    }

    [Fact]
    public async Task Goes_round_without_a_partition()
    {
        await using var peers = await Instances.StartAsync("a", "b");
        await using var caller = await CallerOf(peers.Setting);
        await UntilSeen(caller, "a", "b");

        var seen = new List<string>();
        for (var i = 0; i < 20; i++) seen.Add(await AskAsync(caller, null));

        Assert.Equal(10, seen.Count(name => name == "a"));
        Assert.Equal(10, seen.Count(name => name == "b"));
    }

    [Fact]
    public async Task An_instance_that_goes_away_moves_only_its_own_partitions_and_has_them_again_when_it_is_back()
    {
        await using var peers = await Instances.StartAsync("a", "b", "c");
        await using var caller = await CallerOf(peers.Setting);
        await UntilSeen(caller, "a", "b", "c");
        var before = await ChoicesAsync(caller);

        await peers.StopAsync("b");
        await Eventually(async () => !(await ChoicesAsync(caller)).ContainsValue("b"));
        var without = await ChoicesAsync(caller);
        await peers.StartAgainAsync("b");
        await UntilSeen(caller, "a", "b", "c");

        foreach (var (partition, instance) in before.Where(choice => choice.Value != "b")) Assert.Equal(instance, without[partition]);
        Assert.Equal(before, await ChoicesAsync(caller));
    }

    [Fact]
    public async Task Finds_the_instances_behind_a_name()
    {
        await using var peers = await Instances.StartAsync("a");
        await using var caller = await CallerOf($"dns:///localhost:{new Uri(peers.Setting).Port}");

        Assert.Equal("a", await AskAsync(caller, "pool-1"));
    }

    [Fact]
    public async Task Is_ready_while_any_instance_answers_and_names_the_peer_when_none_does()
    {
        await using var peers = await Instances.StartAsync("a", "b");
        await using var caller = await CallerOf($"http://127.0.0.1:9,{peers.Setting}");
        await UntilSeen(caller, "a", "b");

        await peers.StopAsync("a");
        await Eventually(async () => (await caller.Http.GetAsync("/health/ready")).IsSuccessStatusCode);
        await peers.StopAsync("b");
        await Eventually(async () => !(await caller.Http.GetAsync("/health/ready")).IsSuccessStatusCode);

        Assert.Contains("ledger does not answer", await caller.Http.GetStringOfAsync("/health/ready"), StringComparison.Ordinal);
    }

    [Fact]
    public void Moves_only_what_was_on_the_instance_that_left()
    {
        var instances = Enumerable.Range(0, 7).Select(i => Rendezvous.Key($"10.0.0.{i}:7001")).ToArray();
        var counts = new int[instances.Length];
        for (var i = 0; i < 7_000; i++)
        {
            var partition = Rendezvous.Key($"acme/pool-{i}");
            var chosen = Rendezvous.Choose(partition, instances);
            counts[chosen]++;
            for (var left = 0; left < instances.Length; left++)
            {
                var rest = instances.Where((_, at) => at != left).ToArray();
                var now = rest[Rendezvous.Choose(partition, rest)];
                if (left != chosen) Assert.Equal(instances[chosen], now);
            }
        }

        // 1,000 each on average; a fair hash stays within five standard deviations.
        Assert.All(counts, count => Assert.InRange(count, 850, 1_150));
    }

    [Fact]
    public void Names_a_partition_by_tenant_and_id_and_none_for_what_is_no_id()
    {
        var call = OnBehalf.Of("acme", default);

        Assert.Equal("acme/p1", call.ForPartition("p1").Headers!.GetValue(OnBehalf.PartitionHeader));
        Assert.Equal("acme/p2", Assert.Single(call.ForPartition("p1").ForPartition("p2").Headers!.GetAll(OnBehalf.PartitionHeader)).Value);
        Assert.Null(call.ForPartition("no id").Headers!.GetValue(OnBehalf.PartitionHeader));
        Assert.Null(call.ForPartition("").Headers!.GetValue(OnBehalf.PartitionHeader));
    }

    internal static Task<TestHost> CallerOf(string setting, Dictionary<string, string?>? settings = null) =>
        TestHost.StartAsync(new(settings ?? []) { ["Hosting:Peers:ledger"] = setting }, pennypost => pennypost.AddPeer<CreditsService.CreditsServiceClient>("ledger"));

    internal static async Task<string> AskAsync(TestHost caller, string? partition)
    {
        var call = OnBehalf.Of("acme", default);
        var answer = await caller.Services.GetRequiredService<CreditsService.CreditsServiceClient>()
            .GetPoolAsync(new GetPoolRequest(), partition is null ? call : call.ForPartition(partition));
        return answer.Pool.PoolId;
    }

    private static async Task<Dictionary<string, string>> ChoicesAsync(TestHost caller)
    {
        var choices = new Dictionary<string, string>();
        foreach (var partition in Partitions) choices[partition] = await AskAsync(caller, partition);
        return choices;
    }

    internal static async Task UntilSeen(TestHost caller, params string[] names)
    {
        var missing = names.ToHashSet();
        await Eventually(async () =>
        {
            missing.Remove(await AskAsync(caller, null));
            return missing.Count == 0;
        });
    }

    internal static async Task Eventually(Func<Task<bool>> holds)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                if (await holds()) return;
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.Unavailable)
            {
                // Nobody is there at this moment; somebody will be.
            }
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20), "It did not come about within 20 s.");
            await Task.Delay(20);
        }
    }
}

/// <summary>Several instances of one service, each of which answers with its name.</summary>
internal sealed class Instances : IAsyncDisposable
{
    private readonly Dictionary<string, TestHost> running = [];
    private readonly Dictionary<string, int> ports = [];

    public string Setting => string.Join(',', ports.Values.Select(port => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")));

    public TestHost this[string name] => running[name];

    public static async Task<Instances> StartAsync(params string[] names)
    {
        var instances = new Instances();
        foreach (var name in names) await instances.StartAgainAsync(name);
        return instances;
    }

    public async Task StartAgainAsync(string name)
    {
        var host = await TestHost.StartAsync(new() { ["Hosting:GrpcPort"] = ports.GetValueOrDefault(name).ToString(CultureInfo.InvariantCulture) });
        host.Script.OnGetPool = (_, _) => Task.FromResult(new GetPoolResponse { Pool = new() { PoolId = name } });
        running[name] = host;
        ports[name] = host.GrpcAddress.Port;
    }

    public async Task StopAsync(string name)
    {
        running.Remove(name, out var host);
        await host!.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in running.Values) await host.DisposeAsync();
    }
}

internal static class ReadingWhateverTheStatus
{
    public static async Task<string> GetStringOfAsync(this HttpClient http, string path) => await (await http.GetAsync(path)).Content.ReadAsStringAsync();
}
