using System.Text.Json;

namespace Sandbox.Tests;

public sealed class TellingWebhooks
{
    /// <summary>F54: own messages arrive as message_received too; only the sender tells them from replies.</summary>
    [Fact]
    public async Task Reports_own_sends_and_replies_under_one_event()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        await RegisterAsync(sandbox, receiver, "messaging", headers: """[{"key":"Unipile-Auth","value":"secret"},{"key":"Content-Type","value":"application/json"}]""");
        var sent = await sandbox.StartChatAsync("bob", "Hello", "S", "sales_navigator");
        await receiver.BodiesAsync(1);
        await sandbox.ControlAsync("reply", """{"account_id":"ann","prospect_id":"bob","text":"Hi Ann"}""");
        var bodies = await receiver.BodiesAsync(2);

        Assert.All(bodies, b => Assert.Equal("message_received", b.GetProperty("event").GetString()));
        Assert.Equal(sent.Text("message_id"), bodies[0].GetProperty("message_id").GetString());
        Assert.Equal([true, false], bodies.Select(b => Sender(b) == b.GetProperty("account_info").GetProperty("user_id").GetString()));
        Assert.Equal(await sandbox.ProviderIdAsync("bob"), Sender(bodies[1]));
        Assert.Equal("Hi Ann", bodies[1].GetProperty("message").GetString());
        Assert.All(receiver.Got, g => Assert.Equal(("secret", "application/json"), (g.Headers["Unipile-Auth"].ToString(), g.Headers.ContentType.ToString())));
    }

    [Fact]
    public async Task Sends_no_content_type_unless_one_was_set()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob","degree":"first"}""");
        await RegisterAsync(sandbox, receiver, "messaging");
        await sandbox.StartChatAsync("bob", "Hello");
        await receiver.BodiesAsync(1);
        Assert.Empty(receiver.Got.First().Headers.ContentType.ToString());
    }

    [Fact]
    public async Task Tries_five_more_times()
    {
        await using var receiver = await HookReceiver.StartAsync(refusals: 5);
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob","degree":"first"}""");
        await RegisterAsync(sandbox, receiver, "messaging");
        await sandbox.StartChatAsync("bob", "Hello");
        await receiver.BodiesAsync(1);
        await PostIsAsync(sandbox, "delivered", tries: 6);
    }

    [Fact]
    public async Task Gives_up_after_that()
    {
        await using var receiver = await HookReceiver.StartAsync(refusals: 6);
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob","degree":"first"}""");
        await RegisterAsync(sandbox, receiver, "messaging");
        await sandbox.StartChatAsync("bob", "Hello");
        await PostIsAsync(sandbox, "dropped", tries: 6);
        Assert.Empty(receiver.Got);
    }

    [Fact]
    public async Task Reports_relations_late_and_account_states_at_once()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        await RegisterAsync(sandbox, receiver, "relations");
        await RegisterAsync(sandbox, receiver, "account_status");
        await sandbox.InviteAsync("bob");
        await sandbox.ControlAsync("accept", """{"account_id":"ann","prospect_id":"bob","noticed_after_seconds":28800}""");
        await sandbox.ControlAsync("disconnect", """{"account_id":"ann"}""");
        var first = Assert.Single(await receiver.BodiesAsync(1));
        Assert.Equal("CREDENTIALS", first.GetProperty("AccountStatus").GetProperty("message").GetString());
        await sandbox.ControlAsync("reconnect", """{"account_id":"ann"}""");
        await receiver.BodiesAsync(2);
        await sandbox.AdvanceAsync(TimeSpan.FromHours(8));
        var relation = (await receiver.BodiesAsync(3))[2];
        Assert.Equal(("new_relation", "bob"), (relation.GetProperty("event").GetString(), relation.GetProperty("user_public_identifier").GetString()));
    }

    [Fact]
    public async Task Only_of_the_accounts_and_events_that_were_asked_for()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var sandbox = await RunningSandbox.StartAsync();
        await sandbox.WorldAsync("""{"accounts":[{"id":"ann"},{"id":"ben"}],"prospects":[{"id":"bob","degree":"first"}]}""");
        await RegisterAsync(sandbox, receiver, "messaging", extra: ""","account_ids":["ben"]""");
        await RegisterAsync(sandbox, receiver, "messaging", extra: ""","events":["message_read"]""");
        await sandbox.StartChatAsync("bob", "From Ann");
        await sandbox.StartChatAsync("bob", "From Ben", account: "ben");
        Assert.Equal("From Ben", Assert.Single(await receiver.BodiesAsync(1)).GetProperty("message").GetString());
        Assert.Single((await sandbox.GetAsync("/sandbox/v1/webhook-posts")).Items("posts"));
    }

    /// <summary>F54: events get lost and come twice.</summary>
    [Fact]
    public async Task Can_lose_an_event_or_send_it_twice()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob","degree":"first"}""");
        await RegisterAsync(sandbox, receiver, "messaging");
        await sandbox.ControlAsync("faults", """{"endpoint":"event.message_received","kind":"lost"}""");
        await sandbox.ControlAsync("faults", """{"endpoint":"event.message_received","kind":"twice"}""");
        await sandbox.StartChatAsync("bob", "Lost");
        await sandbox.StartChatAsync("bob", "Twice");
        var bodies = await receiver.BodiesAsync(2);
        Assert.Equal(["Twice", "Twice"], bodies.Select(b => b.GetProperty("message").GetString()));
        Assert.Equal(["lost", "delivered", "delivered"], await StatesAsync(sandbox));
    }

    [Fact]
    public async Task Registers_lists_without_secrets_and_deletes()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        var bad = await sandbox.PostAsync("/api/v1/webhooks", """{"request_url":"ftp://x","source":"mail","account_ids":["nobody"],"colour":"red"}""");
        Assert.Equal(["request_url", "source", "colour", "account_ids"], bad.Items("violations").Select(v => v.GetProperty("field").GetString()));
        var created = await sandbox.PostAsync("/api/v1/webhooks", """{"request_url":"http://127.0.0.1:1/x","source":"messaging","headers":[{"key":"K","value":"secret"}]}""");
        Assert.Equal("201 WebhookCreated", created.Status + " " + created.Text("object"));
        var list = await sandbox.GetAsync("/api/v1/webhooks");
        Assert.Single(list.Items());
        Assert.DoesNotContain("secret", list.ToString(), StringComparison.Ordinal);
        Assert.Equal(200, (await sandbox.DeleteAsync("/api/v1/webhooks/" + created.Text("webhook_id"))).Status);
        Assert.Equal(404, (await sandbox.DeleteAsync("/api/v1/webhooks/" + created.Text("webhook_id"))).Status);
    }

    private static string? Sender(JsonElement body) => body.GetProperty("sender").GetProperty("attendee_provider_id").GetString();

    private static async Task RegisterAsync(RunningSandbox sandbox, HookReceiver receiver, string source, string headers = "[]", string extra = "") =>
        Assert.Equal(201, (await sandbox.PostAsync("/api/v1/webhooks", $$"""{"request_url":"{{receiver.Url}}","source":"{{source}}","name":"test","headers":{{headers}}{{extra}}}""")).Status);

    private static async Task PostIsAsync(RunningSandbox sandbox, string state, int tries)
    {
        JsonElement post = default;
        await Wait.UntilAsync(async () =>
        {
            post = (await sandbox.GetAsync("/sandbox/v1/webhook-posts")).Items("posts")[0];
            return post.GetProperty("state").GetString() == state;
        });
        Assert.Equal(tries, post.GetProperty("tries").GetInt32());
    }

    private static async Task<string[]> StatesAsync(RunningSandbox sandbox)
    {
        string[] states = [];
        await Wait.UntilAsync(async () =>
        {
            states = [.. (await sandbox.GetAsync("/sandbox/v1/webhook-posts")).Items("posts").Select(p => p.GetProperty("state").GetString()!)];
            return !states.Contains("pending");
        });
        return states;
    }
}
