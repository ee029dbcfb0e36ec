using System.ComponentModel.DataAnnotations;

namespace Pennypost.Sandbox;

/// <summary>Settings of the section <c>Sandbox</c>, checked at start.</summary>
public sealed class SandboxOptions
{
    public const string Section = "Sandbox";

    /// <summary>What callers must send as <c>X-API-KEY</c>, to the provider's API and to the controls alike.</summary>
    [Required]
    [StringLength(200, MinimumLength = 8)]
    public string ApiKey { get; set; } = "";

    /// <summary>The SQLite file that holds the world; <c>:memory:</c> forgets it with the process.</summary>
    [Required]
    public string Path { get; set; } = ":memory:";

    /// <summary>Everything that looks like chance comes from here. A stored world can only be opened with the seed that it was made from.</summary>
    [Required]
    [StringLength(100, MinimumLength = 1)]
    public string Seed { get; set; } = "pennypost";

    /// <summary>A world document (README) that fills an empty world at start.</summary>
    public string? WorldFile { get; set; }

    /// <summary>Whether a profile that nobody created is made up from the seed when it is first looked at, instead of being unknown.</summary>
    public bool InventProspects { get; set; }

    /// <summary>Real milliseconds before each further try of a webhook, at most 5 of them; the post is dropped after the last. Default 1, 5, 30, 120 and 600 s.</summary>
    public int[]? WebhookRetryDelaysMs { get; set; }

    /// <summary>Real milliseconds that a webhook may take to answer.</summary>
    [Range(10, 60_000)]
    public int WebhookTimeoutMs { get; set; } = 30_000;

    /// <summary>Posts that may wait at once; more are dropped and counted.</summary>
    [Range(1, 1_000_000)]
    public int MaxPendingPosts { get; set; } = 50_000;

    /// <summary>Finished posts that are kept to be looked at.</summary>
    [Range(0, 1_000_000)]
    public int MaxFinishedPosts { get; set; } = 10_000;

    /// <summary>Real milliseconds between two looks at what has become due by itself.</summary>
    [Range(10, 60_000)]
    public int DuePollMs { get; set; } = 100;

    /// <summary>Things that may become due in one act; the clock stops where the last of them happened.</summary>
    [Range(1, 1_000_000)]
    public int MaxDueAtOnce { get; set; } = 20_000;

    [Range(1, 100_000)]
    public int MaxAccounts { get; set; } = 1_000;

    [Range(1, 10_000_000)]
    public int MaxProspects { get; set; } = 200_000;

    [Range(1, 100_000_000)]
    public int MaxDeliveries { get; set; } = 2_000_000;

    [Range(1, 1_000)]
    public int MaxHooks { get; set; } = 100;

    [Range(1, 100_000)]
    public int MaxFaults { get; set; } = 1_000;

    internal IReadOnlyList<int> RetryDelaysMs => WebhookRetryDelaysMs ?? [1_000, 5_000, 30_000, 120_000, 600_000];
}
