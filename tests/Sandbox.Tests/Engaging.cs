namespace Sandbox.Tests;

/// <summary>F87: visits that are told, likes and comments, by the provider's own paths.</summary>
public sealed class Engaging
{
    [Fact]
    public async Task Is_counted_apart_from_what_recipients_got_F87()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");

        Assert.Equal("UserProfile", (await sandbox.GetAsync("/api/v1/users/bob?account_id=ann&notify=true")).Text("object"));
        Assert.Equal("UserProfile", (await sandbox.GetAsync("/api/v1/users/bob?account_id=ann")).Text("object"));
        Assert.Equal("201", (await sandbox.PostAsync("/api/v1/posts/reaction", """{"account_id":"ann","post_id":"urn:li:activity:7","reaction_type":"like"}""")).Type);
        Assert.Equal("201", (await sandbox.PostAsync("/api/v1/posts/urn%3Ali%3Aactivity%3A7/comments", """{"account_id":"ann","text":"Well said."}""")).Type);

        var done = (await sandbox.GetAsync("/sandbox/v1/engagements")).Items("engagements");
        Assert.Equal(
            ["view bob ", "like urn:li:activity:7 ", "comment urn:li:activity:7 x"],
            done.Select(one => $"{one.GetProperty("kind").GetString()} {one.GetProperty("subject").GetString()} {(one.GetProperty("text_digest").GetString()!.Length > 0 ? "x" : "")}"));
        Assert.Equal(0, (await sandbox.LedgerAsync()).Number("deliveries"));
    }

    [Fact]
    public async Task Refuses_what_the_provider_would_F87()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        const string Like = """{"account_id":"ann","post_id":"urn:li:activity:7"}""";

        Assert.Equal("201", (await sandbox.PostAsync("/api/v1/posts/reaction", Like)).Type);
        Assert.Equal("action_already_performed", (await sandbox.PostAsync("/api/v1/posts/reaction", Like)).Type);
        Assert.Equal(400, (await sandbox.PostAsync("/api/v1/posts/reaction", """{"account_id":"ann"}""")).Status);
        Assert.Equal(400, (await sandbox.PostAsync("/api/v1/posts/7/comments", """{"account_id":"ann"}""")).Status);
        Assert.Equal("too_many_characters", (await sandbox.PostAsync("/api/v1/posts/7/comments", $$"""{"account_id":"ann","text":"{{new string('x', 1_251)}}"}""")).Type);
        Assert.Equal(400, (await sandbox.GetAsync("/api/v1/users/bob?account_id=ann&notify=perhaps")).Status);
        await sandbox.ControlAsync("disconnect", """{"account_id":"ann"}""");
        Assert.Equal("disconnected_account", (await sandbox.PostAsync("/api/v1/posts/reaction", Like)).Type);
        Assert.Single((await sandbox.GetAsync("/sandbox/v1/engagements")).Items("engagements"));
    }
}
