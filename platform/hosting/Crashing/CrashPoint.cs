using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace Pennypost.Hosting;

/// <summary>What happens at a crash point.</summary>
public enum CrashKind
{
    /// <summary>The process is killed as by a power cut: no handler runs, nothing is flushed.</summary>
    Kill,

    /// <summary>The process is stopped as a whole (SIGSTOP), until somebody lets it go on (SIGCONT): it knows nothing of the time between.</summary>
    Stop,
}

/// <summary>
/// Named gaps between commits, where tests kill or stop the process. Does nothing unless <see cref="HostingOptions.CrashAt"/> names the gap; each process crashes once.
/// </summary>
public sealed class CrashPoint(IOptions<HostingOptions> options)
{
    private readonly string _at = options.Value.CrashAt;
    private readonly CrashKind _kind = options.Value.CrashKind;
    private int _left = options.Value.CrashAtNth;

    /// <summary>The process is here now.</summary>
    public void Reach(string name)
    {
        if (_at.Length == 0 || _at != name || Interlocked.Decrement(ref _left) != 0)
            return;
        if (_kind == CrashKind.Kill)
        {
            Process.GetCurrentProcess().Kill();
            return;
        }

        using var kill = Process.Start("/bin/kill", ["-STOP", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
