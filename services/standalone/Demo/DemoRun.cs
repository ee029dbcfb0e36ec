using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using Pennypost.Gateway.V1;
using Pennypost.Types.V1;

namespace Pennypost.Standalone.Demo;

/// <summary>
/// The main job, shown: a list of prospects goes in as CSV, each message goes by the cheapest valid channel, replies bring credits back, and every step can be seen. Ten days pass in under a minute, because
/// the clock jumps to whatever is due next. Started again on the same data it takes up where it stopped: the same list is the same messages.
/// </summary>
internal sealed class DemoRun(Installation installation, string apiKey, string csvPath, DemoPrinter printer)
{
    private static readonly TimeSpan VirtualDays = TimeSpan.FromDays(10);
    private static readonly TimeSpan RealLimit = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan LeastJump = TimeSpan.FromHours(4);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>False if something that must hold did not.</summary>
    public async Task<bool> RunAsync(CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        using var channel = GrpcChannel.ForAddress(installation.Grpc);
        var client = new PennypostService.PennypostServiceClient(channel);
        var credential = new Metadata { { "authorization", $"Bearer {apiKey}" } };
        using var controls = new SandboxControls(installation.Sandbox, installation.Keys.ProviderKey);
        var demo = new DemoInstallation(installation, client, controls, credential);

        printer.Step("Three senders with scarce credits, at the sandbox provider");
        await demo.PrepareAsync(ct);
        var history = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(csvPath))!, "history.json");
        if (File.Exists(history))
            await demo.ReplayHistoryAsync(await Prior.ReadAsync(history, ct), ct);
        printer.Pools((await client.ListPoolsAsync(new(), credential, cancellationToken: ct)).Pools);

        printer.Step($"Importing {csvPath}");
        var (taken, report) = await ImportAsync(ct);
        if (!taken)
        {
            printer.Refused(report);
            return false;
        }

        printer.Import(report);

        printer.Step("Sending, while ten days pass");
        var messages = await FollowAsync(client, credential, controls, watch, ct);

        printer.Table(Tally.Of(messages));
        var pools = (await client.ListPoolsAsync(new(), credential, cancellationToken: ct)).Pools;
        printer.Pools(pools);
        var sound = true;
        foreach (var pool in pools)
        {
            var proof = await client.VerifyPoolAsync(new() { PoolId = pool.PoolId }, credential, cancellationToken: ct);
            printer.Proof(pool.PoolId, proof);
            sound &= proof.Valid;
        }

        var judged = await controls.GetAsync("sandbox/v1/ledger", ct);
        var duplicates = judged["duplicate_count"]!.GetValue<long>();
        printer.Judge(judged["deliveries"]!.GetValue<long>(), duplicates);
        printer.Done(watch.Elapsed);
        return sound && duplicates == 0;
    }

    /// <summary>The report if the list was taken, the API's error if it was refused as a whole.</summary>
    private async Task<(bool Taken, JsonNode Answer)> ImportAsync(CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = installation.Rest, Timeout = TimeSpan.FromSeconds(60) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/messages:importCsv?import_id=demo&campaign_id=demo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        await using var file = File.OpenRead(csvPath);
        request.Content = new StreamContent(file);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using var response = await http.SendAsync(request, ct);
        var text = await response.Content.ReadAsStringAsync(ct);
        return (response.IsSuccessStatusCode, JsonNode.Parse(text)!);
    }

    /// <summary>Waits until nothing is under way, jumps to what is due next, and again, until ten days have passed or the demo's real time is up.</summary>
    private async Task<IReadOnlyList<Message>> FollowAsync(
        PennypostService.PennypostServiceClient client, Metadata credential, SandboxControls controls, Stopwatch watch, CancellationToken ct)
    {
        var now = await installation.NowAsync(ct);
        var until = now + VirtualDays;
        while (true)
        {
            var messages = await ListAsync(client, credential, ct);
            var tally = Tally.Of(messages);
            now = await installation.NowAsync(ct);
            printer.Progress(now, tally);
            if (tally.UnderWay == 0 && now >= until)
                return messages;
            if (watch.Elapsed > RealLimit)
            {
                printer.CutShort(until - now);
                return messages;
            }

            if (tally.UnderWay > 0)
            {
                await Task.Delay(Poll, ct);
                continue;
            }

            // A message that is due already is being fetched by the releaser: time need not move for it.
            var due = new[] { await installation.NextDueAsync(ct), await controls.NextDueAsync(ct), until }.OfType<DateTimeOffset>().Min();
            if (due > now)
                await installation.MoveClockAsync(Earlier(Later(due, now + LeastJump), Later(until, now)) - now, ct);
            await Task.Delay(Poll, ct);
        }
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static async Task<IReadOnlyList<Message>> ListAsync(PennypostService.PennypostServiceClient client, Metadata credential, CancellationToken ct)
    {
        var messages = new List<Message>();
        var token = "";
        do
        {
            var page = await client.ListMessagesAsync(new() { PageSize = 500, PageToken = token, CampaignId = "demo" }, credential, cancellationToken: ct);
            messages.AddRange(page.Messages);
            token = page.NextPageToken;
        }
        while (token.Length > 0 && messages.Count < 10_000);
        return messages;
    }
}
