using Google.Protobuf.WellKnownTypes;
using Pennypost.Credits.V1;
using Pennypost.Types.V1;

namespace Faults;

/// <summary>The calls that loads make on the ledger, each to any of the instances, and their history.</summary>
/// <param name="installation">Whose credits.</param>
public sealed class LedgerCalls(Installation installation)
{
    private static readonly TimeSpan _callLimit = TimeSpan.FromSeconds(1.5);
    private readonly IReadOnlyList<CreditsService.CreditsServiceClient> _instances = [.. Enumerable.Range(0, installation.Shape.CreditsInstances).Select(installation.CreditsOf)];

    public History History { get; } = new();

    /// <summary>How far the installation's clock was put ahead of this machine's.</summary>
    public TimeSpan Ahead { get; set; }

    private Timestamp JustNow => Timestamp.FromDateTime(DateTime.UtcNow + Ahead - TimeSpan.FromSeconds(1));

    /// <summary>Asks one of the instances, whichever chance says. Null when it did not answer.</summary>
    public Task<Told?> AskAsync(Random chance, string pool, Asked asked, string id, string account = "load")
    {
        var instance = _instances[chance.Next(_instances.Count)];
        return History.AskAsync(pool, asked, id, account, () => asked switch
        {
            Asked.Place => PlaceAsync(instance, pool, id, account),
            Asked.Capture => CaptureAsync(instance, pool, id),
            Asked.Release => ReleaseAsync(instance, pool, id),
            Asked.Refund => RefundAsync(instance, pool, id),
            Asked.TopUp => TopUpAsync(instance, pool, id),
            _ => ReadAsync(instance, pool),
        });
    }

    /// <summary>The same command under the same id, to any instance, until one answers: that is what ids are for. Null when nobody had when the load ended.</summary>
    public async Task<Told?> AskUntilToldAsync(Random chance, string pool, Asked asked, string id, CancellationToken ct)
    {
        while (true)
        {
            var told = await AskAsync(chance, pool, asked, id);
            if (told is not null || ct.IsCancellationRequested)
                return told;
            await Task.Delay(20 + chance.Next(50), CancellationToken.None);
        }
    }

    /// <summary>Whether a pool can be read. A read is refused with the commands that it shares a commit with, and answered without them.</summary>
    public async Task<bool> CanReadAsync(Random chance, string pool)
    {
        for (var tries = 0; tries < 50; tries++)
            if (await AskAsync(chance, pool, Asked.Read, "") is not null)
                return true;
        return false;
    }

    private static DateTime Deadline => DateTime.UtcNow + _callLimit;

    private static async Task<Told> PlaceAsync(CreditsService.CreditsServiceClient instance, string pool, string id, string account)
    {
        var answer = await instance.PlaceHoldAsync(new() { PoolId = pool, HoldId = id, AccountId = account }, Installation.As(), Deadline);
        return new Told($"placed {answer.Hold.State}", answer.Available, answer.PoolVersion);
    }

    private async Task<Told> CaptureAsync(CreditsService.CreditsServiceClient instance, string pool, string id)
    {
        var answer = await instance.CaptureHoldAsync(new() { PoolId = pool, HoldId = id, SendTime = JustNow }, Installation.As(), Deadline);
        return new Told($"captured {answer.Hold.State}", null, answer.PoolVersion);
    }

    private static async Task<Told> ReleaseAsync(CreditsService.CreditsServiceClient instance, string pool, string id)
    {
        var answer = await instance.ReleaseHoldAsync(new() { PoolId = pool, HoldId = id }, Installation.As(), Deadline);
        return new Told(answer.Hold is { } hold ? $"released {hold.State}" : "released nothing", null, answer.PoolVersion);
    }

    private async Task<Told> RefundAsync(CreditsService.CreditsServiceClient instance, string pool, string id)
    {
        var answer = await instance.RefundHoldAsync(new() { PoolId = pool, HoldId = id, ReplyTime = JustNow, Trigger = RefundTrigger.Reply }, Installation.As(), Deadline);
        return new Told($"{answer.Result}", answer.Available, answer.PoolVersion);
    }

    private static async Task<Told> TopUpAsync(CreditsService.CreditsServiceClient instance, string pool, string id)
    {
        var answer = await instance.TopUpAsync(new() { PoolId = pool, TopUpId = id, Credits = SerialPool.TopUpCredits }, Installation.As(), Deadline);
        return new Told("topped up", answer.Pool.Balance.Available, answer.Pool.Version);
    }

    private static async Task<Told> ReadAsync(CreditsService.CreditsServiceClient instance, string pool)
    {
        var read = (await instance.GetPoolAsync(new() { PoolId = pool }, Installation.As(), Deadline)).Pool;
        var balance = read.Balance;
        return new Told($"read {balance.Available} available, {balance.Held} held, {balance.Spent} spent, {balance.Refunded} refunded, {balance.ToppedUp} topped up", null, read.Version);
    }

    /// <summary>A pool that can be topped up and that does not renew today.</summary>
    public Task OpenAsync(string pool, long balance) => OpenAsync(new()
    {
        PoolId = pool,
        PlanId = "recruiter_corporate",
        OpeningBalance = balance,
        Renewal = new() { BillingAnchor = new() { Day = 1 + (DateTime.UtcNow.Day + 13) % 28 } },
    });

    public async Task OpenAsync(CreatePoolRequest pool) => await _instances[0].CreatePoolAsync(pool, Installation.As(), DateTime.UtcNow.AddSeconds(20));

    /// <summary>The pool's journal, and what is wrong with it.</summary>
    public async Task<(IReadOnlyList<Entry> Entries, IReadOnlyList<string> Findings)> ProveAsync(string pool)
    {
        var entries = new List<Entry>();
        var page = "";
        do
        {
            var answer = await Installation.PatientlyAsync(async () => await _instances[0].ListEntriesAsync(new() { PoolId = pool, PageSize = 1_000, PageToken = page }, Installation.As(), DateTime.UtcNow.AddSeconds(10)));
            entries.AddRange(answer.Entries);
            page = answer.NextPageToken;
        }
        while (page.Length > 0);
        var proof = await Installation.PatientlyAsync(async () => await _instances[0].VerifyJournalAsync(new() { PoolId = pool }, Installation.As(), DateTime.UtcNow.AddSeconds(20)));
        return (entries, [.. proof.Findings.Select(finding => $"{pool}: {finding}")]);
    }
}
