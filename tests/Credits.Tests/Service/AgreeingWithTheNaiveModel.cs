using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using static Pennypost.Credits.Tests.Service.CreditsApp;

namespace Pennypost.Credits.Tests.Service;

/// <summary>F5, F6, F52: the service over the wire and an independent model give the same answers and balances over months of random commands, on every store.</summary>
public sealed class AgreeingWithTheNaiveModel
{
    [Theory]
    [InlineData(Keeping.Memory, 1)]
    [InlineData(Keeping.Memory, 2)]
    [InlineData(Keeping.Memory, 3)]
    [InlineData(Keeping.Redis, 4)]
    [InlineData(Keeping.Memory, 4)]
    [InlineData(Keeping.File, 4)]
    [InlineData(Keeping.RedisCluster, 4)]
    public async Task Step_by_step(Keeping keeping, int seed)
    {
        await using var app = await StartAsync(keeping);
        await AgreeAsync([app], seed, steps: 400);
    }

    /// <summary>Each command to either of two instances, which both write the pool.</summary>
    [Theory]
    [InlineData(Keeping.File, 6)]
    [InlineData(Keeping.Redis, 6)]
    [InlineData(Keeping.RedisCluster, 6)]
    public async Task Step_by_step_through_two_instances(Keeping keeping, int seed)
    {
        var shared = NewPrefix();
        await using var first = await StartAsync(keeping, shared);
        await using var second = await StartAsync(keeping, shared);
        await AgreeAsync([first, second], seed, steps: 200);
    }

    private static async Task AgreeAsync(CreditsApp[] apps, int seed, int steps)
    {
        var app = apps[0];
        var created = await app.OpenAsync();
        var random = new Random(seed);
        var model = new NaiveCredits(created.CreateTime.ToDateTimeOffset());
        var ids = 0;
        for (var step = 0; step < steps; step++)
        {
            // Odd pauses: no command falls on the very moment of a renewal or an expiry, where the model's clock could differ from the service's.
            if (random.Next(4) == 0) await app.AdvanceAsync(TimeSpan.FromHours(random.Next(1, random.Next(4) == 0 ? 400 : 40)) + TimeSpan.FromSeconds(random.Next(1, 3_000)));
            if (random.Next(3) == 0) ids++;
            var id = $"h{random.Next(Math.Max(0, ids - 12), ids + 1)}";
            var account = random.Next(12) == 0 ? "other" : "acc";
            var now = await app.NowAsync();
            var back = now.AddHours(-random.Next(0, 24 * 120));
            var kind = random.Next(10);
            app = apps[step % apps.Length];
            var (expected, actual) = kind switch
            {
                < 4 => (model.Place(id, account, now), await Told(async () => { await app.Place(id, account: account); return "placed"; })),
                < 6 => (model.Capture(id, back, now), await Told(async () => { await app.CaptureAsync(id, back); return "captured"; })),
                < 7 => (model.Release(id, now), await Told(async () => { await app.Client.ReleaseHoldAsync(new ReleaseHoldRequest { PoolId = "p1", HoldId = id }, As()); return "released"; })),
                < 9 => (model.Refund(id, back, now), await Told(async () => (await app.RefundAsync(id, back)).Result.ToString())),
                _ => (await SpendMany(app, model, step, now), "spent"),
            };
            Assert.True(expected == actual, $"seed {seed}, step {step}, {id}: the model says {expected}, the service {actual}");
            var balance = (await app.PoolAsync()).Balance;
            model.Pass(await app.NowAsync());
            Assert.Equal(
                (step, model.Free, model.Held, model.Spent, model.Expired, model.Forfeited, model.Refunded),
                (step, (int)balance.Available, (int)balance.Held, (int)balance.Spent, (int)balance.Expired, (int)balance.Forfeited, (int)balance.Refunded));
        }

        Assert.True(model is { Spent: > 20, Refunded: > 5, Expired: > 0 }, "The sequence was too tame to show anything.");
        await app.VerifyAsync();
    }

    // Now and then a burst, so that the pool runs dry.
    private static async Task<string> SpendMany(CreditsApp app, NaiveCredits model, int step, DateTimeOffset now)
    {
        for (var i = 0; i < 12; i++)
        {
            var id = $"burst{step}_{i}";
            if (model.Place(id, "acc", now) != await Told(async () => { await app.Place(id); return "placed"; })) return $"burst {i} differs at the hold";
            if (model.Capture(id, now, now) != await Told(async () => { await app.CaptureAsync(id, now); return "captured"; })) return $"burst {i} differs at the capture";
        }

        return "spent";
    }

    private static async Task<string> Told(Func<Task<string>> call)
    {
        try
        {
            return await call();
        }
        catch (RpcException exception)
        {
            return RpcFault.From(exception).Reason;
        }
    }
}
