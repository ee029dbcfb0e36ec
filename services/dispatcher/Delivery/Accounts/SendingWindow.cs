using System.Collections.Immutable;

namespace Pennypost.Delivery.Accounts;

/// <summary>When an account may send, in its own time zone.</summary>
/// <param name="TimeZone">IANA name; empty for UTC. Checked where it enters.</param>
/// <param name="Days">1 = Monday to 7 = Sunday; empty for all.</param>
/// <param name="FromMinute">First minute of the day, 0 to 1,439.</param>
/// <param name="ToMinute">First minute after it, 1 to 1,440, more than <paramref name="FromMinute"/>; both 0 for the whole day.</param>
public sealed record SendingWindow(string TimeZone, ImmutableArray<int> Days, int FromMinute, int ToMinute)
{
    /// <summary>Always.</summary>
    public static SendingWindow Always { get; } = new("", [], 0, 0);

    /// <summary>The time itself if the window is open then, else when it next opens. A start that daylight saving skips is an hour later that day.</summary>
    public DateTimeOffset NextOpen(DateTimeOffset at)
    {
        if (Days.IsEmpty && WholeDay)
            return at;
        var zone = Zone();
        var local = TimeZoneInfo.ConvertTime(at, zone);
        if (IsOpen(local.DateTime))
            return at;
        // A week and a day from any time holds every weekday's start once.
        for (var day = 0; day <= 8; day++)
        {
            var date = local.Date.AddDays(day);
            var start = ToUtc(date.AddMinutes(FromMinute), zone);
            if (start > at && IsDay(date))
                return start;
        }

        return at;
    }

    private bool WholeDay => FromMinute == 0 && ToMinute is 0 or 1440;

    private bool IsOpen(DateTime local)
    {
        var minute = local.TimeOfDay.TotalMinutes;
        return IsDay(local.Date) && (WholeDay || (minute >= FromMinute && minute < ToMinute));
    }

    private bool IsDay(DateTime date) => Days.IsEmpty || Days.Contains(date.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)date.DayOfWeek);

    // Time zones are the operating system's data: the same question has the same answer.
    private TimeZoneInfo Zone() => TimeZone.Length == 0 ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(TimeZone);

    private static DateTimeOffset ToUtc(DateTime local, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(local))
            local = local.AddHours(1);
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }

    /// <inheritdoc/>
    public bool Equals(SendingWindow? other) =>
        other is not null && (TimeZone, FromMinute, ToMinute) == (other.TimeZone, other.FromMinute, other.ToMinute) && Days.SequenceEqual(other.Days);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(TimeZone, FromMinute, ToMinute, Days.Length);
}
