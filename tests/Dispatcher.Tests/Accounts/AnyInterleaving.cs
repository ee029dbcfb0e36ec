using FsCheck;
using FsCheck.Fluent;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Dispatcher.Tests.Accounts;

/// <summary>Whatever the order of permits, settlings, signals and waits: what an account promises holds.</summary>
public sealed class AnyInterleaving
{
    private static readonly Channel[] Channels = [Channel.DirectMessage, Channel.ConnectionRequest, Channel.Inmail, Channel.OpenProfileInmail];

    private sealed record Step(int Kind, int Message, int Channel, int Seconds);

    private static readonly SafetySettings Careful = new()
    {
        Ramps = [new Ramp { Action = CappedAction.Message, Strategy = RampStrategy.Factor, Start = 1, FactorPercent = 300, StartTime = Given.Noon, PauseDays = 2 }],
        CapJitterPercent = 20,
        SpacingSpreadPercent = 100,
        PendingCeiling = 3,
        ResponseGuard = new ResponseGuard(2, 3, 50),
        SlowBelow = 90,
    };

    private static readonly Arbitrary<Step[]> Steps = Gen.ArrayOf(
        from kind in Gen.Choose(0, 6)
        from message in Gen.Choose(0, 9)
        from channel in Gen.Choose(0, 3)
        from seconds in Gen.Choose(0, 40_000)
        select new Step(kind, message, channel, seconds)).ToArbitrary();

    /// <summary>F41, F43: never over a cap, never two writes, never closer than the spacing; F32, F36: an open breaker permits nothing that costs a credit, a half-open one exactly one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Keeps_caps_the_lease_and_the_breaker(bool careful) => Prop.ForAll(Steps, steps =>
    {
        var account = Given.Account(
            TimeSpan.FromSeconds(10),
            new Cap(CappedAction.Message, CapWindow.Day, 3), new Cap(CappedAction.Invitation, CapWindow.Week, 4), new Cap(CappedAction.Inmail, CapWindow.Day, 2), new Cap(CappedAction.OpenProfileInmail, CapWindow.Month, 5));
        // F44, F46, F66, F78: whatever lowers caps and lengthens the spacing, the hard ones hold.
        if (careful)
            account = account with { Settings = account.Settings with { Safety = Careful } };
        var now = Given.Noon;
        var open = new Dictionary<string, OpenPermit>();
        var charged = new List<(CappedAction Action, DateTimeOffset At)>();
        DateTimeOffset? last = null;
        foreach (var step in steps)
        {
            now += TimeSpan.FromSeconds(step.Seconds);
            var message = "m" + step.Message;
            switch (step.Kind)
            {
                case 0 or 1 or 2:
                    var before = account;
                    var own = open.GetValueOrDefault(message);
                    var channel = own is null ? Channels[step.Channel] : Channels.Single(candidate => Caps.ActionOf(candidate) == own.Action);
                    var decision = account.Decide(Given.Ask(channel, now, message), own);
                    account = decision.Account;
                    if (decision.Answer is PermitAnswer.Granted granted)
                    {
                        var holder = before.Lease is { } lease && lease.UntilReal > now ? lease.MessageId : null;
                        if (holder is not null && holder != message)
                            return false;
                        if (holder is null && last is { } previous && now - previous < TimeSpan.FromSeconds(10))
                            return false;
                        if (channel == Channel.Inmail && !MayCost(before.BreakerOf(Product.SalesNavigator), now, message))
                            return false;
                        if (own is null && Caps.Uses(account, now).Any(use => use.Action == granted.Permit.Action && use.Used > use.Limit))
                            return false;
                        // One that is taken up again is charged anew; one whose worker asks again is not.
                        if (own is not null && own != granted.Permit)
                            charged.Remove((own.Action, own.ChargeTime));
                        if (own != granted.Permit)
                            charged.Add((granted.Permit.Action, now));
                        if (holder is null)
                            last = now;
                        open[message] = granted.Permit;
                    }
                    else if (!account.Charges.All.SequenceEqual(before.Charges.All))
                    {
                        return false;
                    }

                    break;
                case 3 or 4 when open.Remove(message, out var permit):
                    var result = step.Kind == 3 ? SendResult.Sent : SendResult.NotSent;
                    account = Permits.Settle(account, permit, result, now, now).Account;
                    if (result == SendResult.NotSent)
                        charged.Remove((permit.Action, permit.ChargeTime));
                    // The attempt is over; the message may try again under the next number, here under another name.
                    account = account with { Settled = [] };
                    last = account.LastSend ?? last;
                    break;
                case 5:
                    account = account.With(Breakers.CreditError(Breakers.AsOf(account.BreakerOf(Product.SalesNavigator), now).Breaker, step.Message % 3 == 0 ? null : step.Message % 2, now.AddDays(2), message, now).Change.Breaker);
                    break;
                default:
                    account = account.With(Breakers.BalanceRead(Breakers.AsOf(account.BreakerOf(Product.SalesNavigator), now).Breaker, step.Message % 3 == 0 ? null : step.Message % 2, now, now.AddDays(2), now).Breaker);
                    break;
            }

            foreach (var cap in Caps.InForce(account.Settings.Tier, account.Settings.Caps))
            {
                var inside = charged.Count(charge => charge.Action == cap.Action && (cap.Window == CapWindow.Month
                    ? charge.At >= ActionCharges.NextMonth(now).AddMonths(-1) - ActionCharges.Margin
                    : charge.At > now - ActionCharges.Length(cap.Window)));
                if (inside > cap.Limit || inside != account.Charges.Of(cap.Action).Count(cap.Window, now))
                    return false;
            }
        }

        return account.Slots.Length <= Slots.Limit;
    }).QuickCheckThrowOnFailure();

    private static bool MayCost(Breaker before, DateTimeOffset now, string message)
    {
        var breaker = Breakers.AsOf(before, now).Breaker;
        return breaker.State == BreakerState.Closed
            || (breaker.State == BreakerState.HalfOpen && (breaker.Probe is null ? breaker.ProbeFrom <= now : breaker.Probe.MessageId == message));
    }
}
