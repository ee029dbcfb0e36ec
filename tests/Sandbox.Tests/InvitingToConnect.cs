namespace Sandbox.Tests;

public sealed class InvitingToConnect
{
    [Fact]
    public async Task Makes_a_relation_when_it_is_accepted()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        var sent = await sandbox.InviteAsync("bob", "Shall we?");
        Assert.Equal("200 UserInvitationSent", sent.Status + " " + sent.Text("object"));
        var listed = Assert.Single((await sandbox.GetAsync("/api/v1/users/invite/sent?account_id=ann")).Items());
        Assert.Equal((sent.Text("invitation_id"), "Shall we?", "bob"), (listed.GetProperty("id").GetString(), listed.GetProperty("invitation_text").GetString(), listed.GetProperty("invited_user_public_id").GetString()));
        Assert.Equal("PENDING", (await sandbox.GetAsync("/api/v1/users/bob?account_id=ann")).Text("relation_request_status"));
        Assert.Equal("already_invited_recently", (await sandbox.InviteAsync("bob")).Type);

        await sandbox.ControlAsync("accept", """{"account_id":"ann","prospect_id":"bob"}""");
        Assert.Empty((await sandbox.GetAsync("/api/v1/users/invite/sent?account_id=ann")).Items());
        Assert.Equal("bob", Assert.Single((await sandbox.GetAsync("/api/v1/users/relations?account_id=ann")).Items()).GetProperty("public_identifier").GetString());
        Assert.Equal("FIRST_DEGREE", (await sandbox.GetAsync("/api/v1/users/bob?account_id=ann")).Text("network_distance"));
        Assert.Equal("already_connected", (await sandbox.InviteAsync("bob")).Type);
        Assert.Equal("201", (await sandbox.StartChatAsync("bob", "Thanks for connecting")).Type);
    }

    /// <summary>F24: three weeks after the withdrawal, not before.</summary>
    [Fact]
    public async Task Locks_the_member_for_three_weeks_after_a_withdrawal()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        var id = (await sandbox.InviteAsync("bob")).Text("invitation_id");
        Assert.Equal(200, (await sandbox.DeleteAsync($"/api/v1/users/invite/sent/{id}?account_id=ann")).Status);
        Assert.Equal("resource_not_found", (await sandbox.DeleteAsync($"/api/v1/users/invite/sent/{id}?account_id=ann")).Type);
        Assert.Equal("cannot_resend_yet", (await sandbox.InviteAsync("bob")).Type);
        await sandbox.AdvanceAsync(TimeSpan.FromDays(20.9));
        Assert.Equal("cannot_resend_yet", (await sandbox.InviteAsync("bob")).Type);
        await sandbox.AdvanceAsync(TimeSpan.FromDays(0.1));
        Assert.Equal("200", (await sandbox.InviteAsync("bob")).Type);
    }

    [Fact]
    public async Task Stops_at_the_weekly_limit_and_says_how_near_it_is()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        await sandbox.WorldAsync("""{"accounts":[{"id":"ann","limits":{"invitations_per_week":4}}],"prospects":[{"id":"p1"},{"id":"p2"},{"id":"p3"},{"id":"p4"},{"id":"p5"}]}""");
        var usages = new List<string>();
        foreach (var prospect in new[] { "p1", "p2", "p3", "p4", "p5" })
        {
            var reply = await sandbox.InviteAsync(prospect);
            usages.Add(reply.Status == 200 ? reply.Body.TryGetProperty("usage", out var usage) ? usage.ToString() : "-" : reply.Type);
        }

        Assert.Equal(["-", "50", "75", "95", "limit_exceeded"], usages);
        await sandbox.AdvanceAsync(TimeSpan.FromDays(7));
        Assert.Equal("200", (await sandbox.InviteAsync("p5")).Type);
    }

    [Fact]
    public async Task Is_accepted_by_itself_when_the_member_is_inclined_to()
    {
        await using var sandbox = await RunningSandbox.WithAsync(
            """{"id":"bob","behaviour":{"accept_probability":1,"accept_after_at_least_seconds":60,"accept_after_at_most_seconds":60}}""");
        await sandbox.InviteAsync("bob");
        await sandbox.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Single((await sandbox.GetAsync("/api/v1/users/relations?account_id=ann")).Items());
    }
}
