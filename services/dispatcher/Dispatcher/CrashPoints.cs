namespace Pennypost.Dispatcher;

/// <summary>The dispatcher's gaps between two commits, in the order in which a message meets them. ARCHITECTURE.md says what a crash in each leaves behind, and who finishes it.</summary>
internal static class CrashPoints
{
    public const string AfterClaimId = "after-claim-id";
    public const string AfterAccept = "after-accept";
    public const string AfterOpen = "after-open";
    public const string AfterPermit = "after-permit";
    public const string AfterHold = "after-hold";
    public const string AfterIntent = "after-intent";
    public const string AfterCall = "after-call";
    public const string AfterOutcome = "after-outcome";
    public const string AfterCapture = "after-capture";
    public const string AfterAccountSettled = "after-account-settled";
    public const string BeforeAcknowledge = "before-acknowledge";
    /// <summary>Of a message: an account's events would meet it before there is one.</summary>
    public const string AfterPublish = "after-publish";
    public const string AfterCount = "after-count";
    public const string AfterReply = "after-reply";
    public const string AfterRefund = "after-refund";

    public static IReadOnlyList<string> All { get; } =
    [
        AfterClaimId, AfterAccept, AfterOpen, AfterPermit, AfterHold, AfterIntent, AfterCall, AfterOutcome, AfterCapture, AfterAccountSettled, BeforeAcknowledge, AfterPublish, AfterCount, AfterReply, AfterRefund,
    ];
}
