using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Sandbox.Tests;

/// <summary>F71: which calls a fault strikes.</summary>
public sealed class RulesOfFaults
{
    [Fact]
    public void Without_a_rate_or_script_strikes_the_next_calls_and_is_used_up() =>
        Assert.Equal("XX", Play(Plain with { Times = 2 }, 5));

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.1, 160, 240)]
    [InlineData(0.5, 930, 1_070)]
    [InlineData(1, 2_000, 2_000)]
    public void With_a_rate_strikes_about_that_share_until_it_is_deleted(double rate, int least, int most)
    {
        var played = Play(Plain with { Rate = rate, Times = null }, 2_000);
        Assert.Equal(2_000, played.Length);
        Assert.InRange(played.Count(c => c == 'X'), least, most);
    }

    [Fact]
    public void With_a_rate_strikes_the_same_calls_for_the_same_seed_and_others_for_another_seed_or_fault()
    {
        var fault = Plain with { Rate = 0.5, Times = null };
        Assert.Equal(Play(fault, 100), Play(fault, 100));
        Assert.NotEqual(Play(fault, 100), Play(fault, 100, seed: "other"));
        Assert.NotEqual(Play(fault, 100), Play(fault with { Id = "fault-2" }, 100));
    }

    [Fact]
    public void With_a_rate_strikes_no_more_often_than_was_said()
    {
        var played = Play(Plain with { Rate = 0.5, Times = 4 }, 1_000);
        Assert.Equal(4, played.Count(c => c == 'X'));
        Assert.EndsWith("X", played, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null, ".X.")]
    [InlineData(false, 1, ".X")]
    [InlineData(true, null, ".X..X..X")]
    [InlineData(true, 2, ".X..X")]
    public void With_a_script_goes_step_by_step(bool repeat, int? times, string played)
    {
        var pass = new FaultStep { Kind = FaultKind.Pass };
        Assert.Equal(played, Play(Plain with { Kind = null, Script = [pass, new() { Kind = FaultKind.DropAfter }, pass], Repeat = repeat, Times = times }, 8));
    }

    private static readonly Fault Plain = new() { Id = "fault-1", Sequence = 1, Endpoint = "chats.start", Kind = FaultKind.DropAfter, Times = 1 };

    /// <summary>One letter for each call until the fault is used up: X is struck, a point is spared.</summary>
    private static string Play(Fault fault, int calls, string seed = "seed")
    {
        var played = "";
        for (Fault? left = fault; left is not null && played.Length < calls;)
        {
            var meeting = Striking.Meet(seed, left);
            played += meeting.Step.Kind == FaultKind.Pass ? '.' : 'X';
            left = meeting.Left;
        }

        return played;
    }
}
