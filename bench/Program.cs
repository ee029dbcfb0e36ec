using System.CommandLine;
using Pennypost.Bench;

var quick = new Option<bool>("--quick") { Description = "Shorter rounds: at most two minutes." };
var credits = new Command("credits", "Durable PlaceHold on Redis (appendfsync always) against a bare gRPC echo of the same message.") { quick };
credits.SetAction((parsed, ct) => CreditsBench.RunAsync(parsed.GetValue(quick) ? Rounds.Quick : Rounds.Full, ct));

var idle = new Command("idle", "What four services cost that have nothing to do, on Redis and RabbitMQ (both must be installed): processor time and Redis commands. About two minutes.");
idle.SetAction((_, ct) => IdleBench.RunAsync(ct));

// The servers run as processes of their own, so that their CPU can be told from the client's: this program starts itself again.
var redis = new Option<string>("--redis") { Required = true };
var serveCredits = new Command("serve-credits", "The credits service on a Redis.") { redis };
serveCredits.Hidden = true;
serveCredits.SetAction((parsed, ct) => Server.CreditsAsync(parsed.GetRequiredValue(redis), ct));
var serveEcho = new Command("serve-echo", "A bare gRPC echo of the same message.") { Hidden = true };
serveEcho.SetAction((_, ct) => Server.EchoAsync(ct));

return await new RootCommand("Measures Pennypost. Ratios within one run are what counts: machines are shared and noisy.") { credits, idle, serveCredits, serveEcho }.Parse(args).InvokeAsync();
