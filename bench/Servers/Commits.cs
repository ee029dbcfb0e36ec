using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime;
using Pennypost.Store;

namespace Pennypost.Bench.Servers;

/// <summary>Counts what the store of this process commits, and what the process allocates.</summary>
internal sealed class Commits : IDisposable
{
    private readonly MeterListener listener = new();
    private long commits;
    private long commands;

    public Commits()
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == StateStore.MeterName && instrument.Name is "pennypost.store.commits" or "pennypost.store.commands") listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Interlocked.Add(ref instrument.Name == "pennypost.store.commits" ? ref commits : ref commands, value));
        listener.Start();
    }

    /// <summary>Commits, commands in them, bytes allocated, milliseconds that the just-in-time compiler took: since the process began.</summary>
    public string Said() => string.Create(
        CultureInfo.InvariantCulture, $"{Interlocked.Read(ref commits)} {Interlocked.Read(ref commands)} {GC.GetTotalAllocatedBytes()} {(long)JitInfo.GetCompilationTime().TotalMilliseconds}");

    public void Dispose() => listener.Dispose();
}
