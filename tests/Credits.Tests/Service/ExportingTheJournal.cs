using System.Text;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;
using static Pennypost.Credits.Tests.Service.CreditsApp;

namespace Pennypost.Credits.Tests.Service;

/// <summary>F13: the journal as a file that proves itself.</summary>
public sealed class ExportingTheJournal
{
    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task F13_The_file_has_every_entry_and_its_checksums_can_be_computed_again(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await FillAsync(app);
        var file = await ExportFile.TakeAsync(app);
        Assert.Empty(file.Violations());

        var entries = (await app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = "p1", PageSize = 1_000 }, As())).Entries;
        Assert.Equal(entries.Count, file.Lines.Count);
        foreach (var (entry, line) in entries.Zip(file.Lines))
        {
            Assert.Equal(entry.Sequence, line.GetProperty("sequence").GetInt64());
            Assert.Equal(entry.EntryTime.ToDateTime(), line.GetProperty("time").GetDateTime());
            if (entry.Kind == EntryKind.RewindAccepted)
            {
                Assert.Equal("store.rewind_accepted", line.GetProperty("kind").GetString());
                continue;
            }

            Assert.Equal(entry.Kind.ToString().ToUpperInvariant(), line.GetProperty("kind").GetString()!.Replace("_", "", StringComparison.Ordinal));
            Assert.Equal((entry.Credits, entry.Available, entry.Held), (line.GetProperty("credits").GetInt64(), line.GetProperty("available").GetInt64(), line.GetProperty("held").GetInt64()));
            Assert.Equal(entry.HoldId, line.TryGetProperty("hold_id", out var hold) ? hold.GetString() : "");
            Assert.Equal(entry.LotId, line.TryGetProperty("lot", out var lot) ? lot.GetInt64().ToString() : "");
            Assert.Equal(entry.CauseId, line.TryGetProperty("cause_id", out var cause) ? cause.GetString() : "");
        }

        Assert.Equal("recruiter_lite", file.Lines[0].GetProperty("plan_id").GetString());
        var bought = file.Lines.Single(line => line.GetProperty("kind").GetString() == "TOPPED_UP");
        Assert.Equal((7_000_000L, "EUR", "TOP_UP"), (bought.GetProperty("unit_cost_micros").GetInt64(), bought.GetProperty("currency").GetString(), bought.GetProperty("lot_source").GetString()));

        // The chain that the file shows is the one that the service verifies, and the same export again is the same file.
        var proof = await app.Client.VerifyJournalAsync(new VerifyJournalRequest { PoolId = "p1" }, As());
        Assert.Equal(proof.HeadHash, file.HeadHash);
        Assert.Equal(file.Bytes, (await ExportFile.TakeAsync(app)).Bytes);

        // A shorter one ends where a commit ends.
        var part = await ExportFile.TakeAsync(app, lastSequence: 40);
        Assert.Empty(part.Violations());
        Assert.InRange(part.LastSequence, 40, file.LastSequence - 1);
        Assert.Equal(file.Body[..part.Body.Length], part.Body);
    }

    [Fact]
    public async Task F13_Any_changed_or_missing_byte_of_the_file_shows()
    {
        await using var app = await StartAsync();
        await app.OpenAsync();
        await app.Place("h1");
        await app.RefundAsync("h1");
        var file = await ExportFile.TakeAsync(app);
        Assert.Empty(file.Violations());
        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            var bytes = file.Bytes.ToArray();
            var at = random.Next(file.Body.Length);
            bytes[at] ^= (byte)(1 << random.Next(7));
            Assert.True(Shows(bytes), $"A changed bit in byte {at} does not show.");
        }

        var lines = Encoding.UTF8.GetString(file.Bytes)[..^1].Split('\n');
        for (var at = 0; at < lines.Length; at++)
            Assert.True(Shows(Encoding.UTF8.GetBytes(string.Join('\n', lines.Where((_, line) => line != at)) + "\n")), $"Line {at + 1} can be left out.");
    }

    [Fact]
    public async Task A_reader_that_is_slow_is_waited_for()
    {
        await using var app = await StartAsync();
        await app.OpenAsync(balance: 100_000);
        var before = (await ExportFile.TakeAsync(app)).LastSequence;
        await Task.WhenAll(Enumerable.Range(0, 4_000).Select(i => app.Place($"h{i}").ResponseAsync));
        using var call = app.Client.ExportJournal(new ExportJournalRequest { PoolId = "p1" }, As());
        Assert.True(await call.ResponseStream.MoveNext(default));
        await app.Place("while-it-is-read");
        var (pieces, last) = (new List<byte>(call.ResponseStream.Current.Ndjson), call.ResponseStream.Current.Ndjson.Length);
        while (await call.ResponseStream.MoveNext(default))
        {
            pieces.AddRange(call.ResponseStream.Current.Ndjson);
            last = Math.Max(last, call.ResponseStream.Current.Ndjson.Length);
        }

        var file = ExportFile.Of([.. pieces]);
        Assert.Empty(file.Violations());
        Assert.Equal(before + 4_000, file.LastSequence);
        Assert.InRange(last, 1, 1 << 20);
    }

    [Fact]
    public async Task What_is_not_there_or_malformed_is_refused()
    {
        await using var app = await StartAsync();
        await app.OpenAsync("theirs", tenant: "other");
        Assert.Equal(("POOL_NOT_FOUND", StatusCode.NotFound), await FailsAsync(app, new ExportJournalRequest { PoolId = "theirs" }));
        Assert.Equal(("INVALID_REQUEST", StatusCode.InvalidArgument), await FailsAsync(app, new ExportJournalRequest { PoolId = "a b", LastSequence = -1 }));
    }

    /// <summary>A pool of many kinds of entries, with a line of the store's own.</summary>
    internal static async Task FillAsync(CreditsApp app)
    {
        await app.OpenAsync(plan: "recruiter_lite");
        await app.Client.TopUpAsync(new TopUpRequest { PoolId = "p1", TopUpId = "t1", Credits = 3, UnitCostMicros = 7_000_000, Currency = "EUR" }, As());
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => app.Place($"h{i}").ResponseAsync));
        for (var i = 0; i < 10; i++) await app.RefundAsync($"h{i}");
        await app.AdvanceAsync(TimeSpan.FromDays(100));
        await app.Client.AcceptRewindAsync(new AcceptRewindRequest { PoolId = "p1", Actor = "olga", SeenVersion = 1_000 }, As());
        for (var i = 10; i < 15; i++) await app.CaptureAsync($"h{i}");
        await app.Place("last");
    }

    private static bool Shows(byte[] bytes)
    {
        try
        {
            return ExportFile.Of(bytes).Violations().Count > 0;
        }
        catch (Exception)
        {
            // It cannot even be read.
            return true;
        }
    }

    private static async Task<(string, StatusCode)> FailsAsync(CreditsApp app, ExportJournalRequest request)
    {
        using var call = app.Client.ExportJournal(request, As());
        var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default)));
        return (fault.Reason, fault.Code);
    }
}
