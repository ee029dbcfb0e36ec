using Google.Protobuf.WellKnownTypes;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Ledger;
using Plan = Pennypost.Ledger.Plan;

namespace Pennypost.Credits;

/// <summary>
/// Reads each request and says everything that is wrong with it at once. Pure: <c>now</c> comes in, for times that must lie in the future or must not.
/// What is returned counts only if nothing was found.
/// </summary>
internal static class Requests
{
    private const long MaxTopUp = 10_000;
    private const long MaxFloor = 10_000;
    private const long MaxUnknownSends = 10_000;
    private const long MaxUnitCostMicros = 1_000_000_000;
    private static readonly TimeSpan ShortestTtl = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTtl = TimeSpan.FromDays(30);
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public static (Plan Plan, Opening Opening) Parse(CreatePoolRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        var plan = PlanCatalog.Find(request.PlanId);
        if (plan is null)
            violations.Add("plan_id", $"must be a plan of the catalogue: {string.Join(", ", PlanCatalog.Plans.Select(known => known.Id))}");
        var renewal = RenewalOf(request.Renewal, plan, violations);
        if (request.HasOpeningBalance) violations.Range("opening_balance", request.OpeningBalance, 0, Pool.MaxBalance);
        return (plan!, new Opening(request.PlanId, PlanCatalog.Version, renewal, request.HasOpeningBalance ? request.OpeningBalance : null));
    }

    public static TopUpContent Parse(TopUpRequest request, DateTimeOffset now, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Id("top_up_id", request.TopUpId);
        violations.Range("credits", request.Credits, 1, MaxTopUp);
        violations.Range("unit_cost_micros", request.UnitCostMicros, 0, MaxUnitCostMicros);
        if (request.Currency.Length > 0 && (request.Currency.Length != 3 || !request.Currency.All(char.IsAsciiLetterUpper)))
            violations.Add("currency", "must be three capital letters (ISO 4217)");
        else if (request.Currency.Length == 0 && request.UnitCostMicros != 0)
            violations.Add("currency", "is required where unit_cost_micros is not 0");
        var expires = request.ExpireTime is null ? null : TimeOf("expire_time", request.ExpireTime, violations);
        if (expires <= now) violations.Add("expire_time", "must lie in the future");
        return new TopUpContent(request.Credits, request.UnitCostMicros, request.Currency, expires);
    }

    public static HoldContent Parse(PlaceHoldRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Id("hold_id", request.HoldId, Ids.MaxHoldLength);
        violations.Id("account_id", request.AccountId);
        TimeSpan? ttl = null;
        if (request.Ttl is { } duration)
        {
            if (Math.Abs(duration.Seconds) > LongestTtl.TotalSeconds || duration.ToTimeSpan() is var span && (span < ShortestTtl || span > LongestTtl))
                violations.Add("ttl", "must be 1 s to 30 days");
            else
                ttl = TimeSpan.FromMilliseconds(Math.Floor(duration.ToTimeSpan().TotalMilliseconds));
        }

        violations.Range("floor", request.Floor, 0, MaxFloor);
        Version("min_version", request.MinVersion, violations);
        return new HoldContent(request.AccountId, ttl, request.Floor);
    }

    public static DateTimeOffset Parse(CaptureHoldRequest request, DateTimeOffset now, Violations violations)
    {
        HoldOf(request.PoolId, request.HoldId, violations);
        Version("min_version", request.MinVersion, violations);
        return Past("send_time", request.SendTime, now, violations);
    }

    public static void Parse(ReleaseHoldRequest request, Violations violations)
    {
        HoldOf(request.PoolId, request.HoldId, violations);
        Version("min_version", request.MinVersion, violations);
    }

    public static DateTimeOffset Parse(RefundHoldRequest request, DateTimeOffset now, Violations violations)
    {
        HoldOf(request.PoolId, request.HoldId, violations);
        var replied = Past("reply_time", request.ReplyTime, now, violations);
        if (request.Trigger == RefundTrigger.Unspecified || !System.Enum.IsDefined(request.Trigger))
            violations.Add("trigger", "is required: a known refund trigger");
        Version("min_version", request.MinVersion, violations);
        return replied;
    }

    public static void Parse(GetHoldRequest request, Violations violations) => HoldOf(request.PoolId, request.HoldId, violations);

    public static ReconciliationContent Parse(ReconcilePoolRequest request, DateTimeOffset now, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Id("reconcile_id", request.ReconcileId, Ids.MaxHoldLength);
        violations.Range("observed_available", request.ObservedAvailable, 0, Pool.MaxBalance);
        violations.Range("unknown_sends", request.UnknownSends, 0, MaxUnknownSends);
        Version("min_version", request.MinVersion, violations);
        var observed = Past("observe_time", request.ObserveTime, now, violations);
        return new ReconciliationContent(request.ObservedAvailable, request.UnknownSends, observed);
    }

    public static void Parse(GetPoolRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        Version("min_version", request.MinVersion, violations);
    }

    public static (int Size, string? Token) Parse(ListPoolsRequest request, Violations violations)
    {
        violations.Range("page_size", request.PageSize, 0, 500);
        if (request.PageToken.Length > 0 && !Ids.IsId(request.PageToken)) violations.Add("page_token", "must be a next_page_token of this list");
        return (request.PageSize == 0 ? 50 : request.PageSize, request.PageToken.Length == 0 ? null : request.PageToken);
    }

    public static (int Size, long From) Parse(ListEntriesRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Range("page_size", request.PageSize, 0, 1_000);
        long from = 1;
        if (request.PageToken.Length > 0 && !(long.TryParse(request.PageToken, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out from) && from > 0))
            violations.Add("page_token", "must be a next_page_token of this list");
        return (request.PageSize == 0 ? 100 : request.PageSize, from);
    }

    public static void Parse(VerifyJournalRequest request, Violations violations) => violations.Id("pool_id", request.PoolId);

    public static void Parse(AcceptRewindRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Length("actor", request.Actor, 1, 200);
        if (request.Actor.Length > 0 && string.IsNullOrWhiteSpace(request.Actor)) violations.Add("actor", "must not be blank");
        Version("seen_version", request.SeenVersion, violations);
    }

    private static Renewal? RenewalOf(Types.V1.Renewal? wire, Plan? plan, Violations violations)
    {
        switch (wire?.RuleCase)
        {
            case Types.V1.Renewal.RuleOneofCase.CalendarMonth:
                return new Renewal.CalendarMonth();

            case Types.V1.Renewal.RuleOneofCase.BillingAnchor:
                var anchor = wire.BillingAnchor;
                violations.Range("renewal.billing_anchor.day", anchor.Day, 1, 31);
                var zone = TimeZoneInfo.Utc;
                if (anchor.TimeZone.Length > 64 || (anchor.TimeZone.Length > 0 && !TimeZoneInfo.TryFindSystemTimeZoneById(anchor.TimeZone, out zone)))
                    violations.Add("renewal.billing_anchor.time_zone", "must be an IANA time zone, or empty for UTC");
                return new Renewal.BillingAnchor(anchor.Day, zone ?? TimeZoneInfo.Utc);

            default:
                if (plan?.Terms.Renewal == RenewalKind.BillingAnchor)
                    violations.Add("renewal", "is required: the plan renews on a billing day");
                return null;
        }
    }

    private static void HoldOf(string poolId, string holdId, Violations violations)
    {
        violations.Id("pool_id", poolId);
        violations.Id("hold_id", holdId, Ids.MaxHoldLength);
    }

    private static void Version(string field, long version, Violations violations) => violations.Range(field, version, 0, 1L << 53);

    // A fact lies in the past; clocks of peers may be a little ahead.
    private static DateTimeOffset Past(string field, Timestamp? wire, DateTimeOffset now, Violations violations)
    {
        if (!violations.Required(field, wire) || TimeOf(field, wire!, violations) is not { } time) return default;
        if (time > now + ClockTolerance) violations.Add(field, "must not be more than 5 minutes ahead of now");
        return time;
    }

    // Whole milliseconds: what is decided and what is stored must not differ.
    private static DateTimeOffset? TimeOf(string field, Timestamp wire, Violations violations)
    {
        const long earliest = 946_684_800, latest = 4_102_444_800;
        if (wire.Seconds is >= earliest and < latest && wire.Nanos is >= 0 and < 1_000_000_000)
            return DateTimeOffset.FromUnixTimeMilliseconds((wire.Seconds * 1_000) + (wire.Nanos / 1_000_000));
        violations.Add(field, "must be a time of the years 2000 to 2099");
        return null;
    }
}
