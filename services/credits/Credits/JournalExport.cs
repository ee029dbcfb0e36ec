using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Google.Protobuf;
using Pennypost.Ledger;
using Pennypost.Store;

namespace Pennypost.Credits;

/// <summary>
/// A pool's journal as NDJSON (docs/journal.md): a line per entry, with each commit's hash and hashed bytes on its last entry, and a line at the end that sums up what stands before it. The same entries
/// make the same bytes, so that their checksum can be computed again before they are trimmed.
/// </summary>
internal sealed class JournalExport : IDisposable
{
    private readonly ArrayBufferWriter<byte> written = new();
    private readonly IncrementalHash checksum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Utf8JsonWriter json;
    private readonly string poolId;
    private readonly JournalLink before;
    private JournalLink last;
    private long entries;

    /// <param name="poolId">Whose journal.</param>
    /// <param name="before">Where the journal's first kept commit begins.</param>
    public JournalExport(string poolId, JournalLink before)
    {
        (this.poolId, this.before, last) = (poolId, before, before);
        json = new Utf8JsonWriter(written);
    }

    /// <summary>How many bytes wait to be taken.</summary>
    public int Waiting => written.WrittenCount;

    /// <summary>The place after what was added.</summary>
    public JournalLink Last => last;

    /// <summary>Adds one commit.</summary>
    public void Add(JournalBatch batch)
    {
        last = batch.Link;
        var from = written.WrittenCount;
        for (var at = 0; at < batch.Entries.Count; at++)
        {
            json.WriteStartObject();
            Write(batch.Entries[at]);
            if (at == batch.Entries.Count - 1)
            {
                json.WriteString("hash", Convert.ToHexStringLower(batch.Link.Hash.Span));
                json.WriteBase64String("body", batch.Body.Span);
            }

            EndLine();
            entries++;
        }

        checksum.AppendData(written.WrittenSpan[from..]);
    }

    /// <summary>SHA-256 of all lines so far.</summary>
    public byte[] Checksum() => checksum.GetCurrentHash();

    /// <summary>Adds the last line.</summary>
    public void End()
    {
        json.WriteStartObject();
        json.WriteString("pool_id", poolId);
        json.WriteNumber("entries", entries);
        json.WriteNumber("first_sequence", before.Number + 1);
        json.WriteNumber("last_sequence", last.Number);
        json.WriteString("previous_hash", Convert.ToHexStringLower(before.Hash.Span));
        json.WriteString("head_hash", Convert.ToHexStringLower(last.Hash.Span));
        json.WriteString("sha256", Convert.ToHexStringLower(Checksum()));
        EndLine();
    }

    /// <summary>Whole lines that were added and not taken yet.</summary>
    public ByteString Take()
    {
        var lines = ByteString.CopyFrom(written.WrittenSpan);
        written.ResetWrittenCount();
        return lines;
    }

    /// <summary>Lets go of the lines: only their checksum is wanted.</summary>
    public void Drop() => written.ResetWrittenCount();

    public void Dispose()
    {
        json.Dispose();
        checksum.Dispose();
    }

    private void EndLine()
    {
        json.WriteEndObject();
        json.Flush();
        json.Reset();
        written.Write("\n"u8);
    }

    private void Write(JournaledEntry journaled)
    {
        json.WriteNumber("sequence", journaled.Number);
        if (EntryDocument.Read(journaled) is { } line) Write(line);
        else
        {
            Time("time", journaled.Time);
            json.WriteString("kind", journaled.Type);
        }

        Time("commit_time", journaled.Time);
    }

    private void Write(Entry line)
    {
        Time("time", line.DueAt);
        json.WriteString("kind", JsonNamingPolicy.SnakeCaseUpper.ConvertName(line.Kind.ToString()));
        json.WriteNumber("credits", line.Credits);
        json.WriteNumber("available", line.Available);
        json.WriteNumber("held", line.Held);
        Number("owed", line.Owed);
        Number("lot", line.Lot);
        if (line.NewLot is { } source) json.WriteString("lot_source", JsonNamingPolicy.SnakeCaseUpper.ConvertName(source.ToString()));
        Time("lot_expire_time", line.LotExpiresAt);
        Number("unit_cost_micros", line.UnitCostMicros);
        Text("currency", line.Currency);
        Text("hold_id", line.HoldId);
        Time("hold_expire_time", line.HoldExpiresAt);
        Time("observe_time", line.ReadAt);
        Text("cause_id", line.CauseId);
        Time("foretold_time", line.At);
        if (line.Opening?.Balance is { } balance) json.WriteNumber("opening_balance", balance);
        if (line.Plan is not { } plan) return;
        json.WriteString("plan_id", plan.Id);
        json.WriteNumber("catalog_version", plan.CatalogVersion);
        json.WriteNumber("monthly_grant", plan.Terms.MonthlyGrant);
        json.WriteNumber("cap", plan.Terms.Cap);
        Time("cancel_time", plan.CancelledAt);
    }

    // What is 0, empty or not there is left out.
    private void Number(string name, long number)
    {
        if (number != 0) json.WriteNumber(name, number);
    }

    private void Text(string name, string text)
    {
        if (text.Length > 0) json.WriteString(name, text);
    }

    private void Time(string name, DateTimeOffset? time)
    {
        if (time is { } known) json.WriteString(name, known.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
    }
}
