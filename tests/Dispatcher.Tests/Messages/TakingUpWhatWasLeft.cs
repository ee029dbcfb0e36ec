using Pennypost.Delivery.Messages;
using static Dispatcher.Tests.Messages.Given;

namespace Dispatcher.Tests.Messages;

/// <summary>F39: a worker died, and another one reads off the message alone what to do. What may have been sent is never sent by a repeat.</summary>
public sealed class TakingUpWhatWasLeft
{
    [Theory]
    [InlineData("open", typeof(NextStep.Resume))]
    [InlineData("intended", typeof(NextStep.Doubt))]
    [InlineData("in doubt", typeof(NextStep.Verify))]
    public void Goes_on_from_what_the_attempt_can_have_done(string left, Type step)
    {
        var at = left switch
        {
            "open" => Opened(),
            "intended" => Intended(),
            _ => InDoubt(),
        };

        Assert.IsType(step, Obligations.Step(at.Message, Rules, at.Attempt.RecoverTime));
    }

    [Theory]
    [InlineData("open")]
    [InlineData("intended")]
    public void Waits_until_its_worker_cannot_be_at_it_any_more(string left)
    {
        var at = left == "open" ? Opened() : Intended();

        Assert.IsType<NextStep.Nothing>(Obligations.Step(at.Message, Rules, at.Attempt.RecoverTime.AddMilliseconds(-1)));
    }

    /// <summary>Whoever is told to call does so: an intent is told to one worker only.</summary>
    [Fact]
    public void Intends_an_attempt_once()
    {
        var at = Intended();

        Assert.IsType<IntendAnswer.NotOpen>(Intending.Decide(at.Prospect, at.Message, new(1, at.Attempt.RecoverTime, at.Attempt.RecoverTime), Rules));
    }
}
