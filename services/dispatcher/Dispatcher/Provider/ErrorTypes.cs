using System.Collections.Frozen;
using Pennypost.Delivery.Accounts;

namespace Pennypost.Dispatcher.Provider;

/// <summary>What an error of the provider means for a write. Decided by its <c>type</c> alone: titles and details are for people, and change.</summary>
public enum ErrorMeaning
{
    /// <summary>The type is not known: the status decides.</summary>
    Unlisted,

    /// <summary>Refused for good.</summary>
    Refused,

    /// <summary>Out of credits, it says.</summary>
    OutOfCredits,

    /// <summary>LinkedIn restricted the account.</summary>
    Restricted,

    /// <summary>The provider lost the session, or wants something done about it.</summary>
    Disconnected,

    /// <summary>LinkedIn's own limit for this action.</summary>
    ActionLimited,

    /// <summary>The provider asks the whole account to slow down.</summary>
    AccountLimited,

    /// <summary>The provider could not begin: nothing reached LinkedIn.</summary>
    NotSent,

    /// <summary>Nobody knows whether it took effect.</summary>
    Unknown,
}

/// <summary>The table of the provider's documented error types (Unipile API v1).</summary>
public static class ErrorTypes
{
    /// <summary>Every listed type, without <c>errors/</c>, with its meaning and, for refusals, what they are about.</summary>
    public static FrozenDictionary<string, (ErrorMeaning Meaning, RefusalKind Kind)> Table { get; } = Build();

    /// <summary>The type without its prefix.</summary>
    public static string Bare(string type) => type.StartsWith("errors/", StringComparison.Ordinal) ? type["errors/".Length..] : type;

    /// <summary>What an error answer to a write means.</summary>
    /// <param name="type">Its type; empty if the answer had no envelope.</param>
    /// <param name="status">The HTTP status, which speaks only for types that are not listed.</param>
    /// <param name="retryAfter">The header, if there was one. The provider documents none.</param>
    public static ProviderReply Classify(string type, int status, TimeSpan? retryAfter)
    {
        var bare = Bare(type);
        var (meaning, kind) = Table.GetValueOrDefault(bare);
        if (meaning == ErrorMeaning.Unlisted)
            meaning = ByStatus(status);
        // The provider's own words stay in what is kept: they are what its support asks for.
        var word = bare.Length > 0 ? bare : "http_" + status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return meaning switch
        {
            ErrorMeaning.Refused => new ProviderReply.Refused(word, kind),
            ErrorMeaning.OutOfCredits => new ProviderReply.OutOfCredits(word),
            ErrorMeaning.Restricted => new ProviderReply.AccountDown(word, AccountState.Restricted),
            ErrorMeaning.Disconnected => new ProviderReply.AccountDown(word, AccountState.Disconnected),
            ErrorMeaning.ActionLimited => new ProviderReply.Limited(word, retryAfter, WholeAccount: false),
            ErrorMeaning.AccountLimited => new ProviderReply.Limited(word, retryAfter, WholeAccount: true),
            ErrorMeaning.NotSent => new ProviderReply.NotSent(word),
            _ => new ProviderReply.Unknown(word),
        };
    }

    private static ErrorMeaning ByStatus(int status) => status switch
    {
        429 => ErrorMeaning.AccountLimited,
        401 => ErrorMeaning.Disconnected,
        408 => ErrorMeaning.Unknown,
        >= 400 and < 500 => ErrorMeaning.Refused,
        // A 5xx without a listed type, a redirect, a page of some proxy: it may have been sent.
        _ => ErrorMeaning.Unknown,
    };

    private static FrozenDictionary<string, (ErrorMeaning, RefusalKind)> Build()
    {
        (ErrorMeaning Meaning, RefusalKind Kind, string Types)[] rows =
        [
            (ErrorMeaning.OutOfCredits, RefusalKind.Other, "insufficient_credits"),
            (ErrorMeaning.Refused, RefusalKind.InmailNotAllowed, "not_allowed_inmail feature_not_subscribed subscription_required"),
            (ErrorMeaning.Refused, RefusalKind.Recipient, "invalid_recipient blocked_recipient user_unreachable resource_not_found invalid_resource_identifier cannot_invite_attendee"),
            (ErrorMeaning.Refused, RefusalKind.NotConnected, "no_connection_with_recipient"),
            (ErrorMeaning.Refused, RefusalKind.AlreadyConnected, "already_connected"),
            (ErrorMeaning.Refused, RefusalKind.InvitationPending, "already_invited_recently"),
            // Documented for invite limits, read by others as "invitation pending"; for an InMail it is the unanswered first one. The channel tells; the raw type is kept.
            (ErrorMeaning.Refused, RefusalKind.ReinviteLocked, "cannot_resend_yet cannot_resend_within_24hrs"),
            (ErrorMeaning.Refused, RefusalKind.Content,
                "invalid_parameters missing_parameters malformed_request content_too_large too_many_characters unescaped_characters invalid_url invalid_message unsupported_media_type"),
            (ErrorMeaning.Refused, RefusalKind.Other,
                "action_already_performed payment_error unprocessable_entity insufficient_permissions insufficient_privileges resource_access_restricted feature_not_implemented disconnected_feature invalid_account"),
            (ErrorMeaning.Restricted, RefusalKind.Other, "account_restricted"),
            (ErrorMeaning.Disconnected, RefusalKind.Other,
                "disconnected_account expired_credentials checkpoint_error multiple_sessions wrong_account session_mismatch invalid_credentials missing_credentials"),
            (ErrorMeaning.ActionLimited, RefusalKind.Other, "limit_exceeded connection_limit_reached"),
            (ErrorMeaning.AccountLimited, RefusalKind.Other, "too_many_requests"),
            (ErrorMeaning.NotSent, RefusalKind.Other, "no_client_session no_channel no_handler network_down service_unavailable"),
            // provider_error is LinkedIn's own over-limit as well: 500 after the request was written is never taken for a refusal.
            (ErrorMeaning.Unknown, RefusalKind.Other, "request_timeout provider_error unexpected_error"),
        ];
        return rows
            .SelectMany(row => row.Types.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(type => (type, row.Meaning, row.Kind)))
            .ToFrozenDictionary(row => row.type, row => (row.Meaning, row.Kind), StringComparer.Ordinal);
    }
}
