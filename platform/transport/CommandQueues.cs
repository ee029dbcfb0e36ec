namespace Pennypost.Transport;

/// <summary>A command as it came off a tenant's queue.</summary>
/// <param name="Tenant">Whose queue it was: the credential that may write there says who sends.</param>
/// <param name="Body">JSON, as it came.</param>
public sealed record QueuedCommand(string Tenant, ReadOnlyMemory<byte> Body);

/// <summary>The handler cannot do anything with this command, now or later. It goes to the queue's errors at once.</summary>
/// <param name="message">What is wrong with it; no content.</param>
public sealed class PoisonCommandException(string message) : Exception(message);

/// <summary>Commands that other products put on the broker: one queue and one broker user per tenant.</summary>
public interface ICommandQueues
{
    /// <summary>The tenants that have a queue.</summary>
    IReadOnlyList<string> Tenants { get; }

    /// <summary>
    /// Hands a tenant's commands to the handler, several at once; acknowledged when it returns. <see cref="PoisonCommandException"/> sets the command aside at once; whatever else it throws is tried again
    /// with growing pauses for minutes, and then set aside.
    /// </summary>
    IAsyncDisposable Consume(string tenant, Func<QueuedCommand, CancellationToken, Task> handler);
}

/// <summary>A queue whose errors can be replayed.</summary>
public enum ErrorQueue
{
    /// <summary>The tenant's commands.</summary>
    Commands = 1,

    /// <summary>Ready work, of all tenants.</summary>
    Work = 2,

    /// <summary>Events for the dispatcher, of all tenants.</summary>
    Events = 3,

    /// <summary>What came as an event for the timeline and was none, of all tenants.</summary>
    Timeline = 4,
}

/// <summary>What was set aside after its handler gave up on it.</summary>
public interface IErrorQueues
{
    /// <summary>Puts what was set aside back where it came from, oldest first, each at least once; says how many, and how many are left.</summary>
    /// <param name="queue">Which.</param>
    /// <param name="tenant">Whose, for commands.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellationToken">Ends it between two.</param>
    Task<(int Replayed, int Left)> ReplayAsync(ErrorQueue queue, string tenant, int most, CancellationToken cancellationToken);
}
