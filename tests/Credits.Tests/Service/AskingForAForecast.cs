using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Types.V1;
using static Pennypost.Credits.Tests.Service.CreditsApp;

namespace Pennypost.Credits.Tests.Service;

/// <summary>F74, F75: looking ahead, over the wire.</summary>
public sealed class AskingForAForecast
{
    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task What_is_forecast_without_sends_comes_true(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await app.OpenAsync(balance: 130);
        await app.Place("h1");
        var before = await app.PoolAsync();
        var forecast = await app.Client.ForecastAsync(new ForecastRequest { PoolId = "p1", Days = 120 }, As());
        Assert.Equal((before, before.Version), (await app.PoolAsync(), forecast.PoolVersion));
        Assert.Equal((120, null), (forecast.Projection.Days.Count, forecast.WhatIf));
        Assert.Equal(forecast.AsOfTime.ToDateTime().ToString("yyyy-MM-dd"), forecast.Projection.Days[0].Date);
        foreach (var day in forecast.Projection.Days.Where((_, index) => index % 17 == 16))
        {
            var end = DateTime.Parse(day.Date, null, System.Globalization.DateTimeStyles.AssumeUniversal | System.Globalization.DateTimeStyles.AdjustToUniversal).AddHours(23.5);
            await app.AdvanceAsync(end - await app.NowAsync());
            Assert.Equal((day.Date, (await app.PoolAsync()).Balance.Available), (day.Date, day.Available.Expected));
        }

        var balance = (await app.PoolAsync()).Balance;
        Assert.True(balance is { Forfeited: > 0, Expired: > 0 });
        var until = forecast.Projection.Days.Take(119).ToList();
        Assert.Equal((balance.Forfeited, balance.Expired), (until.Sum(day => day.Forfeited), until.Sum(day => day.Expired)));
        Assert.Equal(balance.Granted - before.Balance.Granted, until.Sum(day => day.Granted));
        Assert.Equal(forecast.Projection.Days.Sum(day => day.Granted), forecast.Projection.Renewals.Sum(renewal => renewal.Granted));
    }

    [Fact]
    public async Task Says_when_credits_run_out_what_comes_back_and_what_a_top_up_and_another_plan_would_do()
    {
        await using var app = await StartAsync();
        await app.OpenAsync(plan: "recruiter_lite");
        var request = new ForecastRequest
        {
            PoolId = "p1",
            Days = 40,
            SendsPerDay = 3,
            Sent = 200,
            Replied = 30,
            UnansweredSends = { new UnansweredSends { SendTime = Timestamp.FromDateTimeOffset((await app.NowAsync()).AddDays(-1)), Credits = 5 } },
            WhatIf = new WhatIf { TopUps = { new PlannedTopUp { Credits = 10 } } },
        };
        var forecast = await app.Client.ForecastAsync(request, As());

        // Beta(2 + 30, 18 + 170).
        Assert.Equal(32 / 220.0, forecast.ReplyRate.Expected, 1e-12);
        Assert.Equal((0.108, 0.186), (Math.Round(forecast.ReplyRate.Low, 3), Math.Round(forecast.ReplyRate.High, 3)));
        var (plain, other) = (forecast.Projection, forecast.WhatIf);
        Assert.NotEqual("", plain.RunOut.ExpectedDate);
        Assert.True(string.CompareOrdinal(plain.RunOut.EarliestDate, plain.RunOut.ExpectedDate) <= 0 && string.CompareOrdinal(plain.RunOut.ExpectedDate, plain.RunOut.LatestDate) <= 0);
        Assert.True(plain.Refunds.Low < plain.Refunds.Expected && plain.Refunds.Expected < plain.Refunds.High);
        Assert.Equal(plain.Days.Count(day => day.Granted > 0), plain.Renewals.Count);
        Assert.Equal(10, other.Days[0].Available.Expected - plain.Days[0].Available.Expected);
        Assert.Equal(other.Days.Select((day, index) => day.Available.Expected - plain.Days[index].Available.Expected), forecast.Difference.Available);
        Assert.Equal((other.Sent.Expected - plain.Sent.Expected, other.Unsent.Expected - plain.Unsent.Expected), (forecast.Difference.Sent, forecast.Difference.Unsent));
        Assert.True(forecast.Difference is { Sent: >= 10, Unsent: < 0, Refunds: > 0, HasRunOutDays: true, RunOutDays: >= 3 });

        request.WhatIf = new WhatIf { PlanId = "recruiter_corporate" };
        var corporate = await app.Client.ForecastAsync(request, As());
        Assert.Equal(150, corporate.WhatIf.Renewals[0].Granted);
        Assert.Equal(30, corporate.Projection.Renewals[0].Granted);
        Assert.False(corporate.Difference.HasRunOutDays && corporate.Difference.RunOutDays < 0);
    }

    [Fact]
    public async Task Refuses_what_the_pool_could_not_do()
    {
        await using var app = await StartAsync();
        await app.OpenAsync();
        await app.OpenAsync("theirs", tenant: "other");
        await RefusedAsync(app.Client.ForecastAsync(new ForecastRequest { PoolId = "theirs", Days = 1 }, As()), "POOL_NOT_FOUND", StatusCode.NotFound);
        var fault = await RefusedAsync(
            app.Client.ForecastAsync(new ForecastRequest { PoolId = "p1", Days = 1, WhatIf = new WhatIf { TopUps = { new PlannedTopUp { Credits = 1 } } } }, As()), "TOP_UP_NOT_ALLOWED", StatusCode.FailedPrecondition);
        Assert.Equal("sales_navigator_core", fault.Metadata["plan_id"]);
        fault = await RefusedAsync(
            app.Client.ForecastAsync(new ForecastRequest { PoolId = "p1", Days = 1, WhatIf = new WhatIf { PlanId = "recruiter_lite" } }, As()), "PRODUCT_DIFFERS", StatusCode.FailedPrecondition);
        Assert.Equal("recruiter_lite", fault.Metadata["plan_id"]);
    }

    [Fact]
    public async Task Names_every_violation_at_once()
    {
        await using var app = await StartAsync();
        await app.OpenAsync();
        var now = await app.NowAsync();
        var (ahead, past) = (Timestamp.FromDateTimeOffset(now.AddHours(1)), Timestamp.FromDateTimeOffset(now.AddHours(-1)));
        await InvalidAsync(
            new ForecastRequest
            {
                PoolId = "ä",
                Days = 367,
                SendsPerDay = double.NaN,
                Sent = -1,
                Replied = 1,
                Prior = new ReplyPrior { Alpha = 0, Beta = double.PositiveInfinity },
                ReplyHalfLife = new Duration { Seconds = 3_599 },
                UnansweredSends = { new UnansweredSends { Credits = 1 }, new UnansweredSends { SendTime = ahead } },
                WhatIf = new WhatIf { TopUps = { new PlannedTopUp { Credits = 0, BuyTime = past }, new PlannedTopUp { Credits = 10_001 } }, PlanId = "gold" },
                MinVersion = -1,
            },
            "pool_id", "days", "sends_per_day", "sent", "replied", "prior.alpha", "prior.beta", "reply_half_life", "unanswered_sends[0].send_time", "unanswered_sends[1].send_time", "unanswered_sends[1].credits",
            "min_version", "what_if.top_ups[0].credits", "what_if.top_ups[0].buy_time", "what_if.top_ups[1].credits", "what_if.plan_id");
        await InvalidAsync(new ForecastRequest { PoolId = "p1", SendsPerDay = 1_000.1, Sent = 2, Replied = 3, WhatIf = new WhatIf() }, "days", "sends_per_day", "replied", "what_if");
        await InvalidAsync(
            new ForecastRequest
            {
                PoolId = "p1",
                Days = 366,
                ReplyHalfLife = new Duration { Seconds = long.MaxValue },
                UnansweredSends = { Enumerable.Range(0, 401).Select(_ => new UnansweredSends { SendTime = past, Credits = 1 }) },
                WhatIf = new WhatIf { TopUps = { Enumerable.Range(0, 13).Select(_ => new PlannedTopUp { Credits = 1, BuyTime = Timestamp.FromDateTimeOffset(now.AddDays(366.1)) }) } },
            },
            ["reply_half_life", "unanswered_sends", "what_if.top_ups", .. Enumerable.Range(0, 12).Select(index => $"what_if.top_ups[{index}].buy_time")]);

        async Task InvalidAsync(ForecastRequest request, params string[] fields)
        {
            var fault = await RefusedAsync(app.Client.ForecastAsync(request, As()), "INVALID_REQUEST", StatusCode.InvalidArgument);
            Assert.Equal(fields, fault.Violations.Select(violation => violation.Field));
        }
    }
}
