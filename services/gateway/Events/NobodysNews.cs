using Pennypost.Store;

namespace Pennypost.Gateway.Events;

/// <summary>The gateway's journal is told to nobody: it is read. What the relay has passed may be trimmed.</summary>
internal sealed class NobodysNews : IJournalSink
{
    public Task PublishAsync(IReadOnlyList<JournaledEntry> entries, CancellationToken ct) => Task.CompletedTask;
}
