using Pennypost.Gateway.Import;

namespace Pennypost.Gateway.Tests;

public sealed class ReadingCsv
{
    [Theory]
    [InlineData("a,b\nc,d", "1:a|b;2:c|d")]
    [InlineData("a,b\r\nc,d\r\n", "1:a|b;2:c|d")]
    [InlineData("a\rb", "1:a;2:b")]
    [InlineData("\n\na\n\n", "3:a")]
    [InlineData("a,\n", "1:a|")]
    [InlineData("\"a,b\",c", "1:a,b|c")]
    [InlineData("\"say \"\"hi\"\"\"", "1:say \"hi\"")]
    [InlineData("\"two\nlines\",x\nnext", "1:two\nlines|x;3:next")]
    [InlineData("\"\"\n", "1:")]
    [InlineData("a\"b\nc", "1!a\"b;2:c")]
    [InlineData("\"a\"b\nc", "1!ab;2:c")]
    [InlineData("\"open\nrest", "1!open\nrest")]
    [InlineData("", "")]
    public async Task Resolves_quotes_and_counts_lines(string text, string expected)
    {
        var rows = new List<string>();
        var csv = new CsvRows(new StringReader(text), 100);
        while (await csv.ReadAsync(default) is { } row) rows.Add($"{row.Line}{(row.Fault is null ? ":" : "!")}{string.Join('|', row.Cells)}");

        Assert.Equal(expected, string.Join(';', rows));
    }

    [Fact]
    public async Task Keeps_no_more_of_a_cell_than_its_limit()
    {
        var csv = new CsvRows(new StringReader(new string('x', 50_000) + ",y"), 100);

        var row = await csv.ReadAsync(default);

        Assert.Equal([101, 1], row!.Cells.Select(cell => cell.Length));
    }

    [Fact]
    public void Reads_back_whatever_was_quoted()
    {
        FsCheck.Check.QuickThrowOnFailure(FsCheck.Fluent.Prop.ForAll<FsCheck.NonNull<string>[]>(cells =>
        {
            var texts = cells.Select(cell => cell.Get).ToList();
            if (texts.Count == 0) return true;
            var line = string.Join(',', texts.Select(text => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
            var row = new CsvRows(new StringReader(line), int.MaxValue - 1).ReadAsync(default).AsTask().GetAwaiter().GetResult();
            return row!.Fault is null && row.Cells.SequenceEqual(texts);
        }));
    }
}
