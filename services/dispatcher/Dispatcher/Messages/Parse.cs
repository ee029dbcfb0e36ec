using Google.Protobuf.WellKnownTypes;
using Pennypost.Delivery;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Messages;

/// <summary>A message as its caller handed it over, checked.</summary>
internal sealed record ParsedMessage
{
    public required string MessageId { get; init; }

    public required Content Content { get; init; }

    public required IReadOnlyList<string> AccountIds { get; init; }

    public required Delivery.Priority Priority { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Null: 60 days after it is accepted.</summary>
    public DateTimeOffset? ExpireTime { get; init; }

    public string CampaignId { get; init; } = "";

    public string Segment { get; init; } = "";

    public string Variant { get; init; } = "";

    public bool StopWithCompany { get; init; }

    /// <summary>Empty for the tenant's own default.</summary>
    public string Policy { get; init; } = "";

    /// <summary>As it was given, whether or not the address is kept.</summary>
    public DateTimeOffset? EmailVerifyTime { get; init; }

    /// <summary>As it was given; its hash is kept, and the content keeps it if it is to be written to.</summary>
    public string Email { get; init; } = "";

    /// <summary>Whether a field's hash is of something that goes when the person is erased. The profile's says no more than the prospect's id.</summary>
    public static bool IsPersonal(string field) =>
        field.StartsWith("content.", StringComparison.Ordinal) || (field.StartsWith("prospect.", StringComparison.Ordinal) && field != "prospect.profile");

    /// <summary>Every field that makes it this message, in the order in which differences are named.</summary>
    public IReadOnlyList<FieldDigest> Digests(Identifiers identifiers, string tenant)
    {
        return
        [
            Of("prospect.profile", Content.PublicIdentifier),
            Of("prospect.first_name", Content.FirstName),
            Of("prospect.last_name", Content.LastName),
            Of("prospect.company", Content.Company),
            Of("prospect.title", Content.Title),
            Of("content.subject", Content.Subject),
            Of("content.body", Content.Body),
            Of("content.note", Content.Note),
            Of("account_ids", string.Join(',', AccountIds)),
            Of("priority", Priority.ToString()),
            Of("not_before", NotBefore?.ToString("O") ?? ""),
            Of("expire_time", ExpireTime?.ToString("O") ?? ""),
            Of("campaign_id", CampaignId),
            Of("stop_with_company", StopWithCompany ? "true" : ""),
            Of("prospect.email", Email),
            Of("content.email", Content.Email),
            Of("prospect.email_verify_time", EmailVerifyTime?.ToString("O") ?? ""),
            Of("policy", Policy),
            Of("segment", Segment),
            Of("variant", Variant),
            Of("content.engagement", Content.Engagement == Delivery.Channel.Unspecified ? "" : $"{Content.Engagement} {Content.PostId} {Content.Comment}"),
        ];

        FieldDigest Of(string field, string value) => new(field, identifiers.Field(tenant, field, value));
    }
}

/// <summary>Checks requests against the limits that their comments state; every violation is named, not the first.</summary>
internal static class Parse
{
    /// <summary>How far ahead a message may be set, and how long it may wait.</summary>
    private static readonly TimeSpan MaxAhead = TimeSpan.FromDays(180);

    /// <summary>How long a message waits if its caller does not say.</summary>
    public static readonly TimeSpan DefaultLife = TimeSpan.FromDays(60);

    public static ParsedMessage? Message(MessageSpec? spec, bool idRequired, DateTimeOffset now, Violations violations)
    {
        if (!violations.Required("message", spec))
            return null;
        if (idRequired)
            violations.Id("message.message_id", spec!.MessageId);
        else
            violations.OptionalId("message.message_id", spec!.MessageId);
        var identifier = Prospect(spec!.Prospect, violations);
        Texts(spec.Content, violations);
        if (spec.Content is { Email.Length: > 0 } written)
            Mail(written, spec.Prospect, violations);
        violations.Items("message.account_ids", spec.AccountIds.Count, 0, 100);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < Math.Min(spec.AccountIds.Count, 101); index++)
        {
            var field = $"message.account_ids[{index}]";
            violations.Id(field, spec.AccountIds[index]);
            if (!seen.Add(spec.AccountIds[index]))
                violations.Add(field, "names an account again");
        }

        if (!System.Enum.IsDefined(spec.Priority))
            violations.Add("message.priority", "is no priority");
        var notBefore = Ahead("message.not_before", spec.NotBefore, now, violations);
        var expire = Ahead("message.expire_time", spec.ExpireTime, now, violations);
        if (expire <= now)
            violations.Add("message.expire_time", "must lie in the future");
        if (notBefore >= (expire ?? now + DefaultLife))
            violations.Add("message.not_before", "must lie before expire_time, which is 60 days ahead if it is not set");
        violations.OptionalId("message.campaign_id", spec.CampaignId);
        violations.OptionalId("message.policy", spec.Policy);
        violations.OptionalId("message.segment", spec.Segment);
        violations.OptionalId("message.variant", spec.Variant);
        var verified = Moment("message.prospect.email_verify_time", spec.Prospect?.EmailVerifyTime, violations);
        if (verified > now)
            violations.Add("message.prospect.email_verify_time", "must not lie in the future");
        if (verified is not null && spec.Prospect!.Email.Length == 0)
            violations.Add("message.prospect.email", "is required with email_verify_time");
        if (spec.StopWithCompany && spec.Prospect is { } person && !person.Company.Any(char.IsLetterOrDigit))
            violations.Add("message.prospect.company", "is required with stop_with_company");
        if (violations.Any)
            return null;
        var (prospect, content) = (spec.Prospect!, spec.Content!);
        return new ParsedMessage
        {
            MessageId = spec.MessageId,
            Content = new Content
            {
                PublicIdentifier = identifier!,
                Subject = content.Subject,
                Body = content.Body,
                Note = content.Note,
                FirstName = prospect.FirstName,
                LastName = prospect.LastName,
                Company = prospect.Company,
                Title = prospect.Title,
                Email = content.Email,
                EmailAddress = content.Email.Length > 0 ? prospect.Email.Trim() : "",
                EmailVerifyTime = content.Email.Length > 0 ? verified : null,
                Engagement = (Delivery.Channel)(content.Engagement?.Channel ?? Wire.Channel.Unspecified),
                PostId = content.Engagement?.PostId ?? "",
                Comment = content.Engagement?.Comment ?? "",
            },
            AccountIds = [.. spec.AccountIds],
            Priority = spec.Priority == Wire.Priority.Unspecified ? Delivery.Priority.Normal : (Delivery.Priority)spec.Priority,
            NotBefore = notBefore,
            ExpireTime = expire,
            CampaignId = spec.CampaignId,
            StopWithCompany = spec.StopWithCompany,
            Policy = spec.Policy,
            Segment = spec.Segment,
            Variant = spec.Variant,
            EmailVerifyTime = verified,
            Email = prospect.Email,
        };
    }

    private static string? Prospect(Wire.Prospect? prospect, Violations violations)
    {
        if (!violations.Required("message.prospect", prospect))
            return null;
        var identifier = violations.Profile("message.prospect.profile", prospect!.Profile);
        violations.Length("message.prospect.first_name", prospect.FirstName, 0, 200);
        violations.Length("message.prospect.last_name", prospect.LastName, 0, 200);
        violations.Length("message.prospect.company", prospect.Company, 0, 200);
        violations.Length("message.prospect.title", prospect.Title, 0, 200);
        if (prospect.Email.Length > 0)
            violations.Email("message.prospect.email", prospect.Email);
        return identifier;
    }

    /// <summary>What goes into an e-mail's header has no line breaks: whoever could write one could write headers of their own.</summary>
    private static void Mail(Wire.Content content, Wire.Prospect? prospect, Violations violations)
    {
        if (string.IsNullOrWhiteSpace(content.Email))
            violations.Add("message.content.email", "must say something");
        if (string.IsNullOrWhiteSpace(content.Subject))
            violations.Add("message.content.subject", "is required with email");
        HeaderText("message.content.subject", content.Subject, violations);
        HeaderText("message.prospect.first_name", prospect?.FirstName ?? "", violations);
        HeaderText("message.prospect.last_name", prospect?.LastName ?? "", violations);
        PlainAddress("message.prospect.email", prospect?.Email ?? "", violations);
    }

    /// <summary>Of what is written to, or from: one address, with nothing in it that mail programs read as more.</summary>
    public static void PlainAddress(string field, string address, Violations violations)
    {
        if (address.AsSpan().ContainsAny(_notInAddresses))
            violations.Add(field, "must be one plain address, without signs such as < > ( ) [ ] , ; : \\ or quotation marks");
    }

    private static readonly System.Buffers.SearchValues<char> _notInAddresses = System.Buffers.SearchValues.Create("<>()[],;:\\\"");

    public static void HeaderText(string field, string text, Violations violations)
    {
        if (text.Any(char.IsControl) || text.Contains('\u2028', StringComparison.Ordinal) || text.Contains('\u2029', StringComparison.Ordinal))
            violations.Add(field, "must have no line breaks or other control characters: it goes into an e-mail's header");
    }

    private static void Texts(Wire.Content? content, Violations violations)
    {
        if (!violations.Required("message.content", content))
            return;
        violations.Length("message.content.subject", content!.Subject, 0, 200);
        violations.Length("message.content.body", content.Body, 0, 8_000);
        violations.Length("message.content.note", content.Note, 0, 300);
        violations.Length("message.content.email", content.Email, 0, 20_000);
        if (content.Engagement is { } engagement)
        {
            Engagement(content, engagement, violations);
            return;
        }

        if (string.IsNullOrWhiteSpace(content.Body) && string.IsNullOrWhiteSpace(content.Note) && content.Email.Length == 0)
            violations.Add("message.content", "must have a body, a note or a text for an e-mail");
    }

    private static void Engagement(Wire.Content content, Wire.Engagement engagement, Violations violations)
    {
        if (content.Subject.Length + content.Body.Length + content.Note.Length + content.Email.Length > 0)
            violations.Add("message.content", "must have no texts beside an engagement");
        if (!((Delivery.Channel)engagement.Channel).IsEngagement())
            violations.Add("message.content.engagement.channel", "must be CHANNEL_PROFILE_VIEW, CHANNEL_LIKE or CHANNEL_COMMENT");
        var onPost = engagement.Channel is Wire.Channel.Like or Wire.Channel.Comment;
        violations.Length("message.content.engagement.post_id", engagement.PostId, onPost ? 1 : 0, onPost ? 200 : 0);
        if (engagement.PostId.AsSpan().ContainsAnyExcept(_inPostIds))
            violations.Add("message.content.engagement.post_id", "must consist of A-Z, a-z, 0-9 and : _ . = -");
        var comments = engagement.Channel == Wire.Channel.Comment;
        violations.Length("message.content.engagement.comment", engagement.Comment, comments ? 1 : 0, comments ? 1_250 : 0);
        if (comments && engagement.Comment.Length > 0 && string.IsNullOrWhiteSpace(engagement.Comment))
            violations.Add("message.content.engagement.comment", "must say something");
    }

    private static readonly System.Buffers.SearchValues<char> _inPostIds =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_.=-");

    /// <summary>A time that lies at most 180 days ahead.</summary>
    public static DateTimeOffset? Ahead(string field, Timestamp? time, DateTimeOffset now, Violations violations)
    {
        var moment = Moment(field, time, violations);
        if (moment > now + MaxAhead)
            violations.Add(field, "must be at most 180 days ahead");
        return moment;
    }

    /// <summary>A time as it is kept: whole milliseconds. Null if it is not set, or is none.</summary>
    public static DateTimeOffset? Moment(string field, Timestamp? time, Violations violations)
    {
        if (time is null)
            return null;
        try
        {
            return DateTimeOffset.FromUnixTimeMilliseconds(time.ToDateTimeOffset().ToUnixTimeMilliseconds());
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentOutOfRangeException)
        {
            violations.Add(field, "is no valid timestamp");
            return null;
        }
    }
}
