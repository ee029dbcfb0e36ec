/// <summary>The tree that these tests were built in: they read its documents and run its examples. Compiled into every test project.</summary>
internal static class Repository
{
    /// <summary>Where Pennypost.slnx is.</summary>
    public static string Root { get; } = Find();

    /// <summary>A file's path, from the root.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Pennypost.slnx")))
                return folder.FullName;
        throw new InvalidOperationException($"No Pennypost.slnx above {AppContext.BaseDirectory}.");
    }
}
