using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>F31: one sender per prospect at a time, and the same one again.</summary>
public sealed class KeepingToOneSender
{
    private static readonly TimeSpan OverTheCoolDown = TimeSpan.FromHours(25);

    /// <summary>Many messages of two senders to one person, at once: one is sent, and nobody else writes while that conversation lasts.</summary>
    [Fact]
    public async Task Lets_one_of_many_at_once_write_and_nobody_else_while_the_conversation_lasts_F31()
    {
        await using var installation = await Installation.StartAsync();
        string[] senders = ["ann", "ben"];
        foreach (var sender in senders)
            await installation.SenderAsync(sender, 5);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");

        await Task.WhenAll(Enumerable.Range(0, 10).Select(async n =>
        {
            var request = Installation.Message($"m-{n}", "vip", Priority.High);
            request.Message.AccountIds.Add(senders[n % 2]);
            await installation.Dispatcher.AcceptAsync(request, Installation.As());
        }));
        var all = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => installation.UntilAsync($"m-{n}", message => Installation.IsSettled(message) || message.State == MessageState.Waiting)));

        var first = Assert.Single(all, message => message.State == MessageState.Sent);
        Assert.Equal(first.AccountId, Assert.Single(await DeliveriesAsync(installation)));

        // Over the cool-down her own next one may go, or she has written and is not answered; the other's may not, for as long as she has the claim.
        await installation.AdvanceAsync(OverTheCoolDown);
        foreach (var other in all.Where(message => !message.AccountIds.Contains(first.AccountId)))
        {
            var waits = await installation.UntilAsync(other.MessageId, message => message.State >= MessageState.Sent || message.Reason == Reason.ClaimedByOtherSender);
            Assert.Equal(Reason.ClaimedByOtherSender, waits.Reason);
            Assert.NotEqual(MessageState.Sent, waits.State);
        }

        Assert.Equal([first.AccountId], (await DeliveriesAsync(installation)).Distinct());
        // Nobody was charged for what was not sent.
        foreach (var message in all)
            await installation.UntilAsync(message.MessageId, message => message.Attempts.All(attempt => attempt.Settled));
        foreach (var sender in senders)
        {
            var pool = (await installation.Credits.GetPoolAsync(new() { PoolId = sender + "-pool" }, Installation.As())).Pool;
            Assert.Equal((0, sender == first.AccountId ? 1 : 0), (pool.Balance.Held, pool.Balance.Spent));
        }
    }

    /// <summary>Ann would go first by her name and by what she has left; Zoe is in conversation.</summary>
    [Fact]
    public async Task Writes_by_the_sender_who_wrote_before_also_when_the_claim_is_over_F31()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:ClaimLife"] = "2.00:00:00" });
        await installation.SenderAsync("ann", 9);
        await installation.SenderAsync("zoe", 3);
        foreach (var prospect in new[] { "vip", "stranger" })
            await installation.ControlAsync("prospects", $$"""{"id":"{{prospect}}"}""");
        var before = Installation.Message("m-1", "vip", Priority.High);
        before.Message.AccountIds.Add("zoe");
        await installation.Dispatcher.AcceptAsync(before, Installation.As());
        await installation.UntilAsync("m-1", Installation.IsSettled);

        // While she has the claim.
        await installation.AdvanceAsync(OverTheCoolDown);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "vip", note: "Let us connect"), Installation.As());
        var claimed = await installation.UntilAsync("m-2", Installation.IsSettled);
        await installation.ControlAsync("accept", """{"account_id":"zoe","prospect_id":"vip","noticed_after_seconds":0}""");
        await installation.UntilAsync("m-2", message => message.Events.Any(happened => happened.Kind == MessageEventKind.InvitationAccepted));
        await installation.AdvanceAsync(TimeSpan.FromDays(3));
        // And of a person with whom nobody is in conversation, so that it is known who would have gone.
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-3", "stranger", note: "Let us connect"), Installation.As());
        var stranger = await installation.UntilAsync("m-3", Installation.IsSettled);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-4", "vip"), Installation.As());
        var later = await installation.UntilAsync("m-4", Installation.IsSettled);

        Assert.Equal((MessageState.Sent, "zoe", Channel.ConnectionRequest), (claimed.State, claimed.AccountId, claimed.Channel));
        Assert.Equal((MessageState.Sent, "ann"), (stranger.State, stranger.AccountId));
        Assert.Equal((MessageState.Sent, "zoe", Channel.DirectMessage), (later.State, later.AccountId, later.Channel));
        Assert.Equal(["zoe"], (await DeliveriesAsync(installation)).Distinct());
    }

    private static async Task<IReadOnlyList<string>> DeliveriesAsync(Installation installation) =>
        [.. (await installation.LookAsync("deliveries?member_id=vip")).GetProperty("deliveries").EnumerateArray().Select(delivery => delivery.GetProperty("account_id").GetString()!)];
}
