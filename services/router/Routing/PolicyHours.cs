namespace Pennypost.Routing;

/// <summary>The days and hours in which a policy sends, in a time zone of its own.</summary>
public sealed record PolicyHours
{
    /// <summary>IANA name; empty for UTC. Time zones are the operating system's data: the same question has the same answer.</summary>
    public string TimeZone { get; init; } = "";

    /// <summary>1 = Monday to 7 = Sunday; empty for all.</summary>
    public IReadOnlyList<int> Days { get; init; } = [];

    /// <summary>First minute of the day, 0 to 1,439.</summary>
    public int FromMinute { get; init; }

    /// <summary>First minute after it, 1 to 1,440, more than <see cref="FromMinute"/>; both 0 for the whole day.</summary>
    public int ToMinute { get; init; }

    /// <summary>Null if it sends at this time, else when it next may. A start that daylight saving skips is an hour later that day.</summary>
    public DateTimeOffset? NextOpening(DateTimeOffset at)
    {
        var zone = TimeZone.Length == 0 ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(TimeZone);
        var local = TimeZoneInfo.ConvertTime(at, zone).DateTime;
        if (IsOpen(local))
            return null;

        // A week and a day from any time holds every weekday's start once; another, because daylight saving may skip all of one day's hours.
        for (var day = 0; day <= 15; day++)
        {
            var date = local.Date.AddDays(day);
            if (IsDay(date) && ToUtc(date.AddMinutes(FromMinute), zone) is var start && start > at)
                return start;
        }

        return null;
    }

    private bool IsOpen(DateTime local)
    {
        var minute = local.TimeOfDay.TotalMinutes;
        return IsDay(local.Date) && minute >= FromMinute && minute < (ToMinute == 0 ? 1_440 : ToMinute);
    }

    private bool IsDay(DateTime date) => Days.Count == 0 || Days.Contains(date.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)date.DayOfWeek);

    private static DateTimeOffset ToUtc(DateTime local, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(local))
            local = local.AddHours(1);
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
