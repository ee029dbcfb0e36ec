namespace Pennypost.Transport.RabbitMq;

/// <summary>What stands on the broker. Ids hold no dots, so that names and routing keys cannot be confused.</summary>
internal static class Names
{
    /// <summary>Topic exchange of all events; routing key <c>{tenant}.{type}</c>, such as <c>acme.message.sent</c>.</summary>
    public const string Events = "pennypost.events";

    /// <summary>Ready work.</summary>
    public const string Work = "pennypost.work";

    /// <summary>A group's events.</summary>
    public static string EventsFor(EventGroup group) => "pennypost.events-for." + group.Name;

    /// <summary>A tenant's own events, for whoever listens with the tenant's broker user.</summary>
    public static string EventsOf(string tenant) => "pennypost.events-of." + tenant;

    /// <summary>A tenant's commands: a queue, and an exchange of the same name into it, because a user who may publish to the default exchange may publish to every queue.</summary>
    public static string Commands(string tenant) => "pennypost.commands." + tenant;

    /// <summary>Where MassTransit puts what was given up on.</summary>
    public static string Errors(string queue) => queue + "_error";

    public static string Key(string tenant, string type) => tenant + "." + type;

    /// <summary>All events of a family.</summary>
    public static string AnyTenants(string family) => $"*.{family}.#";

    /// <summary>All events of a tenant.</summary>
    public static string AllOf(string tenant) => tenant + ".#";
}
