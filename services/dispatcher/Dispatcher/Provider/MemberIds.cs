namespace Pennypost.Dispatcher.Provider;

/// <summary>The provider's ids of people: another for every viewer, and for every subscription of a viewer (<c>ACo</c> classic, <c>ACw</c> Sales Navigator, <c>AE</c> Recruiter).</summary>
internal static class MemberIds
{
    private static readonly string[] _kinds = ["ACo", "ACw", "AE"];

    /// <summary>Whether two ids of one viewer are of the same kind, so that they differ if and only if the people do.</summary>
    public static bool AreOfOneKind(string one, string other) => Array.Exists(_kinds, kind => one.StartsWith(kind, StringComparison.Ordinal) && other.StartsWith(kind, StringComparison.Ordinal));
}
