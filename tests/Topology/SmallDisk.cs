using System.Diagnostics;
using System.Globalization;

namespace Topology;

/// <summary>
/// A disk that can be filled up: a few megabytes of memory mounted on a folder. Where nobody may mount anything it is an ordinary folder, and full for a process whose files may grow no further (RLIMIT_FSIZE):
/// its writes fail all the same.
/// </summary>
public sealed class SmallDisk : IDisposable
{
    private const int Megabytes = 24;
    private readonly string _fill;

    private SmallDisk(string folder)
    {
        Folder = folder;
        _fill = Path.Combine(folder, "fill");
        Directory.CreateDirectory(folder);
        IsMounted = AsRoot("mount", "-t", "tmpfs", "-o", $"size={Megabytes}m,mode=0777", "tmpfs", folder);
    }

    public string Folder { get; }

    /// <summary>Whether it is a disk of its own.</summary>
    public bool IsMounted { get; }

    public static SmallDisk On(string folder) => new(folder);

    /// <summary>Takes every byte that is left; what is not mounted is full for these processes alone.</summary>
    public void Fill(params IEnumerable<int> processes)
    {
        if (!IsMounted)
        {
            var largest = Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Max(file => new FileInfo(file).Length);
            foreach (var process in processes)
                Limit(process, string.Create(CultureInfo.InvariantCulture, $"{largest}"));
            return;
        }

        using var fill = new FileStream(_fill, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        foreach (var piece in new[] { 1 << 20, 4 << 10, 1 })
        {
            try
            {
                while (true)
                    fill.Write(new byte[piece]);
            }
            catch (IOException)
            {
                // Full: for pieces of that size.
            }
        }
    }

    /// <summary>There is space again.</summary>
    public void Free(params IEnumerable<int> processes)
    {
        if (IsMounted)
            File.Delete(_fill);
        else
            foreach (var process in processes)
                Limit(process, "unlimited");
    }

    /// <summary>A program and its arguments, so started that a write past a limit fails as on a full disk, instead of ending it.</summary>
    public static ProcessStartInfo Start(string program) => new("/bin/sh") { ArgumentList = { "-c", "trap '' XFSZ; exec \"$0\" \"$@\"", program } };

    private static void Limit(int process, string bytes) => Run("prlimit", "--pid", process.ToString(CultureInfo.InvariantCulture), $"--fsize={bytes}:");

    private static bool AsRoot(string program, params string[] arguments) =>
        Environment.IsPrivilegedProcess ? Run(program, arguments) : Run("sudo", ["-n", program, .. arguments]);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no such program here.
            return false;
        }
    }

    public void Dispose()
    {
        // Lazily: a process that was just killed may not have let go of it.
        if (IsMounted)
            AsRoot("umount", "--lazy", Folder);
    }
}
