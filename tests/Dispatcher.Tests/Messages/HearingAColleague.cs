using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using static Dispatcher.Tests.Messages.Given;

namespace Dispatcher.Tests.Messages;

public sealed class HearingAColleague
{
    private static readonly DateTimeOffset Later = Noon.AddHours(1);

    [Theory]
    [InlineData("stops with the company", true)]
    [InlineData("does not stop with it", false)]
    [InlineData("stops with another", false)]
    [InlineData("accepted after the reply", false)]
    [InlineData("released since the reply", false)]
    public void Stops_what_was_to_stop_then_F56(string given, bool stops)
    {
        var at = With(given == "does not stop with it" ? "" : given == "stops with another" ? "k_2" : "k_1", given == "accepted after the reply" ? Later.AddSeconds(1) : Noon);
        if (given == "released since the reply")
            at = at with { Prospect = at.Prospect with { ReleaseTime = Later } };

        var heard = at.After(Replying.OfCompany(at.Prospect, [at.Message], new("k_1", Later), Later.AddMinutes(1))!);

        Assert.Equal(stops ? (MessageState.Skipped, Reason.CompanyReplied) : (MessageState.Accepted, Reason.Unspecified), (heard.Message.State, heard.Message.Reason));
    }

    [Fact]
    public void Again_or_earlier_changes_nothing_F56()
    {
        var at = With("k_1", Noon);
        var heard = Replying.OfCompany(at.Prospect, [at.Message], new("k_1", Later), Later)!;

        Assert.Null(Replying.OfCompany(heard.Prospect, heard.Messages, new("k_1", Later), Later));
        Assert.Null(Replying.OfCompany(heard.Prospect, heard.Messages, new("k_1", Noon), Later));
        Assert.Null(Replying.OfCompany(heard.Prospect with { Forgotten = true }, [], new("k_1", Later.AddDays(1)), Later));
    }

    [Fact]
    public void Holds_until_it_is_released_as_after_their_own_reply_F42_F56()
    {
        var at = With("k_1", Noon);
        at = at.After(Replying.OfCompany(at.Prospect, [at.Message], new("k_1", Later), Later)!);
        var retry = new Retry { Filter = new(), Now = Later.AddHours(1) };

        Assert.Equal(new RetryAnswer.Barred(Reason.CompanyReplied), Retrying.Decide(at.Prospect, at.Message, retry, Rules));
        var released = Ending.Suppress(at.Prospect, [], unsuppress: true, Later.AddMinutes(1)).Prospect;
        Assert.IsType<RetryAnswer.Requeued>(Retrying.Decide(released, at.Message, retry, Rules));
    }

    [Fact]
    public void Stops_an_attempt_between_its_gates_and_its_intent_F56()
    {
        var at = Opened() is var opened ? new Case(opened.Prospect with { CompanyReplies = [new("k_1", Later)] }, opened.Message with { Company = "k_1" }) : null!;

        Assert.Equal(Reason.CompanyReplied, ((IntendAnswer.Stopped)Intending.Decide(at.Prospect, at.Message, new(1, Later, Later), Rules)).Reason);
    }

    /// <summary>A reply of a second company made the first one's forgotten, and what was to stop with it could be retried.</summary>
    [Fact]
    public void Of_one_company_is_not_forgotten_for_one_of_another_F56()
    {
        var (one, other) = (With("k_1", Noon), With("k_2", Noon));
        var prospect = Replying.OfCompany(one.Prospect, [one.Message], new("k_1", Later), Later)!.Prospect;
        prospect = Replying.OfCompany(prospect, [], new("k_2", Later.AddMinutes(1)), Later.AddMinutes(1))!.Prospect;

        Assert.Equal((true, true), (prospect.IsStoppedByCompany(one.Message), prospect.IsStoppedByCompany(other.Message)));
        Assert.Null(Replying.OfCompany(prospect, [], new("k_1", Later), Later.AddMinutes(2)));
        var many = Enumerable.Range(0, 300).Aggregate(prospect, (current, n) => Replying.OfCompany(current, [], new($"c_{n}", Later.AddHours(n + 1)), Later)!.Prospect);
        Assert.Equal((Prospect.MaxOpenMessages, "c_299"), (many.CompanyReplies.Count, many.CompanyReplies[^1].Company));
    }

    private static Case With(string company, DateTimeOffset accepted)
    {
        var answer = (AcceptAnswer.Accepted)Accepting.Decide(Prospect.Unknown, null, Accept(now: accepted) with { Company = company, StopsWithCompany = company.Length > 0 });
        return new Case(answer.Change.Prospect, answer.Message);
    }
}
