using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Pennypost.Examples.Planning;
using Pennypost.Hosting;
using Pennypost.Router;
using Pennypost.Router.V1;
using Pennypost.Types.V1;

// Plans a week of outreach for 10,000 prospects and 20 seats, with a router of its own on a loopback port, and says what that brings beside
// an InMail for everyone and beside taking the free channels in turn.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const string Token = "the-token-of-this-example-alone-0123456789";
var builder = WebApplication.CreateBuilder();
builder.Configuration.Sources.Clear();
builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Hosting:ServiceTokens:0"] = Token });
builder.Logging.ClearProviders();
builder.AddRouter();
await using var app = builder.Build();
app.MapRouter();
await app.StartAsync();
using var channel = GrpcChannel.ForAddress(app.GrpcAddress());
var router = new RouterService.RouterServiceClient(channel);
var caller = new Metadata { { "authorization", $"Bearer {Token}" }, { "pennypost-tenant", "example" } };

var people = Campaign.People();
// InMail is warranted for everybody here, so that what it is spent on is the ways' own choice.
var anyInMail = new InmailWarrant { HighPriority = true, UnansweredInvitation = true, WouldBeForfeited = true };
var cheapest = Campaign.Terms(new RoutingPolicy { Name = "cheapest", Choice = Choice.Cheapest, InmailWarrant = anyInMail });
var bestValue = Campaign.Terms(new RoutingPolicy { Name = "best-value", Choice = Choice.BestValue, InmailWarrant = anyInMail });
var (_, careful) = await PlanAsync(cheapest);
var (assignments, plan) = await PlanAsync(bestValue);

Console.WriteLine($"{Campaign.Prospects:N0} prospects, {Campaign.Senders} Sales Navigator seats with {cheapest.Pools.Sum(pool => pool.Available):N0} credits, of which {cheapest.Pools.Sum(pool => pool.ForfeitsAtRenewal):N0} are lost at the next renewal if none is spent; {Campaign.Days} days.");
Console.WriteLine($"Of the prospects {Campaign.OpenProfile:P0} have an open profile, {Campaign.Connected:P0} are connected to a seat, {Campaign.Replied:P0} replied to one, {Campaign.OpenToWork:P0} are open to work, {Campaign.InvitedInVain:P0} left an invitation unanswered; {Campaign.HighPriority:P0} are of high priority.");
Console.WriteLine();
Console.WriteLine($"{"",-40} {"sends",7} {"credits",8} {"forfeited",10} {"expected value",15} {"cost",9} {"profit",9}");
Row("(a) InMail for everyone", InMailForEveryone());
Row("(b) the cheapest that has room, in turn", plan.InTurn);
Row("(c) plan, no credit where one is free", careful.Totals);
Row("(d) plan, whatever brings more", plan.Totals);
Console.WriteLine();
Console.WriteLine($"One more credit is worth {Dollars(plan.Capacities.Where(capacity => capacity.Kind == CapacityKind.Pool).Max(capacity => capacity.WorthOfOneMoreMicros))} where it is worth most (d); one more invitation {Dollars(plan.Capacities.Where(capacity => capacity.Channels.Contains(Channel.ConnectionRequest)).Max(capacity => capacity.WorthOfOneMoreMicros))}.");
foreach (var outcome in new[] { PlanOutcome.Send, PlanOutcome.CrowdedOut })
{
    var example = assignments.First(assignment => assignment.Outcome == outcome && (outcome != PlanOutcome.Send || assignment.CreditCost == 1));
    Console.WriteLine($"{example.ProspectId}: {example.Explanation}");
}

return 0;

async Task<(IReadOnlyList<Assignment> Assignments, PlanSummary Summary)> PlanAsync(PlanTerms terms)
{
    using var call = router.Plan(caller, DateTime.UtcNow.AddMinutes(2));
    await call.RequestStream.WriteAsync(new PlanRequest { Terms = terms });
    foreach (var some in people.Chunk(1_000))
        await call.RequestStream.WriteAsync(new PlanRequest { Prospects = new PlanProspects { Prospects = { some } } });
    await call.RequestStream.CompleteAsync();

    var given = new List<Assignment>();
    PlanSummary? summary = null;
    await foreach (var answer in call.ResponseStream.ReadAllAsync())
    {
        given.AddRange(answer.Assignments);
        summary = answer.Summary ?? summary;
    }

    return (given, summary!);
}

// What a tool does that knows one channel: down the list, each seat in turn, until nobody has a credit. LinkedIn itself takes none for a
// connection or an open profile (LinkedIn Help a1451572).
PlanTotals InMailForEveryone()
{
    var left = cheapest.Pools.Select(pool => pool.Available).ToArray();
    var spent = new long[left.Length];
    var totals = new PlanTotals();
    foreach (var (number, person) in people.Index())
    {
        var seat = Enumerable.Range(number, left.Length).Select(turn => turn % left.Length).Cast<int?>().FirstOrDefault(turn => left[turn!.Value] > 0);
        if (seat is not { } sender)
            break;
        if (!person.Common.CanSendInmail)
            continue;
        totals.Sends++;
        totals.ValueMicros += (long)(person.ValueMicros * (person.Common.OpenProfile ? 0.3 : 0.2));
        if (person.Common.OpenProfile || person.Views.Any(view => view.AccountId == $"seat-{sender:00}" && view.NetworkDistance == NetworkDistance.FirstDegree))
            continue;
        left[sender]--;
        spent[sender]++;
        totals.Credits++;
    }

    totals.Forfeited = spent.Index().Sum(seat => Math.Max(0, cheapest.Pools[seat.Index].ForfeitsAtRenewal - seat.Item));
    totals.CostMicros = spent.Index().Sum(seat => Math.Max(0, seat.Item - cheapest.Pools[seat.Index].ForfeitsAtRenewal) * 8_000_000);
    return totals;
}

void Row(string way, PlanTotals totals) => Console.WriteLine(
    $"{way,-40} {totals.Sends,7:N0} {totals.Credits,8:N0} {totals.Forfeited,10:N0} {Dollars(totals.ValueMicros),15} {Dollars(totals.CostMicros),9} {Dollars(totals.ValueMicros - totals.CostMicros),9}");

static string Dollars(long micros) => $"${micros / 1_000_000:N0}";
