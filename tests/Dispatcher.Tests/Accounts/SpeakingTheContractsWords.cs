using Pennypost.Delivery;
using Shown = Pennypost.Types.V1;

namespace Dispatcher.Tests.Accounts;

public sealed class SpeakingTheContractsWords
{
    [Fact]
    public void Has_the_contracts_names_and_numbers()
    {
        Same<Reason, Shown.Reason>();
        Same<Channel, Shown.Channel>();
        Same<Priority, Shown.Priority>();
        Same<Product, Shown.Product>();
        Same<Tier, Shown.Tier>();
        Same<Pennypost.Delivery.Accounts.AccountState, Shown.AccountState>();
        Same<Pennypost.Delivery.Accounts.CappedAction, Shown.Action>();
        Same<Pennypost.Delivery.Accounts.CapWindow, Shown.CapWindow>();
        Same<Pennypost.Delivery.Accounts.RampStrategy, Shown.RampStrategy>();
        Same<Pennypost.Delivery.Accounts.GateEffect, Shown.GateEffect>();
        Same<Pennypost.Delivery.Accounts.SafetySign, Shown.SafetySign>();
        Same<Pennypost.Delivery.Accounts.SafetyLevel, Shown.SafetyLevel>();
        Same<Pennypost.Delivery.Accounts.AccountStateCause, Shown.AccountStateCause>();
        Same<Pennypost.Delivery.Accounts.BreakerState, Shown.BreakerState>();
        Same<Pennypost.Delivery.Accounts.BreakerCause, Shown.BreakerCause>();
    }

    /// <summary>F63.</summary>
    [Fact]
    public void Writes_reasons_as_the_events_do()
    {
        Assert.Equal("account_inmail_credits_exhausted", Reason.AccountInmailCreditsExhausted.Code());
        Assert.Equal("inmail_eligibility", Reason.InmailEligibility.Code());
    }

    private static void Same<TOurs, TTheirs>() where TOurs : struct, Enum where TTheirs : struct, Enum =>
        Assert.Equal(
            Enum.GetValues<TTheirs>().Select(value => (value.ToString(), Convert.ToInt32(value, null))),
            Enum.GetValues<TOurs>().Select(value => (value.ToString(), Convert.ToInt32(value, null))));
}
