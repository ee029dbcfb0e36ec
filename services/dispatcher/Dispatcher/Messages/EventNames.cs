using System.Diagnostics;
using Pennypost.Delivery.Messages;

namespace Pennypost.Dispatcher.Messages;

/// <summary>What happened to a message, as journal and events call it.</summary>
internal static class EventNames
{
    public static string Of(EventKind kind) => kind switch
    {
        EventKind.Accepted => "message.accepted",
        EventKind.Waiting => "message.waiting",
        EventKind.AttemptOpened => "message.attempt_opened",
        EventKind.AttemptNotSent => "message.attempt_not_sent",
        EventKind.Intended => "message.intended",
        EventKind.Indeterminate => "message.indeterminate",
        EventKind.Sent => "message.sent",
        EventKind.Skipped => "message.skipped",
        EventKind.Failed => "message.failed",
        EventKind.Cancelled => "message.cancelled",
        EventKind.Replied => "message.replied",
        EventKind.Refunded => "message.refunded",
        EventKind.InvitationAccepted => "message.invitation_accepted",
        EventKind.CreditSpent => "message.credit_spent",
        EventKind.Retried => "message.retried",
        _ => throw new UnreachableException($"An event of kind {kind} has no name."),
    };
}
