using System.CommandLine;
using Pennypost.Bench;
using Pennypost.Bench.Deciding;
using Pennypost.Bench.Dispatching;
using Pennypost.Bench.EmptyAccount;
using Pennypost.Bench.Figures;
using Pennypost.Bench.Fronting;
using Pennypost.Bench.Load;
using Pennypost.Bench.Planning;
using Pennypost.Bench.Servers;

var quick = new Option<bool>("--quick") { Description = "Shorter rounds, without PostgreSQL: at most three minutes." };
var folder = new Option<string?>("--out") { Description = "A folder for credits.json and credits.svg." };
var rounds = new Option<int?>("--rounds") { Description = "Another number of rounds: fewer than 7 make intervals that say little." };
var credits = new Command("credits", "Durable PlaceHold on Redis (appendfsync always), rung by rung from a bare gRPC echo, and against one Lua script per command and PostgreSQL behind the same front. At most 25 minutes.") { quick, rounds, folder };
credits.SetAction((parsed, ct) => CreditsBench.RunAsync(Of(parsed, quick), parsed.GetValue(folder), ct));

var routerFolder = new Option<string?>("--out") { Description = "A folder for router.json and router.svg." };
var routerQuick = new Option<bool>("--quick") { Description = "Shorter rounds: six minutes on a busy machine." };
var router = new Command("router", "Decide and the steps around it by BenchmarkDotNet, and Route and RouteMany of a router against echoes of the same bytes, for 1, 10 and 100 candidates.") { routerQuick, rounds, routerFolder };
router.SetAction((parsed, ct) => RouterBench.RunAsync(Of(parsed, routerQuick), parsed.GetValue(routerQuick), parsed.GetValue(routerFolder), ct));

var gatewayFolder = new Option<string?>("--out") { Description = "A folder for gateway.json and gateway.svg." };
var gateway = new Command("gateway", "A read and a write by gRPC through the gateway beside the same calls direct, and by JSON beside a minimal API that echoes. Two minutes with --quick, ten without.") { quick, rounds, gatewayFolder };
gateway.SetAction((parsed, ct) => GatewayBench.RunAsync(Of(parsed, quick), parsed.GetValue(gatewayFolder), ct));

var attackFolder = new Option<string?>("--out") { Description = "A folder for attacks.json." };
var attackRounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 7, Description = "How many rounds; fewer than 7 make intervals that say little." };
var attacks = new Command("attacks", "What an honest tenant keeps of the gateway while somebody floods it: eight attacks. Six minutes.") { attackRounds, attackFolder };
attacks.SetAction((parsed, ct) => AttackBench.RunAsync(parsed.GetValue(attackRounds), parsed.GetValue(attackFolder), ct));

var build = new Option<string?>("--build") { Description = "The Pennypost.Bench.dll of another build; left out: this one." };
var with = new Option<string[]>("--with") { DefaultValueFactory = _ => [], Description = "NAME=VALUE in the other's environment." };
var beside = new Command("credits-beside", "The credits service of this build against that of another, or itself in another environment, in the same rounds.") { build, with, quick, rounds };
beside.SetAction((parsed, ct) => CreditsBench.BesideAsync(
    Of(parsed, quick), parsed.GetValue(build), parsed.GetRequiredValue(with).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]), ct));

var address = new Option<string>("--address") { Required = true, Description = "The service's gRPC address, http://host:port." };
var token = new Option<string>("--token") { Required = true, Description = "One of its Hosting:ServiceTokens." };
var tenant = new Option<string>("--tenant") { DefaultValueFactory = _ => "bench", Description = "Whose pools." };
var pools = new Option<int>("--pools") { DefaultValueFactory = _ => 1_000, Description = "How many pools are opened, each with 100,000 credits." };
var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 10, Description = "How long holds are placed." };
var rate = new Option<double?>("--rate") { Description = "Requests a second, sent when they are meant to be (open loop); left out: as fast as answers come (256 callers)." };
var load = new Command("load", "Places holds on a credits service that runs already, and says how many it answered a second, or how late.") { address, token, tenant, pools, seconds, rate };
load.SetAction(parsed => LoadBench.Run(
    new Target(new Uri(parsed.GetRequiredValue(address)), parsed.GetRequiredValue(token), parsed.GetRequiredValue(tenant)),
    PoolChoice.Uniform(parsed.GetRequiredValue(pools)), TimeSpan.FromSeconds(parsed.GetRequiredValue(seconds)), parsed.GetValue(rate)));

var idle = new Command("idle", "What four services cost that have nothing to do, on Redis and RabbitMQ (both must be installed): processor time and Redis commands. About two minutes.");
idle.SetAction((_, ct) => IdleBench.RunAsync(ct));

var inMails = new Option<int>("--inmails") { DefaultValueFactory = _ => 1_000, Description = "How many people are on the list." };
var empty = new Command("empty-account", "What an account without InMail credits costs in refused calls, and when its list goes out: Pennypost beside failing at the node and skipping per prospect, on the same input. About six minutes.") { inMails };
empty.SetAction((parsed, ct) => EmptyAccountBench.RunAsync(parsed.GetValue(inMails), ct));

var each = new Option<int>("--messages") { DefaultValueFactory = _ => 1_000, Description = "InMails in each round." };
var times = new Option<int>("--rounds") { DefaultValueFactory = _ => 7, Description = "How many rounds; fewer than 7 make intervals that say little." };
var dispatcher = new Command("dispatcher", "Commands through the whole dispatcher to a provider that takes no time, beside consumers that do nothing, and its parts alone. About five minutes.") { each, times };
dispatcher.SetAction((parsed, ct) => DispatcherBench.RunAsync(parsed.GetValue(each), parsed.GetValue(times), ct));

var waiting = new Option<int>("--messages") { DefaultValueFactory = _ => 1_000_000, Description = "How many messages wait for one instant." };
var span = new Option<int>("--seconds") { DefaultValueFactory = _ => 120, Description = "How long live traffic is measured, before and after." };
var dueAtOnce = new Command("due-at-once", "So many messages that fall due at one instant, and what that does to live traffic. A million takes about an hour, most of it for handing them over.") { waiting, span };
dueAtOnce.SetAction((parsed, ct) => DueAtOnceBench.RunAsync(parsed.GetValue(waiting), TimeSpan.FromSeconds(parsed.GetValue(span)), ct));

var ledger = new Option<string>("--credits") { Required = true, Description = "The gRPC address of the credits service that it asks." };
var sandbox = new Option<string>("--sandbox") { Required = true, Description = "The sandbox provider's address." };
var sandboxKey = new Option<string>("--sandbox-key") { Required = true, Description = "Its key (Sandbox:ApiKey)." };
var loadMessages = new Command("load-messages", "Hands InMails over to a dispatcher that runs already, with credits, router and sandbox, and says how many it took and sent a second.") { address, ledger, sandbox, sandboxKey, token, tenant, each };
loadMessages.SetAction((parsed, ct) => LoadMessages.RunAsync(
    new Addresses(
        new Uri(parsed.GetRequiredValue(address)), new Uri(parsed.GetRequiredValue(ledger)), new Uri(parsed.GetRequiredValue(sandbox)), parsed.GetRequiredValue(sandboxKey), parsed.GetRequiredValue(token),
        parsed.GetRequiredValue(tenant)),
    parsed.GetValue(each), ct));

var plans = new Command("plan", "Plans for 100 to 100,000 prospects and 1 to 50 senders: time, memory, gap. About three minutes.") { times, folder };
plans.SetAction((parsed, ct) => PlanBench.RunAsync(parsed.GetValue(times), parsed.GetValue(folder), ct));
var prospectCount = new Argument<int>("prospects");
var senderCount = new Argument<int>("senders");
var crossing = new Argument<bool>("crossing");
var planOnce = new Command("plan-once", "One plan in this process.") { prospectCount, senderCount, crossing };
planOnce.Hidden = true;
planOnce.SetAction((parsed, ct) => Task.FromResult(PlanBench.RunOnce(parsed.GetValue(prospectCount), parsed.GetValue(senderCount), parsed.GetValue(crossing), ct)));

// The servers run as processes of their own, so that their CPU can be told from the client's: this program starts itself again.
var name = new Argument<string>("name");
var store = new Option<string>("--store") { DefaultValueFactory = _ => "" };
var serve = new Command("serve", "One rung or contender as a server, until its input ends.") { name, store };
serve.Hidden = true;
serve.SetAction((parsed, ct) => Front.All[parsed.GetRequiredValue(name)](parsed.GetRequiredValue(store), ct));

var attackName = new Argument<string>("name");
var attack = new Command("attack", "One attack on a gateway, until its input ends.") { attackName, address, token };
attack.Hidden = true;
attack.SetAction((parsed, _) => Attacker.RunAsync(parsed.GetRequiredValue(attackName), new Uri(parsed.GetRequiredValue(address)), parsed.GetRequiredValue(token)));

return await new RootCommand("Measures Pennypost. Ratios within one run are what counts: machines are shared and noisy.") { credits, beside, router, gateway, attacks, attack, plans, planOnce, load, loadMessages, idle, empty, dispatcher, dueAtOnce, serve }.Parse(args).InvokeAsync();

Extent Of(ParseResult parsed, Option<bool> isQuick)
{
    var extent = parsed.GetValue(isQuick) ? Extent.Quick : Extent.Full;
    return parsed.GetValue(rounds) is { } count ? extent with { Rounds = count, LatencyRounds = count } : extent;
}
