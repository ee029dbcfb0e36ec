using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.V1;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

public sealed class Replies
{
    [Fact]
    public async Task Bring_the_credit_back_once_and_pause_the_prospect_F52_F56()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-1", Installation.IsSettled);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-2", message => message.State == MessageState.Waiting);

        // Every webhook twice.
        await installation.ControlAsync("faults", """{"endpoint":"event.message_received","kind":"twice","times":10}""");
        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"vip","text":"Tell me more"}""");
        var answered = await installation.UntilAsync("m-1", message => message.CreditsRefunded == 1);
        var paused = await installation.UntilAsync("m-2", Installation.IsOver);
        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"vip","text":"Are you there?"}""");
        await UntilHeardAsync(installation, 4);

        Assert.NotNull(answered.ReplyTime);
        Assert.Equal((MessageState.Skipped, Reason.ProspectReplied), (paused.State, paused.Reason));
        var pool = (await installation.Credits.GetPoolAsync(new() { PoolId = "ann-pool" }, Installation.As())).Pool;
        Assert.Equal((2, 0, 1, 1), ((int)pool.Balance.Available, (int)pool.Balance.Held, (int)pool.Balance.Spent, (int)pool.Balance.Refunded));
        var events = (await installation.GetAsync("m-1")).Events;
        Assert.Single(events, happened => happened.Kind == MessageEventKind.Refunded);
        Assert.Single(events, happened => happened.Kind == MessageEventKind.Replied);
    }

    [Fact]
    public async Task Count_for_the_senders_response_rate_and_so_does_an_accepted_invitation_F50_F78()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        foreach (var prospect in new[] { "vip", "other", "stranger" })
            await installation.ControlAsync("prospects", $$"""{"id":"{{prospect}}"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "other", Priority.High), Installation.As());
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-3", "stranger", note: "Let us connect"), Installation.As());
        foreach (var message in new[] { "m-1", "m-2", "m-3" })
            await installation.UntilAsync(message, Installation.IsSettled);

        // Every webhook twice.
        await installation.ControlAsync("faults", """{"endpoint":"event.message_received","kind":"twice","times":10}""");
        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"vip","text":"Tell me more"}""");
        await installation.ControlAsync("accept", """{"account_id":"ann","prospect_id":"stranger","noticed_after_seconds":0}""");
        await installation.UntilAsync("m-1", message => message.CreditsRefunded == 1);
        await installation.UntilAsync("m-3", message => message.Events.Any(happened => happened.Kind == MessageEventKind.InvitationAccepted));
        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"vip","text":"Are you there?"}""");
        await UntilHeardAsync(installation, 4);

        var account = await installation.Services.GetRequiredService<SenderAccounts>().FindAsync(Installation.Tenant, "ann", default);
        Assert.Equal(
            [(Pennypost.Delivery.Accounts.CappedAction.Invitation, 1, 1), (Pennypost.Delivery.Accounts.CappedAction.Inmail, 2, 1)],
            account!.Account.Tallies.Select(tally => (tally.Action, tally.Sent, tally.Answered)));
        var shown = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account.SafetyState;
        Assert.Equal((2, 1, 100), (shown.InmailsSent, shown.InmailsAnswered, shown.Score));
    }

    [Fact]
    public async Task Are_never_our_own_sends_F54()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-1", Installation.IsSettled);
        await UntilHeardAsync(installation, 1);

        var message = await installation.GetAsync("m-1");
        Assert.Null(message.ReplyTime);
        Assert.Equal(0, message.CreditsRefunded);
    }

    [Fact]
    public async Task To_an_InMail_wake_what_waits_for_a_credit_F57()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        foreach (var prospect in new[] { "vip", "next" })
            await installation.ControlAsync("prospects", $$"""{"id":"{{prospect}}"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-1", Installation.IsSettled);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "next", Priority.High), Installation.As());
        var waiting = await installation.UntilAsync("m-2", message => message.State == MessageState.Waiting);
        Assert.Equal(Reason.AccountInmailCreditsExhausted, waiting.Reason);

        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"vip","text":"Yes"}""");
        var sent = await installation.UntilAsync("m-2", Installation.IsSettled);

        Assert.Equal((MessageState.Sent, Channel.Inmail), (sent.State, sent.Channel));
    }

    [Fact]
    public async Task Written_to_a_person_whom_a_colleague_wrote_to_by_hand_are_gone_on_with_in_the_thread()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"old"}""");
        await installation.ControlAsync("sends", """{"account_id":"ann","prospect_id":"old","kind":"inmail","api":"sales_navigator","subject":"Hello","text":"By hand"}""");
        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"old","text":"Interesting"}""");
        await UntilHeardAsync(installation, 2);

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "old"), Installation.As());
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);

        Assert.Equal((MessageState.Sent, Channel.RepliedThread), (sent.State, sent.Channel));
    }

    [Fact]
    public async Task Without_the_right_secret_are_refused()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await installation.Dispatcher.ReceiveProviderEventAsync(
            new ReceiveProviderEventRequest { ConnectionId = "sandbox", Secret = "wrong", Body = ByteString.CopyFromUtf8("{}") }, Installation.As()));

        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    private static async Task UntilHeardAsync(Installation installation, int posts)
    {
        var until = DateTime.UtcNow.AddSeconds(15);
        while (true)
        {
            var items = (await installation.LookAsync("webhook-posts?after=0")).GetProperty("posts").EnumerateArray().ToList();
            if (items.Count >= posts && items.TrueForAll(item => item.GetProperty("state").GetString() == "delivered"))
                return;
            Assert.True(DateTime.UtcNow < until, string.Join("\n", items));
            await Task.Delay(20);
        }
    }
}
