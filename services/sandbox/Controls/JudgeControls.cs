using System.Globalization;
using Pennypost.Sandbox.Api;
using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Controls;

/// <summary>What every recipient really got, what it cost, and what was called to get there.</summary>
internal static class JudgeControls
{
    private const int MostListed = 1_000;

    public static void Map(RouteGroupBuilder sandbox)
    {
        sandbox.MapGet("/ledger", (HttpContext http, Control control) => control.ReadAsync(http, Ledger));
        sandbox.MapGet("/deliveries", Deliveries);
        sandbox.MapGet("/engagements", Engagements);
        sandbox.MapGet("/recipients", Recipients);
        sandbox.MapGet("/credits", Credits);
        sandbox.MapGet("/webhook-posts", Posts);
    }

    /// <summary>The same text to the same recipient more than once, whoever sent it and by whatever channel. A note-less invitation has no text.</summary>
    private static IEnumerable<IGrouping<(string MemberId, string TextDigest), Delivery>> Duplicates(World world) =>
        world.DeliveryLog.Where(d => d.TextLength > 0).GroupBy(d => (d.MemberId, d.TextDigest)).Where(g => g.Count() > 1);

    private static Answer Ledger(World world)
    {
        var duplicates = Duplicates(world).ToList();
        var log = world.DeliveryLog;
        var sent = log.GroupBy(d => d.AccountId).ToDictionary(g => g.Key, g => g.Count());
        var sums = world.Credits.All.GroupBy(c => (c.AccountId, c.Product, c.Move)).ToDictionary(g => g.Key, g => g.Sum(c => c.Amount));
        return Answer.Ok(new
        {
            now = Shapes.Time(world.Now),
            seed = world.Seed,
            deliveries = log.Count,
            by_hand = log.Count(d => d.ByHand),
            recipients = log.Select(d => d.MemberId).Distinct().Count(),
            by_channel = log.GroupBy(d => d.Channel).ToDictionary(g => g.Key, g => g.Count()),
            duplicate_count = duplicates.Sum(g => g.Count() - 1),
            duplicates_truncated = duplicates.Count > MostListed,
            duplicates = duplicates.Take(MostListed).Select(g => new
            {
                member_id = g.Key.MemberId,
                text_digest = g.Key.TextDigest,
                count = g.Count(),
                deliveries = g.Take(20).Select(Shape),
            }),
            most_to_one_recipient = log.GroupBy(d => d.MemberId).Select(g => g.Count()).DefaultIfEmpty().Max(),
            accounts = world.Accounts.All.OrderBy(a => a.Id, StringComparer.Ordinal)
                .Select(a => Of(a, sent.GetValueOrDefault(a.Id), sums)),
            calls = world.Calls.All.OrderBy(c => c.Endpoint, StringComparer.Ordinal).ThenBy(c => c.AccountId, StringComparer.Ordinal)
                .Select(c => new { endpoint = c.Endpoint, account_id = c.AccountId, calls = c.Calls, refused = c.Refused }),
            total_calls = world.Calls.All.GroupBy(c => c.Endpoint).ToDictionary(g => g.Key, g => g.Sum(c => c.Calls)),
        });
    }

    private static object Of(Account account, int deliveries, Dictionary<(string, Product, CreditMove), int> sums)
    {
        int Sum(Product product, CreditMove move) => sums.GetValueOrDefault((account.Id, product, move));
        return new
        {
            account_id = account.Id,
            state = account.State,
            deliveries,
            credits = account.Subscriptions.Select(s => new
            {
                product = s.Product,
                plan = s.Plan,
                balance = s.Balance,
                granted = Sum(s.Product, CreditMove.Granted),
                spent = -Sum(s.Product, CreditMove.Spent),
                refunded = Sum(s.Product, CreditMove.Refunded),
                topped_up = Sum(s.Product, CreditMove.ToppedUp),
                set = Sum(s.Product, CreditMove.Set),
                forfeited = Sum(s.Product, CreditMove.Forfeited),
                next_renewal = Shapes.Time(s.NextRenewal),
            }),
        };
    }

    private static Task Deliveries(HttpContext http, Control control) => List(http, control, "deliveries", (world, after, limit) =>
    {
        var (account, member, channel) = (Query(http, "account_id"), Query(http, "member_id"), Query(http, "channel"));
        return world.DeliveryLog
            .Skip((int)Math.Min(after, int.MaxValue))
            .Where(d => account is null || d.AccountId == account)
            .Where(d => member is null || d.MemberId == member || world.ByPublicIdentifier(member)?.Id == d.MemberId)
            .Where(d => channel is null || Name(d.Channel) == channel)
            .Take(limit)
            .Select(d => (d.Sequence, Shape(d)));
    });

    private static Task Engagements(HttpContext http, Control control) => List(http, control, "engagements", (world, after, limit) =>
        world.EngagementLog.Skip((int)Math.Min(after, int.MaxValue)).Take(limit).Select(e => (e.Sequence, (object)e)));

    private static Task Recipients(HttpContext http, Control control) => List(http, control, "recipients", (world, after, limit) =>
        world.DeliveryLog
            .GroupBy(d => d.MemberId)
            .Where(g => g.First().Sequence > after)
            .OrderBy(g => g.First().Sequence)
            .Take(limit)
            .Select(g => (g.First().Sequence, (object)new
            {
                member_id = g.Key,
                public_identifier = world.Prospects.Find(g.Key)?.PublicIdentifier,
                count = g.Count(),
                by_channel = g.GroupBy(d => d.Channel).ToDictionary(c => c.Key, c => c.Count()),
                repeated_texts = g.Where(d => d.TextLength > 0).GroupBy(d => d.TextDigest).Sum(t => t.Count() - 1),
            })));

    private static Task Credits(HttpContext http, Control control) => List(http, control, "entries", (world, after, limit) =>
    {
        var account = Query(http, "account_id");
        return world.Credits.All
            .Where(c => c.Sequence > after && (account is null || c.AccountId == account))
            .OrderBy(c => c.Sequence)
            .Take(limit)
            .Select(c => (c.Sequence, (object)c));
    });

    private static Task Posts(HttpContext http, Control control) => List(http, control, "posts", (world, after, limit) =>
        world.Posts.All.Where(p => p.Sequence > after).OrderBy(p => p.Sequence).Take(limit).Select(p => (p.Sequence, (object)p)));

    /// <summary>Oldest first: <c>after</c> is the last number that the caller has seen, <c>limit</c> 1 to 1,000; <c>next</c> is null at the end.</summary>
    private static Task List(HttpContext http, Control control, string name, Func<World, long, int, IEnumerable<(long Sequence, object Item)>> find)
    {
        var violations = new List<Violation>();
        var (after, limit) = (0L, 100);
        if (Query(http, "after") is { } a && !long.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            violations.Add(new("after", "must be a number from 0"));
        if (Query(http, "limit") is { } l && (!int.TryParse(l, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MostListed))
            violations.Add(new("limit", $"must be a number from 1 to {MostListed}"));
        return violations.Count > 0
            ? Answer.Invalid(violations).WriteAsync(http)
            : control.ReadAsync(http, world =>
            {
                var found = find(world, after, limit + 1).ToList();
                var shown = found.Take(limit).ToList();
                return Answer.Ok(new Dictionary<string, object?>
                {
                    [name] = shown.Select(entry => entry.Item).ToList(),
                    ["next"] = found.Count > limit ? shown[^1].Sequence : null,
                });
            });
    }

    private static object Shape(Delivery delivery) => new
    {
        sequence = delivery.Sequence,
        at = Shapes.Time(delivery.At),
        account_id = delivery.AccountId,
        member_id = delivery.MemberId,
        channel = delivery.Channel,
        text_digest = delivery.TextDigest,
        text_length = delivery.TextLength,
        message_id = delivery.MessageId,
        invitation_id = delivery.InvitationId,
        chat_id = delivery.ChatId,
        by_hand = delivery.ByHand,
    };

    private static string Name(Channel channel) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(channel.ToString());

    private static string? Query(HttpContext http, string name) => http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;
}
