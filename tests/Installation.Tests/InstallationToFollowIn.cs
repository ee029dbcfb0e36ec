using System.Text.Json;

namespace Installation.Tests;

/// <summary>Four services that the tests of this project share, and a folder that looks like a clone with an installation's secrets.</summary>
public sealed class InstallationToFollowIn : IAsyncLifetime
{
    internal const string Sender = "ada-sales";

    internal Topology.Installation Installation { get; private set; } = null!;

    internal string Clone { get; } = Directory.CreateTempSubdirectory("pennypost-clone-").FullName;

    internal string Broker => Installation.Broker.Hosts[0];

    public async Task InitializeAsync()
    {
        Installation = await Topology.Installation.StartAsync(new() { CreditsInstances = 1, DispatcherInstances = 1 });
        await Installation.SendersAsync(100, Sender);
        await Installation.PeopleAsync("stranger", 8);
        await Installation.PeopleAsync("friend", 1, related: true);
        Directory.CreateSymbolicLink(Path.Combine(Clone, "clients"), Repository.PathOf("clients"));
        Directory.CreateDirectory(Path.Combine(Clone, ".secrets"));
        await File.WriteAllTextAsync(Path.Combine(Clone, ".secrets", "rabbitmq-tenant-" + Topology.Installation.Tenant), RabbitServer.Password + "\n");
    }

    /// <summary>People whom the guide names.</summary>
    internal Task PeopleAsync(params string[] ids) =>
        Installation.ControlAsync("world", JsonSerializer.Serialize(new { keep_existing = true, prospects = ids.Select(id => new { id, public_identifier = id, degree = "second" }) }));

    /// <summary>How many messages and invitations each person really got.</summary>
    internal async Task<int> DeliveredAsync(string person)
    {
        var page = await Installation.LookAsync("deliveries?after=0&limit=1000");
        return page.GetProperty("deliveries").EnumerateArray().Count(delivery => delivery.GetProperty("member_id").GetString() == person);
    }

    public async Task DisposeAsync()
    {
        if (Installation is not null)
            await Installation.DisposeAsync();
        Directory.Delete(Clone, recursive: true);
    }
}
