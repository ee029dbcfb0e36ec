using Pennypost.Bench.EmptyAccount;

namespace Bench.Tests;

/// <summary>The comparison on an empty account, small: what Pennypost promises there (F32, F34, F37, F38).</summary>
public sealed class RunningOutOfCredits
{
    [Fact]
    public async Task An_account_that_is_known_to_be_empty_is_not_called_and_what_is_bought_and_granted_goes_out_to_the_last_credit_F32_F37()
    {
        var scene = new Scene(InMails: 40, Seats: 1, Believed: 0, FreeSends: 5);
        var ours = await EmptyAccountBench.OursAsync("ours", scene, default);

        Assert.Equal((0, 0), (ours.Refused[0], ours.Refused[1]));
        // The provider grants six hours late: the first send after the renewal finds out, and no other tries.
        Assert.InRange(ours.Refused[2], 0, 1);
        Assert.Equal([0, Scene.TopUp, Scene.Grant], ours.Sent);
        Assert.Equal((10, 15, 0, 0), (ours.Free, ours.Waiting, ours.Lost, ours.Late));
        Assert.Empty(ours.Wrong);
    }

    [Fact]
    public async Task No_seat_of_a_pool_calls_after_one_of_them_has_found_it_empty_F34()
    {
        var ours = await EmptyAccountBench.OursAsync("ours", new Scene(InMails: 40, Seats: 10, Believed: 30, FreeSends: 0), default);

        // Each seat may have had one call on its way.
        Assert.InRange(ours.Refused[0], 1, 10);
        Assert.Equal((0, 40, 0), (ours.Late, ours.Waiting, ours.Lost));
        Assert.Empty(ours.Wrong);
    }

    [Fact]
    public async Task The_naive_ways_call_for_everybody_and_lose_or_repeat_them()
    {
        var scene = new Scene(InMails: 30, Seats: 1, Believed: 0, FreeSends: 2);
        var failing = await EmptyAccountBench.NaiveAsync(scene, comesBack: false, default);
        Assert.Equal((30, 0, 30, 4), (failing.Refused[0], failing.Sent.Sum(), failing.Lost, failing.Free));
        var skipping = await EmptyAccountBench.NaiveAsync(scene, comesBack: true, default);
        Assert.Equal((60, 10, 15), (skipping.Refused[0], skipping.Sent[1], skipping.Sent[2]));
    }
}
