using System.Globalization;
using System.Text.Json;
using Pennypost.Types.V1;
using Capped = Pennypost.Types.V1.Action;

namespace Faults;

/// <summary>What the provider counted, held against what the services say: nobody got anything twice or nothing, no cap was exceeded in any window, every credit is accounted for.</summary>
/// <param name="installation">Where.</param>
/// <param name="accounts">The senders, each with a pool of its own.</param>
public sealed class MessageJudge(Installation installation, IReadOnlyList<string> accounts)
{
    /// <summary>As long as the sandbox tries to tell of a reply.</summary>
    private static readonly TimeSpan _refundsLate = TimeSpan.FromSeconds(200);

    /// <summary>Every violation. Messages may wait still, or be in doubt; their ids are <c>m-</c> and the member's.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(IReadOnlyList<Message> messages)
    {
        var deliveries = await DeliveriesAsync();
        var got = deliveries.GroupBy(delivery => delivery.Member).ToDictionary(same => same.Key, same => same.Count());
        var violations = new List<string>(got.Where(recipient => recipient.Value > 1).Select(recipient => $"{recipient.Key} got {recipient.Value}"));
        foreach (var message in messages)
        {
            var delivered = got.GetValueOrDefault(MemberOf(message));
            if (message.State != MessageState.Indeterminate && message.State == MessageState.Sent != (delivered > 0))
                violations.Add($"{message.MessageId} is {message.State} and its recipient got {delivered}");
            if (message.State is MessageState.Failed or MessageState.Cancelled)
                violations.Add($"{message.MessageId} is {message.State} ({message.Reason})");
        }

        violations.AddRange(await CapsAsync(deliveries));
        violations.AddRange(await CreditsAsync(messages));
        return violations;
    }

    private static string MemberOf(Message message) => message.MessageId["m-".Length..];

    private async Task<IReadOnlyList<Delivery>> DeliveriesAsync()
    {
        var deliveries = new List<Delivery>();
        for (var after = 0L; ;)
        {
            var page = await installation.LookAsync(string.Create(CultureInfo.InvariantCulture, $"deliveries?after={after}&limit=1000"));
            var before = deliveries.Count;
            foreach (var delivery in page.GetProperty("deliveries").EnumerateArray())
            {
                after = delivery.GetProperty("sequence").GetInt64();
                deliveries.Add(new Delivery(
                    delivery.GetProperty("account_id").GetString()!,
                    delivery.GetProperty("member_id").GetString()!,
                    delivery.GetProperty("at").GetDateTimeOffset(),
                    delivery.GetProperty("channel").GetString() switch
                    {
                        "inmail" => Capped.Inmail,
                        "open_profile_inmail" => Capped.OpenProfileInmail,
                        "invitation" => Capped.Invitation,
                        _ => Capped.Message,
                    }));
            }

            if (deliveries.Count == before)
                return deliveries;
        }
    }

    /// <summary>No account sent more of anything than it may in any window, wherever it begins.</summary>
    private async Task<IReadOnlyList<string>> CapsAsync(IReadOnlyList<Delivery> deliveries)
    {
        var (violations, dispatcher) = (new List<string>(), installation.DispatcherOf());
        foreach (var account in accounts)
        {
            var uses = (await Installation.PatientlyAsync(async () => await dispatcher.GetAccountAsync(new() { AccountId = account }, Installation.As(), DateTime.UtcNow.AddSeconds(5)))).Account.Usage;
            foreach (var use in uses)
            {
                var times = deliveries.Where(delivery => delivery.Account == account && delivery.Action == use.Action).Select(delivery => delivery.At).Order().ToList();
                var most = times.Select((end, last) => last + 1 - times.FindIndex(begin => IsWithin(use.Window, begin, end))).DefaultIfEmpty().Max();
                if (most > use.HardLimit)
                    violations.Add(string.Create(CultureInfo.InvariantCulture, $"{account} sent {most} of {use.Action} within a {use.Window}, and may send {use.HardLimit}"));
            }
        }

        return violations;
    }

    private static bool IsWithin(CapWindow window, DateTimeOffset begin, DateTimeOffset end) => window switch
    {
        CapWindow.Day => end - begin < TimeSpan.FromDays(1),
        CapWindow.Week => end - begin < TimeSpan.FromDays(7),
        _ => (begin.Year, begin.Month) == (end.Year, end.Month),
    };

    /// <summary>The ledger says what the provider says, nothing is held but for what is in doubt, and every journal proves itself. Refunds may still be on their way: they are waited for.</summary>
    private async Task<IReadOnlyList<string>> CreditsAsync(IReadOnlyList<Message> messages)
    {
        var ledger = installation.CreditsOf();
        var violations = new List<string>();
        foreach (var account in accounts)
        {
            // Whether the credit of one in doubt was spent, the provider knows and the ledger does not yet.
            var inDoubt = messages.Count(message => message.State == MessageState.Indeterminate && message.Attempts.LastOrDefault() is { HoldId.Length: > 0 } attempt && attempt.AccountId == account);
            var last = "";
            try
            {
                await Eventually.TrueAsync(async () =>
                {
                    var balance = (await Installation.PatientlyAsync(async () => await ledger.GetPoolAsync(new() { PoolId = account + "-pool" }, Installation.As(), DateTime.UtcNow.AddSeconds(5)))).Pool.Balance;
                    using var answer = await installation.Provider.GetAsync(new Uri($"/api/v1/linkedin/inmail_balance?account_id={account}", UriKind.Relative));
                    using var provider = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
                    var there = provider.RootElement.GetProperty("sales_navigator").GetInt64();
                    last = $"{account}: {balance.Available} available and {balance.Held} held in the ledger with {inDoubt} in doubt, {there} at the provider";
                    return balance.Held == inDoubt && there >= balance.Available && there <= balance.Available + inDoubt;
                }, _refundsLate, account);
            }
            catch (TimeoutException)
            {
                violations.Add(last);
                violations.AddRange(await DisagreeAsync(account, messages));
            }

            var proof = await Installation.PatientlyAsync(async () => await ledger.VerifyJournalAsync(new() { PoolId = account + "-pool" }, Installation.As(), DateTime.UtcNow.AddSeconds(20)));
            violations.AddRange(proof.Findings.Select(finding => $"{account}: {finding}"));
        }

        return violations;
    }

    /// <summary>Which messages the two sides see differently, for whoever looks for the reason.</summary>
    private async Task<IEnumerable<string>> DisagreeAsync(string account, IReadOnlyList<Message> messages)
    {
        var moves = (await installation.LookAsync($"credits?account_id={account}&limit=1000")).GetProperty("entries").EnumerateArray().ToList();
        var deliveries = (await installation.LookAsync($"deliveries?account_id={account}&limit=1000")).GetProperty("deliveries").EnumerateArray()
            .Where(delivery => delivery.GetProperty("message_id").ValueKind == JsonValueKind.String)
            .ToDictionary(delivery => delivery.GetProperty("message_id").GetString()!, delivery => delivery.GetProperty("member_id").GetString()!);
        int There(string member, string move) => moves.Count(entry =>
            string.Equals(entry.GetProperty("move").GetString(), move, StringComparison.OrdinalIgnoreCase)
            && entry.GetProperty("message_id").GetString() is { } id && deliveries.GetValueOrDefault(id) == member);
        var dropped = (await installation.LookAsync("webhook-posts?limit=1000")).GetProperty("posts").EnumerateArray().Count(post => post.GetProperty("state").GetString() is "dropped");
        var known = new List<string> { $"{account}: {dropped} webhook posts were dropped" };
        foreach (var message in messages.Where(message => message.AccountId == account))
        {
            var now = await installation.UntilAsync(message.MessageId, _ => true, TimeSpan.FromSeconds(10));
            var member = MemberOf(message);
            if (now.CreditsSpent != There(member, "spent") || now.CreditsRefunded != There(member, "refunded"))
                known.Add($"{now.MessageId}: {now.CreditsSpent} spent and {now.CreditsRefunded} refunded here, {There(member, "spent")} and {There(member, "refunded")} at the provider; {string.Join(", ", now.Events.Select(happened => $"{happened.Kind}@{happened.EventTime.ToDateTime():ss.fff}"))}");
        }

        return known;
    }

    private sealed record Delivery(string Account, string Member, DateTimeOffset At, Capped Action);
}
