namespace Pennypost.Credits;

/// <summary>The credits service's gaps between what is decided, what is kept and what is told.</summary>
internal static class CrashPoints
{
    /// <summary>The command has come; nothing is kept.</summary>
    public const string BeforeCommit = "before-commit";

    /// <summary>It is kept; its caller has no answer.</summary>
    public const string AfterCommit = "after-commit";

    /// <summary>Its events are published; the relay's cursor does not know.</summary>
    public const string AfterPublish = "after-publish";

    public static IReadOnlyList<string> All { get; } = [BeforeCommit, AfterCommit, AfterPublish];
}
