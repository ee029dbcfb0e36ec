using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Pennypost.Gateway;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.V1;
using Pennypost.Standalone;
using Pennypost.Types.V1;

namespace Pennypost.Bench.EmptyAccount;

/// <summary>The same list handed to Pennypost, over its public API; its clock jumps to whatever is due next.</summary>
internal sealed class OurWay(Installation installation, Provider provider, Scene scene)
{
    private const string Tenant = "bench";
    private const string Pool = "contract";
    private const int MostAtOnce = 500;
    private static readonly TimeSpan LeastJump = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortJump = TimeSpan.FromMinutes(1);
    private const int QuietLooks = 6;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RealLimit = TimeSpan.FromMinutes(10);

    private readonly Stopwatch watch = Stopwatch.StartNew();
    private PennypostService.PennypostServiceClient client = null!;
    private Metadata credential = null!;

    public async Task<Found> RunAsync(string way, DateTimeOffset renewal, CancellationToken ct)
    {
        var found = new Found(way, scene);
        var key = ApiKeyText.New(Tenant);
        await installation.Gateway.EnsureApiKeyAsync(key, "bench", ct);
        using var channel = GrpcChannel.ForAddress(installation.Grpc);
        (client, credential) = (new(channel), new Metadata { { "authorization", $"Bearer {key.Text.Reveal()}" } });

        await provider.SetAsync(scene, renewal, ct);
        await PrepareAsync(renewal, ct);
        await HandOverAsync(ct);
        var now = await installation.Clock.NowAsync(ct);
        await PassAsync(now + TimeSpan.FromDays(1), ct);
        found.Free = await provider.FreeSendsAsync(ct);
        await PassAsync(now + Scene.UntilTopUp, ct);
        await provider.CountAsync(found, ct);
        if (scene.Seats == 1)
        {
            await provider.TopUpAsync(scene, ct);
            await client.TopUpPoolAsync(new() { PoolId = Pool, TopUpId = "bought", Credits = Scene.TopUp }, credential, cancellationToken: ct);
            await PassAsync(renewal - TimeSpan.FromSeconds(1), ct);
            await provider.CountAsync(found, ct);
            await PassAsync(renewal + Scene.AfterRenewal, ct);
            await provider.CountAsync(found, ct);
        }

        var messages = await ListAsync(ct);
        found.Waiting = messages.Count(message => message.State is MessageState.Waiting or MessageState.Ready or MessageState.Accepted);
        found.Lost = messages.Count(message => message.State is MessageState.Failed or MessageState.Skipped or MessageState.Indeterminate);
        await LookAtRefusalsAsync(messages, found, ct);
        return found;
    }

    private async Task PrepareAsync(DateTimeOffset renewal, CancellationToken ct)
    {
        await client.PutConnectionAsync(
            new() { Connection = new() { ConnectionId = "sandbox", BaseUrl = installation.Sandbox.ToString(), ApiKey = installation.Keys.ProviderKey, WebhookSecret = installation.Keys.WebhookSecret } },
            credential,
            cancellationToken: ct);
        await client.CreatePoolAsync(
            new() { PoolId = Pool, PlanId = Scene.Plan, OpeningBalance = scene.Believed, Renewal = new() { BillingAnchor = new() { Day = renewal.Day } } }, credential, cancellationToken: ct);
        foreach (var seat in scene.SeatIds)
        {
            var account = new Account
            {
                AccountId = seat,
                ConnectionId = "sandbox",
                Tier = Tier.Premium,
                InmailProduct = Product.Premium,
                Pools = { new AccountPool { Product = Product.Premium, PoolId = Pool } },
                Spacing = Duration.FromTimeSpan(TimeSpan.FromSeconds(10)),
            };
            await client.PutAccountAsync(new() { Account = account }, credential, cancellationToken: ct);
        }
    }

    /// <summary>Everything at once. A person is pinned to a seat, so that the list is spread as the naive ways spread it; free sends go by the first seat.</summary>
    private async Task HandOverAsync(CancellationToken ct)
    {
        var seats = scene.SeatIds.ToList();
        // The free sends first: a sender may look at 100 profiles a day, and who needs none of them is not on the list.
        var specs = scene.Relations.Select(person => Letter(person, seats[0])).Concat(scene.Invited.Select(person => Invitation(person, seats[0]))).Concat(scene.People.Select((person, place) => Letter(person, seats[place % seats.Count])));
        foreach (var part in specs.Chunk(MostAtOnce))
        {
            var taken = await client.SendMessagesAsync(new() { Messages = { part } }, credential, cancellationToken: ct);
            if (taken.Results.FirstOrDefault(result => result.Refusal is not null) is { } refused)
                throw new InvalidOperationException($"A message was refused: {refused.Refusal}");
        }
    }

    /// <summary>Hand-picked, so that an InMail is warranted; there is no note, so that an invitation is no way out.</summary>
    private static MessageSpec Letter(string person, string seat) => new()
    {
        MessageId = person,
        Prospect = new() { Profile = person },
        Content = new() { Subject = "Hello", Body = $"Hello {person}" },
        AccountIds = { seat },
        Priority = Priority.High,
    };

    private static MessageSpec Invitation(string person, string seat) => new()
    {
        MessageId = person,
        Prospect = new() { Profile = person },
        Content = new() { Note = $"Hello {person}" },
        AccountIds = { seat },
    };

    /// <summary>Waits until nothing is under way, jumps to what is due next, and again.</summary>
    private async Task PassAsync(DateTimeOffset until, CancellationToken ct)
    {
        using var controls = new SandboxControls(installation.Sandbox, installation.Keys.ProviderKey);
        for (var quiet = 0; ;)
        {
            if (watch.Elapsed > RealLimit)
                throw new TimeoutException($"It is not over after {RealLimit.TotalMinutes:0} minutes.");
            var underWay = (await ListAsync(ct)).Count(message => message.State is MessageState.Accepted or MessageState.Ready or MessageState.Sending);
            var now = await installation.Clock.NowAsync(ct);
            quiet = underWay == 0 ? quiet + 1 : 0;
            if (quiet > 0 && now >= until)
                return;
            var due = new[] { await installation.Clock.NextDueAsync(ct), await controls.NextDueAsync(ct), until }.OfType<DateTimeOffset>().Min();
            // Something that is due already is being fetched: time need not move for it. An event may be on its way, and must not arrive days late.
            if (due > now && quiet >= (due - now > ShortJump ? QuietLooks : 1))
                await installation.Clock.MoveAsync(Earlier(Later(due, now + LeastJump), until) - now, ct);

            await Task.Delay(Poll, ct);
        }
    }

    /// <summary>Whether a refused call began after the books had been told, in the same span, that nothing is left.</summary>
    private async Task LookAtRefusalsAsync(IReadOnlyList<Message> messages, Found found, CancellationToken ct)
    {
        var (told, spans) = (new List<DateTimeOffset>(), new List<DateTimeOffset>());
        var token = "";
        do
        {
            var page = await client.ListPoolEntriesAsync(new() { PoolId = Pool, PageSize = 1_000, PageToken = token }, credential, cancellationToken: ct);
            told.AddRange(page.Entries.Where(entry => entry.Kind is EntryKind.Reconciled or EntryKind.Adjusted && entry.Available == 0).Select(entry => entry.EntryTime.ToDateTimeOffset()));
            spans.AddRange(page.Entries.Where(entry => entry.Kind is EntryKind.ToppedUp or EntryKind.Granted).Select(entry => entry.EntryTime.ToDateTimeOffset()));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        found.Late = 0;
        foreach (var refused in messages.Where(message => message.Attempts.Any(IsRefused)))
        {
            var whole = (await client.GetMessageAsync(new() { MessageId = refused.MessageId }, credential, cancellationToken: ct)).Message;
            foreach (var attempt in whole.Attempts.Where(IsRefused))
            {
                var began = whole.Events.First(happened => happened.Kind == MessageEventKind.Intended && happened.Attempt == attempt.Number).EventTime.ToDateTimeOffset();
                var since = spans.Where(span => span <= began).DefaultIfEmpty().Max();
                if (told.Exists(time => time >= since && time < began))
                    found.Late++;
            }
        }

        var proof = await client.VerifyPoolAsync(new() { PoolId = Pool }, credential, cancellationToken: ct);
        if (!proof.Valid)
            found.Wrong.Add("the pool's journal does not verify");
    }

    private async Task<IReadOnlyList<Message>> ListAsync(CancellationToken ct)
    {
        var messages = new List<Message>();
        var token = "";
        do
        {
            var page = await client.ListMessagesAsync(new() { PageSize = 500, PageToken = token }, credential, cancellationToken: ct);
            messages.AddRange(page.Messages);
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        return messages;
    }

    private static bool IsRefused(Attempt attempt) => attempt.ProviderType.Contains("insufficient_credits", StringComparison.Ordinal);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
