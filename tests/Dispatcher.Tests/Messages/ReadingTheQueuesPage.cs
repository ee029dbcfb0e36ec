using System.Text.RegularExpressions;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Operators;

namespace Dispatcher.Tests.Messages;

/// <summary>docs/queues.md names every event that the dispatcher tells, and no other.</summary>
public sealed partial class ReadingTheQueuesPage
{
    [Fact]
    public void Names_every_event_of_messages_accounts_breakers_alerts_and_operators()
    {
        var named = Rows().Matches(File.ReadAllText(Repository.PathOf("docs", "queues.md"))).Select(row => row.Groups[1].Value);

        Assert.Equal(Enum.GetValues<EventKind>().Select(EventNames.Of).Concat([AccountStateMessages.StateChanged, AccountBook.BreakerChanged, AlertMessages.AlertRaised, AlertMessages.AlertCleared, OperatorActs.Begun, OperatorActs.Ended]).Order(), named.Order());
    }

    [GeneratedRegex(@"^\| `((?:message|account|breaker|alert|operator)\.\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
