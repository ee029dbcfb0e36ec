using System.Globalization;
using Pennypost.Sandbox.Rules;

namespace Sandbox.Tests;

/// <summary>Two runs that do the same things in another order can be compared.</summary>
public sealed class DrawingFromTheSeed
{
    [Fact]
    public async Task Gives_the_same_behaviour_whatever_the_order_of_calls()
    {
        var forward = await RunAsync([.. Enumerable.Range(1, 30)]);
        var backward = await RunAsync([.. Enumerable.Range(1, 30).Reverse()]);
        Assert.Equal(forward, backward);
        Assert.Contains(forward, line => line.EndsWith("replied", StringComparison.Ordinal));
        Assert.Contains(forward, line => line.EndsWith("silent", StringComparison.Ordinal));
        Assert.Contains(forward, line => line.Contains("accepted", StringComparison.Ordinal));
    }

    [Fact]
    public void Makes_up_the_same_person_for_the_same_id_and_another_for_another_seed()
    {
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(Generator.One("s", "p1")), System.Text.Json.JsonSerializer.Serialize(Generator.One("s", "p1")));
        var some = Generator.Many("s", "p", 400).ToList();
        var others = Generator.Many("t", "p", 400).ToList();
        Assert.NotEqual(some.Select(p => p.FullName), others.Select(p => p.FullName));
        // Every kind of member is there, in about the shares that are documented.
        Assert.InRange(some.Count(p => p.OpenProfile), 40, 120);
        Assert.InRange(some.Count(p => p.Inmail != Pennypost.Sandbox.LinkedIn.InmailDoor.Open), 15, 75);
        Assert.InRange(some.Count(p => p.HiddenFields.Count > 0), 5, 45);
    }

    [Fact]
    public void Draws_evenly()
    {
        var draws = Enumerable.Range(0, 2_000).Select(n => Draw.Unit("seed", n.ToString(CultureInfo.InvariantCulture))).ToList();
        Assert.All(draws, d => Assert.InRange(d, 0, 0.9999999));
        Assert.InRange(draws.Average(), 0.47, 0.53);
    }

    private static async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<int> order)
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        await sandbox.WorldAsync("""
            {"accounts":[{"id":"ann","subscriptions":[{"plan":"sales_navigator","balance":100}],"limits":{"profiles_per_day":1000}}],"generate":{"prospects":30,"prefix":"p"}}
            """);
        var started = new SortedDictionary<int, string>();
        foreach (var n in order)
        {
            var reply = await sandbox.StartChatAsync("p" + n, "Hello " + n, "S", "sales_navigator");
            started[n] = reply.Status == 201 ? reply.Text("chat_id") : reply.Type;
            await sandbox.InviteAsync("p" + n, "Note " + n);
        }

        await sandbox.AdvanceAsync(TimeSpan.FromDays(20));
        var chats = (await sandbox.GetAsync("/api/v1/chats?account_id=ann&limit=250")).Items().ToDictionary(c => c.GetProperty("id").GetString()!);
        var accepted = (await sandbox.GetAsync("/api/v1/users/relations?account_id=ann&limit=250")).Items().Select(r => r.GetProperty("public_identifier").GetString()).ToHashSet();
        return [.. started.Select(s =>
        {
            var answered = chats.TryGetValue(s.Value, out var chat) && chat.GetProperty("unread_count").GetInt32() > 0;
            return $"p{s.Key} {s.Value} {(accepted.Contains("p" + s.Key) ? "accepted " : "")}{(answered ? "replied" : "silent")}";
        })];
    }
}
