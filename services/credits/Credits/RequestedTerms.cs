using Google.Protobuf.WellKnownTypes;
using Pennypost.Hosting;
using Pennypost.Ledger;
using Plan = Pennypost.Ledger.Plan;
using RefundTriggers = Pennypost.Ledger.RefundTriggers;
using Shown = Pennypost.Types.V1;
using Terms = Pennypost.Types.V1.Terms;

namespace Pennypost.Credits;

/// <summary>Reads plans and rules out of requests, as <see cref="Requests"/> does.</summary>
internal static class RequestedTerms
{
    private const long MaxGrant = 10_000;
    private const long MaxUnitPriceMicros = 1_000_000_000;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>A plan of the catalogue as the tenant has it.</summary>
    public static Plan? Plan(string planId, IReadOnlyDictionary<string, TermsOverride> overrides, Violations violations)
    {
        if (PlanCatalog.Find(planId) is not { } plan)
        {
            violations.Add("plan_id", $"must be a plan of the catalogue: {string.Join(", ", PlanCatalog.Plans.Select(known => known.Id))}");
            return null;
        }

        return overrides.TryGetValue(planId, out var own) ? plan with { Terms = own.On(plan.Terms) } : plan;
    }

    /// <summary>What a pool is opened with or put on.</summary>
    public static Opening Opening(
        string planId, Plan? plan, Types.V1.Renewal? renewal, long? balance, Terms? terms, Violations violations)
    {
        var kind = terms is { RenewalRule: not Shown.RenewalRule.Unspecified and var rule } ? (RenewalKind)rule : plan?.Terms.Renewal;
        var named = Renewal(renewal, kind, violations);
        if (balance is { } shown) violations.Range("opening_balance", shown, 0, Pool.MaxBalance);
        return new Opening(planId, PlanCatalog.Version, named, balance, Override(terms, plan?.Terms, violations));
    }

    /// <summary>What replaces some of <paramref name="plan"/>'s rules; null for nothing.</summary>
    public static TermsOverride? Override(Terms? wire, Ledger.Terms? plan, Violations violations)
    {
        if (wire is null) return null;
        if (wire.HasMonthlyGrant) violations.Range("terms.monthly_grant", wire.MonthlyGrant, 0, MaxGrant);
        if (wire.HasCap) violations.Range("terms.cap", wire.Cap, 0, Pool.MaxBalance);
        if (wire.HasFloor) violations.Range("terms.floor", wire.Floor, 0, MaxGrant);
        if (wire.HasPriceMicros) violations.Range("terms.price_micros", wire.PriceMicros, 0, MaxUnitPriceMicros);
        if (wire.Currency.Length > 0 && !Requests.IsCurrency(wire.Currency)) violations.Add("terms.currency", "must be three capital letters (ISO 4217)");
        var own = new TermsOverride
        {
            MonthlyGrant = wire.HasMonthlyGrant ? wire.MonthlyGrant : null,
            Cap = wire.HasCap ? wire.Cap : null,
            Renewal = Known("terms.renewal_rule", wire.RenewalRule, violations) is { } rule ? (RenewalKind)rule : null,
            Overflow = Known("terms.overflow", wire.Overflow, violations) is { } overflow ? (OverflowRule)overflow : null,
            BurnOrder = Known("terms.burn_order", wire.BurnOrder, violations) is { } order ? (Ledger.BurnOrder)order : null,
            Floor = wire.HasFloor ? wire.Floor : null,
            LotAge = Span("terms.lot_age", wire.LotAge, Hour, TimeSpan.FromDays(3_660), violations),
            RefundWindow = Span("terms.refund_window", wire.RefundWindow, TimeSpan.Zero, TimeSpan.FromDays(366), violations),
            RefundTriggers = Triggers(wire.RefundTriggers, violations),
            RefundLife = Known("terms.refund_life", wire.RefundLife, violations) is { } life ? (Ledger.RefundLife)life : null,
            RefundCountsTowardCap = wire.HasRefundsCountTowardCap ? wire.RefundsCountTowardCap : null,
            RefundConfirmedAfter = Span("terms.refund_confirmed_after", wire.RefundConfirmedAfter, TimeSpan.Zero, TimeSpan.FromDays(60), violations),
            TopUpAllowed = wire.HasTopUpAllowed ? wire.TopUpAllowed : null,
            UnitPriceMicros = wire.HasPriceMicros ? wire.PriceMicros : null,
            Currency = wire.Currency.Length > 0 ? wire.Currency : null,
            SecondInMailAllowed = wire.HasSecondInmailAllowed ? wire.SecondInmailAllowed : null,
            AnnounceBefore = Span("terms.announce_before", wire.AnnounceBefore, Hour, TimeSpan.FromDays(60), violations),
        };
        if (plan is not null && own.On(plan) is var whole && whole.Cap < whole.MonthlyGrant)
            violations.Add("terms.cap", $"must be at least the monthly grant, {whole.MonthlyGrant}");
        return own == new TermsOverride() ? null : own;
    }

    private static Renewal? Renewal(Types.V1.Renewal? wire, RenewalKind? kind, Violations violations)
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
                if (kind == RenewalKind.BillingAnchor)
                    violations.Add("renewal", "is required: the plan renews on a billing day");
                return null;
        }
    }

    private static RefundTriggers? Triggers(Shown.RefundTriggers? wire, Violations violations)
    {
        if (wire is null) return null;
        violations.Items("terms.refund_triggers.triggers", wire.Triggers.Count, 0, 4);
        var all = RefundTriggers.None;
        foreach (var trigger in wire.Triggers)
        {
            if (Requests.IsTrigger(trigger)) all |= Wire.Triggers(trigger);
            else violations.Add("terms.refund_triggers.triggers", "must be known refund triggers");
        }

        return all;
    }

    private static int? Known<T>(string field, T value, Violations violations)
        where T : struct, System.Enum
    {
        var number = Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture);
        if (!System.Enum.IsDefined(value)) violations.Add(field, "must be a value that this version knows");
        return number == 0 ? null : number;
    }

    private static TimeSpan? Span(string field, Duration? wire, TimeSpan least, TimeSpan most, Violations violations)
    {
        if (wire is null) return null;
        if (Math.Abs(wire.Seconds) <= most.TotalSeconds && wire.Nanos is > -1_000_000_000 and < 1_000_000_000)
        {
            var span = TimeSpan.FromMilliseconds((wire.Seconds * 1_000) + (wire.Nanos / 1_000_000));
            if ((span >= least && span <= most) || span == TimeSpan.Zero) return span;
        }

        violations.Add(field, $"must be {(least > TimeSpan.Zero ? "0 s, or " : "")}{Text(least)} to {Text(most)}");
        return null;
    }

    private static string Text(TimeSpan span) => span.TotalDays >= 1 ? $"{span.TotalDays} days" : span == Hour ? "1 hour" : $"{span.TotalSeconds} s";
}
