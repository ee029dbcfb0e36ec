using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Pennypost.Delivery.Accounts;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>
/// One JSON line per arming, clearing and skip of an InMail breaker, for grep and dashboards:
/// <c>{"source":"inmail_credit_breaker","action":"set|clear|skip","account_id":...,"prospect_id":...,"message_id":...,"reason":...,"ts":...}</c>.
/// </summary>
internal sealed partial class BreakerLog
{
    private readonly ILogger<BreakerLog> _logger;
    private readonly Counter<long> _told;

    public BreakerLog(ILogger<BreakerLog> logger, IMeterFactory meters)
    {
        _logger = logger;
        _told = meters.Create(Telemetry.Name).CreateCounter<long>("pennypost.dispatcher.breaker", "{event}", "What became of the InMail breakers; action set, clear or skip: each skip is a call of the provider that was saved.");
    }

    public void Tell(string accountId, string prospectId, ImmutableArray<BreakerEvent> events)
    {
        foreach (var happened in events)
        {
            if (Action(happened) is not { } action)
                continue;
            _told.Add(1, new KeyValuePair<string, object?>("action", action));
            var line = JsonSerializer.Serialize(new Line("inmail_credit_breaker", action, accountId, prospectId, happened.MessageId, Code(happened.Cause), happened.Time), Lines.Default.Line);
            LogLine(_logger, line);
        }
    }

    private static string? Action(BreakerEvent happened) => (happened.Cause, happened.State) switch
    {
        (BreakerCause.CreditsExhausted, _) => "set",
        (BreakerCause.Skip, _) => "skip",
        (_, BreakerState.Closed) when happened.Cause != BreakerCause.RecipientRefuses => "clear",
        _ => null,
    };

    /// <summary>The words that the seeds' dashboards know, where they have one.</summary>
    private static string Code(BreakerCause cause) => cause switch
    {
        BreakerCause.CreditsExhausted => "account_inmail_credits_exhausted",
        BreakerCause.Skip => "account_inmail_credits_exhausted",
        BreakerCause.TopUp => "top_up",
        BreakerCause.Refund => "refund",
        BreakerCause.BalanceObserved => "balance_observed",
        BreakerCause.RecentSuccess => "recent_success_evidence",
        BreakerCause.Operator => "operator",
        _ => "renewal",
    };

    [LoggerMessage(20, LogLevel.Information, "{Line}")]
    private static partial void LogLine(ILogger logger, string line);

    internal sealed record Line(string Source, string Action, string AccountId, string ProspectId, string MessageId, string Reason, DateTimeOffset Ts);

    [System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower)]
    [System.Text.Json.Serialization.JsonSerializable(typeof(Line))]
    private sealed partial class Lines : System.Text.Json.Serialization.JsonSerializerContext;
}
