using System.Globalization;

namespace Sandbox.Tests;

public sealed class ReadingBack
{
    [Fact]
    public async Task Pages_without_losing_anything_to_what_arrives_meanwhile()
    {
        await using var sandbox = await RunningSandbox.WithAsync(string.Join(',', Enumerable.Range(1, 8).Select(n => $$"""{"id":"p{{n}}","degree":"first"}""")));
        for (var n = 1; n <= 7; n++)
            await sandbox.StartChatAsync("p" + n, "Hello " + n.ToString(CultureInfo.InvariantCulture));
        foreach (var path in new[] { "/api/v1/chats?account_id=ann&limit=3", "/api/v1/messages?account_id=ann&limit=3" })
        {
            var seen = new List<string>();
            string? cursor = null;
            do
            {
                var page = await sandbox.GetAsync(path + (cursor is null ? "" : "&cursor=" + cursor));
                seen.AddRange(page.Items().Select(i => i.GetProperty("id").GetString()!));
                cursor = page.Body.GetProperty("cursor").GetString();
                if (seen.Count == 3)
                    await sandbox.StartChatAsync("p8", "Meanwhile " + path);
            }
            while (cursor is not null);
            Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.InRange(seen.Count, 7, 8);
        }
    }

    [Fact]
    public async Task Finds_an_inmail_by_attendee_by_time_and_by_sender()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"},{"id":"cat","degree":"first"}""");
        var sent = await sandbox.StartChatAsync("bob", "Hello", "The subject", "sales_navigator");
        await sandbox.StartChatAsync("cat", "Hello Cat");
        await sandbox.AdvanceAsync(TimeSpan.FromHours(1));
        var cut = (await sandbox.GetAsync("/sandbox/v1/clock")).Text("now");
        await sandbox.AdvanceAsync(TimeSpan.FromHours(1));
        await sandbox.ControlAsync("reply", """{"account_id":"ann","prospect_id":"bob"}""");

        var bob = await sandbox.ProviderIdAsync("bob");
        var chat = Assert.Single((await sandbox.GetAsync($"/api/v1/chat_attendees/{bob}/chats?account_id=ann")).Items());
        Assert.Equal(sent.Text("chat_id"), chat.GetProperty("id").GetString());
        Assert.Equal(("inmail", "The subject", bob), (chat.GetProperty("content_type").GetString(), chat.GetProperty("subject").GetString(), chat.GetProperty("attendee_provider_id").GetString()));
        Assert.Contains("INBOX_LINKEDIN_SALES_NAVIGATOR", chat.GetProperty("folder").EnumerateArray().Select(f => f.GetString()));
        Assert.Single((await sandbox.GetAsync($"/api/v1/chats?account_id=ann&after={cut}")).Items());
        Assert.Single((await sandbox.GetAsync($"/api/v1/chats?account_id=ann&before={cut}")).Items());
        Assert.Single((await sandbox.GetAsync($"/api/v1/chats/{sent.Text("chat_id")}/messages?sender_id={bob}")).Items());
        Assert.Equal("resource_not_found", (await sandbox.GetAsync("/api/v1/chats/none/messages")).Type);
        var bad = await sandbox.GetAsync("/api/v1/chats?account_id=ann&after=yesterday&limit=0&cursor=%21");
        Assert.Equal(["limit", "cursor", "after"], bad.Items("violations").Select(v => v.GetProperty("field").GetString()));
    }

    /// <summary>F17: what the provider does not know is missing, not false.</summary>
    [Fact]
    public async Task Leaves_out_of_a_profile_what_is_not_known()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""
            {"id":"bob","company":"Contoso","hidden_fields":["is_open_profile","network_distance"],"throttled_sections":["experience"]},
            {"id":"odd","inmail":"off_says_insufficient_credits"},{"id":"off","inmail":"off"},{"id":"gone","reach":"gone"}
            """);
        var bob = (await sandbox.GetAsync("/api/v1/users/bob?account_id=ann")).Body;
        Assert.False(bob.TryGetProperty("is_open_profile", out _));
        Assert.False(bob.TryGetProperty("network_distance", out _));
        Assert.False(bob.TryGetProperty("work_experience", out _));
        Assert.Equal("experience", bob.GetProperty("throttled_sections")[0].GetString());
        Assert.True(bob.GetProperty("can_send_inmail").GetBoolean());
        Assert.False((await sandbox.GetAsync("/api/v1/users/odd?account_id=ann")).Body.TryGetProperty("can_send_inmail", out _));
        Assert.False((await sandbox.GetAsync("/api/v1/users/off?account_id=ann")).Body.GetProperty("can_send_inmail").GetBoolean());
        Assert.Equal("resource_not_found", (await sandbox.GetAsync("/api/v1/users/gone?account_id=ann")).Type);
        Assert.Equal("resource_not_found", (await sandbox.GetAsync("/api/v1/users/nobody?account_id=ann")).Type);
        Assert.Equal("feature_not_subscribed", (await sandbox.GetAsync("/api/v1/users/bob?account_id=ann&linkedin_api=recruiter")).Type);
    }

    [Fact]
    public async Task Gives_out_only_so_many_profiles_a_day()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""", """{"id":"ann","limits":{"profiles_per_day":2}}""");
        var types = new List<string>();
        for (var i = 0; i < 3; i++)
            types.Add((await sandbox.GetAsync("/api/v1/users/bob?account_id=ann")).Type);
        Assert.Equal(["200", "200", "too_many_requests"], types);
        await sandbox.AdvanceAsync(TimeSpan.FromDays(1));
        Assert.Equal("200", (await sandbox.GetAsync("/api/v1/users/bob?account_id=ann")).Type);
    }

    [Fact]
    public async Task Makes_up_unknown_members_only_when_told_to()
    {
        await using var sandbox = await RunningSandbox.StartAsync(("InventProspects", "true"));
        await sandbox.WorldAsync("""{"accounts":[{"id":"ann"}]}""");
        var once = await sandbox.GetAsync("/api/v1/users/jane-doe?account_id=ann");
        Assert.Equal(once.ToString(), (await sandbox.GetAsync("/api/v1/users/jane-doe?account_id=ann")).ToString());
        Assert.Equal("jane-doe", once.Text("public_identifier"));
    }

    /// <summary>F48: everything live stops, and resumes on reconnect; what is stored can still be read.</summary>
    [Theory]
    [InlineData("restrict", 403, "account_restricted", "OK")]
    [InlineData("disconnect", 401, "disconnected_account", "CREDENTIALS")]
    public async Task Stops_for_an_account_that_cannot_work(string control, int status, string type, string shown)
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob","degree":"first"}""");
        var id = await sandbox.ProviderIdAsync("bob");
        var chat = (await sandbox.StartChatWithAsync(id, "Hello")).Text("chat_id");
        await sandbox.ControlAsync(control, """{"account_id":"ann"}""");
        var replies = new[]
        {
            await sandbox.StartChatWithAsync(id, "Hello"),
            await sandbox.SendAsync(chat, "Hello"),
            await sandbox.PostAsync("/api/v1/users/invite", $$"""{"account_id":"ann","provider_id":"{{id}}"}"""),
            await sandbox.GetAsync("/api/v1/users/bob?account_id=ann"),
            await sandbox.GetAsync("/api/v1/linkedin/inmail_balance?account_id=ann"),
            await sandbox.GetAsync("/api/v1/users/relations?account_id=ann"),
        };
        Assert.All(replies, r => Assert.Equal((status, type), (r.Status, r.Type)));
        Assert.Equal(200, (await sandbox.GetAsync("/api/v1/chats?account_id=ann")).Status);
        Assert.Equal(shown, (await sandbox.GetAsync("/api/v1/accounts/ann")).Items("sources")[0].GetProperty("status").GetString());
        await sandbox.ControlAsync("reconnect", """{"account_id":"ann"}""");
        Assert.Equal("201", (await sandbox.StartChatWithAsync(id, "Hello")).Type);
    }

    [Fact]
    public async Task Asks_for_the_key()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        sandbox.Http.DefaultRequestHeaders.Remove("X-API-KEY");
        Assert.Equal("missing_credentials", (await sandbox.GetAsync("/api/v1/accounts")).Type);
        Assert.Equal("missing_credentials", (await sandbox.GetAsync("/sandbox/v1/ledger")).Type);
        sandbox.Http.DefaultRequestHeaders.Add("X-API-KEY", "wrong");
        Assert.Equal("invalid_credentials", (await sandbox.GetAsync("/api/v1/accounts")).Type);
        Assert.Equal("ok", await sandbox.Http.GetStringAsync("/health"));
    }
}
