using System.CommandLine;
using System.Globalization;
using Faults;

var rows = new Argument<string[]>("rows") { Description = "Rows such as X4; none for all.", DefaultValueFactory = _ => [] };
var topology = new Option<string>("--topology") { Description = "single (one Redis, one broker), redis-cluster (six processes), broker-cluster (three nodes), sqlite (credits alone on a file).", DefaultValueFactory = _ => Row.Single };
topology.AcceptOnlyFromAmong(Row.Single, Row.RedisCluster, Row.BrokerCluster, Row.Sqlite);
var faults = new Option<int?>("--faults") { Description = "How many faults to reach in all; the row's whole number unless said." };
var batch = new Option<int>("--batch") { Description = "Faults per installation: each batch is recorded.", DefaultValueFactory = _ => 14 };
var fresh = new Option<bool>("--fresh") { Description = "Forget what was recorded before." };
var folder = new Option<DirectoryInfo>("--records") { Description = "Where runs are recorded.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(Environment.CurrentDirectory, ".data", "faults")) };
var command = new RootCommand("Breaks an installation on purpose, row by row, and checks what came of it. Records what it did, and goes on where it stopped.") { rows, topology, faults, batch, fresh, folder };
command.SetAction(async (parsed, ct) =>
{
    var names = parsed.GetValue(rows)!;
    var possible = Row.All.Where(row => row.Topologies.Contains(parsed.GetValue(topology))).ToList();
    var chosen = names.Length == 0 ? possible : [.. possible.Where(row => names.Contains(row.Id, StringComparer.OrdinalIgnoreCase))];
    if (chosen.Count < names.Length)
    {
        await Console.Error.WriteLineAsync($"On {parsed.GetValue(topology)} there are the rows {string.Join(", ", possible.Select(row => row.Id))}.");
        return 2;
    }

    var bad = false;
    foreach (var row in chosen)
    {
        var record = Record.Open(parsed.GetValue(folder)!.FullName, row.Id, parsed.GetValue(topology)!, parsed.GetValue(fresh));
        var goal = parsed.GetValue(faults) ?? row.Whole;
        while (record.Done < goal && !ct.IsCancellationRequested)
        {
            var (outcome, took) = await row.RunAsync(row.InOneGo ? goal - record.Done : Math.Min(parsed.GetValue(batch), goal - record.Done), parsed.GetValue(topology)!, ct);
            record.Add(outcome, took);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Id}: {record.Done} of {goal}; {outcome.Acknowledged} acknowledged; {outcome.Violations.Count} violations; {took.TotalSeconds:0} s. {outcome.Remark}"));
            foreach (var violation in outcome.Violations.Take(20))
                Console.WriteLine("  " + violation);
        }

        bad |= record.Violations.Any();
    }

    Console.WriteLine();
    Console.WriteLine("row   topology        faults  acknowledged  violations  longest recovery  time");
    foreach (var row in chosen)
    {
        var record = Record.Open(parsed.GetValue(folder)!.FullName, row.Id, parsed.GetValue(topology)!, fresh: false);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Id,-5} {parsed.GetValue(topology),-14} {record.Done,7}  {record.Runs.Sum(run => run.Acknowledged),12}  {record.Violations.Count(),10}  {record.Runs.Select(run => run.LongestRecovery).DefaultIfEmpty().Max(),14:0.0} s  {record.Runs.Sum(run => run.Seconds),5:0} s"));
    }

    return bad ? 1 : 0;
});
return await command.Parse(args).InvokeAsync();
