namespace Sandbox.Tests;

/// <summary>The judge of "never twice": counted by the real member, whoever sent it and by whatever channel.</summary>
public sealed class Judging
{
    [Fact]
    public async Task Sees_the_same_text_from_two_senders_by_two_channels()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        await sandbox.WorldAsync("""{"accounts":[{"id":"ann"},{"id":"ben","subscriptions":[{"plan":"sales_navigator"}]}],"prospects":[{"id":"bob","degrees":{"ann":"first"}},{"id":"cat","degree":"first"}]}""");
        await sandbox.StartChatAsync("bob", "Same words");
        await sandbox.StartChatAsync("cat", "Same words");
        Assert.Equal(0, (await sandbox.LedgerAsync()).Number("duplicate_count"));
        await sandbox.StartChatAsync("bob", "Same words", "S", "sales_navigator", account: "ben");
        await sandbox.InviteAsync("bob", "Same words", "ben");
        await sandbox.StartChatAsync("bob", "Other words");

        var ledger = await sandbox.LedgerAsync();
        Assert.Equal((5, 2, 2), (ledger.Number("deliveries"), ledger.Number("recipients"), ledger.Number("duplicate_count")));
        var duplicate = Assert.Single(ledger.Items("duplicates"));
        Assert.Equal(("bob", 3), (duplicate.GetProperty("member_id").GetString(), duplicate.GetProperty("count").GetInt32()));
        Assert.Equal(["message", "inmail", "invitation"], duplicate.GetProperty("deliveries").EnumerateArray().Select(d => d.GetProperty("channel").GetString()));
        var bob = (await sandbox.GetAsync("/sandbox/v1/recipients")).Items("recipients").Single(r => r.GetProperty("member_id").GetString() == "bob");
        Assert.Equal((4, 2), (bob.GetProperty("count").GetInt32(), bob.GetProperty("repeated_texts").GetInt32()));
    }

    [Fact]
    public async Task Does_not_count_what_was_refused_nor_invitations_without_a_note()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        await sandbox.WorldAsync("""{"accounts":[{"id":"ann"},{"id":"ben"}],"prospects":[{"id":"bob"}]}""");
        await sandbox.InviteAsync("bob");
        await sandbox.InviteAsync("bob");
        await sandbox.InviteAsync("bob", account: "ben");
        var ledger = await sandbox.LedgerAsync();
        Assert.Equal((2, 0), (ledger.Number("deliveries"), ledger.Number("duplicate_count")));
        var invites = ledger.Items("calls").Where(c => c.GetProperty("endpoint").GetString() == "users.invite");
        Assert.Equal([(2, 1), (1, 0)], invites.Select(c => (c.GetProperty("calls").GetInt32(), c.GetProperty("refused").GetInt32())));
        Assert.Equal(3, ledger.Body.GetProperty("total_calls").GetProperty("users.invite").GetInt32());
    }

    /// <summary>F84: what the owner writes by hand costs and counts, but is no call.</summary>
    [Fact]
    public async Task Counts_what_was_written_by_hand_apart()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"},{"id":"cat","degree":"first"},{"id":"dan"}""");
        await sandbox.ControlAsync("sends", """{"account_id":"ann","prospect_id":"bob","kind":"inmail","api":"sales_navigator","text":"By hand"}""");
        await sandbox.ControlAsync("sends", """{"account_id":"ann","prospect_id":"cat","kind":"message","text":"By hand"}""");
        await sandbox.ControlAsync("sends", """{"account_id":"ann","prospect_id":"dan","kind":"invitation"}""");
        var refused = await sandbox.PostAsync("/sandbox/v1/sends", """{"account_id":"ann","prospect_id":"dan","kind":"message","text":"By hand"}""");
        Assert.Equal("no_connection_with_recipient", refused.Type);
        var ledger = await sandbox.LedgerAsync();
        Assert.Equal((3, 3), (ledger.Number("deliveries"), ledger.Number("by_hand")));
        Assert.Equal(1, await sandbox.BalanceAsync("sales_navigator"));
        Assert.Equal("linkedin.inmail_balance", (await sandbox.LedgerAsync()).Items("calls").Select(c => c.GetProperty("endpoint").GetString()).Single());
    }

    [Fact]
    public async Task Shows_that_every_balance_is_the_sum_of_its_entries()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"},{"id":"cat"}""");
        await sandbox.StartChatAsync("bob", "Hello", "S", "sales_navigator");
        await sandbox.StartChatAsync("cat", "Hello", "S", "sales_navigator");
        await sandbox.ControlAsync("reply", """{"account_id":"ann","prospect_id":"bob"}""");
        await sandbox.ControlAsync("top-up", """{"account_id":"ann","product":"sales_navigator","amount":7}""");
        await sandbox.ControlAsync("balance", """{"account_id":"ann","product":"sales_navigator","balance":4}""");
        await sandbox.AdvanceAsync(TimeSpan.FromDays(70));
        var entries = (await sandbox.GetAsync("/sandbox/v1/credits?account_id=ann&limit=1000")).Items("entries");
        foreach (var product in new[] { "sales_navigator", "premium" })
        {
            var sum = entries
                .Where(e => e.GetProperty("product").GetString() == product && e.GetProperty("move").GetString() != "forfeited")
                .Sum(e => e.GetProperty("amount").GetInt32());
            Assert.Equal(await sandbox.BalanceAsync(product), sum);
        }
    }
}
