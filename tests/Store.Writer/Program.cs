// A writer process for the tests to stop and kill: adds 1 to a few counters as fast as it is answered, and prints each id once it was acknowledged.
// Arguments: Sqlite|Redis, path or connection string, prefix, ids begin with, number of counters.
using Microsoft.Extensions.Logging.Abstractions;
using Pennypost.Store;
using Store.Writer;

var options = new StoreOptions { Backend = Enum.Parse<StoreBackend>(args[0]), Path = args[1], ConnectionString = args[1], Prefix = args[2] };
var counters = Enumerable.Range(0, int.Parse(args[4], null)).Select(n => new PartitionId("counter", "t1", $"c{n}")).ToArray();
await using var store = new StateStore("test", options, TimeProvider.System, NullLogger<StateStore>.Instance);
await store.OpenAsync(default);
var acknowledged = TextWriter.Synchronized(Console.Out);
await Task.WhenAll(Enumerable.Range(0, 32).Select(async lane =>
{
    for (var n = 0; n < 1_000_000; n++)
    {
        var (counter, id) = (counters[(lane + n) % counters.Length], $"{args[3]}-{lane}-{n}");
        try
        {
            await store.AddAsync(counter, id);
            await acknowledged.WriteLineAsync($"{counter.Id} {id}");
        }
        catch (StoreException)
        {
            // Not acknowledged: the tests only count what was.
            await Task.Delay(20);
        }
    }
}));
