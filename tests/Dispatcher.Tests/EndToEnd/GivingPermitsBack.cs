using Microsoft.Extensions.DependencyInjection;
using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Work;
using Wire = Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>Two processes at one attempt: what the slower one takes after the faster one has settled is nobody else's to give back.</summary>
public sealed class GivingPermitsBack
{
    /// <summary>The permit stayed open: its cap charged, its credit counted as under way.</summary>
    [Theory]
    [InlineData(Channel.DirectMessage)]
    [InlineData(Channel.Inmail)]
    public async Task Of_an_attempt_that_another_process_settled_before_it_was_granted(Channel channel)
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        await installation.SenderAsync("ann", 2);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip"), Installation.As());
        var prospects = installation.Services.GetRequiredService<Prospects>();
        var at = (await prospects.FindAsync(Installation.Tenant, (await installation.GetAsync("m-1")).ProspectId, "m-1", default))!;
        var candidate = new Candidate { AccountId = "ann", Channel = channel, PoolId = channel.CostsCredit() ? "ann-pool" : "", Product = Product.SalesNavigator };
        var opened = (OpenAnswer.Opened)await prospects.OpenAsync(at, candidate, at.Now, default);
        at = (await prospects.FindAsync(at.Tenant, at.ProspectId, "m-1", default))!;
        // The other process: refused by a gate, so that it had neither permit nor credit to give back.
        await prospects.ConcludeAsync(at, 1, new SendOutcome.NotSent(Reason.DependencyUnavailable, "", false), settled: true, null, default, beforeIntent: true);

        var result = await installation.Services.GetRequiredService<AttemptRun>().RunAsync(at, opened.Attempt, resumed: true, default);

        Assert.IsType<AttemptResult.Done>(result);
        var account = (await installation.Services.GetRequiredService<Pennypost.Dispatcher.Accounts.SenderAccounts>().FindAsync(Installation.Tenant, "ann", default))!;
        Assert.All(account.Usage, use => Assert.Equal(0, use.Used));
        Assert.Equal((null, 0), (account.Account.Lease, account.Account.OpenCredits.Length));
        var pool = (await installation.Credits.GetPoolAsync(new() { PoolId = "ann-pool" }, Installation.As())).Pool.Balance;
        Assert.Equal((2, 0), (pool.Available, pool.Held));
        Assert.Equal(Wire.AttemptState.NotSent, Assert.Single((await installation.GetAsync("m-1")).Attempts).State);
    }
}
