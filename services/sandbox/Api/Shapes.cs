using System.Globalization;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Api;

/// <summary>How the provider writes things (facts 1.2 to 1.5): names and fields are its, not ours.</summary>
internal static class Shapes
{
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    public static string ProfileUrl(string publicIdentifier) => "https://www.linkedin.com/in/" + Uri.EscapeDataString(publicIdentifier) + "/";

    public static string AttendeeId(World world, Account account, Prospect prospect) => Draw.Id(world.Seed, "attendee", account.Id, prospect.Id);

    public static string Feature(Product product) => product == Product.Premium ? "classic" : Name(product);

    public static string Name(Product product) => product switch
    {
        Product.Premium => "premium",
        Product.SalesNavigator => "sales_navigator",
        _ => "recruiter",
    };

    public static Product? ApiProduct(string? api) => api switch
    {
        null or "" or "classic" => Product.Premium,
        "sales_navigator" => Product.SalesNavigator,
        "recruiter" => Product.Recruiter,
        _ => null,
    };

    public static object Account(World world, Account account) => new
    {
        @object = "Account",
        id = account.Id,
        name = account.Name,
        type = "LINKEDIN",
        created_at = Time(account.CreatedAt),
        connection_params = new
        {
            im = new
            {
                id = world.OwnIdOf(account),
                publicIdentifier = account.PublicIdentifier,
                username = account.Name,
                premiumFeatures = account.Subscriptions.Select(s => Name(s.Product)),
            },
        },
        sources = new[] { new { id = account.Id + "_MESSAGING", status = Status(account) } },
        groups = Array.Empty<string>(),
    };

    /// <summary>A restriction shows only in the refusals of live calls: the provider's session is alive.</summary>
    public static string Status(Account account) => account.State == AccountState.Disconnected ? "CREDENTIALS" : "OK";

    public static object Chat(World world, Chat chat)
    {
        var account = world.Accounts.Find(chat.AccountId)!;
        var prospect = world.Prospects.Find(chat.MemberId)!;
        var product = chat.Inmail?.Product ?? Product.Premium;
        var shape = new Dictionary<string, object?>
        {
            ["object"] = "Chat",
            ["id"] = chat.Id,
            ["account_id"] = chat.AccountId,
            ["account_type"] = "LINKEDIN",
            ["provider_id"] = "2-" + chat.Id,
            ["attendee_provider_id"] = world.ScopedIdOf(account.Id, prospect),
            ["attendee_public_identifier"] = prospect.PublicIdentifier,
            ["name"] = null,
            ["type"] = 0,
            ["timestamp"] = Time(chat.LastAt),
            ["unread"] = chat.Unread > 0 ? 1 : 0,
            ["unread_count"] = chat.Unread,
            ["archived"] = 0,
            ["pinned"] = 0,
            ["muted_until"] = null,
            ["read_only"] = 0,
            ["disabledFeatures"] = Array.Empty<string>(),
            ["folder"] = new[] { "INBOX", "INBOX_LINKEDIN_" + Feature(product).ToUpperInvariant() },
        };
        if (chat.Subject is not null)
            shape["subject"] = chat.Subject;
        if (chat.Inmail is not null)
            shape["content_type"] = "inmail";
        return shape;
    }

    /// <summary>As the provider shows it, which need not be as it was sent.</summary>
    private static string Text(Account account, Message message) => account.Rules.TextsAltered && !message.FromMember
        ? message.Text.Replace(" ", "\u00a0", StringComparison.Ordinal).ReplaceLineEndings("\r\n") + "\r\n\r\n" + account.Name
        : message.Text;

    public static object Message(World world, Message message)
    {
        var account = world.Accounts.Find(message.AccountId)!;
        var prospect = world.Prospects.Find(message.MemberId)!;
        return new
        {
            @object = "Message",
            id = message.Id,
            account_id = message.AccountId,
            chat_id = message.ChatId,
            chat_provider_id = "2-" + message.ChatId,
            provider_id = "msg-" + message.Id,
            sender_id = message.FromMember ? world.ScopedIdOf(account.Id, prospect) : world.OwnIdOf(account),
            sender_attendee_id = message.FromMember ? AttendeeId(world, account, prospect) : Draw.Id(world.Seed, "attendee", account.Id, account.MemberId),
            text = Text(account, message),
            subject = message.Subject,
            timestamp = Time(message.At),
            is_sender = message.FromMember ? 0 : 1,
            attachments = Array.Empty<object>(),
            reactions = Array.Empty<object>(),
            seen = 0,
            seen_by = new { },
            hidden = 0,
            deleted = 0,
            edited = 0,
            is_event = 0,
            delivered = 1,
            behavior = (int?)null,
            attendee_type = "MEMBER",
        };
    }

    public static object Invitation(World world, Invitation invitation)
    {
        var prospect = world.Prospects.Find(invitation.MemberId)!;
        return new
        {
            @object = "InvitationSent",
            id = invitation.Id,
            date = invitation.SentAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            parsed_datetime = Time(invitation.SentAt),
            invitation_text = invitation.Note,
            invited_user = prospect.FullName,
            invited_user_id = world.ScopedIdOf(invitation.AccountId, prospect),
            invited_user_public_id = prospect.PublicIdentifier,
            invited_user_description = prospect.Headline,
        };
    }

    public static object Relation(World world, Account account, Prospect prospect, DateTimeOffset since)
    {
        var id = world.ScopedIdOf(account.Id, prospect);
        return new
        {
            @object = "UserRelation",
            connection_urn = "urn:li:fsd_connection:" + id,
            created_at = since.ToUnixTimeMilliseconds(),
            first_name = prospect.FirstName,
            last_name = prospect.LastName,
            member_id = id,
            member_urn = "urn:li:fsd_profile:" + id,
            headline = prospect.Headline,
            public_identifier = prospect.PublicIdentifier,
            public_profile_url = ProfileUrl(prospect.PublicIdentifier),
        };
    }

    /// <summary>A member as one account sees them. What the provider does not know is left out: missing is unknown, not false (facts 1.3).</summary>
    public static IReadOnlyDictionary<string, object?> Profile(World world, Account account, Prospect prospect, Product product)
    {
        var degree = world.DegreeBetween(account, prospect);
        var shape = new Dictionary<string, object?>
        {
            ["object"] = "UserProfile",
            ["provider"] = "LINKEDIN",
            ["provider_id"] = world.ScopedIdOf(account.Id, prospect, product),
            ["public_identifier"] = prospect.PublicIdentifier,
            ["public_profile_url"] = ProfileUrl(prospect.PublicIdentifier),
            ["first_name"] = prospect.FirstName,
            ["last_name"] = prospect.LastName,
            ["headline"] = prospect.Headline,
            ["location"] = prospect.Location,
            ["network_distance"] = Distance(degree),
            ["is_relationship"] = degree == Degree.First,
            ["is_open_profile"] = prospect.OpenProfile,
            ["is_premium"] = prospect.Premium,
            ["is_open_to_work"] = prospect.OpenToWork,
            ["is_hiring"] = false,
        };
        // At a door that lies about its reason the provider does not know better either.
        if (prospect.Inmail != InmailDoor.OffSaysInsufficientCredits)
            shape["can_send_inmail"] = prospect.Inmail == InmailDoor.Open;
        if (world.InvitationsBetween(account.Id, prospect.Id).LastOrDefault() is { State: not InvitationState.Accepted } invitation)
        {
            var state = invitation.State.ToString().ToUpperInvariant();
            shape["relation_request"] = new { id = invitation.Id, type = "SENT", created_at = Time(invitation.SentAt), message = invitation.Note, status = state };
            shape["relation_request_status"] = state;
            shape["invitation"] = new { type = "SENT", status = state };
        }

        if (prospect.Company is { } company && !prospect.ThrottledSections.Contains("experience"))
            shape["work_experience"] = new[] { new { company, position = prospect.Headline, current = true } };
        if (prospect.ThrottledSections.Count > 0)
            shape["throttled_sections"] = prospect.ThrottledSections;
        foreach (var field in prospect.HiddenFields)
            shape.Remove(field);
        return shape;
    }

    public static string Distance(Degree degree) => degree switch
    {
        Degree.First => "FIRST_DEGREE",
        Degree.Second => "SECOND_DEGREE",
        Degree.Third => "THIRD_DEGREE",
        _ => "OUT_OF_NETWORK",
    };
}
