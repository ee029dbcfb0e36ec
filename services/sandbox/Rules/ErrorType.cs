namespace Pennypost.Sandbox.Rules;

/// <summary>One of the provider's documented error types (facts 1.4), without its <c>errors/</c> prefix.</summary>
public sealed record ErrorType
{
    private static readonly Dictionary<string, ErrorType> Documented = Build();

    private ErrorType(string name, int status)
    {
        Name = name;
        Status = status;
        Title = char.ToUpperInvariant(name[0]) + name[1..].Replace('_', ' ');
    }

    public string Name { get; }

    public int Status { get; }

    public string Title { get; }

    public static ErrorType InvalidParameters { get; } = Documented["invalid_parameters"];

    public static ErrorType MissingParameters { get; } = Documented["missing_parameters"];

    public static ErrorType MalformedRequest { get; } = Documented["malformed_request"];

    public static ErrorType TooManyCharacters { get; } = Documented["too_many_characters"];

    public static ErrorType ActionAlreadyPerformed { get; } = Documented["action_already_performed"];

    public static ErrorType UnsupportedMediaType { get; } = Documented["unsupported_media_type"];

    public static ErrorType MissingCredentials { get; } = Documented["missing_credentials"];

    public static ErrorType InvalidCredentials { get; } = Documented["invalid_credentials"];

    public static ErrorType DisconnectedAccount { get; } = Documented["disconnected_account"];

    public static ErrorType AccountRestricted { get; } = Documented["account_restricted"];

    public static ErrorType FeatureNotSubscribed { get; } = Documented["feature_not_subscribed"];

    public static ErrorType ResourceNotFound { get; } = Documented["resource_not_found"];

    public static ErrorType InsufficientCredits { get; } = Documented["insufficient_credits"];

    public static ErrorType NotAllowedInmail { get; } = Documented["not_allowed_inmail"];

    public static ErrorType InvalidRecipient { get; } = Documented["invalid_recipient"];

    public static ErrorType BlockedRecipient { get; } = Documented["blocked_recipient"];

    public static ErrorType UserUnreachable { get; } = Documented["user_unreachable"];

    public static ErrorType NoConnectionWithRecipient { get; } = Documented["no_connection_with_recipient"];

    public static ErrorType AlreadyConnected { get; } = Documented["already_connected"];

    public static ErrorType AlreadyInvitedRecently { get; } = Documented["already_invited_recently"];

    public static ErrorType CannotResendYet { get; } = Documented["cannot_resend_yet"];

    public static ErrorType LimitExceeded { get; } = Documented["limit_exceeded"];

    public static ErrorType TooManyRequests { get; } = Documented["too_many_requests"];

    public static ErrorType ServiceUnavailable { get; } = Documented["service_unavailable"];

    public static ErrorType UnexpectedError { get; } = Documented["unexpected_error"];

    /// <summary>Every documented type, by name.</summary>
    public static IReadOnlyDictionary<string, ErrorType> All => Documented;

    private static Dictionary<string, ErrorType> Build()
    {
        (int Status, string Names)[] table =
        [
            (400, "invalid_parameters missing_parameters malformed_request content_too_large too_many_characters unescaped_characters invalid_url"),
            (401, "disconnected_account disconnected_feature expired_credentials invalid_credentials missing_credentials checkpoint_error"),
            (401, "multiple_sessions insufficient_privileges wrong_account"),
            (403, "account_restricted feature_not_subscribed subscription_required insufficient_permissions session_mismatch resource_access_restricted"),
            (404, "resource_not_found invalid_resource_identifier"),
            (415, "unsupported_media_type"),
            (422, "insufficient_credits not_allowed_inmail invalid_recipient blocked_recipient user_unreachable no_connection_with_recipient"),
            (422, "already_connected already_invited_recently cannot_resend_yet cannot_resend_within_24hrs limit_exceeded connection_limit_reached"),
            (422, "cannot_invite_attendee action_already_performed invalid_account invalid_message payment_error unprocessable_entity"),
            (429, "too_many_requests"),
            (500, "provider_error unexpected_error"),
            (501, "feature_not_implemented"),
            (503, "no_client_session no_channel no_handler network_down service_unavailable"),
            (504, "request_timeout"),
        ];
        return table
            .SelectMany(row => row.Names.Split(' ').Select(name => new ErrorType(name, row.Status)))
            .ToDictionary(type => type.Name);
    }
}

/// <summary>A refusal as the provider words it.</summary>
public sealed record Refusal(ErrorType Type, string Detail)
{
    /// <summary>The text that was quoted from the field (facts 1.4). Other systems look for the word "credit" in it.</summary>
    public static Refusal InsufficientCredits { get; } =
        new(ErrorType.InsufficientCredits, "Not enough credits — Provider cannot execute request because of insufficient credits");
}
