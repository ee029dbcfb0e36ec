using System.Diagnostics;
using Pennypost.Bench.Figures;

namespace Pennypost.Bench;

/// <summary>What the disk under the stores takes to keep something.</summary>
internal static class Disk
{
    private const int Writes = 200;
    private const int Bytes = 4_096;

    /// <summary>Appends, each followed by an fsync, in milliseconds.</summary>
    public static Quantiles Fsyncs()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.DeleteOnClose);
        var times = new double[Writes];
        var block = new byte[Bytes];
        for (var write = 0; write < Writes; write++)
        {
            var started = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, block, (long)write * Bytes);
            RandomAccess.FlushToDisk(file);
            times[write] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        return Quantiles.Of(times);
    }
}
