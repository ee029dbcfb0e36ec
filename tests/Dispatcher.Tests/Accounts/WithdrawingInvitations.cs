using FsCheck;
using FsCheck.Fluent;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Accounts.Calls;
using Pennypost.Dispatcher.V1;
using Shown = Pennypost.Types.V1;

namespace Dispatcher.Tests.Accounts;

/// <summary>F49.</summary>
public sealed class WithdrawingInvitations
{
    private static readonly DateTimeOffset Now = Given.Noon;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(40);

    [Theory]
    [InlineData(9, true)]
    [InlineData(10, false)]
    [InlineData(11, false)]
    public void F49_Sends_no_invitation_at_the_ceiling(int seen, bool passes)
    {
        var account = With(10) with { PendingSeen = new PendingSeen(seen, Now.AddHours(-1)), PendingLookTime = Now.AddHours(5) };
        var decision = account.Decide(Given.Ask(Channel.ConnectionRequest));
        Assert.Equal(passes, decision.Answer is PermitAnswer.Granted);
        Assert.IsType<PermitAnswer.Granted>(account.Decide(Given.Ask(Channel.DirectMessage)).Answer);
        if (!passes)
            Assert.Equal((Reason.PendingInvitations, Now.AddHours(5) + Gates.AskAgain, GateEffect.NextCandidate), decision.Refused() is var refused ? (refused.Reason, refused.WaitUntil, refused.Effect) : default);
    }

    [Fact]
    public void F49_Counts_what_was_sent_since_the_provider_was_asked()
    {
        var account = With(10) with { PendingSeen = new PendingSeen(8, Now) };
        account = account.Send(Channel.ConnectionRequest, Now.AddMinutes(1), "m1").Send(Channel.ConnectionRequest, Now.AddMinutes(2), "m2");
        Assert.Equal(10, Pending.Count(account));
        Assert.Equal(Reason.PendingInvitations, account.Decide(Given.Ask(Channel.ConnectionRequest, Now.AddMinutes(3), "m3")).Refused().Reason);
        // One was not sent after all.
        var permit = With(10).Decide(Given.Ask(Channel.ConnectionRequest));
        Assert.Equal(0, Pending.Count(Permits.Settle(permit.Account, permit.Granted(), SendResult.NotSent, null, Now).Account));
    }

    /// <summary>Its own charge must not be what refuses an attempt that is taken up again.</summary>
    [Fact]
    public void F49_Lets_the_last_invitation_be_taken_up_again()
    {
        var account = With(10) with { PendingSeen = new PendingSeen(9, Now.AddHours(-1)) };
        var first = account.Decide(Given.Ask(Channel.ConnectionRequest));
        Assert.Equal(first.Granted() with { ChargeTime = Now.AddMinutes(5) }, first.Account.Decide(Given.Ask(Channel.ConnectionRequest, Now.AddMinutes(5)), first.Granted()).Granted());
    }

    [Fact]
    public void F49_Looks_only_at_accounts_that_invite()
    {
        Assert.Null(With(10).Send(Channel.DirectMessage, Now, "m1").PendingLookTime);
        Assert.Equal(Now + Pending.LookSoon, With(10).Send(Channel.ConnectionRequest, Now, "m1").PendingLookTime);
        // Full by what it sent before anybody looked: somebody has to look, or it stays full.
        var unseen = With(1) with { Charges = Charges.None.Charge(CappedAction.Invitation, Now.AddHours(-1)) };
        Assert.NotNull(unseen.Decide(Given.Ask(Channel.ConnectionRequest)).Account.PendingLookTime);
    }

    [Fact]
    public void F49_Withdraws_the_oldest_beyond_the_age_and_takes_the_accounts_one_write_for_it()
    {
        var look = Look(With(10, 30), Of(("new", 29), ("older", 31), ("oldest", 90), ("untold", null)), most: 10);
        Assert.Equal("oldest", look.Withdraw?.Id);
        Assert.Equal((10, Now, Now), (look.Account.PendingSeen!.Count, look.Account.LastSend, Assert.Single(look.Account.Withdrawals)));
        Assert.Equal(Now + Pending.WithdrawEvery, look.Account.PendingLookTime);
        Assert.Equal(Reason.WriteInProgress, look.Account.Decide(Given.Ask(Channel.DirectMessage)).Refused().Reason);
        var after = Pending.Withdrew(look.Account, withdrawn: true, null, Now.AddSeconds(1));
        Assert.Equal(9, after.PendingSeen!.Count);
        Assert.IsType<PermitAnswer.Granted>(after.Decide(Given.Ask(Channel.DirectMessage, Now.AddSeconds(2))).Answer);
    }

    /// <summary>The provider does not always tell an id: a withdrawal without one names no invitation, or all of them.</summary>
    [Fact]
    public void F49_Never_withdraws_an_invitation_without_an_id()
    {
        Assert.Null(Look(With(10, 30), Of(("", 90)), most: 10).Withdraw);
        Assert.Equal("known", Look(With(10, 30), Of(("", 90), ("known", 31)), most: 10).Withdraw?.Id);
    }

    [Theory]
    [InlineData(0, 10, false)]
    [InlineData(30, 9, false)]
    [InlineData(30, 10, true)]
    public void F49_Withdraws_only_if_told_to_and_near_the_ceiling(int afterDays, int pending, bool withdraws) =>
        Assert.Equal(withdraws, Look(With(10, afterDays), Of(("old", 90)), most: pending).Withdraw is not null);

    public static TheoryData<string> Obstacles => ["restricted", "night", "429", "spacing", "writing", "promised"];

    [Theory, MemberData(nameof(Obstacles))]
    public void F49_Lets_whatever_holds_a_send_back_hold_a_withdrawal_back(string obstacle)
    {
        var account = With(10, 30);
        account = obstacle switch
        {
            "restricted" => account with { Condition = AccountState.Restricted },
            "night" => account with { Settings = account.Settings with { Window = new SendingWindow("", [], 13 * 60, 14 * 60) } },
            "429" => Signals.Apply(account, CappedAction.Message, new AccountSignal.RateLimited(null), Now),
            "spacing" => account with { LastSend = Now.AddSeconds(-1), Settings = account.Settings with { Spacing = TimeSpan.FromSeconds(10) } },
            "writing" => account with { Lease = new WriteLease("m1", 1, Now.AddSeconds(30)) },
            _ => account with { Slots = [new Slot(1, Now.AddMilliseconds(100), CappedAction.Message, 1)] },
        };
        var look = Look(account, Of(("old", 90)), most: 10);
        Assert.Null(look.Withdraw);
        Assert.Equal((Now + Pending.TryAgain, 10), (look.Account.PendingLookTime, look.Account.PendingSeen!.Count));
    }

    /// <summary>Looked at whenever a look is due, for a week: never more than ten in any day, the oldest first, none younger than the age, and it stops when there is room.</summary>
    [Fact]
    public void F49_Withdraws_a_few_a_day_until_there_is_room() => Prop.ForAll(Gen.Choose(20, 200).ToArbitrary(), ceiling =>
    {
        var account = With(ceiling, 30);
        var waiting = Enumerable.Range(0, ceiling).Select(n => new Outstanding($"i{n}", Now.AddDays(-20 - n))).ToList();
        var withdrawn = new List<(DateTimeOffset At, DateTimeOffset Sent)>();
        for (var now = Now; now < Now.AddDays(7);)
        {
            var look = Pending.Read(account, waiting, now, 0.5, Lease, now, now);
            account = look.Account;
            if (look.Withdraw is { } gone)
            {
                withdrawn.Add((now, gone.SendTime!.Value));
                waiting.Remove(gone);
                account = Pending.Withdrew(account, true, null, now);
            }

            now = account.PendingLookTime!.Value;
        }

        return withdrawn.TrueForAll(one => one.At - one.Sent >= TimeSpan.FromDays(30) && withdrawn.Count(other => other.At <= one.At && other.At > one.At.AddDays(-1)) <= Pending.MostWithdrawals)
            && withdrawn.Select(one => one.Sent).SequenceEqual(withdrawn.Select(one => one.Sent).Order())
            && waiting.Count >= ceiling - ceiling / 10 && withdrawn.Count > 0 && waiting.Count + withdrawn.Count == ceiling;
    }).QuickCheckThrowOnFailure();

    /// <summary>At the sandbox: three invitations wait, two may; the oldest is taken back there, and whoever keeps prospects is told.</summary>
    [Fact]
    public async Task F49_Takes_the_oldest_back_at_the_provider()
    {
        await using var accounts = await (await RunningAccounts.StartAsync("""{"id":"bob"},{"id":"cid"},{"id":"dan"}""")).WithAnnAsync();
        foreach (var prospect in new[] { "bob", "cid", "dan" })
        {
            await accounts.Provider.ControlAsync("sends", $$"""{"account_id":"ann","prospect_id":"{{prospect}}","kind":"invitation"}""");
            await accounts.AdvanceAsync(TimeSpan.FromDays(10));
        }

        var ann = RunningAccounts.Ann();
        ann.Safety = new Shown.AccountSafety { PendingCeiling = 2, WithdrawAfter = new Google.Protobuf.WellKnownTypes.Duration { Seconds = 25 * 86_400 } };
        await accounts.Get<PutAccount>().HandleAsync(RunningAccounts.Caller, new PutAccountRequest { Account = ann }, default);
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m1", Channel.ConnectionRequest));
        await accounts.Accounts.SettleAsync(RunningAccounts.Tenant, new SettleRequest { AccountId = "ann", MessageId = "m1", Attempt = 1, Channel = Channel.ConnectionRequest, Result = SendResult.NotSent }, default);
        await accounts.AdvanceAsync(TimeSpan.FromHours(3));
        await accounts.DoWhatIsDueAsync();

        Assert.Equal(["bob"], accounts.Woken.Withdrawn);
        var pending = Assert.IsType<Pennypost.Dispatcher.Provider.InvitationsReply.Read>(await accounts.Provider.Unipile.GetPendingInvitationsAsync(accounts.Provider.Connection, "ann", default)).Pending;
        Assert.Equal(["cid", "dan"], pending.Select(one => one.InvitedPublicId).Order());
        var shown = await accounts.AccountAsync();
        Assert.Equal(2, shown.SafetyState.PendingInvitations);
        Assert.Equal(Reason.PendingInvitations, Assert.IsType<PermitOutcome.Refused>(await accounts.PermitAsync("m2", Channel.ConnectionRequest)).Reason);
        // The others are younger than the age.
        await accounts.AdvanceAsync(TimeSpan.FromHours(3));
        await accounts.DoWhatIsDueAsync();
        Assert.Equal(["bob"], accounts.Woken.Withdrawn);
    }

    [Fact]
    public async Task F49_Looks_again_soon_when_the_list_cannot_be_read()
    {
        await using var accounts = await (await RunningAccounts.StartAsync()).WithAnnAsync();
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m1", Channel.ConnectionRequest));
        await accounts.Provider.FaultAsync("users.invite.list", "error", "provider_error", times: 20);
        await accounts.AdvanceAsync(TimeSpan.FromHours(3));
        await accounts.DoWhatIsDueAsync();
        Assert.Null((await accounts.AccountAsync()).SafetyState.PendingObserveTime);
        var account = (await accounts.Accounts.FindAsync(RunningAccounts.Tenant, "ann", default))!;
        Assert.InRange(account.Account.PendingLookTime!.Value - account.Now, Pending.LookSoon * 0.9, Pending.LookSoon * 2);
    }

    private static Account With(int ceiling, int afterDays = 0)
    {
        var account = Given.Account();
        return account with { Settings = account.Settings with { Safety = new SafetySettings { PendingCeiling = ceiling, WithdrawAfter = TimeSpan.FromDays(afterDays) } } };
    }

    /// <summary>So many wait: these, and young ones.</summary>
    private static PendingLook Look(Account account, List<Outstanding> some, int most) =>
        Pending.Read(account, [.. some, .. Enumerable.Range(0, most - some.Count).Select(n => new Outstanding($"young{n}", Now.AddDays(-1)))], Now, 0, Lease, Now, Now);

    private static List<Outstanding> Of(params (string Id, int? Days)[] some) => [.. some.Select(one => new Outstanding(one.Id, one.Days is { } days ? Now.AddDays(-days) : null))];
}
