using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Types.V1;
using static Pennypost.Credits.Tests.Service.CreditsApp;

namespace Pennypost.Credits.Tests.Service;

/// <summary>F13: GetPool as of any past time, over the wire, on each store.</summary>
public sealed class AskingForAPastPool
{
    [Theory]
    [InlineData(Keeping.Memory, 1)]
    [InlineData(Keeping.Memory, 2)]
    [InlineData(Keeping.Redis, 3)]
    public async Task F13_Is_answered_as_it_was_answered_then(Keeping keeping, int seed)
    {
        await using var app = await StartAsync(keeping);
        await app.OpenAsync(plan: "recruiter_lite");
        var random = new Random(seed);
        var remembered = new List<(DateTimeOffset Time, Pool Pool)>();
        for (var step = 0; step < 60; step++)
        {
            await SomethingAsync(app, random, step);
            var time = await app.NowAsync();
            remembered.Add((time, await app.PoolAsync()));
            // Odd pauses, so that nothing falls due between the time and the answer.
            await app.AdvanceAsync(TimeSpan.FromSeconds(random.Next(3, 60)) + (random.Next(3) == 0 ? TimeSpan.FromHours(random.Next(1, 700)) : TimeSpan.Zero));
        }

        var now = await app.PoolAsync();
        foreach (var (time, pool) in remembered)
        {
            var past = await PastAsync(app, time);
            Assert.True(past.Version >= now.Version, "The version is not that of the pool as it is.");
            past.Version = pool.Version;
            Assert.Equal(pool, past);
        }

        Assert.True(now.Balance is { Spent: > 5, Expired: > 0, Refunded: > 0, ToppedUp: > 0 }, $"The sequence was too tame to show anything: {now.Balance}");
        await app.VerifyAsync();
    }

    [Fact]
    public async Task F13_What_was_due_but_never_booked_is_in_it()
    {
        await using var app = await StartAsync();
        var created = await app.OpenAsync();
        await app.AdvanceAsync(TimeSpan.FromDays(200));
        var time = created.CreateTime.ToDateTimeOffset().AddDays(100);
        var past = await PastAsync(app, time);
        var renewals = ((time.Year - created.CreateTime.ToDateTime().Year) * 12) + time.Month - created.CreateTime.ToDateTime().Month;
        Assert.Equal((50L * (1 + renewals), created.CreateTime), (past.Balance.Granted, past.CreateTime));
        Assert.True(past.Balance.Expired is 50 or 100, $"{past.Balance.Expired} expired within 100 days");
        Assert.True(past.RenewTime.ToDateTimeOffset() > time);

        await app.Place("books-all-that-was-due");
        var again = await PastAsync(app, time);
        again.Version = past.Version;
        Assert.Equal(past, again);
    }

    [Fact]
    public async Task Before_it_was_created_there_is_no_pool_and_the_answer_says_since_when()
    {
        await using var app = await StartAsync();
        var created = await app.OpenAsync();
        var before = Timestamp.FromDateTimeOffset(created.CreateTime.ToDateTimeOffset().AddMilliseconds(-1));
        var fault = await RefusedAsync(app.Client.GetPoolAsync(new GetPoolRequest { PoolId = "p1", AsOfTime = before }, As()), "POOL_NOT_YET_CREATED", StatusCode.NotFound);
        Assert.Equal(created.CreateTime.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ"), fault.Metadata["create_time"]);
        Assert.Equal(50, (await PastAsync(app, created.CreateTime.ToDateTimeOffset())).Balance.Available);
        await RefusedAsync(app.Client.GetPoolAsync(new GetPoolRequest { PoolId = "p2", AsOfTime = before }, As()), "POOL_NOT_FOUND", StatusCode.NotFound);
        await RefusedAsync(app.Client.GetPoolAsync(new GetPoolRequest { PoolId = "p1", AsOfTime = before }, As("other")), "POOL_NOT_FOUND", StatusCode.NotFound);
    }

    private static async Task<Pool> PastAsync(CreditsApp app, DateTimeOffset time) =>
        (await app.Client.GetPoolAsync(new GetPoolRequest { PoolId = "p1", AsOfTime = Timestamp.FromDateTimeOffset(time) }, As())).Pool;

    /// <summary>A random command; some are refused, which is part of it.</summary>
    private static async Task SomethingAsync(CreditsApp app, Random random, int step)
    {
        var id = $"h{random.Next(12)}";
        try
        {
            await (random.Next(9) switch
            {
                < 3 => app.Client.PlaceHoldAsync(
                    new PlaceHoldRequest { PoolId = "p1", HoldId = $"h{step % 12}", AccountId = "acc", Ttl = random.Next(3) == 0 ? Duration.FromTimeSpan(TimeSpan.FromDays(2)) : null }, As()).ResponseAsync,
                < 5 => app.CaptureAsync(id),
                5 => app.Client.ReleaseHoldAsync(new ReleaseHoldRequest { PoolId = "p1", HoldId = id }, As()).ResponseAsync,
                6 => (Task)app.RefundAsync(id),
                7 => app.Client.TopUpAsync(new TopUpRequest { PoolId = "p1", TopUpId = $"t{step}", Credits = random.Next(1, 5), UnitCostMicros = 9_000_000, Currency = "EUR" }, As()).ResponseAsync,
                _ => app.Client.ReconcilePoolAsync(
                    new ReconcilePoolRequest { PoolId = "p1", ReconcileId = $"r{step}", ObservedAvailable = random.Next(25, 40), ObserveTime = Timestamp.FromDateTimeOffset(await app.NowAsync()) }, As()).ResponseAsync,
            });
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.NotFound or StatusCode.AlreadyExists or StatusCode.FailedPrecondition)
        {
            // Refused: nothing changed but the refusal's own line.
        }
    }
}
