using Google.Protobuf.WellKnownTypes;
using Pennypost.Gateway.Stored;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.Keys;

/// <summary>A key as it is kept, and as it is shown.</summary>
internal static class ShownKeys
{
    /// <summary>Neither revoked nor expired.</summary>
    public static bool IsValid(this StoredKey key, long nowUnixMs) => key.RevokeTimeUnixMs == 0 && (key.ExpireTimeUnixMs == 0 || nowUnixMs < key.ExpireTimeUnixMs);

    public static ApiKey Shown(this StoredKey key, DateTimeOffset now, long lastUseUnixMs = 0) => new()
    {
        KeyId = key.KeyId,
        DisplayName = key.DisplayName,
        Scopes = { key.Scopes },
        CreateTime = Time(key.CreateTimeUnixMs),
        RevokeTime = Time(key.RevokeTimeUnixMs),
        ExpireTime = Time(key.ExpireTimeUnixMs),
        RotateTime = Time(key.RotateTimeUnixMs),
        OverlapUntil = key.PreviousUntilUnixMs > now.ToUnixTimeMilliseconds() ? Time(key.PreviousUntilUnixMs) : null,
        LastUseTime = Time(lastUseUnixMs),
        CallsPerDay = key.CallsPerDay,
    };

    private static Timestamp? Time(long unixMs) => unixMs == 0 ? null : Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(unixMs));
}
