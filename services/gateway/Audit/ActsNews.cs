using Grpc.Core;
using Pennypost.Dispatcher.V1;
using Pennypost.Gateway.Stored;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Audit;

/// <summary>
/// The gateway's journal as far as somebody waits for it: acts go to the tenant's list, which the dispatcher keeps; in order, at least once, each known by its id.
/// All else in the journal is read where it is. What the relay has passed may be trimmed.
/// </summary>
internal sealed class ActsNews(DispatcherService.DispatcherServiceClient dispatcher, ILogger<ActsNews> logger) : IJournalSink
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public async Task PublishAsync(IReadOnlyList<JournaledEntry> entries, CancellationToken ct)
    {
        foreach (var entry in entries)
            if (entry.Partition.Kind == AdministrativeActs.Kind)
                await TellAsync(entry, ct);
    }

    private async Task TellAsync(JournaledEntry entry, CancellationToken ct)
    {
        var told = StoredAct.Parser.ParseFrom(entry.Payload.Span);
        try
        {
            await dispatcher.RecordOperatorActAsync(new RecordOperatorActRequest { ActId = told.ActId, Act = OperatorAct.Parser.ParseFrom(told.Act) }, OnBehalf.Of(entry.Partition.Tenant, Limit, ct));
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.InvalidArgument)
        {
            // It would be refused for ever, and hold up everything behind it. It stays in the journal.
            logger.ActNotListed(exception, entry.Partition.Tenant, told.ActId);
        }
    }
}
