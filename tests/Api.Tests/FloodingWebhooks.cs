using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Pennypost.Api.Tests;

/// <summary>
/// X16: webhooks that are replayed, forged and out of order. One tenant gets each event once and in order; the other gets the same events many times, shuffled, among forgeries: in the end both know the same.
/// 3,000 webhooks; PENNYPOST_WEBHOOKS says another number.
/// </summary>
public sealed class FloodingWebhooks(RunningApi running) : IClassFixture<RunningApi>
{
    private const string Secret = "a-secret-of-the-tests";
    private const int InMails = 8;
    private const int Invitations = 4;
    private const int AtOnce = 16;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Webhooks_that_are_replayed_forged_and_shuffled_are_applied_once_or_not_at_all_X16()
    {
        var total = int.TryParse(Environment.GetEnvironmentVariable("PENNYPOST_WEBHOOKS"), NumberStyles.None, CultureInfo.InvariantCulture, out var set) ? set : 3_000;
        await using var provider = await Capture.StartAsync();
        using var sandbox = running.Sandbox();
        foreach (var source in new[] { "messaging", "users", "account_status" })
            await sandbox.OrderAsync("api/v1/webhooks", new { request_url = provider.Address, source });
        var calm = await running.WorldAsync("calm");
        var flooded = await running.WorldAsync("flooded");
        foreach (var world in new[] { calm, flooded })
            await CampaignAsync(sandbox, world);
        // Our own sends come back as webhooks too, and replies and accepts only so.
        foreach (var world in new[] { calm, flooded })
            await EventuallyAsync(() =>
            {
                var came = provider.Of(world.Account).ConvertAll(Encoding.UTF8.GetString);
                Assert.Equal((InMails, Invitations), (came.Count(body => body.Contains("Tell me more", StringComparison.Ordinal)), came.Count(body => body.Contains("new_relation", StringComparison.Ordinal))));
                return Task.CompletedTask;
            });
        var (ofCalm, ofFlooded) = (provider.Of(calm.Account), provider.Of(flooded.Account));
        var random = new Random(20_261_127);

        var forged = Forgeries(ofFlooded, ofCalm, total / 2, random).ToList();
        var answers = await PostAllAsync(forged);
        Assert.All(forged.Zip(answers), pair => Assert.True(pair.Second == pair.First.Expected, $"{pair.First.What}: {pair.Second}"));
        Assert.Equal(await TimelineAsync(calm), await TimelineAsync(flooded));
        Assert.DoesNotContain("REPLIED", await TimelineAsync(flooded), StringComparison.Ordinal);

        foreach (var body in ofCalm)
            Assert.Equal(HttpStatusCode.OK, Assert.Single(await PostAllAsync([new(calm.Tenant, Secret, body, HttpStatusCode.OK, "in order")])));
        var replayed = Enumerable.Range(0, total - forged.Count).Select(i => ofFlooded[i % ofFlooded.Count]).ToArray();
        random.Shuffle(replayed);
        answers = await PostAllAsync([.. replayed.Select(body => new Hook(flooded.Tenant, Secret, body, HttpStatusCode.OK, "again"))]);
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer));

        await EventuallyAsync(async () => Assert.Equal(InMails, Count(await TimelineAsync(calm), "REFUNDED")));
        await EventuallyAsync(async () => Assert.Equal(await TimelineAsync(calm), await TimelineAsync(flooded)));
        foreach (var world in new[] { calm, flooded })
        {
            var timeline = await TimelineAsync(world);
            Assert.Equal((InMails, InMails), (Count(timeline, "REPLIED"), Count(timeline, "REFUNDED")));
            var pool = (await new GrpcFace(running.Channel, world.Key).CallAsync("GetPool", world.Example("GetPool"))).Json!["pool"]!["balance"]!;
            Assert.Equal(("20", InMails.ToString(CultureInfo.InvariantCulture)), ((string)pool["available"]!, (string)pool["refunded"]!));
        }
    }

    private static int Count(string timeline, string what) => timeline.Split('\n').Sum(line => line.Split(' ').Count(word => word == what));

    /// <summary>Sends, waits until all are out, and has everybody answer or accept.</summary>
    private async Task CampaignAsync(HttpClient sandbox, World world)
    {
        var people = Enumerable.Range(0, InMails + Invitations).Select(i => (Id: $"{world.Tenant}-{(i < InMails ? "m" : "i")}{i}", ByInMail: i < InMails)).ToList();
        await sandbox.OrderAsync("sandbox/v1/world", new { keep_existing = true, prospects = people.Select(one => new { id = one.Id, degree = one.ByInMail ? "third" : "second" }) });
        var api = new GrpcFace(running.Channel, world.Key);
        var account = world.Example("PutAccount");
        account["account"]!["spacing"] = "0s";
        Assert.Equal("OK", (await api.CallAsync("PutAccount", account)).Code);
        Assert.Equal("OK", (await api.CallAsync("PutSeat", new JsonObject { ["poolId"] = "pool", ["accountId"] = world.Account })).Code);
        foreach (var (id, byInMail) in people)
        {
            var content = byInMail ? new JsonObject { ["subject"] = "One question", ["body"] = "May I ask you?" } : new JsonObject { ["note"] = "May I ask you?" };
            var sent = await api.CallAsync("SendMessage", new JsonObject
            {
                ["message"] = new JsonObject { ["messageId"] = id, ["prospect"] = new JsonObject { ["profile"] = id }, ["content"] = content, ["priority"] = "PRIORITY_HIGH", ["accountIds"] = new JsonArray(world.Account) },
            });
            Assert.True(sent.Code == "OK", sent.ToString());
        }

        await EventuallyAsync(async () => Assert.Equal(people.Count, Count(await TimelineAsync(world), "SENT")));
        foreach (var (id, byInMail) in people)
            await sandbox.OrderAsync(byInMail ? "sandbox/v1/reply" : "sandbox/v1/accept", byInMail ? new { account_id = world.Account, prospect_id = id, text = "Tell me more" } : new { account_id = world.Account, prospect_id = id, noticed_after_seconds = 0 });
    }

    /// <summary>Every message of the tenant with the kinds of its events, a line each; without the tenant's name.</summary>
    private async Task<string> TimelineAsync(World world)
    {
        var api = new GrpcFace(running.Channel, world.Key);
        var lines = new List<string>();
        foreach (var id in Enumerable.Range(0, InMails + Invitations).Select(i => $"{world.Tenant}-{(i < InMails ? "m" : "i")}{i}"))
        {
            var answered = await api.CallAsync("GetMessage", new JsonObject { ["messageId"] = id });
            var events = answered.Json!["message"]!["events"]!.AsArray().Select(one => ((string)one!["kind"]!).Replace("MESSAGE_EVENT_KIND_", "", StringComparison.Ordinal));
            // How often a message waited on its way is chance; what the webhooks told is not.
            lines.Add($"{id.Replace(world.Tenant, "", StringComparison.Ordinal)}: {string.Join(' ', events.Where(kind => kind is "SENT" or "REPLIED" or "REFUNDED" or "INVITATION_ACCEPTED"))}");
        }

        return string.Join('\n', lines);
    }

    /// <summary>A webhook that the test posts, and what it must come to.</summary>
    private sealed record Hook(string Tenant, string? Secret, byte[] Body, HttpStatusCode Expected, string What);

    private static IEnumerable<Hook> Forgeries(List<byte[]> bodies, List<byte[]> ofOthers, int count, Random random)
    {
        for (var i = 0; i < count; i++)
        {
            var body = bodies[random.Next(bodies.Count)];
            yield return random.Next(5) switch
            {
                0 => new("flooded", "another-secret-of-16", body, HttpStatusCode.Unauthorized, "wrong secret"),
                1 => new("flooded", null, body, HttpStatusCode.Unauthorized, "no secret"),
                2 => new("flooded", Secret[..^1], body, HttpStatusCode.Unauthorized, "a secret cut short"),
                3 => new("nobody", Secret, body, HttpStatusCode.NotFound, "another tenant"),
                // Who has a secret of their own speaks for their own accounts only.
                _ => new("flooded", Secret, ofOthers[random.Next(ofOthers.Count)], HttpStatusCode.OK, "another tenant's account"),
            };
        }
    }

    private async Task<HttpStatusCode[]> PostAllAsync(IReadOnlyList<Hook> hooks)
    {
        var answers = new HttpStatusCode[hooks.Count];
        await Parallel.ForAsync(0, hooks.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, ct) =>
        {
            var hook = hooks[i];
            using var request = new HttpRequestMessage(HttpMethod.Post, $"v1/webhooks/provider/{hook.Tenant}/main") { Content = new ByteArrayContent(hook.Body) };
            request.Content.Headers.ContentType = new("application/json");
            if (hook.Secret is not null)
                request.Headers.Add("Unipile-Auth", hook.Secret);
            using var response = await running.Http.SendAsync(request, ct);
            answers[i] = response.StatusCode;
        });
        return answers;
    }

    private static async Task EventuallyAsync(Func<Task> holds)
    {
        var end = DateTime.UtcNow + _patience;
        while (true)
        {
            try
            {
                await holds();
                return;
            }
            catch (Xunit.Sdk.XunitException) when (DateTime.UtcNow < end)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>Where the provider's webhooks go instead: keeps their bodies, in order.</summary>
    private sealed class Capture : IAsyncDisposable
    {
        private readonly ConcurrentQueue<byte[]> _bodies = new();
        private readonly WebApplication _app;

        private Capture(WebApplication app) => _app = app;

        public string Address => _app.Urls.First() + "/";

        public static async Task<Capture> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var capture = new Capture(app);
            app.MapPost("/", async (HttpRequest request) =>
            {
                using var body = new MemoryStream();
                await request.Body.CopyToAsync(body);
                capture._bodies.Enqueue(body.ToArray());
            });
            await app.StartAsync();
            return capture;
        }

        public List<byte[]> Of(string account) => [.. _bodies.Where(body => Encoding.UTF8.GetString(body).Contains($"\"{account}\"", StringComparison.Ordinal))];

        public async ValueTask DisposeAsync()
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }
}
