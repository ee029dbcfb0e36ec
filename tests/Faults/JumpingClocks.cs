using System.Diagnostics;
using System.Globalization;
using Pennypost.Credits.Tests.Service;
using Pennypost.Credits.V1;
using Pennypost.Types.V1;

namespace Faults;

/// <summary>X11: the installation's clock jumps while two instances work: by a second, over month ends, leap days and years. Every renewal is granted once, at its own time, and never above the cap.</summary>
public static class JumpingClocks
{
    private const int Callers = 8;
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);
    private static int _runs;

    public static Row Row { get; } = new("X11", "Clock jumps of 1 s to 400 days, to 23:59:59.999 at month ends, over leap days, while two instances work", 2_000, new() { CreditsAlone = true }, RunAsync);

    /// <summary>A contract, and its renewals by a calendar of our own.</summary>
    private sealed record Contract(string Pool, string PlanId, int Grant, int Cap, int Day, string Zone, bool IsBusy)
    {
        public CreatePoolRequest Opening => Day == 0
            ? new() { PoolId = Pool, PlanId = PlanId }
            : new() { PoolId = Pool, PlanId = PlanId, Renewal = new() { BillingAnchor = new() { Day = Day, TimeZone = Zone } } };

        public IEnumerable<DateTimeOffset> Renewals(DateTimeOffset after, DateTimeOffset until)
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(Zone);
            for (var month = new DateTime(after.Year, after.Month, 1).AddMonths(-1); ; month = month.AddMonths(1))
            {
                var midnight = month.AddDays(Math.Clamp(Day, 1, DateTime.DaysInMonth(month.Year, month.Month)) - 1);
                DateTimeOffset renewal = TimeZoneInfo.ConvertTimeToUtc(midnight, zone);
                if (renewal > until)
                    yield break;
                if (renewal > after)
                    yield return renewal;
            }
        }
    }

    private static async Task<Outcome> RunAsync(Installation installation, int jumps, CancellationToken ct)
    {
        var run = Interlocked.Increment(ref _runs);
        List<Contract> contracts = [];
        foreach (var busy in new[] { true, false })
        {
            var name = $"clock{run}-{(busy ? "busy" : "idle")}-";
            contracts.AddRange(
            [
                new(name + "navigator", "sales_navigator_core", 50, 150, 0, "UTC", busy), new(name + "lite", "recruiter_lite", 30, 120, 31, "America/New_York", busy),
                new(name + "career", "premium_career", 5, 15, 29, "UTC", busy), new(name + "business", "premium_business", 15, 45, 30, "Pacific/Kiritimati", busy),
            ]);
        }

        await using var store = installation.StoreOf("credits");
        var ledger = new LedgerCalls(installation) { Ahead = await store.ClockOffsetAsync(ct) };
        foreach (var contract in contracts)
            await ledger.OpenAsync(contract.Opening);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var busyPools = contracts.Where(contract => contract.IsBusy).Select(contract => contract.Pool).ToArray();
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(ledger, busyPools, caller, ending.Token), CancellationToken.None)).ToList();
        var (violations, recoveries, chance) = (new List<string>(), new List<TimeSpan>(), new Random(jumps));
        for (var jump = 0; jump < jumps && !ct.IsCancellationRequested; jump++)
        {
            await MoreAsync(ledger, 30);
            var by = Jump(jump, await store.NowAsync(ct), chance);
            var jumped = Stopwatch.GetTimestamp();
            await store.AdvanceClockAsync(by, ct);
            ledger.Ahead = await store.ClockOffsetAsync(ct);
            await MoreAsync(ledger, 30);
            recoveries.Add(Stopwatch.GetElapsedTime(jumped));
            foreach (var contract in contracts.Where(contract => contract.Day > 0))
            {
                // These have no refunds, which alone may lift a balance above its cap.
                var balance = (await installation.CreditsOf(jump % 2).GetPoolAsync(new() { PoolId = contract.Pool }, Installation.As(), DateTime.UtcNow.AddSeconds(10), ct)).Pool.Balance;
                if (balance.Available + balance.Held > contract.Cap)
                    violations.Add($"{contract.Pool} has {balance.Available} available and {balance.Held} held after a jump of {by}; its cap is {contract.Cap}");
            }
        }

        await ending.CancelAsync();
        await Task.WhenAll(callers).WaitAsync(_limit, ct);
        var renewals = 0;
        foreach (var contract in contracts)
            renewals += await CheckAsync(installation, ledger, contract, violations);
        var reached = await store.NowAsync(ct);
        return new Outcome
        {
            Faults = jumps,
            Acknowledged = ledger.History.Answered,
            Violations = violations,
            Recoveries = recoveries,
            Remark = string.Create(CultureInfo.InvariantCulture, $"{renewals} renewals, until {reached:yyyy-MM-dd}"),
        };
    }

    private static Task MoreAsync(LedgerCalls ledger, int more)
    {
        var from = ledger.History.Answered;
        return Eventually.TrueAsync(() => ledger.History.Answered >= from + more, _limit, $"{more} more calls are answered");
    }

    private static async Task CallAsync(LedgerCalls ledger, string[] pools, int caller, CancellationToken ct)
    {
        var chance = new Random(caller);
        for (var number = 0; !ct.IsCancellationRequested; number++)
        {
            var (pool, hold) = (pools[chance.Next(pools.Length)], $"h-{caller}-{number}");
            if (await ledger.AskUntilToldAsync(chance, pool, Asked.Place, hold, CancellationToken.None) is not { Version: > 0 })
            {
                await Task.Delay(5, CancellationToken.None);
                continue;
            }

            // Few are spent, so that balances meet their caps.
            var sent = chance.Next(100) < 10;
            await ledger.AskUntilToldAsync(chance, pool, sent ? Asked.Capture : Asked.Release, hold, CancellationToken.None);
            if (sent && pool.EndsWith("navigator", StringComparison.Ordinal) && chance.Next(3) == 0)
                await ledger.AskUntilToldAsync(chance, pool, Asked.Refund, hold, CancellationToken.None);
        }
    }

    /// <summary>How far to jump: each kind in its turn, then at random.</summary>
    private static TimeSpan Jump(int number, DateTimeOffset now, Random chance)
    {
        // A little before the last millisecond: the load goes on over it.
        TimeSpan JustBefore(DateTimeOffset moment) => moment - TimeSpan.FromMilliseconds(1 + chance.Next(40)) - now is var by && by > TimeSpan.Zero ? by : TimeSpan.FromSeconds(1);
        var month = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        var leap = Enumerable.Range(now.Year, 9).First(year => DateTime.IsLeapYear(year) && new DateTimeOffset(year, 2, 29, 0, 0, 0, TimeSpan.Zero) > now);
        // Times of the API end with the century.
        return now.Year >= 2085 ? TimeSpan.FromSeconds(1 + chance.Next(3_600)) : (number % 12) switch
        {
            0 => TimeSpan.FromSeconds(1),
            1 => JustBefore(month.AddMonths(1)),
            2 => TimeSpan.FromHours(1),
            3 => JustBefore(new DateTimeOffset(leap, 2, 29, 0, 0, 0, TimeSpan.Zero)),
            4 => JustBefore(new DateTimeOffset(now.Year, 3, 1, 0, 0, 0, TimeSpan.Zero)),
            5 => TimeSpan.FromDays(400),
            6 => TimeSpan.FromDays(1),
            7 => JustBefore(new DateTimeOffset(now.Year + 1, 1, 1, 0, 0, 0, TimeSpan.Zero)),
            8 => TimeSpan.FromDays(31),
            9 => TimeSpan.FromDays(90),
            10 => TimeSpan.FromSeconds(1 + chance.Next(7_200)),
            _ => TimeSpan.FromSeconds(1 + chance.NextInt64(400 * 86_400)),
        };
    }

    /// <summary>Holds a pool's journal against the calendar; how many renewals it has.</summary>
    private static async Task<int> CheckAsync(Installation installation, LedgerCalls ledger, Contract contract, List<string> violations)
    {
        // A command more, so that all that was due is written down, and not only told.
        var chance = new Random(1);
        await ledger.AskUntilToldAsync(chance, contract.Pool, Asked.Release, "last", CancellationToken.None);
        var (entries, findings) = await ledger.ProveAsync(contract.Pool);
        violations.AddRange(findings);
        violations.AddRange(LedgerChecks.Find(contract.Pool, [.. ledger.History.Calls.Where(call => call.Pool == contract.Pool && call.Id != "last")], entries));
        var (opened, until) = (entries[0].EntryTime.ToDateTimeOffset(), entries[^1].EntryTime.ToDateTimeOffset());
        var granted = entries.Where(entry => entry.Kind == EntryKind.Granted && entry.CauseId.Length == 0).ToList();
        var (told, calendar) = (granted.Select(entry => entry.EntryTime.ToDateTimeOffset()).ToList(), contract.Renewals(opened, until).ToList());
        foreach (var twice in told.GroupBy(time => time).Where(same => same.Count() > 1))
            violations.Add($"{contract.Pool} was granted {twice.Count()} times for {twice.Key:O}");
        violations.AddRange(calendar.Except(told).Select(time => $"{contract.Pool} was not granted for {time:O}"));
        violations.AddRange(told.Except(calendar).Select(time => $"{contract.Pool} was granted for {time:O}, which is no renewal"));
        violations.AddRange(granted.Where(entry => entry.Credits != contract.Grant).Select(entry => $"{contract.Pool} was granted {entry.Credits} for {entry.EntryTime}"));
        for (var index = 1; index < entries.Count; index++)
        {
            if (entries[index].EntryTime.ToDateTimeOffset() < entries[index - 1].EntryTime.ToDateTimeOffset())
                violations.Add($"{contract.Pool}: entry {index + 1} is older than the one before it");
            if (!granted.Contains(entries[index]))
                continue;
            // What the grant brings above the cap is forfeited with it; a balance that refunds had lifted stays as it was.
            var before = entries[index - 1].Available + entries[index - 1].Held;
            var last = index + 1 < entries.Count && entries[index + 1] is { Kind: EntryKind.Forfeited, CauseId: "" } ? entries[index + 1] : entries[index];
            if (last.Available + last.Held > Math.Max(contract.Cap, before))
                violations.Add($"{contract.Pool} had {last.Available} available and {last.Held} held after the renewal of {entries[index].EntryTime}; its cap is {contract.Cap}");
        }

        if (contract is { IsBusy: false, Day: 0 })
        {
            var (model, pool) = (new NaiveCredits(opened), (await installation.CreditsOf().GetPoolAsync(new() { PoolId = contract.Pool }, Installation.As(), DateTime.UtcNow.AddSeconds(10))).Pool);
            model.Pass(until);
            if ((model.Free, model.Expired, model.Forfeited) != ((int)pool.Balance.Available, (int)pool.Balance.Expired, (int)pool.Balance.Forfeited))
                violations.Add($"{contract.Pool} has {pool.Balance}; the naive model {model.Free} free, {model.Expired} expired, {model.Forfeited} forfeited");
        }

        return told.Count;
    }
}
