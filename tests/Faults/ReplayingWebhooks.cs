using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Pennypost.Types.V1;

namespace Faults;

/// <summary>X16: replies told many times, in any order, and by people who do not know the secret.</summary>
public static class ReplayingWebhooks
{
    private const int Replays = 8;
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    public static Row Row { get; } = new("X16", "Webhooks replayed, reordered and forged: each event applies once, no forgery is accepted", 100_000, new(), RunAsync);

    private static async Task<Outcome> RunAsync(Installation installation, int posts, CancellationToken ct)
    {
        // Half of the posts are forged; each genuine event comes several times.
        var people = Math.Clamp(posts / 2 / Replays, 2, 400);
        await using var load = await MessageLoad.StartAsync(installation, 0, TimeSpan.Zero);
        await load.PeopleAsync("w", people);
        var sent = new List<Message>();
        for (var person = 1; person <= people; person++)
        {
            var id = "m-" + load.Name(person, "w");
            await installation.DispatcherOf(person % 2).AcceptAsync(new() { Message = load.Inmail(person, load.Name(person, "w")) }, Installation.As(), DateTime.UtcNow.AddSeconds(20), ct);
            load.Expect(id);
        }

        for (var person = 1; person <= people; person++)
            sent.Add(await installation.UntilAsync("m-" + load.Name(person, "w"), Installation.IsSettled, _limit));
        // The provider's own hooks are taken away: what is told is told here, in whatever order.
        await installation.UnhookAsync();
        foreach (var message in sent)
            await installation.ControlAsync("reply", JsonSerializer.Serialize(new { account_id = message.AccountId, prospect_id = message.MessageId["m-".Length..], text = "Tell me more" }));

        var (violations, chance) = (new List<string>(), new Random(posts));
        using var outside = new HttpClient { BaseAddress = installation.GatewayRest, Timeout = TimeSpan.FromSeconds(30) };
        var genuine = sent.SelectMany(message => Enumerable.Repeat(message, Replays)).OrderBy(_ => chance.Next()).ToList();
        var (refused, applied) = (0, 0);
        await Parallel.ForEachAsync(genuine, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = ct }, async (message, token) =>
        {
            if (await PostAsync(outside, "a-forged-secret-0123", Body(message, forged: true), token) == HttpStatusCode.Unauthorized)
                Interlocked.Increment(ref refused);
            if ((int)await PostAsync(outside, Installation.WebhookSecret, Body(message, forged: false), token) is >= 200 and < 300)
                Interlocked.Increment(ref applied);
        });
        if (refused != genuine.Count)
            violations.Add($"{genuine.Count - refused} of {genuine.Count} forgeries were not refused");
        if (applied != genuine.Count)
            violations.Add($"{genuine.Count - applied} of {genuine.Count} genuine posts were not taken");
        foreach (var message in sent)
        {
            var paid = message.CreditsSpent;
            var after = await installation.UntilAsync(message.MessageId, one => one.ReplyTime is not null && one.CreditsRefunded == paid, _limit);
            var replies = after.Events.Count(happened => happened.Kind == MessageEventKind.Replied);
            if (replies != 1)
                violations.Add($"{message.MessageId} was replied to {replies} times");
        }

        var (found, _) = await load.CheckAsync(_limit);
        return new Outcome { Faults = genuine.Count * 2, Acknowledged = sent.Count, Violations = [.. violations, .. found], Remark = $"{refused} forgeries refused" };
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient outside, string secret, string body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/webhooks/provider/{Installation.Tenant}/sandbox") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Unipile-Auth", secret);
        using var answer = await outside.SendAsync(request, ct);
        return answer.StatusCode;
    }

    /// <summary>As the provider posts a reply (facts: message_received).</summary>
    private static string Body(Message message, bool forged) => JsonSerializer.Serialize(new
    {
        @event = "message_received",
        account_id = message.AccountId,
        account_type = "LINKEDIN",
        account_info = new { type = "LINKEDIN", feature = "sales_navigator", user_id = "own-member" },
        chat_id = message.Attempts[^1].ChatId,
        timestamp = DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture),
        webhook_name = "messaging",
        message_id = (forged ? "forged-" : "reply-") + message.MessageId,
        message = "Tell me more",
        sender = new { attendee_id = "att-" + message.MessageId, attendee_name = "A person", attendee_provider_id = "ACo-" + message.MessageId, attendee_profile_url = "https://www.linkedin.com/in/" + message.MessageId["m-".Length..] + "/" },
    });
}
