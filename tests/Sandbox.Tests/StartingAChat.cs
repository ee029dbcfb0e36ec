namespace Sandbox.Tests;

public sealed class StartingAChat
{
    [Fact]
    public async Task Writes_to_a_relation_for_free_and_reuses_their_chat()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob","degree":"first"}""");
        var first = await sandbox.StartChatAsync("bob", "Hello Bob");
        var second = await sandbox.StartChatAsync("bob", "Hello again");
        Assert.Equal("201 ChatStarted", first.Status + " " + first.Text("object"));
        Assert.Equal(first.Text("chat_id"), second.Text("chat_id"));
        Assert.Equal((2, 1), (await sandbox.BalanceAsync("sales_navigator"), await sandbox.BalanceAsync("premium")));
    }

    /// <summary>F9: credits of one product never pay for another's InMails.</summary>
    [Fact]
    public async Task Takes_the_credit_of_the_product_it_was_sent_with()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"},{"id":"cat"},{"id":"dan"}""");
        Assert.Equal("201", (await sandbox.StartChatAsync("bob", "Hello", "Subject", "sales_navigator")).Type);
        Assert.Equal((1, 1), (await sandbox.BalanceAsync("sales_navigator"), await sandbox.BalanceAsync("premium")));
        Assert.Equal("201", (await sandbox.StartChatAsync("cat", "Hello", "Subject", "classic", inmail: true)).Type);
        Assert.Equal((1, 0), (await sandbox.BalanceAsync("sales_navigator"), await sandbox.BalanceAsync("premium")));
        var refused = await sandbox.StartChatAsync("dan", "Hello", "Subject", "classic", inmail: true);
        Assert.Equal("422 insufficient_credits", refused.Status + " " + refused.Type);
        Assert.Equal("Not enough credits — Provider cannot execute request because of insufficient credits", refused.Text("detail"));
        Assert.Null(await sandbox.BalanceAsync("recruiter"));
    }
}
