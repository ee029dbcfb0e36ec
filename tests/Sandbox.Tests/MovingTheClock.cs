using System.Globalization;

namespace Sandbox.Tests;

/// <summary>F76: months in seconds.</summary>
public sealed class MovingTheClock
{
    [Fact]
    public async Task Grants_month_by_month_up_to_the_cap()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""", """{"id":"ann","subscriptions":[{"plan":"sales_navigator","balance":0}]}""");
        var balances = new List<int?>();
        for (var month = 1; month <= 4; month++)
        {
            await ToAsync(sandbox, await FirstOfNextMonthAsync(sandbox));
            balances.Add(await sandbox.BalanceAsync("sales_navigator"));
        }

        Assert.Equal([50, 100, 150, 150], balances);
        var credits = (await sandbox.LedgerAsync()).Items("accounts")[0].GetProperty("credits")[0];
        Assert.Equal((150, 50), (credits.GetProperty("granted").GetInt32(), credits.GetProperty("forfeited").GetInt32()));
    }

    [Fact]
    public async Task Grants_late_when_told_to_and_only_once()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""", """{"id":"ann","subscriptions":[{"plan":"sales_navigator","balance":0}]}""");
        await sandbox.ControlAsync("grant-late", """{"account_id":"ann","product":"sales_navigator","delay_seconds":86400}""");
        var first = await FirstOfNextMonthAsync(sandbox);
        await ToAsync(sandbox, first.AddHours(23));
        Assert.Equal(0, await sandbox.BalanceAsync("sales_navigator"));
        await ToAsync(sandbox, first.AddHours(24));
        Assert.Equal(50, await sandbox.BalanceAsync("sales_navigator"));
        await ToAsync(sandbox, first.AddMonths(1));
        Assert.Equal(100, await sandbox.BalanceAsync("sales_navigator"));
    }

    [Fact]
    public async Task Goes_forward_only()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        var moved = await sandbox.ControlAsync("clock", """{"offset_ms":3600000}""");
        Assert.Equal((true, 3_600_000), (moved.Body.GetProperty("reached").GetBoolean(), moved.Number("offset_ms")));
        Assert.InRange(await NowAsync(sandbox), DateTimeOffset.UtcNow.AddMinutes(59), DateTimeOffset.UtcNow.AddMinutes(61));
        Assert.Equal(400, (await sandbox.PostAsync("/sandbox/v1/clock", """{"offset_ms":1000}""")).Status);
        Assert.Equal(400, (await sandbox.PostAsync("/sandbox/v1/clock", """{"to":"2020-01-01T00:00:00Z"}""")).Status);
        Assert.Equal(400, (await sandbox.PostAsync("/sandbox/v1/clock", """{"offset_ms":7200000,"advance_ms":1}""")).Status);
        Assert.Equal(400, (await sandbox.PostAsync("/sandbox/v1/clock", "{}")).Status);
        Assert.Equal(400, (await sandbox.PostAsync("/sandbox/v1/clock", """{"to":"9999-12-31T23:59:59Z"}""")).Status);
        Assert.Equal(200, (await sandbox.PostAsync("/sandbox/v1/clock", """{"offset_ms":3600000}""")).Status);
    }

    [Fact]
    public async Task Stops_where_too_much_becomes_due_and_goes_on_when_asked_again()
    {
        await using var sandbox = await RunningSandbox.StartAsync(("MaxDueAtOnce", "4"));
        var prospects = string.Join(',', Enumerable.Range(1, 10).Select(n =>
            $$$"""{"id":"p{{{n}}}","degree":"first","behaviour":{"reply_probability":1,"reply_after_at_least_seconds":{{{n * 3600}}},"reply_after_at_most_seconds":{{{n * 3600}}}}}"""));
        await sandbox.WorldAsync($$"""{"accounts":[{"id":"ann"}],"prospects":[{{prospects}}]}""");
        for (var n = 1; n <= 10; n++)
            await sandbox.StartChatAsync("p" + n, "Hello");
        var target = """{"offset_ms":86400000}""";
        var moves = new List<(int, bool)>();
        do
        {
            var move = await sandbox.ControlAsync("clock", target);
            moves.Add((move.Number("happened"), move.Body.GetProperty("reached").GetBoolean()));
        }
        while (!moves[^1].Item2 && moves.Count < 10);

        Assert.Equal([(4, false), (4, false), (2, true)], moves);
        Assert.Equal(20, (await sandbox.GetAsync("/api/v1/messages?account_id=ann&limit=250")).Items().Count);
    }

    /// <summary>Calls that are made while the clocks of the sandbox and of its callers are moved: an answer once seemed to be older than what it answered, and its credit stayed away.</summary>
    [Fact]
    public async Task Lets_calls_of_the_api_wait_until_it_was_moved()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob","degree":"first"}""");
        await sandbox.ControlAsync("clock/pause", """{"most_ms":10000}""");
        var call = sandbox.StartChatAsync("bob", "Hello");
        await sandbox.ControlAsync("clock", """{"offset_ms":3600000}""");
        await call;
        var sent = (await sandbox.GetAsync("/sandbox/v1/deliveries")).Items("deliveries")[0].GetProperty("at").GetDateTimeOffset();
        Assert.True(sent > DateTimeOffset.UtcNow.AddMinutes(59), $"It was sent at {sent:O}.");
    }

    [Fact]
    public async Task Answers_calls_of_the_api_again_when_nobody_moved_it()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob","degree":"first"}""");
        await sandbox.ControlAsync("clock/pause", """{"most_ms":10000}""");
        // A second pause takes the place of the first, and lasts as long as it says.
        await sandbox.ControlAsync("clock/pause", """{"most_ms":20}""");
        await sandbox.StartChatAsync("bob", "Hello");
        Assert.Equal(400, (await sandbox.PostAsync("/sandbox/v1/clock/pause", """{"most_ms":10001}""")).Status);
        Assert.Equal(400, (await sandbox.PostAsync("/sandbox/v1/clock/pause", "{}")).Status);
    }

    private static async Task<DateTimeOffset> NowAsync(RunningSandbox sandbox) => (await sandbox.GetAsync("/sandbox/v1/clock")).Body.GetProperty("now").GetDateTimeOffset();

    private static async Task<DateTimeOffset> FirstOfNextMonthAsync(RunningSandbox sandbox)
    {
        var now = await NowAsync(sandbox);
        return new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
    }

    private static Task<Reply> ToAsync(RunningSandbox sandbox, DateTimeOffset to) =>
        sandbox.ControlAsync("clock", $$"""{"to":"{{to.ToString("O", CultureInfo.InvariantCulture)}}"}""");
}
