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
    private const int QuietLooks = 6;
    private static readonly TimeSpan RealLimit = TimeSpan.FromMinutes(10);

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
        using var controls = new SandboxControls(installation.Sandbox, installation.Keys.ProviderKey);
        var lapse = new TimeLapse(installation.Clock, controls, IsUnderWayAsync) { QuietLooks = QuietLooks, RealLimit = RealLimit };
        var now = await installation.Clock.NowAsync(ct);
        await PassAsync(lapse, now + TimeSpan.FromDays(1), ct);
        found.Free = await provider.FreeSendsAsync(ct);
        await PassAsync(lapse, now + Scene.UntilTopUp, ct);
        await provider.CountAsync(found, ct);
        if (scene.Seats == 1)
        {
            await provider.TopUpAsync(scene, ct);
            await client.TopUpPoolAsync(new() { PoolId = Pool, TopUpId = "bought", Credits = Scene.TopUp }, credential, cancellationToken: ct);
            await PassAsync(lapse, renewal - TimeSpan.FromSeconds(1), ct);
            await provider.CountAsync(found, ct);
            await PassAsync(lapse, renewal + Scene.AfterRenewal, ct);
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

    private static async Task PassAsync(TimeLapse lapse, DateTimeOffset until, CancellationToken ct)
    {
        if (await lapse.ToAsync(until, ct) is not null)
            throw new TimeoutException($"It is not over after {RealLimit.TotalMinutes:0} minutes.");
    }

    private async Task<bool> IsUnderWayAsync(DateTimeOffset now, CancellationToken ct) =>
        (await ListAsync(ct)).Any(message => message.State is MessageState.Accepted or MessageState.Ready or MessageState.Sending);

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
}
