namespace Sandbox.Tests;

public sealed class Replying
{
    private const string ToBob = """{"account_id":"ann","prospect_id":"bob"}""";

    /// <summary>F52: exactly once, within 90 days of the send.</summary>
    [Fact]
    public async Task Returns_the_credit_once_and_opens_the_thread()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        var chat = (await sandbox.StartChatAsync("bob", "Hello", "S", "sales_navigator")).Text("chat_id");
        Assert.Equal("cannot_resend_yet", (await sandbox.SendAsync(chat, "Are you there?")).Type);
        Assert.True((await sandbox.ControlAsync("reply", ToBob)).Body.GetProperty("refunded").GetBoolean());
        Assert.Equal(2, await sandbox.BalanceAsync("sales_navigator"));
        Assert.False((await sandbox.ControlAsync("reply", ToBob)).Body.GetProperty("refunded").GetBoolean());
        Assert.Equal(2, await sandbox.BalanceAsync("sales_navigator"));
        Assert.Equal("201", (await sandbox.SendAsync(chat, "Good to hear")).Type);
        var channels = (await sandbox.GetAsync("/sandbox/v1/deliveries")).Items("deliveries").Select(d => d.GetProperty("channel").GetString());
        Assert.Equal(["inmail", "thread"], channels);
    }

    /// <summary>F55: a reply on day 91 returns nothing.</summary>
    [Theory]
    [InlineData(89, true)]
    [InlineData(91, false)]
    public async Task Returns_the_credit_only_within_ninety_days(int days, bool refunded)
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        await sandbox.StartChatAsync("bob", "Hello", "S", "sales_navigator");
        await sandbox.AdvanceAsync(TimeSpan.FromDays(days));
        Assert.Equal(refunded, (await sandbox.ControlAsync("reply", ToBob)).Body.GetProperty("refunded").GetBoolean());
    }

    /// <summary>F53: declining counts as a response; with no words nobody is told anything.</summary>
    [Fact]
    public async Task By_declining_returns_the_credit_too_and_keeps_the_thread_shut()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        var chat = (await sandbox.StartChatAsync("bob", "Hello", "S", "sales_navigator")).Text("chat_id");
        Assert.True((await sandbox.ControlAsync("decline", """{"account_id":"ann","prospect_id":"bob","silent":true}""")).Body.GetProperty("refunded").GetBoolean());
        Assert.Equal(2, await sandbox.BalanceAsync("sales_navigator"));
        Assert.Single((await sandbox.GetAsync($"/api/v1/chats/{chat}/messages")).Items());
        Assert.Equal("cannot_resend_yet", (await sandbox.SendAsync(chat, "Sure?")).Type);
        Assert.Equal(400, (await sandbox.PostAsync("/sandbox/v1/decline", ToBob)).Status);
    }

    [Fact]
    public async Task Can_return_the_credit_late()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""", """{"id":"ann","subscriptions":[{"plan":"sales_navigator","balance":2}],"rules":{"refund_lag_seconds":3600}}""");
        await sandbox.StartChatAsync("bob", "Hello", "S", "sales_navigator");
        Assert.False((await sandbox.ControlAsync("reply", ToBob)).Body.GetProperty("refunded").GetBoolean());
        Assert.Equal(1, await sandbox.BalanceAsync("sales_navigator"));
        await sandbox.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(2, await sandbox.BalanceAsync("sales_navigator"));
    }

    [Fact]
    public async Task To_a_free_inmail_returns_nothing()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob","open_profile":true}""");
        await sandbox.StartChatAsync("bob", "Hello", "S", "sales_navigator");
        Assert.False((await sandbox.ControlAsync("reply", ToBob)).Body.GetProperty("refunded").GetBoolean());
        Assert.Equal(2, await sandbox.BalanceAsync("sales_navigator"));
    }

    [Fact]
    public async Task Happens_by_itself_when_its_time_has_come()
    {
        await using var sandbox = await RunningSandbox.WithAsync(
            """{"id":"bob","behaviour":{"reply_probability":1,"reply_after_at_least_seconds":3600,"reply_after_at_most_seconds":3600}}""");
        var chat = (await sandbox.StartChatAsync("bob", "Hello", "S", "sales_navigator")).Text("chat_id");
        await sandbox.AdvanceAsync(TimeSpan.FromMinutes(59));
        Assert.Single((await sandbox.GetAsync($"/api/v1/chats/{chat}/messages")).Items());
        await sandbox.AdvanceAsync(TimeSpan.FromMinutes(1));
        var messages = (await sandbox.GetAsync($"/api/v1/chats/{chat}/messages")).Items();
        Assert.Equal([0, 1], messages.Select(m => m.GetProperty("is_sender").GetInt32()));
        Assert.Equal(TimeSpan.FromHours(1), messages[0].GetProperty("timestamp").GetDateTimeOffset() - messages[1].GetProperty("timestamp").GetDateTimeOffset());
        Assert.Equal(2, await sandbox.BalanceAsync("sales_navigator"));
    }
}
