using System.Collections.Frozen;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway;

/// <summary>The shapes that the protos' comments promise. Pure: adds what is wrong, in the order of the fields.</summary>
internal static class Shapes
{
    public const int MaxBatch = 500;
    private const int MaxPage = 500;
    private const int MaxAccounts = 100;
    private const int MaxScopes = 32;

    public static void Message(this Violations violations, string path, MessageSpec? spec, bool idRequired = true)
    {
        if (!violations.Required(path, spec)) return;
        if (idRequired) violations.Id($"{path}.message_id", spec!.MessageId);
        else violations.OptionalId($"{path}.message_id", spec!.MessageId);
        violations.Prospect($"{path}.prospect", spec.Prospect);
        violations.Content($"{path}.content", spec.Content);
        violations.AccountIds($"{path}.account_ids", spec.AccountIds);
        violations.Known($"{path}.priority", spec.Priority);
        violations.Time($"{path}.not_before", spec.NotBefore);
        violations.Time($"{path}.expire_time", spec.ExpireTime);
        if (IsTime(spec.NotBefore) && IsTime(spec.ExpireTime) && spec.ExpireTime.CompareTo(spec.NotBefore) <= 0)
            violations.Add($"{path}.expire_time", "must be after not_before");
        violations.OptionalId($"{path}.campaign_id", spec.CampaignId);
        violations.OptionalId($"{path}.policy", spec.Policy);
        violations.OptionalId($"{path}.segment", spec.Segment);
        violations.OptionalId($"{path}.variant", spec.Variant);
    }

    public static void Prospect(this Violations violations, string path, Prospect? prospect)
    {
        if (!violations.Required(path, prospect)) return;
        violations.Profile($"{path}.profile", prospect!.Profile);
        violations.Length($"{path}.first_name", prospect.FirstName, 0, 200);
        violations.Length($"{path}.last_name", prospect.LastName, 0, 200);
        violations.Length($"{path}.company", prospect.Company, 0, 200);
        violations.Length($"{path}.title", prospect.Title, 0, 200);
        if (prospect.Email.Length > 0) violations.Email($"{path}.email", prospect.Email);
        violations.Time($"{path}.email_verify_time", prospect.EmailVerifyTime);
    }

    public static void Content(this Violations violations, string path, Content? content)
    {
        if (!violations.Required(path, content)) return;
        if (content!.Engagement is { } engagement)
        {
            if (content.Subject.Length + content.Body.Length + content.Note.Length + content.Email.Length > 0) violations.Add(path, "must have no texts beside an engagement");
            violations.Engagement($"{path}.engagement", engagement);
        }
        else if (content.Body.Length == 0 && content.Note.Length == 0 && content.Email.Length == 0) violations.Add(path, "must have a body, a note or a text for an e-mail");
        violations.Length($"{path}.subject", content.Subject, 0, 200);
        violations.Length($"{path}.body", content.Body, 0, 8_000);
        violations.Length($"{path}.note", content.Note, 0, 300);
        violations.Length($"{path}.email", content.Email, 0, 20_000);
    }

    public static void Engagement(this Violations violations, string path, Engagement engagement)
    {
        if (engagement.Channel is not (Channel.ProfileView or Channel.Like or Channel.Comment))
            violations.Add($"{path}.channel", "must be CHANNEL_PROFILE_VIEW, CHANNEL_LIKE or CHANNEL_COMMENT");
        violations.Length($"{path}.post_id", engagement.PostId, 0, 200);
        violations.Length($"{path}.comment", engagement.Comment, 0, 1_250);
    }

    public static void AccountIds(this Violations violations, string path, RepeatedField<string> ids)
    {
        violations.Items(path, ids.Count, 0, MaxAccounts);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Math.Min(ids.Count, MaxAccounts); i++)
        {
            violations.Id($"{path}[{i}]", ids[i]);
            if (!seen.Add(ids[i])) violations.Add($"{path}[{i}]", "stands there twice");
        }
    }

    public static void Page(this Violations violations, int pageSize, string pageToken, int max = MaxPage)
    {
        violations.Range("page_size", pageSize, 0, max);
        violations.Length("page_token", pageToken, 0, 512);
    }

    /// <summary>A value that the enum has; unspecified is allowed.</summary>
    public static void Known<TEnum>(this Violations violations, string path, TEnum value) where TEnum : struct, System.Enum
    {
        if (!System.Enum.IsDefined(value)) violations.Add(path, $"has no value {value}");
    }

    public static void Time(this Violations violations, string path, Timestamp? time)
    {
        if (time is not null && !IsTime(time)) violations.Add(path, "must be a time from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z");
    }

    public static void Scopes(this Violations violations, string path, RepeatedField<string> scopes)
    {
        violations.Items(path, scopes.Count, 1, MaxScopes);
        for (var i = 0; i < Math.Min(scopes.Count, MaxScopes); i++)
            if (!KnownScopes.Contains(scopes[i])) violations.Add($"{path}[{i}]", $"must be one of {string.Join(", ", Keys.Scopes.All)}");
    }

    private static readonly FrozenSet<string> KnownScopes = Keys.Scopes.All.ToFrozenSet(StringComparer.Ordinal);

    private static bool IsTime(Timestamp? time) =>
        time is { Seconds: >= -62_135_596_800 and <= 253_402_300_799, Nanos: >= 0 and <= 999_999_999 };
}
