using System.CommandLine;
using Pennypost.Bench;
using Pennypost.Bench.Servers;

var quick = new Option<bool>("--quick") { Description = "Shorter rounds, without PostgreSQL: at most three minutes." };
var folder = new Option<string?>("--out") { Description = "A folder for credits.json and credits.svg." };
var rounds = new Option<int?>("--rounds") { Description = "Another number of rounds: fewer than 7 make intervals that say little." };
var credits = new Command("credits", "Durable PlaceHold on Redis (appendfsync always), rung by rung from a bare gRPC echo, and against one Lua script per command and PostgreSQL behind the same front. At most 25 minutes.") { quick, rounds, folder };
credits.SetAction((parsed, ct) => CreditsBench.RunAsync(Of(parsed), parsed.GetValue(folder), ct));

var build = new Option<string>("--build") { Required = true, Description = "The Pennypost.Bench.dll of another build." };
var beside = new Command("credits-beside", "The credits service of this build against that of another, in the same rounds.") { build, quick, rounds };
beside.SetAction((parsed, ct) => CreditsBench.BesideAsync(Of(parsed), parsed.GetRequiredValue(build), ct));

var idle = new Command("idle", "What four services cost that have nothing to do, on Redis and RabbitMQ (both must be installed): processor time and Redis commands. About two minutes.");
idle.SetAction((_, ct) => IdleBench.RunAsync(ct));

// The servers run as processes of their own, so that their CPU can be told from the client's: this program starts itself again.
var name = new Argument<string>("name");
var store = new Option<string>("--store") { DefaultValueFactory = _ => "" };
var serve = new Command("serve", "One rung or contender as a server, until its input ends.") { name, store };
serve.Hidden = true;
serve.SetAction((parsed, ct) => Front.All[parsed.GetRequiredValue(name)](parsed.GetRequiredValue(store), ct));

return await new RootCommand("Measures Pennypost. Ratios within one run are what counts: machines are shared and noisy.") { credits, beside, idle, serve }.Parse(args).InvokeAsync();

Extent Of(ParseResult parsed)
{
    var extent = parsed.GetValue(quick) ? Extent.Quick : Extent.Full;
    return parsed.GetValue(rounds) is { } count ? extent with { Rounds = count, LatencyRounds = count } : extent;
}
