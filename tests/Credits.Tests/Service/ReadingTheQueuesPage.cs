using System.Text.RegularExpressions;
using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Service;

/// <summary>docs/queues.md names every event that credits tells, and no other.</summary>
public sealed partial class ReadingTheQueuesPage
{
    [Fact]
    public void Names_every_event_of_pools()
    {
        var named = Rows().Matches(File.ReadAllText(Repository.PathOf("docs", "queues.md"))).Select(row => row.Groups[1].Value);

        Assert.Equal(Enum.GetValues<EntryKind>().Select(PoolEvents.Name).OfType<string>().Order(), named.Order());
    }

    [GeneratedRegex(@"^\| `(pool\.\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
