using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>X7, F39, F40: the provider did it, or did not, and nobody heard.</summary>
public sealed class LosingAnswers
{
    private static readonly Dictionary<string, string?> Quick = new()
    {
        ["Dispatcher:RecoverAfter"] = "00:00:01",
        ["Dispatcher:SettlingTime"] = "00:00:01.500",
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
        Assert.Equal(1, (await installation.LookAsync("deliveries?member_id=vip")).GetProperty("deliveries").GetArrayLength());
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
        Assert.Equal(1, (await installation.LookAsync("deliveries?member_id=vip")).GetProperty("deliveries").GetArrayLength());
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
}
