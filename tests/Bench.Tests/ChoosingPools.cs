namespace Bench.Tests;

public sealed class ChoosingPools
{
    private const int Requests = 200_000;

    [Fact]
    public void One_hot_pool_gets_everything() => Assert.All(Shares(PoolChoice.Hot), share => Assert.Equal(1, share));

    [Fact]
    public void Uniform_pools_get_the_same() => Assert.All(Shares(PoolChoice.Uniform(10)), share => Assert.Equal(0.1, share, 0.005));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_kth_pool_of_a_Zipf_choice_gets_a_share_like_k_to_the_minus_s(int exponent)
    {
        var choice = PoolChoice.Zipf(100, exponent);
        var shares = Shares(choice);
        var sum = Enumerable.Range(1, 100).Sum(rank => Math.Pow(rank, -exponent));

        for (var rank = 1; rank <= 10; rank++) Assert.Equal(Math.Pow(rank, -exponent) / sum, shares[rank - 1], 0.005);
        Assert.Equal(1 / sum, choice.TopShare, 10);
    }

    [Fact]
    public void The_same_request_is_for_the_same_pool_whoever_asks()
    {
        Assert.Equal(
            Enumerable.Range(0, 100).Select(request => PoolChoice.Zipf(1_000, 1).Of(request)),
            Enumerable.Range(0, 100).Select(request => PoolChoice.Zipf(1_000, 1).Of(request)));
    }

    [Fact]
    public void Pools_are_replaced_before_the_one_asked_for_most_is_empty()
    {
        Assert.All(
            [PoolChoice.Hot, PoolChoice.Uniform(1_000), PoolChoice.Zipf(1_000, 1), PoolChoice.Zipf(1_000, 2)],
            choice => Assert.InRange(choice.RequestsPerEpoch * choice.TopShare, 1, 0.95 * Pennypost.Ledger.Pool.MaxBalance));
    }

    private static double[] Shares(PoolChoice choice)
    {
        var shares = new double[choice.Pools];
        for (var request = 0L; request < Requests; request++) shares[choice.Of(request)] += 1.0 / Requests;
        return [.. shares.Select(share => Math.Round(share, 9))];
    }
}
