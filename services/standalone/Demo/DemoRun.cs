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
internal sealed class DemoRun(DemoPlace place, IReadOnlyList<DemoList> lists, DemoPrinter printer)
{
    private static readonly TimeSpan VirtualDays = TimeSpan.FromDays(10);
    private static readonly TimeSpan LeastJump = TimeSpan.FromHours(12);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>What became of the list, null if it was refused as a whole; and whether all that must hold held.</summary>
    public async Task<(bool Sound, Tally? Tally)> RunAsync(CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        using var channel = GrpcChannel.ForAddress(place.Grpc);
        var client = new PennypostService.PennypostServiceClient(channel);
        var credential = new Metadata { { "authorization", $"Bearer {place.ApiKey}" } };
        using var controls = new SandboxControls(place.Sandbox, place.ProviderKey);
        var demo = new DemoInstallation(place, client, controls, credential);

        printer.Step("Three senders with scarce credits, at the sandbox provider");
        await demo.PrepareAsync(ct);
        var history = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(lists[0].Path))!, "history.json");
        if (File.Exists(history))
            await demo.ReplayHistoryAsync(await Prior.ReadAsync(history, ct), ct);
        printer.Pools((await client.ListPoolsAsync(new(), credential, cancellationToken: ct)).Pools);

        foreach (var list in lists)
        {
            printer.Step($"Importing {list.Path}");
            var (taken, report) = await ImportAsync(list, ct);
            if (!taken)
            {
                printer.Refused(report);
                return (false, null);
            }

            printer.Import(report);
        }

        printer.Step("Sending, while ten days pass");
        var messages = await FollowAsync(client, credential, controls, ct);

        var tally = Tally.Of(messages);
        printer.Table(tally);
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
        return (sound && duplicates == 0, tally);
    }

    /// <summary>The report if a list was taken, the API's error if it was refused as a whole.</summary>
    private async Task<(bool Taken, JsonNode Answer)> ImportAsync(DemoList list, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = place.Rest, Timeout = TimeSpan.FromSeconds(60) };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"v1/messages:importCsv?campaign_id=demo&import_id={list.ImportId}{(list.AccountId is { } sender ? $"&account_ids={sender}" : "")}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", place.ApiKey);
        await using var file = File.OpenRead(list.Path);
        request.Content = new StreamContent(file);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using var response = await http.SendAsync(request, ct);
        var text = await response.Content.ReadAsStringAsync(ct);
        return (response.IsSuccessStatusCode, JsonNode.Parse(text)!);
    }

    /// <summary>Ten days, unless the demo's real time is up before.</summary>
    private async Task<IReadOnlyList<Message>> FollowAsync(PennypostService.PennypostServiceClient client, Metadata credential, SandboxControls controls, CancellationToken ct)
    {
        IReadOnlyList<Message> messages = [];
        var lapse = new TimeLapse(place.Clock, controls, async (now, stopping) =>
        {
            messages = await ListAsync(client, credential, stopping);
            var tally = Tally.Of(messages);
            printer.Progress(now, tally);
            return tally.UnderWay > 0;
        })
        {
            LeastJump = LeastJump,
            Poll = Poll,
            RealLimit = place.RealLimit,
        };
        if (await lapse.ToAsync(await place.Clock.NowAsync(ct) + VirtualDays, ct) is { } left)
            printer.CutShort(left);
        return messages;
    }

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
