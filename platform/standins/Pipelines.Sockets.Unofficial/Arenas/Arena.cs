using System.Runtime.CompilerServices;

namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>When an arena wipes its memory. This arena wipes what was used at every reset, so that nothing is kept alive by accident.</summary>
[Flags]
public enum ArenaFlags
{
    /// <summary>No wish.</summary>
    None = 0,

    /// <summary>At reset.</summary>
    ClearAtReset = 1,

    /// <summary>At disposal.</summary>
    ClearAtDispose = 2,
}

/// <summary>How an arena takes and keeps memory.</summary>
public sealed class ArenaOptions
{
    private const int DefaultBlockSizeBytes = 32 * 1024;

    /// <summary>The block size is in bytes, 0 for the default. The retention policy is of no meaning: one block is kept.</summary>
    public ArenaOptions(ArenaFlags flags = ArenaFlags.None, int blockSizeBytes = 0, Func<long, long, long>? retentionPolicy = null) =>
        BlockSizeBytes = blockSizeBytes > 0 ? blockSizeBytes : DefaultBlockSizeBytes;

    internal static ArenaOptions Default { get; } = new();

    internal int BlockSizeBytes { get; }
}

/// <summary>Where an arena's memory could come from. This arena takes arrays and asks nobody.</summary>
public abstract class Allocator<T>;

/// <summary>
/// Gives memory that is taken back all at once. Every allocation is one run of one array, so a sequence never spans blocks;
/// it is valid until <see cref="Reset"/>. Not for several threads.
/// </summary>
public sealed class Arena<T> : IDisposable
{
    private const int BlockLengthMin = 64;
    private readonly int blockLength;
    private T[] block = [];
    private int used;

    /// <summary>An empty arena.</summary>
    public Arena(ArenaOptions? options = null, Allocator<T>? allocator = null) =>
        blockLength = Math.Max(BlockLengthMin, (options ?? ArenaOptions.Default).BlockSizeBytes / Unsafe.SizeOf<T>());

    /// <summary>That many elements, in their default state.</summary>
    public Sequence<T> Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == 0) return default;
        // A run longer than a block gets an array of its own, which the garbage collector has as soon as the sequence is dropped.
        if (length > blockLength) return new Sequence<T>(new T[length], 0, length);
        if (block.Length - used < length)
        {
            block = new T[blockLength];
            used = 0;
        }
        var run = new Sequence<T>(block, used, length);
        used += length;
        return run;
    }

    /// <summary>Everything handed out so far is dead; the last block is wiped and used again.</summary>
    public void Reset()
    {
        Array.Clear(block, 0, used);
        used = 0;
    }

    /// <summary>Gives its memory up.</summary>
    public void Dispose()
    {
        block = [];
        used = 0;
    }
}
