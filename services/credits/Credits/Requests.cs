using System.Collections.Frozen;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Ledger;
using Plan = Pennypost.Ledger.Plan;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Credits;

/// <summary>
/// Reads each request and says everything that is wrong with it at once. Pure: <c>now</c> comes in, for times that must lie in the future or must not.
/// What is returned counts only if nothing was found.
/// </summary>
internal static partial class Requests
{
    public const string NoToken = "must be a next_page_token of this list";

    private const long MaxTopUp = 10_000;
    private const long MaxFloor = 10_000;
    private const long MaxSeatLimit = 10_000;
    private const int MaxImportedSends = 500;
    private const long MaxUnknownSends = 10_000;
    private const long MaxUnitCostMicros = 1_000_000_000;
    private const int MaxKinds = 50;
    private const int MaxWatchedPools = 100;
    private static readonly TimeSpan ShortestTtl = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTtl = TimeSpan.FromDays(30);
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public static (Plan Plan, Opening Opening) Parse(CreatePoolRequest request, IReadOnlyDictionary<string, TermsOverride> overrides, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        var plan = RequestedTerms.Plan(request.PlanId, overrides, violations);
        return (plan!, RequestedTerms.Opening(request.PlanId, plan, request.Renewal, request.HasOpeningBalance ? request.OpeningBalance : null, request.Terms, violations));
    }

    public static (Plan Plan, Opening Opening) Parse(ChangePlanRequest request, IReadOnlyDictionary<string, TermsOverride> overrides, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Id("change_id", request.ChangeId);
        var plan = RequestedTerms.Plan(request.PlanId, overrides, violations);
        return (plan!, RequestedTerms.Opening(request.PlanId, plan, request.Renewal, request.HasOpeningBalance ? request.OpeningBalance : null, request.Terms, violations));
    }

    public static void Parse(CancelPlanRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Id("change_id", request.ChangeId);
    }

    public static (Plan Plan, TermsOverride? Terms) Parse(PutPlanOverrideRequest request, Violations violations)
    {
        var plan = RequestedTerms.Plan(request.PlanId, new Dictionary<string, TermsOverride>(), violations);
        return (plan!, RequestedTerms.Override(request.Terms, plan?.Terms, violations));
    }

    public static long Parse(VoidLotRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        if (long.TryParse(request.LotId, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var lot) && lot > 0) return lot;
        violations.Add("lot_id", "is required: the id of a lot of the pool");
        return 0;
    }

    public static Command.PutSeat Parse(PutSeatRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Id("account_id", request.AccountId);
        if (request.HasPeriodLimit) violations.Range("period_limit", request.PeriodLimit, 0, MaxSeatLimit);
        if (request.HasWeekLimit) violations.Range("week_limit", request.WeekLimit, 0, MaxSeatLimit);
        return new Command.PutSeat(request.AccountId, request.HasPeriodLimit ? request.PeriodLimit : null, request.HasWeekLimit ? request.WeekLimit : null) { Now = default };
    }

    public static Command.PutBudget Parse(PutBudgetRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Id("campaign_id", request.CampaignId);
        if (request.HasCredits) violations.Range("credits", request.Credits, 0, Pool.MaxBalance);
        return new Command.PutBudget(request.CampaignId, request.HasCredits ? request.Credits : null) { Now = default };
    }

    public static IReadOnlyList<Command.ImportSend> Parse(ImportSendsRequest request, DateTimeOffset now, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Items("sends", request.Sends.Count, 1, MaxImportedSends);
        var sends = new List<Command.ImportSend>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (send, at) in request.Sends.Take(MaxImportedSends).Select((send, at) => (send, $"sends[{at}].")))
        {
            violations.Id(at + "hold_id", send.HoldId, Ids.MaxHoldLength);
            if (send.HoldId.Length > 0 && !ids.Add(send.HoldId)) violations.Add(at + "hold_id", "stands in the request twice");
            violations.Id(at + "account_id", send.AccountId);
            sends.Add(new Command.ImportSend(send.HoldId, send.AccountId, Past(at + "send_time", send.SendTime, now, violations)) { Now = now });
        }

        return sends;
    }

    public static TopUpContent Parse(TopUpRequest request, DateTimeOffset now, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Id("top_up_id", request.TopUpId);
        violations.Range("credits", request.Credits, 1, MaxTopUp);
        violations.Range("unit_cost_micros", request.UnitCostMicros, 0, MaxUnitCostMicros);
        if (request.Currency.Length > 0 && !IsCurrency(request.Currency))
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
        violations.OptionalId("campaign_id", request.CampaignId);
        Version("min_version", request.MinVersion, violations);
        return new HoldContent(request.AccountId, ttl, request.Floor, request.HighValue, request.CampaignId);
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
        if (!IsTrigger(request.Trigger))
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

    /// <summary>The past moment that is asked for; null for now.</summary>
    public static DateTimeOffset? Parse(GetPoolRequest request, DateTimeOffset now, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        Version("min_version", request.MinVersion, violations);
        if (request.AsOfTime is null || TimeOf("as_of_time", request.AsOfTime, violations) is not { } moment) return null;
        if (moment > now) violations.Add("as_of_time", "must not lie in the future");
        return moment;
    }

    public static (int Size, string? Token) Parse(ListPoolsRequest request, Violations violations)
    {
        violations.Range("page_size", request.PageSize, 0, 500);
        if (request.PageToken.Length > 0 && !Ids.IsId(request.PageToken)) violations.Add("page_token", NoToken);
        return (request.PageSize == 0 ? 50 : request.PageSize, request.PageToken.Length == 0 ? null : request.PageToken);
    }

    public static (int Size, string? Token) Parse(ListHoldsRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Range("page_size", request.PageSize, 0, 1_000);
        if (!System.Enum.IsDefined(request.State)) violations.Add("state", "must be a known value");
        if (request.AccountId.Length > 0) violations.Id("account_id", request.AccountId);
        return (request.PageSize == 0 ? 100 : request.PageSize, request.PageToken.Length == 0 ? null : request.PageToken);
    }

    public static (int Size, long? From, EntryFilter Filter) Parse(ListEntriesRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Range("page_size", request.PageSize, 0, 1_000);
        long from = 0;
        if (request.PageToken.Length > 0 && !(long.TryParse(request.PageToken, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out from) && from > 0))
            violations.Add("page_token", NoToken);
        violations.Items("kinds", request.Kinds.Count, 0, MaxKinds);
        if (request.Kinds.Any(kind => kind == Types.V1.EntryKind.Unspecified || !System.Enum.IsDefined(kind))) violations.Add("kinds", "must be known kinds of entries");
        violations.OptionalId("hold_id", request.HoldId, Ids.MaxHoldLength);
        violations.OptionalId("cause_id", request.CauseId, Ids.MaxHoldLength);
        var since = request.FromTime is null ? null : TimeOf("from_time", request.FromTime, violations);
        var until = request.UntilTime is null ? null : TimeOf("until_time", request.UntilTime, violations);
        if (until <= since) violations.Add("until_time", "must be later than from_time");
        return (request.PageSize == 0 ? 100 : request.PageSize, request.PageToken.Length == 0 ? null : from, new EntryFilter(request.Kinds.ToFrozenSet(), request.HoldId, request.CauseId, since, until));
    }

    /// <summary>The last entry that is to go, and the checksum of its export.</summary>
    public static (long LastNumber, byte[] ExportHash) Parse(TrimJournalRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Range("last_sequence", request.LastSequence, 1, 1L << 53);
        var isHash = request.Sha256.Length == 64 && request.Sha256.All(char.IsAsciiHexDigit);
        if (!isHash) violations.Add("sha256", "is required: 64 hexadecimal digits, as the export's last line has them");
        Actor(request.Actor, violations);
        return (request.LastSequence, isHash ? Convert.FromHexString(request.Sha256) : []);
    }

    /// <summary>The entry to end with.</summary>
    public static long Parse(ExportJournalRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        Version("last_sequence", request.LastSequence, violations);
        return request.LastSequence == 0 ? long.MaxValue : request.LastSequence;
    }

    /// <summary>Where to go on; null for now.</summary>
    public static WatchPosition? Parse(WatchPoolsRequest request, int shards, Violations violations)
    {
        violations.Items("pool_ids", request.PoolIds.Count, 0, MaxWatchedPools);
        for (var i = 0; i < Math.Min(request.PoolIds.Count, MaxWatchedPools); i++) violations.Id($"pool_ids[{i}]", request.PoolIds[i]);
        if (request.ResumeToken.Length == 0) return null;
        var position = WatchPosition.Read(request.ResumeToken, shards);
        if (position is null) violations.Add("resume_token", "must be one of this installation's watches, unchanged");
        return position;
    }

    public static void Parse(VerifyJournalRequest request, Violations violations) => violations.Id("pool_id", request.PoolId);

    public static void Parse(AcceptRewindRequest request, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        Actor(request.Actor, violations);
        Version("seen_version", request.SeenVersion, violations);
    }

    public static bool IsCurrency(string text) => text.Length == 3 && text.All(char.IsAsciiLetterUpper);

    // Who answers for what an operator does.
    private static void Actor(string actor, Violations violations)
    {
        violations.Length("actor", actor, 1, 200);
        if (actor.Length > 0 && string.IsNullOrWhiteSpace(actor)) violations.Add("actor", "must not be blank");
    }

    public static bool IsTrigger(Shown.RefundTrigger trigger) => trigger != Shown.RefundTrigger.Unspecified && System.Enum.IsDefined(trigger);

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
