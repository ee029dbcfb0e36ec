using System.Collections.Immutable;
using Pennypost.Delivery;
using Pennypost.Delivery.Messages;

namespace Dispatcher.Tests.Messages;

/// <summary>Prospects and messages in every state that there is, each made by the decisions that lead there.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 2, 12, 0, 0, TimeSpan.Zero);

    public static readonly DeliveryRules Rules = new();

    public static Candidate Inmail(string account = "ann") => new() { AccountId = account, Channel = Channel.Inmail, PoolId = "pool", Product = Product.SalesNavigator };

    public static Candidate Free(string account = "ann", Channel channel = Channel.DirectMessage) => new() { AccountId = account, Channel = channel };

    public static Accept Accept(string id = "m-1", DateTimeOffset? now = null, string? words = null) => new()
    {
        Id = id,
        Priority = Priority.Normal,
        ExpireTime = (now ?? Noon).AddDays(60),
        TextHash = words ?? "words of " + id,
        Now = now ?? Noon,
    };

    public static Case Accepted(Prospect? prospect = null, string id = "m-1", DateTimeOffset? now = null, string? words = null) =>
        new Case(prospect ?? Prospect.Unknown, null!).After(((AcceptAnswer.Accepted)Accepting.Decide(prospect ?? Prospect.Unknown, null, Accept(id, now, words))).Change);

    public static Case Opened(Candidate? candidate = null) =>
        Accepted() is var at ? at.After(((OpenAnswer.Opened)Opening.Decide(at.Prospect, at.Message, new(candidate ?? Inmail(), Noon, Noon), Rules)).Change) : null!;

    public static Case Intended(Candidate? candidate = null) =>
        Opened(candidate) is var at ? at.After(((IntendAnswer.Intended)Intending.Decide(at.Prospect, at.Message, new(1, Noon, Noon), Rules)).Change) : null!;

    public static Case Concluded(SendOutcome outcome, Candidate? candidate = null) =>
        Intended(candidate) is var at ? at.After(((ConcludeAnswer.Concluded)Concluding.Decide(at.Prospect, at.Message, new(1, outcome, false, Noon.AddSeconds(1)), Rules)).Change) : null!;

    public static Case Sent(Candidate? candidate = null) => Concluded(new SendOutcome.Sent("pm-1", "chat-1"), candidate);

    public static Case InDoubt(Candidate? candidate = null) => Concluded(new SendOutcome.Unknown(), candidate);

    public static Case Waiting() => Accepted() is var at ? at.After(Ending.Wait(at.Prospect, at.Message, Reason.DailyCap, Noon.AddHours(3), "", Noon)!) : null!;

    public static Case Ended(Reason reason) => Accepted() is var at ? at.After(Ending.End(at.Prospect, at.Message, reason, Noon)) : null!;

    /// <summary>One message in the named state.</summary>
    public static Case InState(MessageState state) => state switch
    {
        MessageState.Accepted => Accepted(),
        MessageState.Ready => Concluded(new SendOutcome.NotSent(Reason.ProviderUnavailable, "", false)),
        MessageState.Waiting => Waiting(),
        MessageState.Sending => Intended(),
        MessageState.Indeterminate => InDoubt(),
        MessageState.Sent => Sent(),
        MessageState.Skipped => Ended(Reason.ProspectSuppressed),
        MessageState.Failed => Ended(Reason.Expired),
        _ => Ended(Reason.Cancelled),
    };

    public static Dictionary<string, Message> Messages(params Message[] messages) => messages.ToDictionary(message => message.Id, StringComparer.Ordinal);
}

/// <summary>A prospect and the message that a test looks at.</summary>
internal sealed record Case(Prospect Prospect, Message Message)
{
    public Case After(Change change) => new(change.Prospect, change.Messages.Count > 0 ? change.Messages[^1] : Message);

    public Attempt Attempt => Message.Attempts[^1];

    public ImmutableList<EventKind> Kinds => [.. Message.Events.Select(happened => happened.Kind)];
}
