using Pennypost.Dispatcher.Work;

namespace Dispatcher.Tests.Accounts;

/// <summary>F41: one write at a time per account, within a process.</summary>
public sealed class TakingTurns
{
    [Fact]
    public async Task Lets_one_in_at_a_time_and_says_so_when_the_turn_does_not_come()
    {
        var turns = new AccountTurns();
        using var first = await turns.TakeAsync("acme", "ann", TimeSpan.FromSeconds(5), default);

        Assert.NotNull(first);
        Assert.Null(await turns.TakeAsync("acme", "ann", TimeSpan.FromMilliseconds(10), default));
        using var other = await turns.TakeAsync("acme", "ben", TimeSpan.FromSeconds(5), default);
        Assert.NotNull(other);
    }

    [Fact]
    public async Task Hands_the_turn_on()
    {
        var turns = new AccountTurns();
        var first = await turns.TakeAsync("acme", "ann", TimeSpan.FromSeconds(5), default);
        var next = turns.TakeAsync("acme", "ann", TimeSpan.FromSeconds(20), default);
        Assert.False(next.IsCompleted);

        first!.Dispose();

        using var second = await next;
        Assert.NotNull(second);
    }

    [Fact]
    public async Task Keeps_nothing_of_accounts_that_nobody_writes_for()
    {
        var turns = new AccountTurns();
        for (var account = 0; account < 1_000; account++)
        {
            using var turn = await turns.TakeAsync("acme", $"a-{account}", TimeSpan.FromSeconds(5), default);
            Assert.Null(await turns.TakeAsync("acme", $"a-{account}", TimeSpan.Zero, default));
            using var gone = new CancellationTokenSource();
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => turns.TakeAsync("acme", $"a-{account}", TimeSpan.FromSeconds(5), gone.Token));
        }

        Assert.Equal(0, turns.Count);
    }
}
