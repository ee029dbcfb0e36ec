using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Provider;
using Documented = Pennypost.Sandbox.Rules.ErrorType;

namespace Dispatcher.Tests.Provider;

public sealed class ClassifyingErrors
{
    [Theory]
    [InlineData("errors/insufficient_credits", "OutOfCredits")]
    [InlineData("errors/not_allowed_inmail", "Refused InmailNotAllowed")]
    [InlineData("errors/feature_not_subscribed", "Refused InmailNotAllowed")]
    [InlineData("errors/subscription_required", "Refused InmailNotAllowed")]
    [InlineData("errors/invalid_recipient", "Refused Recipient")]
    [InlineData("errors/blocked_recipient", "Refused Recipient")]
    [InlineData("errors/user_unreachable", "Refused Recipient")]
    [InlineData("errors/resource_not_found", "Refused Recipient")]
    [InlineData("errors/invalid_resource_identifier", "Refused Recipient")]
    [InlineData("errors/cannot_invite_attendee", "Refused Recipient")]
    [InlineData("errors/no_connection_with_recipient", "Refused NotConnected")]
    [InlineData("errors/already_connected", "Refused AlreadyConnected")]
    [InlineData("errors/already_invited_recently", "Refused InvitationPending")]
    [InlineData("errors/cannot_resend_yet", "Refused ReinviteLocked")]
    [InlineData("errors/cannot_resend_within_24hrs", "Refused ReinviteLocked")]
    [InlineData("errors/invalid_parameters", "Refused Content")]
    [InlineData("errors/missing_parameters", "Refused Content")]
    [InlineData("errors/malformed_request", "Refused Content")]
    [InlineData("errors/content_too_large", "Refused Content")]
    [InlineData("errors/too_many_characters", "Refused Content")]
    [InlineData("errors/unescaped_characters", "Refused Content")]
    [InlineData("errors/invalid_url", "Refused Content")]
    [InlineData("errors/invalid_message", "Refused Content")]
    [InlineData("errors/unsupported_media_type", "Refused Content")]
    [InlineData("errors/action_already_performed", "Refused Other")]
    [InlineData("errors/payment_error", "Refused Other")]
    [InlineData("errors/unprocessable_entity", "Refused Other")]
    [InlineData("errors/insufficient_permissions", "Refused Other")]
    [InlineData("errors/insufficient_privileges", "Refused Other")]
    [InlineData("errors/resource_access_restricted", "Refused Other")]
    [InlineData("errors/feature_not_implemented", "Refused Other")]
    [InlineData("errors/disconnected_feature", "Refused Other")]
    [InlineData("errors/invalid_account", "Refused Other")]
    [InlineData("errors/account_restricted", "AccountDown Restricted")]
    [InlineData("errors/disconnected_account", "AccountDown Disconnected")]
    [InlineData("errors/expired_credentials", "AccountDown Disconnected")]
    [InlineData("errors/invalid_credentials", "AccountDown Disconnected")]
    [InlineData("errors/missing_credentials", "AccountDown Disconnected")]
    [InlineData("errors/checkpoint_error", "AccountDown Disconnected")]
    [InlineData("errors/multiple_sessions", "AccountDown Disconnected")]
    [InlineData("errors/wrong_account", "AccountDown Disconnected")]
    [InlineData("errors/session_mismatch", "AccountDown Disconnected")]
    [InlineData("errors/limit_exceeded", "Limited action")]
    [InlineData("errors/connection_limit_reached", "Limited action")]
    [InlineData("errors/too_many_requests", "Limited account")]
    [InlineData("errors/no_client_session", "NotSent")]
    [InlineData("errors/no_channel", "NotSent")]
    [InlineData("errors/no_handler", "NotSent")]
    [InlineData("errors/network_down", "NotSent")]
    [InlineData("errors/service_unavailable", "NotSent")]
    [InlineData("errors/request_timeout", "Unknown")]
    [InlineData("errors/provider_error", "Unknown")]
    [InlineData("errors/unexpected_error", "Unknown")]
    public void Goes_by_the_type_alone(string type, string meaning)
    {
        // Whatever the status says, and with or without the prefix.
        foreach (var status in (int[])[400, 401, 403, 404, 422, 429, 500, 503])
            Assert.Equal((meaning, meaning), (Told(ErrorTypes.Classify(type, status, null)), Told(ErrorTypes.Classify(ErrorTypes.Bare(type), status, null))));
    }

    [Fact]
    public void Lists_every_documented_type()
    {
        var listed = typeof(ClassifyingErrors).GetMethod(nameof(Goes_by_the_type_alone))!.GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(InlineDataAttribute))
            .Select(attribute => ((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!)[0].Value!.ToString()!["errors/".Length..])
            .ToHashSet();
        Assert.Empty(Documented.All.Keys.Except(listed));
        Assert.Equal(listed.Order(), ErrorTypes.Table.Keys.Order());
    }

    /// <summary>F39: what nobody documented is judged by its status, and a 5xx after the request is never a "not sent".</summary>
    [Theory]
    [InlineData(302, "Unknown")]
    [InlineData(400, "Refused Other")]
    [InlineData(401, "AccountDown Disconnected")]
    [InlineData(408, "Unknown")]
    [InlineData(422, "Refused Other")]
    [InlineData(429, "Limited account")]
    [InlineData(500, "Unknown")]
    [InlineData(502, "Unknown")]
    [InlineData(503, "Unknown")]
    [InlineData(504, "Unknown")]
    public void Goes_by_the_status_where_the_type_is_new(int status, string meaning)
    {
        Assert.Equal(meaning, Told(ErrorTypes.Classify("errors/new_kind", status, null)));
        Assert.Equal(meaning, Told(ErrorTypes.Classify("", status, null)));
    }

    /// <summary>F34. Flaw of the seeds: the word "credit" in a text arms the breaker.</summary>
    [Fact]
    public void Does_not_look_for_words()
    {
        Assert.IsType<ProviderReply.Refused>(ErrorTypes.Classify("errors/new_credit_kind", 422, null));
        Assert.IsType<ProviderReply.Refused>(ErrorTypes.Classify("errors/payment_error", 422, null));
    }

    [Fact]
    public void Keeps_the_providers_own_word() =>
        Assert.Equal("cannot_resend_yet", Assert.IsType<ProviderReply.Refused>(ErrorTypes.Classify("errors/cannot_resend_yet", 422, null)).Type);

    [Fact]
    public void Says_what_an_answer_means_for_the_account()
    {
        Assert.Equal(new AccountSignal.RateLimited(TimeSpan.FromSeconds(7)), ErrorTypes.Classify("errors/too_many_requests", 429, TimeSpan.FromSeconds(7)).Signal);
        Assert.Equal(new AccountSignal.LimitReached(), ErrorTypes.Classify("errors/limit_exceeded", 422, null).Signal);
        Assert.Equal(new AccountSignal.Restricted(), ErrorTypes.Classify("errors/account_restricted", 403, null).Signal);
        Assert.Equal(new AccountSignal.Disconnected(), ErrorTypes.Classify("errors/checkpoint_error", 401, null).Signal);
        Assert.Equal(new AccountSignal.Usage(90), new ProviderReply.Accepted("", "", "i", 90).Signal);
        Assert.Null(new ProviderReply.Unknown("timeout").Signal);
    }

    private static string Told(ProviderReply reply) => reply switch
    {
        ProviderReply.Refused refused => $"Refused {refused.Kind}",
        ProviderReply.AccountDown down => $"AccountDown {down.State}",
        ProviderReply.Limited limited => limited.WholeAccount ? "Limited account" : "Limited action",
        _ => reply.GetType().Name,
    };
}
