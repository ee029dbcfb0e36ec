using System.Net.Http.Json;
using Pennypost.Dispatcher.V1;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

public sealed class PassingTime
{
    [Fact]
    public async Task Brings_what_waits_for_a_credit_back_at_the_pools_own_renewal_F37()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        for (var n = 1; n <= 4; n++)
        {
            await installation.ControlAsync("prospects", $$"""{"id":"vip-{{n}}"}""");
            await installation.Dispatcher.AcceptAsync(Installation.Message($"m-{n}", $"vip-{n}", Priority.High), Installation.As());
        }

        var states = new List<Message>();
        // Who met the one credit while it was held looks again in a minute.
        await installation.UntilAsync("m-1", message => Installation.IsSettled(message) || message.State == MessageState.Waiting);
        await installation.AdvanceAsync(TimeSpan.FromMinutes(2));
        for (var n = 1; n <= 4; n++)
            states.Add(await installation.UntilAsync($"m-{n}", message => Installation.IsSettled(message) || message is { State: MessageState.Waiting, Reason: not Reason.CreditsHeld }));
        Assert.Single(states, message => message.State == MessageState.Sent);
        var waiting = states.Where(message => message.State == MessageState.Waiting).ToList();
        Assert.All(waiting, message => Assert.Equal(Reason.AccountInmailCreditsExhausted, message.Reason));
        // Sales Navigator renews on the 1st, UTC (LinkedIn Help 57013).
        Assert.All(waiting, message => Assert.Equal(1, message.WaitUntil.ToDateTimeOffset().Day));
        // F62: no breaker opened, because nobody tried.
        var shown = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;
        Assert.Matches("^credits exhausted, resumes [0-9]{4}-[0-9]{2}-01T00:00:00Z$", shown.StatusText);
        Assert.Equal((Reason.AccountInmailCreditsExhausted, shown.StatusText), (shown.Reason, (await installation.Dispatcher.ListAccountsAsync(new(), Installation.As())).Accounts.Single().StatusText));
        // Waiting messages hold nothing.
        Assert.Equal(0, (await installation.Credits.GetPoolAsync(new() { PoolId = "ann-pool" }, Installation.As())).Pool.Balance.Held);

        await installation.AdvanceAsync(TimeSpan.FromDays(32));
        for (var hours = 0; hours < 6; hours++)
            await installation.AdvanceAsync(TimeSpan.FromHours(1));

        foreach (var message in waiting)
            Assert.Equal((MessageState.Sent, Channel.Inmail), Summary(await installation.UntilAsync(message.MessageId, Installation.IsSettled)));
        Assert.Equal(0, (await installation.LookAsync("ledger")).GetProperty("duplicate_count").GetInt32());
    }

    /// <summary>What fell due long ago goes at a pace: what falls due now is not behind all of it, however urgent that is.</summary>
    [Fact]
    public async Task Lets_what_is_due_now_pass_what_is_overdue_F37()
    {
        const int Overdue = 60;
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:OverduePerSecond"] = "1", ["Dispatcher:Workers"] = "2", ["Dispatcher:QueuedPerWorker"] = "1" });
        await installation.SenderAsync("ann", 0);
        await installation.SenderAsync("bob", 0);
        var due = await installation.Store.NowAsync(default) + TimeSpan.FromHours(1);
        for (var n = 0; n <= Overdue; n++)
        {
            await installation.ControlAsync("prospects", $$"""{"id":"friend-{{n}}","degree":"first"}""");
            var request = Installation.Message($"m-{n}", $"friend-{n}", n < Overdue ? Priority.High : Priority.Normal);
            request.Message.AccountIds.Add(n < Overdue ? "ann" : "bob");
            if (n < Overdue)
                request.Message.NotBefore = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(due);
            else
                await installation.AdvanceAsync(TimeSpan.FromHours(1.1));
            await installation.Dispatcher.AcceptAsync(request, Installation.As());
        }

        await installation.UntilAsync($"m-{Overdue}", Installation.IsOver);
        var sent = 0;
        for (var n = 0; n < Overdue; n++)
            sent += Installation.IsOver(await installation.GetAsync($"m-{n}")) ? 1 : 0;

        Assert.InRange(sent, 0, Overdue - 10);
    }

    /// <summary>Ten minutes without the provider cost everybody who was looked up in them six hours.</summary>
    [Fact]
    public async Task Looks_again_soon_when_the_provider_did_not_answer()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("faults", """{"endpoint":"users.profile","kind":"http","status":503,"rate":1}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());

        var waiting = await installation.UntilAsync("m-1", message => message.State == MessageState.Waiting);
        Assert.Equal(Reason.ProviderUnavailable, waiting.Reason);
        Assert.InRange(waiting.WaitUntil.ToDateTimeOffset() - await installation.Store.NowAsync(default), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(12));
        await installation.HealAsync();
        await installation.AdvanceAsync(TimeSpan.FromMinutes(13));

        Assert.Equal((MessageState.Sent, Channel.Inmail), Summary(await installation.UntilAsync("m-1", Installation.IsSettled)));
    }

    [Fact]
    public async Task Ends_a_message_that_outlived_its_own_deadline()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 0);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        var request = Installation.Message("m-1", "vip", Priority.High);
        request.Message.ExpireTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddHours(2));
        await installation.Dispatcher.AcceptAsync(request, Installation.As());
        await installation.UntilAsync("m-1", message => message.State == MessageState.Waiting);

        await installation.AdvanceAsync(TimeSpan.FromHours(3));

        Assert.Equal((MessageState.Failed, Reason.Expired), (await installation.UntilAsync("m-1", Installation.IsOver)) is var over ? (over.State, over.Reason) : default);
    }

    [Fact]
    public async Task And_an_accepted_invitation_opens_the_free_way_for_the_next_message_F53()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"stranger"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "stranger", note: "Let us connect"), Installation.As());
        Assert.Equal(Channel.ConnectionRequest, (await installation.UntilAsync("m-1", Installation.IsSettled)).Channel);
        await installation.ControlAsync("accept", """{"account_id":"ann","prospect_id":"stranger","noticed_after_seconds":0}""");
        await installation.UntilAsync("m-1", message => message.Events.Any(happened => happened.Kind == MessageEventKind.InvitationAccepted));

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "stranger"), Installation.As());
        var cooling = await installation.UntilAsync("m-2", message => message.State == MessageState.Waiting);
        Assert.Equal(Reason.ProspectCoolingDown, cooling.Reason);
        await installation.AdvanceAsync(TimeSpan.FromDays(1.1));

        Assert.Equal((MessageState.Sent, Channel.DirectMessage), Summary(await installation.UntilAsync("m-2", Installation.IsSettled)));
        Assert.Equal(0, (await installation.GetAsync("m-1")).CreditsRefunded);
    }

    [Fact]
    public async Task Ends_what_the_accounts_own_rule_does_not_let_wait_F66()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 0);
        var account = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;
        account.Caps.Add(new Cap { Action = Pennypost.Types.V1.Action.Invitation, Window = CapWindow.Day, Limit = 1 });
        account.Safety = new() { GateRules = { new GateRule { Reason = Reason.DailyCap, Effect = GateEffect.End } } };
        await installation.Dispatcher.PutAccountAsync(new() { Account = account }, Installation.As());
        foreach (var n in new[] { 1, 2 })
        {
            await installation.ControlAsync("prospects", $$"""{"id":"stranger-{{n}}"}""");
            await installation.Dispatcher.AcceptAsync(Installation.Message($"m-{n}", $"stranger-{n}", note: "Let us connect"), Installation.As());
            await installation.UntilAsync($"m-{n}", Installation.IsSettled);
        }

        var ended = await installation.GetAsync("m-2");
        Assert.Equal((MessageState.Sent, MessageState.Skipped, Reason.DailyCap), ((await installation.GetAsync("m-1")).State, ended.State, ended.Reason));
    }

    [Fact]
    public async Task Takes_an_old_invitation_back_and_does_not_invite_again_at_once_F49()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 0);
        await installation.ControlAsync("prospects", """{"id":"stranger"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "stranger", note: "Let us connect"), Installation.As());
        Assert.Equal(Channel.ConnectionRequest, (await installation.UntilAsync("m-1", Installation.IsSettled)).Channel);
        var account = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;
        account.Safety = new() { PendingCeiling = 1, WithdrawAfter = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromDays(7)) };
        await installation.Dispatcher.PutAccountAsync(new() { Account = account }, Installation.As());

        await installation.AdvanceAsync(TimeSpan.FromDays(8));

        var until = DateTime.UtcNow.AddSeconds(20);
        while (await CountAsync() > 0)
        {
            Assert.True(DateTime.UtcNow < until, "It was not withdrawn.");
            await Task.Delay(20);
        }

        var preview = new PreviewRequest { Message = Installation.Message("", "stranger", note: "Again").Message };
        Candidate judged;
        do
        {
            Assert.True(DateTime.UtcNow < until, "The prospect's view does not know of it.");
            var decision = (await installation.Dispatcher.PreviewAsync(preview, Installation.As())).Decision;
            judged = decision.Candidates.Single(candidate => candidate.Channel == Channel.ConnectionRequest);
        }
        while (judged.Reason != Reason.ReinviteLocked);

        async Task<int> CountAsync() =>
            (await installation.Sandbox.GetFromJsonAsync<System.Text.Json.JsonElement>("/api/v1/users/invite/sent?account_id=ann")).GetProperty("items").GetArrayLength();
    }

    private static (MessageState, Channel) Summary(Message message) => (message.State, message.Channel);
}
