using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Ledger;
using Pennypost.Store;
using Topology;
using static Pennypost.Credits.Tests.Service.CreditsApp;
using EntryKind = Pennypost.Types.V1.EntryKind;

namespace Pennypost.Credits.Tests.Service;

/// <summary>F13: old entries go once an export has them; everything that is asked of the journal works from there on.</summary>
public sealed class TrimmingAJournal
{
    private static readonly PartitionId P1 = PoolBook.Partition("acme", "p1");

    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task F13_What_was_exported_can_go_and_the_rest_works_as_before(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        var created = await app.OpenAsync("p2");
        await ExportingTheJournal.FillAsync(app);
        await AllRelayedAsync(app);
        var moments = (await app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = "p1", PageSize = 1_000 }, As())).Entries
            .Where(entry => entry.Kind != EntryKind.RewindAccepted).Select(entry => entry.EntryTime).Distinct().ToList();
        var remembered = new List<(Timestamp Time, Types.V1.Pool Pool)>();
        foreach (var moment in moments) remembered.Add((moment, await PastAsync(app, moment)));

        var part = await ExportFile.TakeAsync(app, lastSequence: 30);
        var trimmed = await TrimAsync(app, part);
        Assert.Equal(part.LastSequence + 1, trimmed.FirstSequence);
        Assert.Equal(part.Lines[^1].GetProperty("time").GetDateTime(), trimmed.FirstTime.ToDateTime());
        await AssertWorksAsync(app, remembered, trimmed);
        Assert.Equal(trimmed, await TrimAsync(app, part));

        // The next export goes on where the first one ended, and together they are the whole chain.
        var rest = await ExportFile.TakeAsync(app);
        Assert.Empty(rest.Violations());
        Assert.Equal((part.HeadHash, part.LastSequence + 1), (rest.End.GetProperty("previous_hash").GetString(), rest.End.GetProperty("first_sequence").GetInt64()));
        Assert.Equal("audit.journal_trimmed", rest.Lines[^1].GetProperty("kind").GetString());

        // All of it may go, the line that tells of the trim before included.
        await AllRelayedAsync(app);
        trimmed = await TrimAsync(app, rest);
        Assert.Equal(rest.LastSequence + 1, trimmed.FirstSequence);
        await AssertWorksAsync(app, remembered, trimmed);
        await app.Place("after");
        await app.AdvanceAsync(TimeSpan.FromDays(100));
        await app.Place("much-later");
        await AssertWorksAsync(app, remembered, trimmed);
        var entries = await app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = "p1" }, As());
        Assert.Equal((EntryKind.JournalTrimmed, trimmed.FirstSequence), (entries.Entries[0].Kind, entries.Entries[0].Sequence));
        Assert.Contains(entries.Entries, entry => entry.HoldId == "after");

        // Nobody else's entries went.
        await app.VerifyAsync("p2");
        Assert.Equal(1, (await app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = "p2" }, As())).FirstSequence);
        Assert.Equal(created.CreateTime, (await app.PoolAsync("p2")).CreateTime);
    }

    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task Nothing_goes_that_nobody_showed_to_have(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await ExportingTheJournal.FillAsync(app);
        await AllRelayedAsync(app);
        var file = await ExportFile.TakeAsync(app);
        var part = await ExportFile.TakeAsync(app, lastSequence: 10);
        foreach (var (last, sha256) in new[]
                 {
                     (file.LastSequence, part.Sha256), (part.LastSequence, file.Sha256), (file.LastSequence - 1, file.Sha256), (file.LastSequence + 1, file.Sha256), (file.LastSequence, file.HeadHash),
                 })
        {
            var fault = await RefusedAsync(Trim(app, last, sha256), "TRIM_REFUSED", StatusCode.FailedPrecondition);
            Assert.Equal(("p1", "not_exported"), (fault.Metadata["pool_id"], fault.Metadata["why"]));
        }

        await RefusedAsync(Trim(app, file.LastSequence, file.Sha256, tenant: "other"), "POOL_NOT_FOUND", StatusCode.NotFound);
        Assert.Equal(file.Bytes, (await ExportFile.TakeAsync(app)).Bytes);

        // An export of what has changed meanwhile still shows what it shows; one that is behind a trim does not.
        await app.Place("meanwhile");
        await AllRelayedAsync(app);
        await TrimAsync(app, file);
        var gone = await RefusedAsync(Trim(app, part.LastSequence, part.Sha256), "JOURNAL_TRIMMED", StatusCode.FailedPrecondition);
        Assert.Equal((file.LastSequence + 1).ToString(), gone.Metadata["first_sequence"]);
    }

    [Fact]
    public async Task An_interrupted_trim_leaves_a_journal_that_works_and_the_same_call_goes_on()
    {
        await using var app = await StartAsync();
        await ExportingTheJournal.FillAsync(app);
        await AllRelayedAsync(app);
        var part = await ExportFile.TakeAsync(app, lastSequence: 30);
        var (replay, link) = (new Replay(), JournalLink.Start);
        await foreach (var batch in app.Store.ReadChainAsync(P1, link, await app.Store.JournalHeadAsync(P1, default), default))
        {
            if (link.Number == part.LastSequence) break;
            foreach (var entry in batch.Entries) replay.Add(EntryDocument.Read(entry)!);
            link = batch.Link;
        }

        // The checkpoint is kept and told, and then the process dies.
        var checkpoint = Checkpoint.Of(replay.Pool!, link, Convert.FromHexString(part.Sha256));
        await KeepAsync(app, checkpoint.Write(), checkpoint.Line("olga"));
        await app.VerifyAsync();
        Assert.Equal(0, (await app.Store.JournalStartAsync(P1, default)).Number);
        Assert.Equal(part.LastSequence + 1, (await app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = "p1" }, As())).FirstSequence);

        Assert.Equal(part.LastSequence + 1, (await TrimAsync(app, part)).FirstSequence);
        Assert.Equal(part.LastSequence, (await app.Store.JournalStartAsync(P1, default)).Number);
        await app.VerifyAsync();
    }

    [Fact]
    public async Task A_checkpoint_that_was_changed_shows_however_well_it_was_forged()
    {
        await using var app = await StartAsync();
        await ExportingTheJournal.FillAsync(app);
        await AllRelayedAsync(app);
        var trimmed = await TrimAsync(app, await ExportFile.TakeAsync(app, lastSequence: 30));
        var record = await RecordAsync(app);
        var genuine = Checkpoint.Read(record)!;

        var flipped = record.ToArray();
        flipped[100] ^= 4;
        await KeepAsync(app, flipped);
        var proof = await app.Client.VerifyJournalAsync(new VerifyJournalRequest { PoolId = "p1" }, As());
        Assert.Equal((false, 1), (proof.Valid, proof.Findings.Count));
        await RefusedAsync(app.Client.GetPoolAsync(new GetPoolRequest { PoolId = "p1", AsOfTime = trimmed.FirstTime }, As()), "JOURNAL_DAMAGED", StatusCode.FailedPrecondition);

        // With its own checksum made to fit, and the totals such that they still add up.
        var totals = genuine.Pool.Totals;
        await KeepAsync(app, Checkpoint.Of(genuine.Pool with { Totals = totals with { Granted = totals.Granted + 1, Spent = totals.Spent + 1 } }, genuine.Link, genuine.ExportHash).Write());
        proof = await app.Client.VerifyJournalAsync(new VerifyJournalRequest { PoolId = "p1" }, As());
        Assert.Contains(proof.Findings, finding => finding.Contains("no entry tells of the checkpoint", StringComparison.Ordinal));

        await KeepAsync(app, record);
        await app.VerifyAsync();
    }

    [Fact]
    public async Task A_watch_that_has_not_told_what_went_says_so()
    {
        await using var app = await StartAsync();
        using var watch = new Watch(app, new WatchPoolsRequest());
        await watch.BeginsAsync();
        await ExportingTheJournal.FillAsync(app);
        await AllRelayedAsync(app);
        var (file, token) = (await ExportFile.TakeAsync(app), watch.Items.First().ResumeToken);
        await Eventually.TrueAsync(() => watch.Events.Count() == file.LastSequence, "all is told");
        await TrimAsync(app, file);

        using var late = app.Client.WatchPools(new WatchPoolsRequest { ResumeToken = token }, As());
        Assert.True(await late.ResponseStream.MoveNext(default));
        var fault = Hosting.RpcFault.From(await Assert.ThrowsAsync<RpcException>(() => late.ResponseStream.MoveNext(default)));
        Assert.Equal(("WATCH_POSITION_LOST", StatusCode.FailedPrecondition), (fault.Reason, fault.Code));

        // Whoever was told goes on.
        using var current = new Watch(app, new WatchPoolsRequest { ResumeToken = watch.Items.Last(item => item.Event?.Entry.Sequence == file.LastSequence).ResumeToken });
        await app.Place("after");
        await Eventually.TrueAsync(() => current.Events.Any(item => item.Event.Entry.HoldId == "after"), "the hold is told");
        Assert.Equal(EntryKind.JournalTrimmed, current.Events.First().Event.Entry.Kind);

        // To another tenant nothing is missing, though its pools share shards with what went.
        using var others = new Watch(app, new WatchPoolsRequest { ResumeToken = token }, "other");
        await app.OpenAsync("theirs", tenant: "other");
        await Eventually.TrueAsync(() => others.Events.Any(), "theirs is told");
    }

    private static async Task AssertWorksAsync(CreditsApp app, List<(Timestamp Time, Types.V1.Pool Pool)> remembered, TrimJournalResponse trimmed)
    {
        await app.VerifyAsync();
        var list = await app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = "p1", PageSize = 1_000 }, As());
        Assert.Equal(trimmed.FirstSequence, list.FirstSequence);
        Assert.Equal(Enumerable.Range(0, list.Entries.Count).Select(n => trimmed.FirstSequence + n), list.Entries.Select(entry => entry.Sequence));
        var since = await app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = "p1", PageSize = 1_000, FromTime = remembered[0].Time }, As());
        Assert.Equal(list.Entries, since.Entries);
        var early = await RefusedAsync(
            app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = "p1", PageToken = (trimmed.FirstSequence - 1).ToString() }, As()), "JOURNAL_TRIMMED", StatusCode.FailedPrecondition);
        Assert.Equal(trimmed.FirstSequence.ToString(), early.Metadata["first_sequence"]);

        foreach (var (time, pool) in remembered)
        {
            if (time < trimmed.FirstTime)
            {
                var fault = await RefusedAsync(app.Client.GetPoolAsync(new GetPoolRequest { PoolId = "p1", AsOfTime = time }, As()), "JOURNAL_TRIMMED", StatusCode.FailedPrecondition);
                Assert.Equal(trimmed.FirstTime.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ"), fault.Metadata["first_time"]);
                continue;
            }

            var past = await PastAsync(app, time);
            past.Version = pool.Version;
            Assert.Equal(pool, past);
        }

        Assert.Contains(remembered, moment => moment.Time >= trimmed.FirstTime);
        await RefusedAsync(
            app.Client.GetPoolAsync(new GetPoolRequest { PoolId = "p1", AsOfTime = Timestamp.FromDateTimeOffset(remembered[0].Time.ToDateTimeOffset().AddDays(-1)) }, As()), "POOL_NOT_YET_CREATED", StatusCode.NotFound);
    }

    private static async Task<Types.V1.Pool> PastAsync(CreditsApp app, Timestamp time) =>
        (await app.Client.GetPoolAsync(new GetPoolRequest { PoolId = "p1", AsOfTime = time }, As())).Pool;

    private static AsyncUnaryCall<TrimJournalResponse> Trim(CreditsApp app, long last, string sha256, string tenant = "acme") =>
        app.Client.TrimJournalAsync(new TrimJournalRequest { PoolId = "p1", LastSequence = last, Sha256 = sha256, Actor = "olga" }, As(tenant));

    private static async Task<TrimJournalResponse> TrimAsync(CreditsApp app, ExportFile file) => await Trim(app, file.LastSequence, file.Sha256);

    /// <summary>What was booked is published by a relay of its own.</summary>
    private static async Task AllRelayedAsync(CreditsApp app)
    {
        var head = await app.Store.JournalHeadAsync(P1, default);
        await Eventually.TrueAsync(() => app.Store.IsRelayedAsync(P1, head.Number, default), TimeSpan.FromSeconds(20), "everything is relayed");
    }

    private static async Task<byte[]> RecordAsync(CreditsApp app) => (await app.Store.ReadAsync(P1, PoolDocument.Codec, [Checkpoint.Key], 0, default)).Records[Checkpoint.Key];

    private static async Task KeepAsync(CreditsApp app, byte[] record, params JournalEntry[] lines) => await app.Store.ExecuteAsync<Pool, bool>(
        P1,
        PoolDocument.Codec,
        RecordKeys.None,
        view => new Decision<Pool, bool>.Commit(view.Head!, true) { Records = [new RecordChange.Put(Checkpoint.Key, record)], Entries = lines },
        0,
        default);
}
