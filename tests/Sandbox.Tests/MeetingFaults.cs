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
        string outcome;
        try
        {
            outcome = (await sandbox.StartChatWithAsync(id, "Hello")).Type;
        }
        catch (HttpRequestException)
        {
            outcome = "cut";
        }

        Assert.Equal(seen, outcome);
        Assert.Equal(delivered, (await sandbox.LedgerAsync()).Number("deliveries"));
        Assert.Equal("201", (await sandbox.StartChatWithAsync(id, "Hello")).Type);
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
}
