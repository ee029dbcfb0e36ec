namespace Topology;

/// <summary>A user of the broker with what it may configure, write and read, as regular expressions over names.</summary>
public sealed record BrokerUser(string Name, string Configure, string Write, string Read);

/// <summary>
/// The users of an installation: one per service and one per tenant, each with what it needs and no more. There is no guest. <c>deploy/make-secrets</c> makes the same,
/// which a test of the architecture holds.
/// </summary>
public static class BrokerUsers
{
    private const string Ours = "^pennypost[.]";

    /// <summary>A tenant's user puts commands into its own exchange, reads its own events, and can do nothing else.</summary>
    public static IReadOnlyList<BrokerUser> Of(IEnumerable<string> tenants) =>
    [
        .. new[] { "credits", "dispatcher", "gateway" }.Select(service => new BrokerUser(service, Ours, Ours, Ours)),
        .. tenants.Select(tenant => new BrokerUser("tenant-" + tenant, "^$", $"^pennypost[.]commands[.]{tenant}$", $"^pennypost[.]events-of[.]{tenant}$")),
    ];
}
