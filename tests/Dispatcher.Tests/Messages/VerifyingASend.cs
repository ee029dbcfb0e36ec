using Pennypost.Delivery.Messages;
using static Dispatcher.Tests.Messages.Given;

namespace Dispatcher.Tests.Messages;

/// <summary>F39: absence is not proof until nothing can arrive any more.</summary>
public sealed class VerifyingASend
{
    private static readonly DateTimeOffset Settled = Noon + Rules.SettlingTime;

    [Fact]
    public void Believes_presence_at_once()
    {
        var at = InDoubt();

        var proved = Assert.IsType<VerifyAnswer.ProvedSent>(Verifying.Decide(at.Prospect, at.Message, new(1, new Finding.Found("pm-1", "chat-1"), Noon, Noon), Rules));

        Assert.Equal((MessageState.Sent, "pm-1"), (proved.Message.State, proved.Message.Attempts[0].ProviderMessageId));
    }

    [Fact]
    public void Believes_absence_after_the_settling_time_and_two_healthy_reads()
    {
        var at = Look(Look(InDoubt(), new Finding.Absent(), Settled), new Finding.Absent(), Settled.AddSeconds(15));

        Assert.Equal((MessageState.Ready, AttemptState.NotSent), (at.Message.State, at.Attempt.State));
    }

    [Fact]
    public void Does_not_believe_one_absence_alone()
    {
        var at = Look(InDoubt(), new Finding.Absent(), Settled);

        Assert.Equal((MessageState.Indeterminate, 1), (at.Message.State, at.Attempt.Verification!.HealthyReads));
    }

    [Theory]
    [InlineData("too early", -1, -1)]
    [InlineData("a clock that was moved on", 3_600, -1)]
    [InlineData("a clock that stands", -1, 3_600)]
    public void Does_not_believe_absence_before_it(string why, int virtualSeconds, int realSeconds)
    {
        _ = why;
        var at = InDoubt();
        for (var look = 0; look < 5; look++)
            at = Look(at, new Finding.Absent(), Settled.AddSeconds(virtualSeconds), Settled.AddSeconds(realSeconds));

        Assert.Equal(MessageState.Indeterminate, at.Message.State);
    }

    [Fact]
    public void Does_not_count_reads_that_did_not_work()
    {
        var at = InDoubt();
        for (var look = 0; look < 20; look++)
            at = Look(at, new Finding.Unreadable(), Settled.AddHours(look));

        Assert.Equal((MessageState.Indeterminate, 0), (at.Message.State, at.Attempt.Verification!.HealthyReads));
        Assert.True(at.Attempt.Verification.NextTime - Settled.AddHours(19) <= TimeSpan.FromHours(1));
    }

    [Fact]
    public void Leaves_a_send_that_turns_up_later_a_fact_and_stops_the_attempt_after_it()
    {
        var at = Look(Look(InDoubt(Free()), new Finding.Absent(), Settled), new Finding.Absent(), Settled);
        at = at.After(((OpenAnswer.Opened)Opening.Decide(at.Prospect, at.Message, new(Free(), Settled, Settled), Rules)).Change);

        at = at.After(((ConcludeAnswer.Concluded)Concluding.Decide(at.Prospect, at.Message, new(1, new SendOutcome.Sent("pm-1", "chat-1"), false, Settled), Rules)).Change);

        Assert.Equal(MessageState.Sent, at.Message.State);
        Assert.Equal([AttemptState.Sent, AttemptState.NotSent], at.Message.Attempts.Select(attempt => attempt.State));
        Assert.Equal("", at.Prospect.InFlight);
    }

    private static Case Look(Case at, Finding finding, DateTimeOffset now, DateTimeOffset? realNow = null) =>
        Verifying.Decide(at.Prospect, at.Message, new(1, finding, now, realNow ?? now), Rules) switch
        {
            VerifyAnswer.StillUnknown unknown => at.After(unknown.Change),
            VerifyAnswer.ProvedNotSent notSent => at.After(notSent.Change),
            VerifyAnswer.ProvedSent sent => at.After(sent.Change),
            _ => at,
        };
}
