using System.Text;
using Pennypost.Transport;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>F68: what is on the queue is read as the REST face reads it; of what can never be accepted, everything that is wrong is named and nothing of it quoted.</summary>
public sealed class TakingQueuedCommands
{
    [Theory]
    [InlineData("""{"messageId":5,"secret_note":"x","priority":"PRIORITY_TOP","content":{"body":5}}""", "message.message_id", "message.secret_note", "message.priority", "message.content.body")]
    [InlineData("""{"messageId":"bad id","prospect":{"profile":""},"content":{"body":"x"}}""", "message.message_id", "message.prospect.profile")]
    [InlineData("""{"messageId":""", "message is not JSON")]
    [InlineData("[1,2,3]", "message must be a JSON object")]
    [InlineData("", "message.message_id")]
    public async Task Poison_is_told_everything_that_is_wrong_with_it(string body, params string[] named)
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });

        var poison = await Assert.ThrowsAsync<PoisonCommandException>(() => installation.Queued.AcceptAsync(new QueuedCommand("acme", Encoding.UTF8.GetBytes(body)), default));

        Assert.All(named, field => Assert.Contains(field, poison.Message, StringComparison.Ordinal));
        Assert.StartsWith("INVALID_REQUEST: ", poison.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("bad id", poison.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIORITY_TOP", poison.Message, StringComparison.Ordinal);
    }
}
