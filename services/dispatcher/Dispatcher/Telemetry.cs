using System.Collections.Frozen;
using System.Diagnostics;
using System.Text.Json;
using Pennypost.Delivery;
using Pennypost.Delivery.Messages;

namespace Pennypost.Dispatcher;

/// <summary>The dispatcher's meters and traces by name, and the words that their tags take. docs/telemetry.md lists all of them, which a test holds to it.</summary>
internal static class Telemetry
{
    /// <summary>Of the meter and of the source of activities.</summary>
    public const string Name = "Pennypost.Dispatcher";

    public const string Sent = "sent";
    public const string NotSent = "not_sent";
    public const string Unknown = "unknown";

    private static readonly FrozenDictionary<Reason, string> _reasons = Words<Reason>();
    private static readonly FrozenDictionary<Channel, string> _channels = Words<Channel>();
    private static readonly FrozenDictionary<MessageState, string> _states = Words<MessageState>();

    /// <summary>The code that logs and events have for it.</summary>
    public static string Of(Reason reason) => _reasons.GetValueOrDefault(reason, "other");

    public static string Of(Channel channel) => _channels.GetValueOrDefault(channel, "other");

    public static string Of(MessageState state) => _states.GetValueOrDefault(state, "other");

    /// <summary>Of a send: what is known of it.</summary>
    public static string OutcomeOf(SendOutcome outcome) => outcome switch
    {
        SendOutcome.Sent => Sent,
        SendOutcome.NotSent => NotSent,
        _ => Unknown,
    };

    public static KeyValuePair<string, object?> Tag(string name, string word) => new(name, word);

    private static FrozenDictionary<T, string> Words<T>() where T : struct, Enum =>
        Enum.GetValues<T>().ToFrozenDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
}

/// <summary>
/// One trace from the accepted request to the provider's answer: each piece of work on a message continues the trace in which the message was accepted, whichever process does it and however long it waited. Ids of
/// messages, channels and reasons; never a text, a name or an address.
/// </summary>
internal static class Traces
{
    private const string AttemptName = "attempt";
    private const string OfMessage = "pennypost.message_id";
    private const string OfChannel = "pennypost.channel";
    private const string OfAttempt = "pennypost.attempt";
    private const string OfOutcome = "pennypost.outcome";
    private const string OfReason = "pennypost.reason";
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;

    private static readonly ActivitySource _source = new(Telemetry.Name);

    /// <summary>Whether anybody listens: else what a trace costs is not paid.</summary>
    public static bool Wanted => _source.HasListeners();

    /// <summary>A piece of work on a message. Whoever carried the work here, a queue or a timer, is no part of the trace: it is linked.</summary>
    public static Activity? Message(string messageId, ActivityContext accepted)
    {
        var carried = Activity.Current;
        Activity.Current = null;
        var links = carried is { Recorded: true } ? new[] { new ActivityLink(carried.Context) } : null;
        var span = _source.StartActivity("process message", ActivityKind.Consumer, accepted, [new(OfMessage, messageId)], links);
        if (span is null)
            Activity.Current = carried;
        return span;
    }

    /// <summary>A step within it, if that is traced.</summary>
    public static Activity? Step(string name) => Activity.Current is { Recorded: true } ? _source.StartActivity(name) : null;

    public static Activity? Attempt(Attempt attempt, bool resumed) =>
        Step(AttemptName)?.SetTag(OfAttempt, attempt.Number).SetTag(OfChannel, Telemetry.Of(attempt.Channel)).SetTag("pennypost.resumed", resumed);

    /// <summary>A call of a provider. Its address is left out on purpose: it names whom the call is about.</summary>
    public static Activity? Call(string endpoint) =>
        Activity.Current is { Recorded: true } ? _source.StartActivity("provider " + endpoint, ActivityKind.Client)?.SetTag("pennypost.endpoint", endpoint) : null;

    public static void Answered(this Activity? span, string result)
    {
        span?.SetTag("pennypost.result", result);
        if (result != Provider.CallResults.Ok)
            span?.SetStatus(ActivityStatusCode.Error, result);
    }

    /// <summary>What the attempt that is under way came to.</summary>
    public static void Ended(SendOutcome outcome)
    {
        // Untraced, what is current is somebody else's.
        if (Activity.Current is not { OperationName: AttemptName } span || span.Source != _source)
            return;
        span.SetTag(OfOutcome, Telemetry.OutcomeOf(outcome));
        if (outcome is SendOutcome.NotSent notSent)
            span.SetTag(OfReason, Telemetry.Of(notSent.Reason));
    }

    /// <summary>The trace that is under way, to be kept with a message; null if there is none that is recorded.</summary>
    public static byte[]? Current() => Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } current ? Bytes(current.Context) : null;

    /// <summary>Trace id, span id, flags: 25 bytes.</summary>
    public static byte[] Bytes(ActivityContext context)
    {
        var bytes = new byte[TraceIdBytes + SpanIdBytes + 1];
        context.TraceId.CopyTo(bytes.AsSpan(0, TraceIdBytes));
        context.SpanId.CopyTo(bytes.AsSpan(TraceIdBytes, SpanIdBytes));
        bytes[^1] = (byte)context.TraceFlags;
        return bytes;
    }

    /// <summary>The trace that was kept; none if nothing was, or something that is no trace.</summary>
    public static ActivityContext Read(byte[]? bytes) => bytes is { Length: TraceIdBytes + SpanIdBytes + 1 }
        ? new ActivityContext(
            ActivityTraceId.CreateFromBytes(bytes.AsSpan(0, TraceIdBytes)),
            ActivitySpanId.CreateFromBytes(bytes.AsSpan(TraceIdBytes, SpanIdBytes)),
            (ActivityTraceFlags)bytes[^1],
            isRemote: true)
        : default;
}
