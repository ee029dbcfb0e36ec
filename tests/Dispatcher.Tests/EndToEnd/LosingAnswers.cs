using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>X7, F39, F40: the provider did it, or did not, and nobody heard.</summary>
public sealed class LosingAnswers
{
    internal static readonly Dictionary<string, string?> Quick = new()
    {
        ["Dispatcher:RecoverAfter"] = "00:00:01",
        ["Dispatcher:SettlingTime"] = "00:00:01.500",
        ["Dispatcher:WriteLease"] = "00:00:01.500",
        ["Dispatcher:ClockMargin"] = "00:00:00.200",
        ["Dispatcher:VerifyEvery"] = "00:00:00.300",
        ["Dispatcher:WorkLease"] = "00:00:01",
        ["Dispatcher:Provider:AttemptSeconds"] = "0.5",
    };

    [Theory]
    [InlineData("drop_after")]
    [InlineData("error_after")]
    public async Task After_the_effect_leaves_one_send_that_is_found_F39(string kind)
    {
        await using var installation = await Installation.StartAsync(settings: Quick);
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("faults", $$"""{"endpoint":"chats.start","kind":"{{kind}}","type":"provider_error","times":1}""");

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);

        Assert.Equal(MessageState.Sent, sent.State);
        Assert.Contains(sent.Events, happened => happened.Kind == MessageEventKind.Indeterminate);
        Assert.Single(sent.Attempts);
        await GotOneAsync(installation);
    }

    [Fact]
    public async Task Before_the_effect_sends_again_only_after_absence_is_proved_F39()
    {
        await using var installation = await Installation.StartAsync(settings: Quick);
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("faults", """{"endpoint":"chats.start","kind":"drop_before","times":1}""");

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);

        Assert.Equal(MessageState.Sent, sent.State);
        Assert.Equal([AttemptState.NotSent, AttemptState.Sent], sent.Attempts.Select(attempt => attempt.State));
        Assert.True(sent.Attempts[1].OpenTime.ToDateTimeOffset() >= sent.Attempts[0].OpenTime.ToDateTimeOffset() + TimeSpan.FromSeconds(1.5));
        await GotOneAsync(installation);
        var pool = (await installation.Credits.GetPoolAsync(new() { PoolId = "ann-pool" }, Installation.As())).Pool;
        Assert.Equal((1, 0, 1), (pool.Balance.Available, pool.Balance.Held, pool.Balance.Spent));
    }

    [Fact]
    public async Task Of_a_recipient_who_refuses_InMail_spends_nothing_and_leaves_the_breaker_closed_F34()
    {
        await using var installation = await Installation.StartAsync(settings: Quick);
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", """{"id":"shut","inmail":"off_says_insufficient_credits"}""");

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "shut", Priority.High), Installation.As());
        var skipped = await installation.UntilAsync("m-1", Installation.IsSettled);

        Assert.Equal((MessageState.Skipped, Reason.InmailEligibility), (skipped.State, skipped.Reason));
        var account = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;
        Assert.DoesNotContain(account.Breakers, breaker => breaker.State == BreakerState.Open);
        var pool = (await installation.Credits.GetPoolAsync(new() { PoolId = "ann-pool" }, Installation.As())).Pool;
        Assert.Equal((2, 0, 0), (pool.Balance.Available, pool.Balance.Held, pool.Balance.Spent));
    }

    /// <summary>What the provider shows is not to the letter what was sent: read as absent, it was sent again.</summary>
    [Fact]
    public async Task After_the_effect_finds_a_text_that_the_provider_altered_F39()
    {
        await using var installation = await Installation.StartAsync(settings: Quick);
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("accounts", """{"id":"ann","subscriptions":[{"plan":"sales_navigator","balance":2}],"rules":{"texts_altered":true}}""");
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("faults", """{"endpoint":"chats.start","kind":"drop_after","times":1}""");

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High, body: "Hello Vera,\none question about your team?"), Installation.As());
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);

        Assert.Equal((MessageState.Sent, 1), (sent.State, sent.Attempts.Count));
        await GotOneAsync(installation);
    }

    /// <summary>The recipient's public identifier changed meanwhile, and Sales Navigator knows them under an id of its own: read as another person's chat, it was sent again.</summary>
    [Fact]
    public async Task After_the_effect_finds_a_recipient_who_was_renamed_F39()
    {
        await using var installation = await Installation.StartAsync(settings: Quick);
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("faults", """{"endpoint":"chats.start","kind":"drop_after","times":1}""");
        await installation.ControlAsync("faults", """{"endpoint":"messages.list","kind":"error","type":"service_unavailable","times":100000}""");

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-1", message => message.State == MessageState.Indeterminate);
        await installation.ControlAsync("prospects", """{"id":"vip","public_identifier":"vera-new-name"}""");
        await installation.HealAsync();
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);

        Assert.Equal((MessageState.Sent, 1), (sent.State, sent.Attempts.Count));
        await GotOneAsync(installation);
    }

    /// <summary>It had left the pending invitations, and nobody told of the accept: read as absent, the prospect was written to again.</summary>
    [Fact]
    public async Task After_the_effect_finds_an_invitation_that_was_accepted_unheard_F39()
    {
        await using var installation = await Installation.StartAsync(settings: Quick);
        await installation.SenderAsync("ann", 0);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("faults", """{"endpoint":"users.invite","kind":"drop_after","times":1}""");
        await installation.ControlAsync("faults", """{"endpoint":"event.new_relation","kind":"lost","times":10}""");
        await installation.ControlAsync("faults", """{"endpoint":"users.invite.list","kind":"error","type":"service_unavailable","times":100000}""");

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", note: "Hello Vera"), Installation.As());
        await installation.UntilAsync("m-1", message => message.State == MessageState.Indeterminate);
        await installation.ControlAsync("accept", """{"account_id":"ann","prospect_id":"vip","noticed_after_seconds":0}""");
        await installation.HealAsync();
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);

        Assert.Equal((MessageState.Sent, Channel.ConnectionRequest, 1), (sent.State, sent.Channel, sent.Attempts.Count));
        await GotOneAsync(installation);
    }

    /// <summary>A hold that took longer than the permit was put down to the provider, and the message put off for a minute.</summary>
    [Fact]
    public async Task Of_a_permit_that_was_over_before_the_request_could_begin_asks_again_within_seconds_F39()
    {
        // Longer than the call's limit by one tick: a millisecond was enough for a quick machine to begin.
        await using var installation = await Installation.StartAsync(settings: new(Quick) { ["Dispatcher:WriteLease"] = "00:00:00.7000001" });
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        var waiting = await installation.UntilAsync("m-1", message => message.State == MessageState.Waiting);

        Assert.Equal(Reason.PermitExpired, waiting.Reason);
        Assert.InRange((waiting.WaitUntil - waiting.Attempts[0].EndTime).ToTimeSpan(), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(0, (await installation.LookAsync("deliveries?member_id=vip")).GetProperty("deliveries").GetArrayLength());
        await installation.UntilAsync("m-1", message => message.Attempts.Count > 1);
    }

    private static async Task GotOneAsync(Installation installation) =>
        Assert.Equal(1, (await installation.LookAsync("deliveries?member_id=vip")).GetProperty("deliveries").GetArrayLength());
}
