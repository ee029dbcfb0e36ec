using Grpc.Core;
using Grpc.Core.Interceptors;
using Pennypost.Errors.V1;
using Pennypost.Hosting;

namespace Dispatcher.Tests.Accounts;

public sealed class LosingTheAnswersOfCredits
{
    private static readonly CallOptions AsAcme = OnBehalf.Of("acme", default);

    // Of a hundred answers, so many are lost after the call took effect.
    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(50)]
    public async Task Sets_aside_one_credit_for_each_id(int lostPercent)
    {
        const int holds = 60;
        var losing = new LostAnswers(lostPercent);
        await using var installation = new RestoredCredits(losing);
        var credits = await installation.StartAsync();
        await UntilAnswered(() => credits.CreatePoolAsync(new() { PoolId = "p1", PlanId = "sales_navigator_core", OpeningBalance = 100 }, AsAcme));

        await Parallel.ForAsync(0, holds, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (i, _) =>
        {
            await UntilAnswered(() => credits.PlaceHoldAsync(new() { PoolId = "p1", HoldId = $"m{i}_1", AccountId = "ann" }, AsAcme));
            if (i % 3 == 0) await UntilAnswered(() => credits.ReleaseHoldAsync(new() { PoolId = "p1", HoldId = $"m{i}_1" }, AsAcme));
        });

        losing.Percent = 0;
        var pool = (await credits.GetPoolAsync(new() { PoolId = "p1" }, AsAcme)).Pool;
        Assert.Equal((holds * 2 / 3, 100 - (holds * 2 / 3)), (pool.Balance.Held, pool.Balance.Available));
        Assert.True((await credits.VerifyJournalAsync(new() { PoolId = "p1" }, AsAcme)).Valid);
    }

    // What the due index does when the hop has given up: the same again, under the same ids.
    private static async Task UntilAnswered<T>(Func<AsyncUnaryCall<T>> call)
    {
        for (var look = 0; look < 200; look++)
        {
            try
            {
                await call();
                return;
            }
            catch (RpcException lost) when (RpcFault.From(lost).ErrorReason == ErrorReason.DependencyUnavailable)
            {
                // Whether it took effect is unknown.
            }
        }

        Assert.Fail("It was not answered in 200 tries.");
    }
}

/// <summary>Lets every call take effect, and loses some answers.</summary>
internal sealed class LostAnswers(int percent) : Interceptor
{
    private readonly Random _chance = new(7);
    private readonly Lock _sync = new();

    public int Percent { get; set; } = percent;

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var answer = await continuation(request, context);
        bool lost;
        lock (_sync) lost = _chance.Next(100) < Percent;
        return lost ? throw new FaultDomain("credits").Refuse(ErrorReason.DependencyUnavailable, "The answer was lost.") : answer;
    }
}
