using System.Globalization;
using Pennypost.Ledger;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Credits;

/// <summary>A forecast as callers see it.</summary>
internal static class ForecastWire
{
    public static Shown.Projection Projection(Forecast.Ahead ahead)
    {
        var wire = new Shown.Projection
        {
            RunOut = ahead.RunsOut is { Low: null } ? null : new Shown.RunOut { EarliestDate = Date(ahead.RunsOut.Low), ExpectedDate = Date(ahead.RunsOut.Expected), LatestDate = Date(ahead.RunsOut.High) },
            Refunds = Estimate(ahead.Replies),
            Sent = Estimate(ahead.Sent),
            Unsent = Estimate(ahead.Unsent),
            Forfeited = Estimate(ahead.Forfeited),
            Expired = Estimate(ahead.Expired),
        };
        wire.Days.AddRange(ahead.Days.Select(day => new Shown.ProjectedDay
        {
            Date = Date(day.Date),
            Available = Estimate(day.Available),
            Granted = day.Granted,
            Sent = day.Sent,
            Refunded = day.Refunded,
            Forfeited = day.Forfeited,
            Expired = day.Expired,
        }));
        wire.Renewals.AddRange(ahead.Renewals.Select(renewal => new Shown.ProjectedRenewal
        {
            RenewTime = Wire.Time(renewal.At),
            Granted = renewal.Granted,
            Forfeited = Estimate(renewal.Forfeited),
        }));
        return wire;
    }

    /// <summary>What would be gained, at the expected reply rate: the what-if less the course of things.</summary>
    public static Shown.ForecastDifference Difference(Forecast.Ahead plain, Forecast.Ahead whatIf)
    {
        var wire = new Shown.ForecastDifference
        {
            Sent = whatIf.Sent.Expected - plain.Sent.Expected,
            Unsent = whatIf.Unsent.Expected - plain.Unsent.Expected,
            Refunds = whatIf.Replies.Expected - plain.Replies.Expected,
            Forfeited = whatIf.Forfeited.Expected - plain.Forfeited.Expected,
            Expired = whatIf.Expired.Expected - plain.Expired.Expected,
        };
        wire.Available.AddRange(whatIf.Days.Zip(plain.Days, (with, without) => with.Available.Expected - without.Available.Expected));
        if (whatIf.RunsOut.Expected is { } later && plain.RunsOut.Expected is { } date) wire.RunOutDays = later.DayNumber - date.DayNumber;
        return wire;
    }

    public static Shown.NumberEstimate Rate(ReplyRate rate) =>
        Estimate(new Estimate<double>(rate.Quantile(Forecasting.LowerTail), rate.Mean, rate.Quantile(1 - Forecasting.LowerTail)));

    private static Shown.NumberEstimate Estimate(Estimate<double> estimate) => new() { Low = estimate.Low, Expected = estimate.Expected, High = estimate.High };

    private static Shown.CreditsEstimate Estimate(Estimate<long> estimate) => new() { Low = estimate.Low, Expected = estimate.Expected, High = estimate.High };

    private static string Date(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";
}
