namespace Grpc.Core;

/// <summary>The version that this assembly stands in for. The constants are compiled into callers.</summary>
public static class VersionInfo
{
    /// <summary>The assembly version, the same for all of 2.x.</summary>
    public const string CurrentAssemblyVersion = "2.0.0.0";

    /// <summary>The file version.</summary>
    public const string CurrentAssemblyFileVersion = "2.85.0.0";

    /// <summary>The package version.</summary>
    public const string CurrentVersion = "2.85.0";
}
