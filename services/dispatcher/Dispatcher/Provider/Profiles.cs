using System.Text.Json;

namespace Pennypost.Dispatcher.Provider;

/// <summary>From the provider's profile to facts. Every field may be missing, and then it is unknown, not false (F17).</summary>
internal static class Profiles
{
    /// <summary>The facts; null if not even the provider id is there.</summary>
    public static ProfileFacts? Read(JsonElement profile)
    {
        if (profile.Text("provider_id") is not { Length: > 0 and <= 512 } providerId)
            return null;
        string[] throttled = [.. profile.Items("throttled_sections").Where(section => section.ValueKind == JsonValueKind.String).Select(section => section.GetString()!).Take(100)];
        var distance = DistanceOf(profile);
        var (invitation, invitedAt) = InvitationOf(profile, distance, throttled.Length > 0);
        return new ProfileFacts
        {
            ProviderId = providerId,
            PublicIdentifier = profile.Text("public_identifier") ?? "",
            Distance = distance,
            OpenProfile = profile.Flag("is_open_profile") ?? profile.Flag("open_profile"),
            CanSendInmail = profile.Flag("can_send_inmail"),
            OpenToWork = profile.Flag("is_open_to_work"),
            Invitation = invitation,
            InvitationTime = invitedAt,
            ThrottledSections = throttled,
        };
    }

    /// <summary>Profiles and search results write distances in two ways.</summary>
    private static Distance DistanceOf(JsonElement profile) => profile.Text("network_distance") switch
    {
        "FIRST_DEGREE" or "DISTANCE_1" => Distance.First,
        "SECOND_DEGREE" or "DISTANCE_2" => Distance.Second,
        "THIRD_DEGREE" or "DISTANCE_3" => Distance.Third,
        "OUT_OF_NETWORK" => Distance.OutOfNetwork,
        _ => profile.Flag("is_relationship") == true ? Distance.First : Distance.Unknown,
    };

    /// <summary>
    /// The provider shows an invitation where there is one, and leaves the field out otherwise. So its absence says "none", but only in an answer that is whole: with sections throttled, or without a
    /// distance, it says nothing.
    /// </summary>
    private static (InvitationSeen Seen, DateTimeOffset? At) InvitationOf(JsonElement profile, Distance distance, bool throttled)
    {
        var request = profile.Member("relation_request");
        var status = profile.Text("relation_request_status") ?? request?.Text("status");
        var at = request?.Time("created_at");
        if (request?.Text("type") is "RECEIVED")
            return (InvitationSeen.Unknown, null);
        return status switch
        {
            "PENDING" => (InvitationSeen.Pending, at),
            "IGNORED" or "WITHDRAWN" or "DECLINED" => (InvitationSeen.Ended, at),
            null when request is not null => (InvitationSeen.Pending, at),
            null when profile.Flag("pending_invitation") is { } pending => (pending ? InvitationSeen.Pending : InvitationSeen.None, null),
            null when !throttled && distance != Distance.Unknown => (InvitationSeen.None, null),
            _ => (InvitationSeen.Unknown, null),
        };
    }
}
