using System.Text.Json;

namespace Sandbox.Tests;

/// <summary>F54, X16: events come late, in another order, not at all or twice, and a receiver must end with the same picture.</summary>
public sealed class DisturbingEvents
{
    [Fact]
    public async Task Makes_one_late_by_the_sandboxs_time()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var sandbox = await ListenedToAsync(receiver);
        await OrderAsync(sandbox, """
            "kind":"late","delay_ms":28800000
            """);
        await WriteAsync(sandbox, "One", "Two");
        Assert.Equal("Two", Text(Assert.Single(await receiver.BodiesAsync(1))));
        Assert.Equal("held", (await PostsAsync(sandbox))[0].GetProperty("state").GetString());
        await sandbox.AdvanceAsync(TimeSpan.FromHours(7.9));
        Assert.Equal("held", (await PostsAsync(sandbox))[0].GetProperty("state").GetString());
        await sandbox.AdvanceAsync(TimeSpan.FromHours(0.1));
        Assert.Equal(["Two", "One"], (await receiver.BodiesAsync(2)).Select(Text));
    }

    [Fact]
    public async Task Lets_the_next_one_overtake()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var sandbox = await ListenedToAsync(receiver);
        await OrderAsync(sandbox, """
            "kind":"reordered","delay_ms":86400000
            """);
        await WriteAsync(sandbox, "One", "Two");
        Assert.Equal(["Two", "One"], (await receiver.BodiesAsync(2)).Select(Text));
        await SettledAsync(sandbox);
        Assert.Equal(JsonValueKind.Null, (await sandbox.GetAsync("/sandbox/v1/clock")).Body.GetProperty("next_due").ValueKind);
    }

    /// <summary>A receiver that refuses the later event at first still gets it first.</summary>
    [Fact]
    public async Task Lets_the_next_one_overtake_even_if_it_has_to_be_tried_again()
    {
        await using var receiver = await HookReceiver.StartAsync(refusals: 1);
        // Long enough for the held one to slip through, if it were let go after the first try.
        await using var sandbox = await ListenedToAsync([receiver], ("WebhookRetryDelaysMs:0", "1000"));
        await OrderAsync(sandbox, """
            "kind":"reordered","delay_ms":86400000
            """);
        await WriteAsync(sandbox, "One", "Two");
        Assert.Equal(["Two", "One"], (await receiver.BodiesAsync(2)).Select(Text));
    }

    [Fact]
    public async Task Posts_a_reordered_one_in_the_end_if_none_comes_after_it()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var sandbox = await ListenedToAsync(receiver);
        await OrderAsync(sandbox, """
            "kind":"reordered"
            """);
        await WriteAsync(sandbox, "One");
        Assert.Equal("held", Assert.Single(await PostsAsync(sandbox)).GetProperty("state").GetString());
        await sandbox.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("One", Text(Assert.Single(await receiver.BodiesAsync(1))));
    }

    [Fact]
    public async Task Swaps_in_pairs_when_each_is_to_be_reordered()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var sandbox = await ListenedToAsync(receiver);
        await OrderAsync(sandbox, """
            "kind":"reordered","rate":1
            """);
        await WriteAsync(sandbox, "One", "Two");
        await SettledAsync(sandbox);
        await WriteAsync(sandbox, "Three", "Four");
        Assert.Equal(["Two", "One", "Four", "Three"], (await receiver.BodiesAsync(4)).Select(Text));
    }

    [Fact]
    public async Task Keeps_one_hook_apart_from_another()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var other = await HookReceiver.StartAsync();
        await using var sandbox = await ListenedToAsync(receiver, other);
        await OrderAsync(sandbox, """
            "script":["lost","pass"]
            """);
        await WriteAsync(sandbox, "One");
        await SettledAsync(sandbox);
        Assert.Equal(1, receiver.Got.Count + other.Got.Count);
    }

    [Fact]
    public async Task Goes_by_a_script()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var sandbox = await ListenedToAsync(receiver);
        await OrderAsync(sandbox, """
            "script":["pass","lost","twice",{"kind":"late","delay_ms":3600000}]
            """);
        await WriteAsync(sandbox, "One", "Two", "Three", "Four", "Five");
        Assert.Equal(["Five", "One", "Three", "Three"], (await receiver.BodiesAsync(4)).Select(Text).Order());
        await sandbox.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal("Four", Text((await receiver.BodiesAsync(5))[4]));
    }

    [Fact]
    public async Task Goes_by_a_rate_the_same_in_two_runs()
    {
        var runs = new List<string>();
        for (var run = 0; run < 2; run++)
        {
            await using var receiver = await HookReceiver.StartAsync();
            await using var sandbox = await ListenedToAsync(receiver);
            await OrderAsync(sandbox, """
                "kind":"lost","rate":0.5
                """);
            await WriteAsync(sandbox, [.. Enumerable.Range(1, 40).Select(n => "Message " + n)]);
            await SettledAsync(sandbox);
            runs.Add(string.Concat((await PostsAsync(sandbox)).Select(p => p.GetProperty("state").GetString() == "lost" ? 'X' : '.')));
            Assert.Equal(runs[0].Count(c => c == '.'), receiver.Got.Count);
        }

        Assert.InRange(runs[0].Count(c => c == 'X'), 8, 32);
        Assert.Equal(runs[0], runs[1]);
    }

    [Fact]
    public async Task Holds_no_more_than_may_wait()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var sandbox = await ListenedToAsync([receiver], ("MaxPendingPosts", "2"));
        await OrderAsync(sandbox, """
            "kind":"late","delay_ms":3600000,"rate":1
            """);
        await WriteAsync(sandbox, "One", "Two", "Three");
        Assert.Equal(["held", "held", "dropped"], (await PostsAsync(sandbox)).Select(p => p.GetProperty("state").GetString()));
    }

    private static Task<RunningSandbox> ListenedToAsync(params HookReceiver[] receivers) => ListenedToAsync(receivers, []);

    private static async Task<RunningSandbox> ListenedToAsync(HookReceiver[] receivers, params (string Name, string Value)[] settings)
    {
        var sandbox = await RunningSandbox.StartAsync(settings);
        await sandbox.WorldAsync("""{"accounts":[{"id":"ann"}],"prospects":[{"id":"bob","degree":"first"}]}""");
        foreach (var receiver in receivers)
            Assert.Equal(201, (await sandbox.PostAsync("/api/v1/webhooks", $$"""{"request_url":"{{receiver.Url}}","source":"messaging"}""")).Status);
        return sandbox;
    }

    private static Task<Reply> OrderAsync(RunningSandbox sandbox, string fault) => sandbox.ControlAsync("faults", $$"""{"endpoint":"event.message_received",{{fault}}}""");

    private static async Task WriteAsync(RunningSandbox sandbox, params string[] texts)
    {
        var id = await sandbox.ProviderIdAsync("bob");
        foreach (var text in texts)
            Assert.Equal("201", (await sandbox.StartChatWithAsync(id, text)).Type);
    }

    private static string? Text(JsonElement body) => body.GetProperty("message").GetString();

    private static async Task<IReadOnlyList<JsonElement>> PostsAsync(RunningSandbox sandbox) => (await sandbox.GetAsync("/sandbox/v1/webhook-posts")).Items("posts");

    private static Task SettledAsync(RunningSandbox sandbox) => Wait.UntilAsync(async () =>
        (await PostsAsync(sandbox)).All(p => p.GetProperty("state").GetString() is not ("pending" or "held")));
}
