using Pennypost.Routing;

namespace Pennypost.Router.Tests.Calls;

/// <summary>The rules' own words carry the numbers of the contract's, so that the host translates by number.</summary>
public sealed class SpeakingTheContract
{
    [Fact]
    public void Has_the_same_channels() => AssertSame<Channel, Types.V1.Channel>();

    [Fact]
    public void Has_the_same_priorities() => AssertSame<Priority, Types.V1.Priority>();

    [Fact]
    public void Has_the_same_tiers() => AssertSame<Tier, Types.V1.Tier>();

    [Fact]
    public void Has_the_same_account_states() => AssertSame<AccountState, Types.V1.AccountState>();

    [Fact]
    public void Has_the_same_verdicts() => AssertSame<Verdict, Types.V1.Verdict>();

    [Fact]
    public void Has_the_same_distances() => AssertSame<NetworkDistance, Types.V1.NetworkDistance>();

    [Fact]
    public void Has_the_same_invitation_states() => AssertSame<InvitationState, Types.V1.InvitationState>();

    [Fact]
    public void Has_the_same_choices() => AssertSame<Choice, Types.V1.Choice>();

    [Fact]
    public void Has_the_same_effects_of_exhaustion() => AssertSame<OnExhaustion, Types.V1.OnExhaustion>();

    [Fact]
    public void Has_the_same_stickiness() => AssertSame<Stickiness, Types.V1.Stickiness>();

    [Fact]
    public void Has_the_same_kinds_of_rates() => AssertSame<Routing.Rates.RateKind, Types.V1.RateKind>();

    [Fact]
    public void Has_the_same_facts() =>
        Assert.Equal(
            Enum.GetValues<Types.V1.FactKind>().Where(kind => kind != 0).ToDictionary(kind => 1 << (int)kind, kind => Lower(kind.ToString())),
            Enum.GetValues<FactKinds>().Where(kind => kind != 0).ToDictionary(kind => (int)kind, kind => Lower(kind.ToString())));

    [Fact]
    public void Has_reasons_that_the_contract_has_under_the_same_numbers() =>
        Assert.All(Enum.GetValues<Reason>(), reason =>
        {
            var wire = ((Types.V1.Reason)reason).ToString();
            // Two are said shorter where only routing speaks.
            var name = reason switch
            {
                Reason.None => "Unspecified",
                Reason.CreditsExhausted => "AccountInmailCreditsExhausted",
                _ => reason.ToString(),
            };
            Assert.Equal(Lower(wire), Lower(name));
        });

    private static void AssertSame<TPure, TWire>()
        where TPure : struct, Enum
        where TWire : struct, Enum =>
        Assert.Equal(
            Enum.GetValues<TWire>().Where(value => Convert.ToInt32(value) != 0).ToDictionary(value => Convert.ToInt32(value), value => Lower(value.ToString())),
            Enum.GetValues<TPure>().ToDictionary(value => Convert.ToInt32(value), value => Lower(value.ToString())));

    // protoc writes Inmail where C# writes InMail.
    private static string Lower(string name) => name.ToLowerInvariant();
}
