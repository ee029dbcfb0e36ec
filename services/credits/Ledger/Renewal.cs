namespace Pennypost.Ledger;

/// <summary>When a pool's credits renew. The sources disagree (1st of the month for all; the billing month; by product), so it is a value of each pool.</summary>
public abstract record Renewal
{
    private Renewal() { }

    /// <summary>The first renewal strictly after <paramref name="instant"/>; null when there is none.</summary>
    public abstract DateTimeOffset? NextAfter(DateTimeOffset instant);

    /// <summary>The pool is granted nothing.</summary>
    public sealed record Never : Renewal
    {
        /// <inheritdoc/>
        public override DateTimeOffset? NextAfter(DateTimeOffset instant) => null;
    }

    /// <summary>00:00 UTC on the first of each month.</summary>
    public sealed record CalendarMonth : Renewal
    {
        /// <inheritdoc/>
        public override DateTimeOffset? NextAfter(DateTimeOffset instant)
        {
            var utc = instant.UtcDateTime;
            return new DateTimeOffset(utc.Year, utc.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
        }
    }

    /// <summary>Midnight in <paramref name="Zone"/> on the day of the billing cycle.</summary>
    /// <param name="Day">1 to 31. A month that is shorter renews on its last day; the next one goes back to the day itself.</param>
    /// <param name="Zone">The rules of the contract's time zone, as data.</param>
    public sealed record BillingAnchor(int Day, TimeZoneInfo Zone) : Renewal
    {
        /// <inheritdoc/>
        public override DateTimeOffset? NextAfter(DateTimeOffset instant)
        {
            var month = TimeZoneInfo.ConvertTime(instant, Zone).DateTime;
            var first = new DateTime(month.Year, month.Month, 1, 0, 0, 0, DateTimeKind.Unspecified);
            var thisMonth = MidnightOf(first);
            return thisMonth > instant ? thisMonth : MidnightOf(first.AddMonths(1));
        }

        private DateTimeOffset MidnightOf(DateTime firstOfMonth)
        {
            var day = Math.Min(Day, DateTime.DaysInMonth(firstOfMonth.Year, firstOfMonth.Month));
            var midnight = firstOfMonth.AddDays(day - 1);
            TimeSpan offset;
            if (Zone.IsInvalidTime(midnight))
            {
                // The clocks spring over midnight: the day begins when they do, which the offset before the change says.
                offset = Zone.GetUtcOffset(midnight.AddHours(-3));
            }
            else if (Zone.IsAmbiguousTime(midnight))
            {
                // Midnight comes twice: the day begins with the first.
                offset = Zone.GetAmbiguousTimeOffsets(midnight).Max();
            }
            else
            {
                offset = Zone.GetUtcOffset(midnight);
            }

            return new DateTimeOffset(midnight, offset).ToUniversalTime();
        }
    }
}
