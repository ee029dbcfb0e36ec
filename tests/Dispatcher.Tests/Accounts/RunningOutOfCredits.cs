using System.Text.Json;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Accounts.Calls;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Shown = Pennypost.Types.V1;

namespace Dispatcher.Tests.Accounts;

/// <summary>The breaker's story through store, provider and credits service.</summary>
public sealed class RunningOutOfCredits
{
    /// <summary>F32, F34, F62, F63: confirmed by the balance, told to the books, shown, logged; and clear again when credits are back.</summary>
    [Fact]
    public async Task Opens_tells_the_books_and_comes_back_by_itself()
    {
        await using var accounts = await (await RunningAccounts.StartAsync(balance: 0)).WithAnnAsync(credits: 2);
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m1"));
        var resume = Assert.IsType<CreditRefusal.Exhausted>(await accounts.ClassifyAsync("m1")).ResumeTime;
        await accounts.SettleAsync("m1", SendResult.NotSent);

        Assert.Equal(0, await accounts.AvailableAsync());
        Assert.Equal((1, 0), (resume.Day, resume.Hour));
        var refused = Assert.IsType<PermitOutcome.Refused>(await accounts.PermitAsync("m2"));
        Assert.Equal((Reason.AccountInmailCreditsExhausted, resume, GateEffect.NextCandidate), (refused.Reason, refused.WaitUntil, refused.Effect));
        var shown = await accounts.AccountAsync();
        Assert.Equal($"credits exhausted, resumes {resume.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}", shown.StatusText);
        Assert.Equal((Shown.BreakerState.Open, 1), (shown.Breakers.Single().State, shown.Breakers.Single().Skipped));
        Assert.All(shown.Usage, use => Assert.Equal(0, use.Used));

        // Somebody waits; the renewal comes, and the provider has granted.
        await accounts.Get<Demands>().WaitForCreditAsync(RunningAccounts.Tenant, "pool", "m2", Priority.Normal, default);
        await accounts.Provider.ControlAsync("balance", """{"account_id":"ann","product":"sales_navigator","balance":5}""");
        await accounts.Store.AdvanceClockAsync(resume - await accounts.Store.NowAsync(default) + TimeSpan.FromSeconds(1), default);
        await accounts.DoWhatIsDueAsync();

        Assert.Equal(Shown.BreakerState.Closed, (await accounts.AccountAsync()).Breakers.Single().State);
        Assert.Equal(
            [Shown.BreakerCause.BalanceObserved, Shown.BreakerCause.Renewal, Shown.BreakerCause.Skip, Shown.BreakerCause.CreditsExhausted], await accounts.CausesAsync());
        await RunningAccounts.EventuallyAsync(async () =>
        {
            await accounts.DoWhatIsDueAsync();
            return accounts.Woken.Messages.Contains("m2");
        });
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m3"));

        var lines = accounts.Lines.All.Where(line => line.StartsWith("""{"source":"inmail_credit_breaker",""", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["set", "skip", "clear"], lines.Select(line => line.GetProperty("action").GetString()));
        Assert.Equal(("ann", "p_1", "account_inmail_credits_exhausted"), (lines[1].GetProperty("account_id").GetString(), lines[1].GetProperty("prospect_id").GetString(), lines[1].GetProperty("reason").GetString()));
    }

    /// <summary>F34: the same error, and credits are left.</summary>
    [Fact]
    public async Task Stays_closed_when_it_is_the_recipient_who_refuses()
    {
        await using var accounts = await (await RunningAccounts.StartAsync(balance: 2)).WithAnnAsync();
        Assert.IsType<CreditRefusal.RecipientRefuses>(await accounts.ClassifyAsync("m1"));
        Assert.Equal([Shown.BreakerCause.RecipientRefuses], await accounts.CausesAsync());
        Assert.Equal(2, await accounts.AvailableAsync());
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m2"));
    }

    [Fact]
    public async Task Looks_again_in_an_hour_when_the_balance_cannot_be_read()
    {
        await using var accounts = await (await RunningAccounts.StartAsync(balance: 2)).WithAnnAsync();
        await accounts.Provider.FaultAsync("linkedin.inmail_balance", "error", "service_unavailable", times: 3);
        Assert.IsType<CreditRefusal.Unclear>(await accounts.ClassifyAsync("m1"));
        Assert.IsType<PermitOutcome.Refused>(await accounts.PermitAsync("m2"));
        Assert.Equal(2, await accounts.AvailableAsync());
        await accounts.Store.AdvanceClockAsync(TimeSpan.FromMinutes(61), default);
        await accounts.DoWhatIsDueAsync();
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m2"));
    }

    /// <summary>F35, F57: a refund in the books is looked for at the provider, and clears the breaker once it shows.</summary>
    [Fact]
    public async Task Clears_on_a_refund()
    {
        await using var accounts = await (await RunningAccounts.StartAsync(balance: 0)).WithAnnAsync(credits: 1);
        await accounts.Credits.PlaceHoldAsync(new() { PoolId = "pool", HoldId = "m0_1", AccountId = "ann" }, OnBehalf.Of(RunningAccounts.Tenant, default));
        var sent = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow);
        await accounts.Credits.CaptureHoldAsync(new() { PoolId = "pool", HoldId = "m0_1", SendTime = sent }, OnBehalf.Of(RunningAccounts.Tenant, default));
        Assert.IsType<CreditRefusal.Exhausted>(await accounts.ClassifyAsync("m1"));
        await accounts.Provider.ControlAsync("balance", """{"account_id":"ann","product":"sales_navigator","balance":1}""");
        await accounts.Credits.RefundHoldAsync(
            new() { PoolId = "pool", HoldId = "m0_1", ReplyTime = sent, Trigger = Shown.RefundTrigger.Reply }, OnBehalf.Of(RunningAccounts.Tenant, default));
        await RunningAccounts.EventuallyAsync(async () =>
        {
            await accounts.DoWhatIsDueAsync();
            return (await accounts.AccountAsync()).Breakers.Single().State == Shown.BreakerState.Closed;
        });
        Assert.Equal(Shown.BreakerCause.Refund, (await accounts.CausesAsync())[0]);
    }

    /// <summary>F35: an operator, audited.</summary>
    [Fact]
    public async Task Closes_on_an_operators_word()
    {
        await using var accounts = await (await RunningAccounts.StartAsync(balance: 0)).WithAnnAsync();
        await accounts.ClassifyAsync("m1");
        var request = new ResetBreakerRequest { AccountId = "ann", Product = Shown.Product.SalesNavigator, Actor = "olga" };
        Assert.Equal(Shown.BreakerState.Closed, (await accounts.Get<BreakerCalls>().HandleAsync(RunningAccounts.Caller, request, default)).Breaker.State);
        var newest = (await accounts.Get<BreakerCalls>().HandleAsync(RunningAccounts.Tenant, new GetBreakerHistoryRequest { AccountId = "ann" }, default)).Events[0];
        Assert.Equal((Shown.BreakerCause.Operator, "olga"), (newest.Cause, newest.Actor));
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m2"));
    }

    [Fact]
    public async Task Shows_the_pool_with_who_waits_for_it()
    {
        await using var accounts = await (await RunningAccounts.StartAsync(balance: 2)).WithAnnAsync(credits: 2);
        await accounts.Get<Demands>().WaitForCreditAsync(RunningAccounts.Tenant, "pool", "m1", Priority.High, default);
        var ann = await accounts.Accounts.FindAsync(RunningAccounts.Tenant, "ann", default);
        var pool = await accounts.Get<CreditPools>().PoolAsync(RunningAccounts.Tenant, ann!, default);
        Assert.Equal((2, 1, 0, null), (pool!.Available, pool.QueuedBefore("m2", Priority.Normal), pool.QueuedBefore("m1", Priority.High), pool.BreakerUntil));
        Assert.Null(await accounts.Get<CreditPools>().PoolAsync("other", ann!, default));
    }

    /// <summary>F37: whoever begins to wait after the credits came is not woken for them, and has to see them by itself.</summary>
    [Fact]
    public async Task Sees_the_credits_that_came_before_it_began_to_wait()
    {
        await using var accounts = await (await RunningAccounts.StartAsync(balance: 2)).WithAnnAsync(credits: 2);
        var (demands, pools) = (accounts.Get<Demands>(), accounts.Get<CreditPools>());
        foreach (var message in new[] { "m1", "m2", "m3" })
            await demands.WaitForCreditAsync(RunningAccounts.Tenant, "pool", message, Priority.Normal, default);
        Assert.True(await pools.HasCreditForAsync(RunningAccounts.Tenant, "pool", "m2", Priority.Normal, default));
        Assert.False(await pools.HasCreditForAsync(RunningAccounts.Tenant, "pool", "m3", Priority.Normal, default));
        Assert.False(await pools.HasCreditForAsync(RunningAccounts.Tenant, "unknown", "m1", Priority.Normal, default));
        var now = await accounts.Store.NowAsync(default);
        await RunningAccounts.EventuallyAsync(async () =>
        {
            // The event of the pool's opening may come only now: it tells of credits.
            await demands.ExhaustedAsync(RunningAccounts.Tenant, "pool", now.AddDays(1), null, default);
            return !await pools.HasCreditForAsync(RunningAccounts.Tenant, "pool", "m1", Priority.Normal, default);
        });
    }

    /// <summary>F37: one that ended while it stood there, and was not taken out, does not keep the credit that it is woken for.</summary>
    [Fact]
    public async Task Hands_on_the_credit_of_a_message_that_is_over()
    {
        await using var accounts = await (await RunningAccounts.StartAsync(balance: 0)).WithAnnAsync();
        var demands = accounts.Get<Demands>();
        accounts.Woken.Over.Add("gone");
        await demands.WaitForCreditAsync(RunningAccounts.Tenant, "pool", "gone", Priority.High, default);
        await demands.WaitForCreditAsync(RunningAccounts.Tenant, "pool", "m2", Priority.Normal, default);
        await demands.CreditsArrivedAsync(RunningAccounts.Tenant, "pool", 1, 0, default);
        await RunningAccounts.EventuallyAsync(async () =>
        {
            await accounts.DoWhatIsDueAsync();
            return accounts.Woken.Messages.Contains("m2");
        });
        Assert.Equal(["m2"], (await demands.FindAsync(RunningAccounts.Tenant, "pool", default)).Waiting.Select(waiting => waiting.MessageId));
    }

    /// <summary>F48: a lost session is found again although its webhook got lost.</summary>
    [Fact]
    public async Task Finds_out_by_itself_that_a_session_is_back()
    {
        await using var accounts = await (await RunningAccounts.StartAsync(balance: 2)).WithAnnAsync();
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m1"));
        await accounts.SettleAsync("m1", SendResult.NotSent, new AccountSignal.Disconnected());
        Assert.Equal(Reason.AccountDisconnected, Assert.IsType<PermitOutcome.Refused>(await accounts.PermitAsync("m2")).Reason);
        Assert.Equal(Shown.AccountState.Disconnected, (await accounts.AccountAsync()).State);
        await accounts.Store.AdvanceClockAsync(TimeSpan.FromMinutes(16), default);
        await accounts.DoWhatIsDueAsync();
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m2"));
    }
}
