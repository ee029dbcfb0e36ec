using System.ComponentModel.DataAnnotations;
using Pennypost.Delivery.Accounts;

namespace Pennypost.Dispatcher;

/// <summary>
/// How often the provider is read for what its webhooks did not tell, in the configuration section <c>Dispatcher:Inbox</c>. On the installation's clock; every time is spread by a quarter either way. An idle account
/// costs one request every <see cref="Otherwise"/>, two every <see cref="Relations"/> and one every <see cref="Balance"/>.
/// </summary>
public sealed class InboxOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Dispatcher:Inbox";

    /// <summary>Between two reads of an account's messages while it awaits answers and its sending window is open.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "30.00:00:00")]
    public TimeSpan WhileAwaiting { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Between two reads of an account's messages otherwise.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "30.00:00:00")]
    public TimeSpan Otherwise { get; set; } = TimeSpan.FromHours(2);

    /// <summary>How long after its last send an account is taken to await answers.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "90.00:00:00")]
    public TimeSpan AwaitFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Between two reads of an account's relations and pending invitations: the provider itself looks every few hours only.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan Relations { get; set; } = TimeSpan.FromHours(6);

    /// <summary>Between two reads of a pool's balance, whichever of its accounts reads.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan Balance { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Least time between two reads of a pool's balance because a message waits for a credit that the books do not have.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan BalanceAfterRefusal { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Pages of 100 messages, relations or invitations read in one look; the rest of the messages comes with the next.</summary>
    [Range(1, 50)]
    public int Pages { get; set; } = 5;

    internal InboxRules Rules => new() { WhileAwaiting = WhileAwaiting, Otherwise = Otherwise, AwaitFor = AwaitFor, Relations = Relations };
}
