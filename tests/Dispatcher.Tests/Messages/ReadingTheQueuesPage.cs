using System.Text.RegularExpressions;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;

namespace Dispatcher.Tests.Messages;

/// <summary>docs/queues.md names every event that the dispatcher tells, and no other.</summary>
public sealed partial class ReadingTheQueuesPage
{
    [Fact]
    public void Names_every_event_of_messages_and_breakers()
    {
        var named = Rows().Matches(File.ReadAllText(Repository.PathOf("docs", "queues.md"))).Select(row => row.Groups[1].Value);

        Assert.Equal(Enum.GetValues<EventKind>().Select(EventNames.Of).Append(AccountBook.BreakerChanged).Order(), named.Order());
    }

    [GeneratedRegex(@"^\| `((?:message|breaker)\.\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
