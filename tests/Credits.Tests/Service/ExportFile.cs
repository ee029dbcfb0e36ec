using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pennypost.Credits.V1;

namespace Pennypost.Credits.Tests.Service;

/// <summary>An export as its reader has it: written by docs/journal.md alone, with every checksum computed again.</summary>
internal sealed class ExportFile
{
    private ExportFile(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var lines = text[..^1].Split('\n');
        Lines = [.. lines[..^1].Select(line => JsonDocument.Parse(line).RootElement)];
        End = JsonDocument.Parse(lines[^1]).RootElement;
        Bytes = bytes;
        Body = bytes[..^(Encoding.UTF8.GetByteCount(lines[^1]) + 1)];
    }

    public byte[] Bytes { get; }

    /// <summary>All but the last line.</summary>
    public byte[] Body { get; }

    public IReadOnlyList<JsonElement> Lines { get; }

    public JsonElement End { get; }

    public long LastSequence => End.GetProperty("last_sequence").GetInt64();

    public string Sha256 => End.GetProperty("sha256").GetString()!;

    public string HeadHash => End.GetProperty("head_hash").GetString()!;

    public static async Task<ExportFile> TakeAsync(CreditsApp app, string poolId = "p1", long lastSequence = 0)
    {
        using var call = app.Client.ExportJournal(new ExportJournalRequest { PoolId = poolId, LastSequence = lastSequence }, CreditsApp.As());
        var bytes = new MemoryStream();
        while (await call.ResponseStream.MoveNext(default))
        {
            var piece = call.ResponseStream.Current.Ndjson;
            Assert.Equal((byte)'\n', piece[^1]);
            piece.WriteTo(bytes);
        }

        return new ExportFile(bytes.ToArray());
    }

    public static ExportFile Of(byte[] bytes) => new(bytes);

    /// <summary>What is wrong with the file, in words; empty when nothing is.</summary>
    public List<string> Violations()
    {
        var found = new List<string>();
        Check(Convert.ToHexStringLower(SHA256.HashData(Body)) == Sha256, "sha256 is not that of the lines before the last");
        Check(Lines.Count == End.GetProperty("entries").GetInt64(), "entries is not the number of lines");
        Check(Lines[0].GetProperty("sequence").GetInt64() == End.GetProperty("first_sequence").GetInt64(), "first_sequence is not the first");
        Check(Lines[^1].GetProperty("sequence").GetInt64() == LastSequence, "last_sequence is not the last");
        for (var at = 1; at < Lines.Count; at++)
            Check(Lines[at].GetProperty("sequence").GetInt64() == Lines[at - 1].GetProperty("sequence").GetInt64() + 1, $"line {at + 1} does not follow the one before");

        var hash = Convert.FromHexString(End.GetProperty("previous_hash").GetString()!);
        foreach (var line in Lines.Where(line => line.TryGetProperty("hash", out _)))
        {
            hash = SHA256.HashData([.. hash, .. line.GetProperty("body").GetBytesFromBase64()]);
            Check(Convert.ToHexStringLower(hash) == line.GetProperty("hash").GetString(), $"the hash of {line.GetProperty("sequence")} does not follow from the one before and the body");
        }

        Check(Convert.ToHexStringLower(hash) == HeadHash, "the chain does not lead to head_hash");
        Check(Lines[^1].TryGetProperty("hash", out _), "the last entry does not end a commit");
        return found;

        void Check(bool holds, string otherwise)
        {
            if (!holds) found.Add(otherwise);
        }
    }
}
