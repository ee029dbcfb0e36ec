using Microsoft.Extensions.Options;

namespace Pennypost.Dispatcher.Work;

/// <summary>
/// Named gaps between commits, where tests kill the process as a power cut would: no handler runs, nothing is flushed. Does nothing unless <see cref="DispatcherOptions.CrashAt"/> names the gap.
/// </summary>
internal sealed class CrashPoint(IOptions<DispatcherOptions> options)
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
    public const string AfterReply = "after-reply";
    public const string AfterRefund = "after-refund";

    /// <summary>Every gap, in the order in which a message meets them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        AfterClaimId, AfterAccept, AfterOpen, AfterPermit, AfterHold, AfterIntent, AfterCall, AfterOutcome, AfterCapture, AfterAccountSettled, AfterReply, AfterRefund,
    ];

    public void Reach(string name)
    {
        if (options.Value.CrashAt == name)
            System.Diagnostics.Process.GetCurrentProcess().Kill();
    }
}
