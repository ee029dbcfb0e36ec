using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Acts;

/// <summary>Hands out the faults that were ordered, the oldest first.</summary>
internal static class Faulting
{
    /// <summary>Before the name of an event that goes to webhooks, as opposed to a call that comes in.</summary>
    public const string EventPrefix = "event.";

    public static Fault? Take(World world, string endpoint, string? accountId)
    {
        if (world.Faults.Count == 0)
            return null;
        var isEvent = endpoint.StartsWith(EventPrefix, StringComparison.Ordinal);
        var fault = world.Faults.All
            .Where(f => f.Endpoint == endpoint || (f.Endpoint == "*" && !isEvent))
            .Where(f => f.AccountId is null || f.AccountId == accountId)
            .MinBy(f => f.Sequence);
        if (fault is null)
            return null;
        if (fault.Times > 1)
            world.Faults.Put(fault with { Times = fault.Times - 1 });
        else
            world.Faults.Remove(fault.Id);
        return fault;
    }
}
