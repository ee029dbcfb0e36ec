using Pennypost.Delivery.Messages;

namespace Dispatcher.Tests.Messages;

/// <summary>F39: what is seen at the provider, and whether it is the send whose answer was lost. Nothing doubtful is read as absence.</summary>
public sealed class WeighingSightings
{
    private const string Sent = "Hello Vera,\none question about your team?";

    [Theory]
    [InlineData("the text itself", Sent, SeenRecipient.Prospect, false, "Found")]
    [InlineData("other line ends", "Hello Vera,\r\none question about your team?", SeenRecipient.Prospect, false, "Found")]
    [InlineData("other spaces", " Hello\u00a0Vera,\n\none question  about your team? \n", SeenRecipient.Prospect, false, "Found")]
    [InlineData("a signature below", Sent + "\n--\nAnn Ames", SeenRecipient.Prospect, false, "Found")]
    [InlineData("signs in another form", "Hello Vera,\none question about your team\uff1f", SeenRecipient.Prospect, false, "Unreadable")]
    [InlineData("another text to the prospect that nobody accounts for", "See you on Monday", SeenRecipient.Prospect, false, "Unreadable")]
    [InlineData("another send of ours to the prospect", "See you on Monday", SeenRecipient.Prospect, true, "Absent")]
    [InlineData("the same text in an earlier send of ours", Sent, SeenRecipient.Prospect, true, "Absent")]
    [InlineData("the same text to somebody else", Sent, SeenRecipient.SomebodyElse, false, "Absent")]
    [InlineData("the same text to nobody can say whom", Sent, SeenRecipient.Unknown, false, "Unreadable")]
    [InlineData("another text to nobody can say whom", "See you on Monday", SeenRecipient.Unknown, false, "Absent")]
    public void Follows_the_table(string what, string text, SeenRecipient to, bool accountedFor, string finding)
    {
        _ = what;
        Assert.Equal(finding, Sightings.Weigh([new Sighting("pm-1", "chat-1", text, to, accountedFor)], Sent).GetType().Name);
    }

    [Fact]
    public void Finds_the_send_beside_what_is_doubtful()
    {
        var found = Sightings.Weigh(
        [
            new("pm-1", "chat-1", "See you on Monday", SeenRecipient.Prospect, false),
            new("pm-2", "chat-2", Sent, SeenRecipient.Unknown, false),
            new("pm-3", "chat-1", Sent, SeenRecipient.Prospect, false),
        ], Sent);

        Assert.Equal(new Finding.Found("pm-3", "chat-1"), found);
    }

    [Fact]
    public void Takes_nothing_seen_for_absence() => Assert.IsType<Finding.Absent>(Sightings.Weigh([], Sent));

    [Theory]
    [InlineData("Hi", "Hi there, how was your week?")]
    [InlineData("Hello Vera", "Hello Vera, about Monday")]
    public void Does_not_take_a_short_text_for_the_beginning_of_another(string sent, string seen) => Assert.False(Sightings.IsSame(sent, seen));
}
