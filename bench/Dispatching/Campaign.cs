using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Dispatcher.V1;
using Pennypost.Types.V1;

namespace Pennypost.Bench.Dispatching;

/// <summary>InMails to hand over, and the senders for them: an account may look at 100 profiles and send 30 InMails a day, whatever a benchmark wants, so there are many, each with a pool of its own.</summary>
/// <param name="dispatcher">Who sends.</param>
/// <param name="credits">Who pays.</param>
/// <param name="headers">The service token, and the tenant.</param>
/// <param name="prefix">Before every id of it.</param>
internal sealed class Campaign(DispatcherService.DispatcherServiceClient dispatcher, CreditsService.CreditsServiceClient credits, Metadata headers, string prefix)
{
    private const string Connection = "bench";

    /// <summary>As many as a sender may send in a day, and some to spare.</summary>
    public const int PerSender = 25;

    private const int AtOnce = 8;
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);
    private int senders;

    private static DateTime Deadline => DateTime.UtcNow + CallLimit;

    /// <summary>Tells the dispatcher of the provider.</summary>
    public async Task ConnectAsync(Uri provider, string key, CancellationToken ct) =>
        await dispatcher.PutConnectionAsync(
            new() { Connection = new() { ConnectionId = Connection, BaseUrl = provider.ToString(), ApiKey = key, WebhookSecret = "a-webhook-secret-0123" } }, headers, Deadline, ct);

    /// <summary>New senders for so many messages, with more credits than they can spend in a day and no pause between two sends.</summary>
    public async Task<IReadOnlyList<string>> SendersAsync(int messages, CancellationToken ct, int perSender = PerSender)
    {
        var ids = Enumerable.Range(0, (messages + perSender - 1) / perSender).Select(_ => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{++senders}")).ToList();
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (id, stopping) =>
        {
            await credits.CreatePoolAsync(new() { PoolId = id, PlanId = "sales_navigator_core", OpeningBalance = 100 }, headers, Deadline, stopping);
            var account = new Account
            {
                AccountId = id,
                ConnectionId = Connection,
                Tier = Tier.SalesNavigator,
                InmailProduct = Product.SalesNavigator,
                Pools = { new AccountPool { Product = Product.SalesNavigator, PoolId = id } },
                Spacing = new Duration(),
            };
            await dispatcher.PutAccountAsync(new() { Account = account }, headers, Deadline, stopping);
        });
        return ids;
    }

    /// <summary>One InMail to each of so many people, by all senders in turn: an account writes one at a time.</summary>
    public static IEnumerable<MessageSpec> InMails(IReadOnlyList<string> senders, int messages) =>
        Enumerable.Range(0, messages).Select(number =>
        {
            var sender = senders[number % senders.Count];
            var person = PersonOf(sender, number);
            return new MessageSpec
            {
                MessageId = person,
                Prospect = new() { Profile = person },
                Content = new() { Subject = "Hello", Body = $"Hello {person}, this is how long a first message of a few words might be." },
                Priority = Priority.High,
                AccountIds = { sender },
            };
        });

    public static string PersonOf(string sender, int number) => string.Create(CultureInfo.InvariantCulture, $"{sender}-{number}");
}
