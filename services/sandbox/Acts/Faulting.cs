using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Acts;

/// <summary>Hands out the faults that were ordered, the oldest first.</summary>
internal static class Faulting
{
    /// <summary>Before the name of an event that goes to webhooks, as opposed to a call that comes in.</summary>
    public const string EventPrefix = "event.";

    /// <summary>What a call meets; an account that it finds stopped is stopped with it, in the same transaction.</summary>
    public static FaultStep? MeetCall(World world, string endpoint, string? accountId, SandboxOptions options)
    {
        var step = Take(world, endpoint, accountId);
        if (step is { StopsAccount: true })
            Standstill.Become(world, world.Accounts.Find(accountId!)!, step.Kind == FaultKind.Restrict ? AccountState.Restricted : AccountState.Disconnected, options);
        return step;
    }

    public static FaultStep? MeetEvent(World world, string name, string accountId) => Take(world, EventPrefix + name, accountId);

    private static FaultStep? Take(World world, string endpoint, string? accountId)
    {
        if (world.Faults.Count == 0)
            return null;
        var isEvent = endpoint.StartsWith(EventPrefix, StringComparison.Ordinal);
        var namesAccount = accountId is not null && world.Accounts.Find(accountId) is not null;
        var waiting = world.Faults.All
            .Where(f => f.Endpoint == endpoint || (f.Endpoint == "*" && !isEvent))
            .Where(f => f.AccountId is null || f.AccountId == accountId)
            .Where(f => namesAccount || !f.Steps.Any(s => s.StopsAccount))
            .OrderBy(f => f.Sequence)
            .ToList();
        foreach (var fault in waiting)
        {
            var (step, left) = Striking.Meet(world.Seed, fault);
            if (left is null)
                world.Faults.Remove(fault.Id);
            else
                world.Faults.Put(left);
            // What one fault lets pass may still meet a younger one: two rates add up.
            if (step.Kind != FaultKind.Pass)
                return step;
        }

        return null;
    }
}
