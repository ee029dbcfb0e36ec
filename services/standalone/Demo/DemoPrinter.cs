using System.Globalization;
using System.Text.Json.Nodes;
using Pennypost.Gateway.V1;
using Pennypost.Types.V1;
using Spectre.Console;

namespace Pennypost.Standalone.Demo;

/// <summary>The demo in words and tables. On a terminal the progress line is rewritten in place; elsewhere a line appears when it has something new to say.</summary>
internal sealed class DemoPrinter(IAnsiConsole console)
{
    private string _progress = "";
    private DateTimeOffset _progressDay;

    public void Step(string what) => console.MarkupLineInterpolated($"\n[bold]{what}[/]");

    public void Pools(IEnumerable<Pool> pools)
    {
        foreach (var pool in pools)
        {
            var balance = pool.Balance;
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {pool.PoolId,-20} {balance.Available,3} available, {balance.Held} held, {balance.Spent} spent, {balance.Refunded} refunded; {pool.NextGrant} more on {pool.RenewTime?.ToDateTimeOffset():yyyy-MM-dd}"));
        }
    }

    public void Import(JsonNode report)
    {
        var accepted = report["accepted"]!.AsArray();
        var known = accepted.Count(row => row!["existed"]!.GetValue<bool>());
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {accepted.Count} accepted{(known > 0 ? $", {known} of them known from before" : "")}; {report["refusedCount"]!.GetValue<int>()} refused:"));
        foreach (var row in report["refused"]!.AsArray())
        {
            console.MarkupLineInterpolated($"  [red]line {row!["line"]!.GetValue<int>()}[/]");
            if (row["text"] is { } text)
                console.WriteLine($"    {text.GetValue<string>()}");
            foreach (var violation in row["violations"]?.AsArray() ?? [])
                console.WriteLine($"    {violation!["field"]!.GetValue<string>()}: {violation["description"]!.GetValue<string>()}");
        }
    }

    /// <summary>The list as a whole was refused: the API's error, with every violation.</summary>
    public void Refused(JsonNode answer)
    {
        var error = answer["error"]!;
        console.MarkupLineInterpolated($"  [red]The list was refused.[/] {error["message"]!.GetValue<string>()}");
        foreach (var violation in error["details"]!.AsArray().SelectMany(detail => detail!["fieldViolations"]?.AsArray() ?? []))
            console.WriteLine($"    {violation!["field"]!.GetValue<string>()}: {violation["description"]!.GetValue<string>()}");
    }

    public void Progress(DateTimeOffset now, Tally tally)
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"  {now:ddd yyyy-MM-dd HH:mm}   sent {tally.Sent,3}   under way {tally.UnderWay,3}   waiting {tally.Waiting.Sum(waiting => waiting.Count),3}   not sent {tally.NotSent.Sum(notSent => notSent.Count),2}   replied {tally.Replied,2}");
        var terminal = console.Profile.Capabilities.Ansi && !Console.IsOutputRedirected;
        if (terminal)
            console.Write(new ControlCode($"\r{line}"));
        else if (line != _progress && now.Date != _progressDay.Date)
            console.WriteLine(line);
        else
            return;
        (_progress, _progressDay) = (line, now);
    }

    public void CutShort(TimeSpan left) =>
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n  This machine was busy: {left.TotalDays:F1} of the ten days are left out."));

    public void Table(Tally tally)
    {
        console.WriteLine();
        var table = new Table().Border(TableBorder.Rounded).Title($"{tally.Total} messages, {tally.Sent} sent");
        foreach (var heading in new[] { "Channel", "Sent", "Credits spent", "Refunded", "Saved against InMail for everyone" })
            table.AddColumn(new TableColumn(heading) { Alignment = heading == "Channel" ? Justify.Left : Justify.Right });
        foreach (var line in tally.Channels)
            table.AddRow(Words(line.Channel.ToString()), Count(line.Sent), Count(line.CreditsSpent), Count(line.CreditsRefunded), Count(line.CreditsSaved));
        table.AddEmptyRow();
        table.AddRow("all", Count(tally.Sent), Count(tally.Channels.Sum(line => line.CreditsSpent)), Count(tally.Channels.Sum(line => line.CreditsRefunded)), Count(tally.Channels.Sum(line => line.CreditsSaved)));
        console.Write(table);
        foreach (var (reason, count) in tally.Waiting)
            console.WriteLine($"  {count,3} waiting: {Words(reason.ToString())}");
        foreach (var (state, reason, count) in tally.NotSent)
            console.WriteLine($"  {count,3} {Words(state.ToString())}: {Words(reason.ToString())}");
        if (tally.UnderWay > 0)
            console.WriteLine($"  {tally.UnderWay,3} under way");
        if (tally.Unknown > 0)
            console.WriteLine($"  {tally.Unknown,3} being verified: whether they were sent is not known yet, and they are not sent again");
        console.WriteLine($"  {tally.Replied,3} replied");
    }

    public void Proof(string poolId, VerifyPoolResponse proof)
    {
        if (proof.Valid)
            console.WriteLine($"  {poolId,-20} journal verified: {proof.Entries} entries, head {proof.HeadHash[..12]}");
        foreach (var finding in proof.Findings)
            console.MarkupLineInterpolated($"  [red]{poolId}: {finding}[/]");
    }

    public void Judge(long deliveries, long duplicates) =>
        console.WriteLine($"  The provider delivered {deliveries} messages and invitations; recipients who got one twice: {duplicates}");

    public void Done(TimeSpan elapsed) => console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  The demo took {elapsed.TotalSeconds:F1} s."));

    /// <param name="place">Where, and with which key.</param>
    /// <param name="ready">Whether there is a sender: without one a message would be refused.</param>
    public void Serving(DemoPlace place, bool ready)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]Serving[/] REST {place.Rest}  gRPC {place.Grpc}  sandbox provider {place.Sandbox}  (Ctrl+C stops)");
        if (!ready)
        {
            console.WriteLine("There is no sender yet. Start with --demo examples/prospects.csv for three of them, or put your own:");
            console.WriteLine("PUT /v1/connections/{id}, POST /v1/pools, PUT /v1/accounts/{id} (see /swagger). The API key is in the file api-key of the data folder.");
            return;
        }

        console.WriteLine("Paste this to send one more message, and again to see that it is sent once:");
        console.WriteLine();
        // Written raw: a wrapped line would not paste.
        Console.Out.WriteLine(
            $$$"""
              curl -s {{{place.Rest}}}v1/messages -H 'authorization: Bearer {{{place.ApiKey}}}' -H 'content-type: application/json' -d '{"messageId": "hello-1", "prospect": {"profile": "https://www.linkedin.com/in/grace-hopper"}, "content": {"body": "Hello Grace, one question?", "note": "Hello Grace"}}'
              curl -s {{{place.Rest}}}v1/messages/hello-1 -H 'authorization: Bearer {{{place.ApiKey}}}'
            """);
        console.WriteLine();
    }

    private static string Count(long count) => count.ToString(CultureInfo.InvariantCulture);

    /// <summary>"AccountInmailCreditsExhausted" as "account inmail credits exhausted".</summary>
    private static string Words(string name) => string.Concat(name.Select((letter, at) => at > 0 && char.IsUpper(letter) ? " " + char.ToLowerInvariant(letter) : char.ToLowerInvariant(letter).ToString()));
}
