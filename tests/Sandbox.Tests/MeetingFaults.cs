namespace Sandbox.Tests;

/// <summary>What the caller sees and what the recipient got are two things: that is what faults are for (F39, F71).</summary>
public sealed class MeetingFaults
{
    [Theory]
    [InlineData("error", "provider_error", 0)]
    [InlineData("error_after", "request_timeout", 1)]
    [InlineData("drop_before", "cut", 0)]
    [InlineData("drop_after", "cut", 1)]
    public async Task Leaves_the_effect_or_not_whatever_the_caller_sees(string kind, string seen, int delivered)
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob","degree":"first"}""");
        var id = await sandbox.ProviderIdAsync("bob");
        var type = kind.StartsWith("error", StringComparison.Ordinal) ? $$""","type":"{{seen}}" """ : "";
        await sandbox.ControlAsync("faults", $$"""{"endpoint":"chats.start","account_id":"ann","kind":"{{kind}}"{{type}}}""");
        Assert.Equal(seen, await OutcomeAsync(() => sandbox.StartChatWithAsync(id, "Hello")));
        Assert.Equal(delivered, (await sandbox.LedgerAsync()).Number("deliveries"));
        Assert.Equal("201", (await sandbox.StartChatWithAsync(id, "Hello")).Type);
    }

    /// <summary>X14: the answer of something in front of the provider is no envelope, and says nothing about the effect either.</summary>
    [Theory]
    [InlineData("http", 502, null, 0)]
    [InlineData("http", 503, 7, 0)]
    [InlineData("http_after", 504, null, 1)]
    [InlineData("http_after", 599, 0, 1)]
    public async Task Can_be_a_proxys_answer_before_or_after_the_effect(string kind, int status, int? retryAfter, int delivered)
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        var id = await sandbox.ProviderIdAsync("bob");
        var header = retryAfter is { } seconds ? $$""","retry_after_seconds":{{seconds}}""" : "";
        await sandbox.ControlAsync("faults", $$"""{"endpoint":"users.invite","kind":"{{kind}}","status":{{status}}{{header}}}""");
        using var body = new StringContent($$"""{"account_id":"ann","provider_id":"{{id}}"}""");
        using var answer = await sandbox.Http.PostAsync("/api/v1/users/invite", body);
        Assert.Equal((status, "text/html"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
        Assert.Contains($"<h1>{status}", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(retryAfter, answer.Headers.RetryAfter?.Delta?.TotalSeconds is { } told ? (int)told : null);
        Assert.Equal(delivered, (await sandbox.LedgerAsync()).Number("deliveries"));
    }

    [Fact]
    public async Task Says_when_to_come_back_only_if_ordered()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        await sandbox.ControlAsync("faults", """{"endpoint":"accounts.get","kind":"error","type":"too_many_requests","retry_after_seconds":30}""");
        await sandbox.ControlAsync("faults", """{"endpoint":"accounts.get","kind":"error_after","type":"too_many_requests","retry_after_seconds":86400}""");
        await sandbox.ControlAsync("faults", """{"endpoint":"accounts.get","kind":"error","type":"too_many_requests"}""");
        var told = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            using var answer = await sandbox.Http.GetAsync("/api/v1/accounts/ann");
            told.Add((int)answer.StatusCode + " " + answer.Headers.RetryAfter);
        }

        Assert.Equal(["429 30", "429 86400", "429 ", "200 "], told);
    }

    /// <summary>The same call that hangs has done nothing yet, or everything already: a caller cannot tell which.</summary>
    [Theory]
    [InlineData("delay_before", 0)]
    [InlineData("delay_after", 1)]
    public async Task Waits_before_or_after_the_effect_and_then_answers_whoever_still_listens(string kind, int meanwhile)
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        var id = await sandbox.ProviderIdAsync("bob");
        await sandbox.ControlAsync("faults", $$"""{"endpoint":"users.invite","kind":"{{kind}}","delay_ms":2000}""");
        var answer = sandbox.PostAsync("/api/v1/users/invite", $$"""{"account_id":"ann","provider_id":"{{id}}"}""");
        await Wait.UntilAsync(async () => (await sandbox.GetAsync("/sandbox/v1/faults")).Items("faults").Count == 0
            && (await sandbox.LedgerAsync()).Number("deliveries") == meanwhile);
        Assert.False(answer.IsCompleted);
        Assert.Equal(200, (await answer).Status);
        Assert.Equal(1, (await sandbox.LedgerAsync()).Number("deliveries"));
    }

    [Theory]
    [InlineData("delay_before")]
    [InlineData("delay_after")]
    public async Task Takes_effect_although_the_caller_has_given_up(string kind)
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        var id = await sandbox.ProviderIdAsync("bob");
        await sandbox.ControlAsync("faults", $$"""{"endpoint":"users.invite","kind":"{{kind}}","delay_ms":600}""");
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        using var body = new StringContent($$"""{"account_id":"ann","provider_id":"{{id}}"}""");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sandbox.Http.PostAsync("/api/v1/users/invite", body, impatient.Token));
        await Wait.UntilAsync(async () => (await sandbox.LedgerAsync()).Number("deliveries") == 1);
    }

    [Fact]
    public async Task Only_at_the_endpoint_and_account_and_as_often_as_ordered()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        await sandbox.WorldAsync("""{"accounts":[{"id":"ann"},{"id":"ben"}],"prospects":[{"id":"bob"}]}""");
        await sandbox.ControlAsync("faults", """{"endpoint":"users.profile","account_id":"ann","kind":"error","type":"too_many_requests","times":2}""");
        var types = new List<string>();
        foreach (var path in new[] { "users/bob?account_id=ben", "accounts/ann", "users/bob?account_id=ann", "users/bob?account_id=ann", "users/bob?account_id=ann" })
            types.Add((await sandbox.GetAsync("/api/v1/" + path)).Type);
        Assert.Equal(["200", "200", "too_many_requests", "too_many_requests", "200"], types);
        Assert.Empty((await sandbox.GetAsync("/sandbox/v1/faults")).Items("faults"));
    }

    [Fact]
    public async Task Call_by_call_as_the_script_says()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob","degree":"first"}""");
        var id = await sandbox.ProviderIdAsync("bob");
        await sandbox.ControlAsync("faults", """
            {"endpoint":"chats.start","account_id":"ann","script":["pass","drop_after",{"kind":"error","type":"too_many_requests","retry_after_seconds":30},"pass"]}
            """);
        var seen = new List<string>();
        for (var i = 1; i <= 4; i++)
            seen.Add(await OutcomeAsync(() => sandbox.StartChatWithAsync(id, "Hello " + i)));
        Assert.Equal(["201", "cut", "too_many_requests", "201"], seen);
        Assert.Equal(3, (await sandbox.LedgerAsync()).Number("deliveries"));
        Assert.Empty((await sandbox.GetAsync("/sandbox/v1/faults")).Items("faults"));
    }

    [Fact]
    public async Task Over_and_over_when_the_script_repeats()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        await sandbox.ControlAsync("faults", """{"endpoint":"accounts.get","script":["pass",{"kind":"error","type":"provider_error"}],"repeat":true,"times":3}""");
        Assert.Equal(".X.X.X..", await PatternAsync(sandbox, 8));
    }

    [Fact]
    public async Task By_rate_the_same_calls_of_two_runs_with_the_same_seed()
    {
        var patterns = new List<string>();
        foreach (var seed in new[] { "one", "one", "two" })
        {
            await using var sandbox = await RunningSandbox.StartAsync(("Seed", seed));
            await sandbox.WorldAsync("""{"accounts":[{"id":"ann"}]}""");
            await sandbox.ControlAsync("faults", """{"endpoint":"accounts.get","kind":"error","rate":0.3}""");
            patterns.Add(await PatternAsync(sandbox, 60));
            Assert.Equal(60, Assert.Single((await sandbox.GetAsync("/sandbox/v1/faults")).Items("faults")).GetProperty("met").GetInt32());
        }

        Assert.InRange(patterns[0].Count(c => c == 'X'), 6, 32);
        Assert.Equal(patterns[0], patterns[1]);
        Assert.NotEqual(patterns[0], patterns[2]);
    }

    [Fact]
    public async Task By_the_younger_fault_what_the_older_lets_pass()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        await sandbox.ControlAsync("faults", """{"endpoint":"*","script":["pass",{"kind":"error","type":"provider_error"}]}""");
        await sandbox.ControlAsync("faults", """{"endpoint":"accounts.get","kind":"error","type":"network_down","times":2}""");
        var types = new List<string>();
        for (var i = 0; i < 4; i++)
            types.Add((await sandbox.GetAsync("/api/v1/accounts/ann")).Type);
        Assert.Equal(["network_down", "provider_error", "network_down", "200"], types);
    }

    /// <summary>F34: one text for an empty balance, for a recipient who refuses, and for neither; only the balance tells them apart.</summary>
    [Fact]
    public async Task Says_insufficient_credits_in_the_same_words_whether_credits_are_left_or_not_F34()
    {
        await using var sandbox = await RunningSandbox.WithAsync(
            """{"id":"bob"},{"id":"cat"},{"id":"dan"},{"id":"odd","inmail":"off_says_insufficient_credits"}""",
            """{"id":"ann","subscriptions":[{"plan":"sales_navigator","balance":2}]}""");
        await sandbox.ControlAsync("faults", """{"endpoint":"chats.start","script":[{"kind":"error","type":"insufficient_credits"},{"kind":"error_after","type":"insufficient_credits"}]}""");
        var (answers, balances) = (new List<string>(), new List<int?>());
        foreach (var recipient in new[] { "bob", "cat", "odd", "dan", "bob" })
        {
            answers.Add((await sandbox.StartChatAsync(recipient, "Hello", "S", "sales_navigator")).ToString());
            balances.Add(await sandbox.BalanceAsync("sales_navigator"));
        }

        Assert.Equal([2, 1, 1, 0, 0], balances);
        Assert.StartsWith("201", answers[3], StringComparison.Ordinal);
        answers.RemoveAt(3);
        Assert.Contains("Not enough credits", Assert.Single(answers.Distinct()), StringComparison.Ordinal);
        Assert.Equal(2, (await sandbox.LedgerAsync()).Number("deliveries"));
    }

    [Theory]
    [InlineData("restrict", "account_restricted", "restricted", 0)]
    [InlineData("disconnect", "disconnected_account", "disconnected", 1)]
    public async Task Can_stop_the_account_at_this_very_call_and_from_then_on(string kind, string seen, string state, int told)
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var sandbox = await RunningSandbox.StartAsync();
        await sandbox.WorldAsync("""{"accounts":[{"id":"ann"},{"id":"ben"}],"prospects":[{"id":"bob","degree":"first"}]}""");
        await sandbox.PostAsync("/api/v1/webhooks", $$"""{"request_url":"{{receiver.Url}}","source":"account_status"}""");
        var id = await sandbox.ProviderIdAsync("bob");
        await sandbox.ControlAsync("faults", $$"""{"endpoint":"chats.start","script":["pass","{{kind}}"]}""");
        var types = new List<string>();
        for (var i = 1; i <= 3; i++)
            types.Add((await sandbox.StartChatWithAsync(id, "Hello " + i)).Type);
        Assert.Equal(["201", seen, seen], types);
        Assert.Equal("201", (await sandbox.StartChatAsync("bob", "From Ben", account: "ben")).Type);
        var ledger = await sandbox.LedgerAsync();
        Assert.Equal(2, ledger.Number("deliveries"));
        Assert.Equal([state, "ok"], ledger.Items("accounts").Select(a => a.GetProperty("state").GetString()));
        Assert.Equal(told, (await sandbox.GetAsync("/sandbox/v1/webhook-posts")).Items("posts").Count);
        if (told > 0)
            Assert.Equal("CREDENTIALS", (await receiver.BodiesAsync(1))[0].GetProperty("AccountStatus").GetProperty("message").GetString());
        await sandbox.ControlAsync("reconnect", """{"account_id":"ann"}""");
        Assert.Equal("201", (await sandbox.StartChatWithAsync(id, "Hello again")).Type);
    }

    [Fact]
    public async Task Stops_no_account_by_a_call_that_names_none()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        await sandbox.ControlAsync("faults", """{"endpoint":"*","kind":"restrict"}""");
        var types = new List<string>();
        foreach (var path in new[] { "accounts", "accounts/zed", "users/bob", "users/bob?account_id=ann" })
            types.Add((await sandbox.GetAsync("/api/v1/" + path)).Type);
        Assert.Equal(["200", "resource_not_found", "missing_parameters", "account_restricted"], types);
    }

    [Fact]
    public async Task Can_be_called_off_and_are_refused_when_they_make_no_sense()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        var bad = await sandbox.PostAsync("/sandbox/v1/faults", """{"endpoint":"chats.burn","account_id":"zed","kind":"lost","type":"nonsense","delay_ms":-1,"times":0,"why":1}""");
        Assert.Equal(["endpoint", "account_id", "kind", "type", "delay_ms", "times", "why"], bad.Items("violations").Select(v => v.GetProperty("field").GetString()));
        await sandbox.ControlAsync("faults", """{"endpoint":"*","kind":"error"}""");
        Assert.Equal("unexpected_error", (await sandbox.GetAsync("/api/v1/accounts")).Type);
        await sandbox.ControlAsync("faults", """{"endpoint":"*","kind":"error"}""");
        Assert.Equal(1, (await sandbox.DeleteAsync("/sandbox/v1/faults")).Number("removed"));
        Assert.Equal("200", (await sandbox.GetAsync("/api/v1/accounts")).Type);
    }

    private static async Task<string> OutcomeAsync(Func<Task<Reply>> call)
    {
        try
        {
            return (await call()).Type;
        }
        catch (HttpRequestException)
        {
            return "cut";
        }
    }

    /// <summary>One letter for each call of <c>accounts.get</c>: X is struck, a point is spared.</summary>
    private static async Task<string> PatternAsync(RunningSandbox sandbox, int calls)
    {
        var pattern = "";
        for (var i = 0; i < calls; i++)
            pattern += (await sandbox.GetAsync("/api/v1/accounts/ann")).Status == 200 ? '.' : 'X';
        return pattern;
    }
}
