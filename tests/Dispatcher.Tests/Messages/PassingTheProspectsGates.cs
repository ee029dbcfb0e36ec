using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Delivery.Messages;
using static Dispatcher.Tests.Messages.Given;

namespace Dispatcher.Tests.Messages;

public sealed class PassingTheProspectsGates
{
    private static readonly DateTimeOffset Now = Noon.AddMinutes(1);

    [Theory]
    [InlineData("nothing", null)]
    [InlineData("the same words went out", Reason.Duplicate)]
    [InlineData("another message is on its way", Reason.ProspectCoolingDown)]
    [InlineData("suppressed", Reason.ProspectSuppressed)]
    [InlineData("replied since", Reason.ProspectReplied)]
    [InlineData("replied before it was accepted", null)]
    [InlineData("replied and was released", null)]
    [InlineData("claimed by another", Reason.ClaimedByOtherSender)]
    [InlineData("claimed by another until a while ago", null)]
    [InlineData("claimed by this sender", null)]
    [InlineData("written to an hour ago", Reason.ProspectCoolingDown)]
    [InlineData("written to an hour ago and answered", null)]
    [InlineData("an InMail is unanswered", Reason.SecondInmail)]
    [InlineData("an InMail is unanswered and the plan allows a second", null)]
    [InlineData("refuses InMail", Reason.FactUnknown)]
    [InlineData("routed too long ago", Reason.FactUnknown)]
    [InlineData("the channel was closed", Reason.FactUnknown)]
    [InlineData("outlived", Reason.Expired)]
    public void Refuses_with_the_reason_of_the_gate(string given, Reason? reason)
    {
        var at = Accepted();
        var (prospect, message, candidate, decided) = (at.Prospect, at.Message, Inmail(), Now);
        switch (given)
        {
            case "the same words went out": prospect = prospect with { SentHashes = [message.TextHash] }; break;
            case "another message is on its way": prospect = prospect with { InFlight = "m-0" }; break;
            case "suppressed": prospect = prospect with { SuppressTime = Noon }; break;
            case "replied since": prospect = prospect with { ReplyTime = Noon }; break;
            case "replied before it was accepted": prospect = prospect with { ReplyTime = Noon.AddSeconds(-1) }; break;
            case "replied and was released": prospect = prospect with { ReplyTime = Noon, ReleaseTime = Noon }; break;
            case "claimed by another": prospect = prospect with { Claim = new("ben", Now.AddSeconds(1)) }; break;
            case "claimed by another until a while ago": prospect = prospect with { Claim = new("ben", Now) }; break;
            case "claimed by this sender": prospect = prospect with { Claim = new("ann", Now.AddDays(1)) }; break;
            case "written to an hour ago": prospect = prospect with { LastSendTime = Now.AddHours(-1) }; break;
            case "written to an hour ago and answered": prospect = prospect with { LastSendTime = Now.AddHours(-1), ReplyTime = Now.AddHours(-1) }; break;
            case "an InMail is unanswered": prospect = WithView(prospect, view => view with { LastInmailTime = Noon.AddDays(-9) }); break;
            case "an InMail is unanswered and the plan allows a second":
                prospect = WithView(prospect, view => view with { LastInmailTime = Noon.AddDays(-9) });
                candidate = candidate with { SecondInmailAllowed = true };
                break;
            case "refuses InMail": prospect = WithView(prospect, view => view with { InmailRefusedUntil = Now.AddDays(1) }); break;
            case "routed too long ago": decided = Now - Rules.RouteLife - TimeSpan.FromSeconds(1); break;
            case "the channel was closed": message = message with { Closed = [new("ann", Channel.Inmail)] }; break;
            case "outlived": message = message with { ExpireTime = Now }; break;
        }

        var answer = Opening.Decide(prospect, message, new(candidate, decided, Now), Rules);

        Assert.Equal(reason, answer switch
        {
            OpenAnswer.Opened => null,
            OpenAnswer.Refused refused => refused.Reason,
            OpenAnswer.Ended ended => ended.Change.Messages[0].Reason,
            _ => throw new InvalidOperationException(answer.ToString()),
        });
        Assert.Equal(reason is { } why && RefusalEffects.Of(why) == RefusalEffect.End, answer is OpenAnswer.Ended);
    }

    [Fact]
    public void Looks_at_them_in_their_order()
    {
        var at = Accepted();
        var all = at.Prospect with { SuppressTime = Noon, SentHashes = [at.Message.TextHash], Claim = new("ben", Now.AddDays(1)), LastSendTime = Now };

        Assert.Equal(Reason.Duplicate, End(all));
        Assert.Equal(Reason.ProspectSuppressed, End(all with { SentHashes = [] }));
        Assert.Equal(Reason.ClaimedByOtherSender, Refusal(all with { SentHashes = [], SuppressTime = null }));
        Assert.Equal(Reason.ProspectCoolingDown, Refusal(all with { SentHashes = [], SuppressTime = null, Claim = null }));

        Reason End(Prospect prospect) => Assert.IsType<OpenAnswer.Ended>(Open(prospect)).Change.Messages[0].Reason;
        Reason Refusal(Prospect prospect) => Assert.IsType<OpenAnswer.Refused>(Open(prospect)).Reason;
        OpenAnswer Open(Prospect prospect) => Opening.Decide(prospect, at.Message, new(Inmail(), Now, Now), Rules);
    }

    [Fact]
    public void Has_one_effect_for_every_reason_the_same_as_the_accounts_own_table()
    {
        foreach (var reason in Enum.GetValues<Reason>())
            Assert.True(Enum.IsDefined(RefusalEffects.Of(reason)));
        foreach (var (reason, effect) in Gates.Table.Where(row => row.Reason != Reason.AccountPaused))
            Assert.Equal((reason, effect.ToString()), (reason, RefusalEffects.Of(reason).ToString()));
        // What may be waited for passes; what ends a message does not.
        Assert.DoesNotContain(Enum.GetValues<Reason>(), reason => RefusalEffects.Of(reason) == RefusalEffect.End && RefusalEffects.Passes(reason));
        Assert.DoesNotContain(Enum.GetValues<Reason>(), reason => RefusalEffects.Of(reason) == RefusalEffect.Wait && !RefusalEffects.Passes(reason));
    }

    [Fact]
    public void Lets_only_one_sender_be_on_the_way_to_a_prospect_F31()
    {
        var first = Opened(Free("ann"));
        var second = Accepted(first.Prospect, "m-2");

        Assert.Equal(new OpenAnswer.Refused(Reason.ProspectCoolingDown, Now + Rules.RecoverAfter), Opening.Decide(second.Prospect, second.Message, new(Free("ben"), Now, Now), Rules));
        Assert.Equal("ann", second.Prospect.ClaimedBy(Now));
    }

    [Fact]
    public void Gives_a_claim_back_with_an_attempt_that_was_not_sent()
    {
        var at = Concluded(new SendOutcome.NotSent(Reason.ProviderUnavailable, "", false));

        Assert.Null(at.Prospect.ClaimedBy(Now));
        Assert.Equal("ann", Sent().Prospect.ClaimedBy(Now.AddDays(29)));
    }

    private static Prospect WithView(Prospect prospect, Func<SenderView, SenderView> change) =>
        prospect with { Senders = prospect.Senders.SetItem("ann", change(prospect.ViewOf("ann"))) };
}
