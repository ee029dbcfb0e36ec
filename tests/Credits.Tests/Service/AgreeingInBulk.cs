using Pennypost.Credits.V1;
using static Pennypost.Credits.Tests.Service.BulkStream;
using static Pennypost.Credits.Tests.Service.CreditsApp;

namespace Pennypost.Credits.Tests.Service;

/// <summary>F5, F6, F52: a stream of commands and the independent model give the same answers and balances over months, as single calls do.</summary>
public sealed class AgreeingInBulk
{
    [Theory]
    [InlineData(Keeping.Memory, 11)]
    [InlineData(Keeping.Memory, 12)]
    [InlineData(Keeping.Redis, 13)]
    public async Task Message_by_message(Keeping keeping, int seed)
    {
        await using var app = await StartAsync(keeping);
        var model = new NaiveCredits((await app.OpenAsync()).CreateTime.ToDateTimeOffset());
        var random = new Random(seed);
        var (expected, ids) = (new List<string>(), 0);
        using var bulk = new BulkStream(app, As().WithDeadline(DateTime.UtcNow.AddMinutes(2)));
        for (var message = 0; message < 60; message++)
        {
            // Odd pauses: no command falls on the very moment of a renewal or an expiry, where the model's clock could differ from the service's.
            await app.AdvanceAsync(TimeSpan.FromHours(random.Next(1, random.Next(3) == 0 ? 500 : 60)) + TimeSpan.FromSeconds(random.Next(1, 3_000)));
            var now = await app.NowAsync();
            var commands = new List<TransactCommand>();
            for (var i = random.Next(1, 60); i > 0; i--)
            {
                if (random.Next(2) == 0) ids++;
                var id = $"h{random.Next(Math.Max(0, ids - 12), ids + 1)}";
                var account = random.Next(12) == 0 ? "other" : "acc";
                var back = now.AddHours(-random.Next(0, 24 * 120));
                var (command, told) = random.Next(10) switch
                {
                    < 4 => (Place(id, account: account), model.Place(id, account, now)),
                    < 6 => (Capture(id, back), model.Capture(id, back, now)),
                    < 7 => (Release(id), model.Release(id, now)),
                    _ => (Refund(id, back), model.Refund(id, back, now)),
                };
                commands.Add(command);
                expected.Add(told);
            }

            await bulk.SendAsync(commands);
            await bulk.AnsweredAsync(expected.Count);
            var balance = (await app.PoolAsync()).Balance;
            model.Pass(await app.NowAsync());
            Assert.Equal(
                (message, model.Free, model.Held, model.Spent, model.Expired, model.Forfeited, model.Refunded),
                (message, (int)balance.Available, (int)balance.Held, (int)balance.Spent, (int)balance.Expired, (int)balance.Forfeited, (int)balance.Refunded));
        }

        var answers = await bulk.CompleteAsync();
        Assert.Equal(expected, answers.Select(Told));
        Assert.True(model is { Spent: > 100, Refunded: > 20, Expired: > 0 }, "The sequence was too tame to show anything.");
        await app.VerifyAsync();
    }
}
