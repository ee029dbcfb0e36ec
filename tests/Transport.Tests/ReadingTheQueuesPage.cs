using System.Text.Json;
using System.Text.RegularExpressions;
using Pennypost.Transport;

namespace Transport.Tests;

/// <summary>docs/queues.md shows what is on the broker: its examples are read by the code that reads events.</summary>
public sealed partial class ReadingTheQueuesPage
{
    [Fact]
    public void Every_family_of_events_has_a_table_and_an_example_of_its_contract()
    {
        var page = Page();
        var examples = Examples().Matches(page).Select(match => match.Groups[1].Value).Where(text => text.Contains("\"eventId\"", StringComparison.Ordinal)).ToList();
        var families = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in examples)
        {
            using var example = JsonDocument.Parse(text);
            var type = example.RootElement.GetProperty("type").GetString()!;
            families.Add(EventTypes.FamilyOf(type));
            Assert.NotNull(EventTypes.Read(type, example.RootElement.GetProperty("data").GetRawText()));
            Assert.Contains($"| `{type}` |", page, StringComparison.Ordinal);
            Assert.Equal(["data", "eventId", "sequence", "subject", "tenant", "time", "type"], example.RootElement.EnumerateObject().Select(member => member.Name).Order());
        }

        Assert.Equal(EventTypes.Families.Keys.Order(), families.Order());
        Assert.All(Rows().Matches(page).Select(row => row.Groups[1].Value), family => Assert.Contains(family, EventTypes.Families.Keys));
    }

    private static string Page() => File.ReadAllText(Repository.PathOf("docs", "queues.md"));

    [GeneratedRegex("```json\\s(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Examples();

    // What stands on the broker has a table too: its names begin with pennypost.
    [GeneratedRegex(@"^\| `(?!pennypost\.)(\w+)\.\w+` \|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
