using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

public sealed class SpreadingVolume
{
    /// <summary>Ann has more credits, and has spent more of her budget already: the list goes to both by what is left of it, and neither runs out while the other has plenty.</summary>
    [Fact]
    public async Task F80_Over_two_seats_by_what_is_left_of_their_budgets()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 5);
        await installation.SenderAsync("bob", 3);
        var left = new Dictionary<string, int> { ["ann"] = 5, ["bob"] = 3 };
        for (var sent = 0; sent < 8; sent++)
        {
            await installation.ControlAsync("prospects", $$"""{"id":"p{{sent}}"}""");
            await installation.Dispatcher.AcceptAsync(Installation.Message($"m-{sent}", $"p{sent}", Priority.High), Installation.As());
            var message = await installation.UntilAsync($"m-{sent}", Installation.IsSettled);
            Assert.Equal((MessageState.Sent, 1L), (message.State, message.CreditsSpent));
            Assert.Equal(left.Values.Max(), left[message.AccountId]);
            left[message.AccountId]--;
        }

        Assert.All(left.Values, credits => Assert.Equal(0, credits));
    }

    /// <summary>A limit of the seat's own counts as its budget, although the pool has plenty.</summary>
    [Fact]
    public async Task F80_Over_two_seats_of_which_one_has_a_limit_of_its_own()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 40);
        await installation.SenderAsync("bob", 40);
        await installation.Credits.PutSeatAsync(new() { PoolId = "ann-pool", AccountId = "ann", PeriodLimit = 4 }, Installation.As());
        var by = new List<string>();
        for (var sent = 0; sent < 5; sent++)
        {
            await installation.ControlAsync("prospects", $$"""{"id":"p{{sent}}"}""");
            await installation.Dispatcher.AcceptAsync(Installation.Message($"m-{sent}", $"p{sent}", Priority.High), Installation.As());
            by.Add((await installation.UntilAsync($"m-{sent}", Installation.IsSettled)).AccountId);
        }

        // Of hers all is left at first, of his 40 of 50; each credit takes a fourth from her share and a fiftieth from his.
        Assert.Equal(["ann", "bob", "bob", "bob", "ann"], by);
    }
}
