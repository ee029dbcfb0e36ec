using System.Diagnostics;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

public sealed class SendingAList
{
    [Fact]
    public async Task Takes_the_cheapest_valid_channel_for_each_prospect_F15_F25()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"friend","degree":"first"}""");
        await installation.ControlAsync("prospects", """{"id":"open","open_profile":true}""");
        await installation.ControlAsync("prospects", """{"id":"stranger"}""");
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("prospects", """{"id":"vip2"}""");

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-friend", "friend", note: "Hi"), Installation.As());
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-open", "https://www.linkedin.com/in/Open/?x=1"), Installation.As());
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-stranger", "stranger", note: "Let us connect"), Installation.As());
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-vip", "vip", Priority.High), Installation.As());

        Assert.Equal((MessageState.Sent, Channel.DirectMessage), Summary(await installation.UntilAsync("m-friend", Installation.IsSettled)));
        Assert.Equal((MessageState.Sent, Channel.OpenProfileInmail), Summary(await installation.UntilAsync("m-open", Installation.IsSettled)));
        Assert.Equal((MessageState.Sent, Channel.ConnectionRequest), Summary(await installation.UntilAsync("m-stranger", Installation.IsSettled)));
        var vip = await installation.UntilAsync("m-vip", Installation.IsSettled);
        Assert.Equal((MessageState.Sent, Channel.Inmail), Summary(vip));
        Assert.Equal(1, vip.CreditsSpent);
        Assert.Equal(["m-vip_1"], vip.Attempts.Select(attempt => attempt.HoldId));
        Assert.Equal(Enumerable.Range(1, vip.Events.Count), vip.Events.Select(happened => (int)happened.Sequence));

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-vip2", "vip2", Priority.High), Installation.As());
        var waiting = await installation.UntilAsync("m-vip2", message => message.State == MessageState.Waiting);
        Assert.Equal(Reason.AccountInmailCreditsExhausted, waiting.Reason);

        var ledger = await installation.LookAsync("ledger");
        Assert.Equal(0, ledger.GetProperty("duplicate_count").GetInt32());
        var pool = (await installation.Credits.GetPoolAsync(new() { PoolId = "ann-pool" }, Installation.As())).Pool;
        Assert.Equal((0, 0, 1), (pool.Balance.Available, pool.Balance.Held, pool.Balance.Spent));
    }

    [Fact]
    public async Task An_InMail_of_a_Recruiter_account_went_out_without_the_signature_that_the_provider_requires()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 0);
        await installation.ControlAsync("accounts", """{"id":"ron","subscriptions":[{"plan":"recruiter_lite","balance":2}]}""");
        await installation.Credits.CreatePoolAsync(
            new() { PoolId = "ron-pool", PlanId = "recruiter_lite", OpeningBalance = 2, Renewal = new() { BillingAnchor = new() { Day = 20 } } }, Installation.As());
        await installation.ControlAsync("prospects", """{"id":"vip","degree":"third"}""");
        await installation.ControlAsync("prospects", """{"id":"open","degree":"third","open_profile":true}""");
        foreach (var (id, name, prospect) in new[] { ("m-named", "Ron of Recruiting", "vip"), ("m-unnamed", "", "open") })
        {
            await installation.Dispatcher.PutAccountAsync(new()
            {
                Account = new()
                {
                    AccountId = "ron",
                    ConnectionId = "sandbox",
                    DisplayName = name,
                    Tier = Tier.Recruiter,
                    InmailProduct = Product.Recruiter,
                    Pools = { new AccountPool { Product = Product.Recruiter, PoolId = "ron-pool" } },
                    Spacing = new Google.Protobuf.WellKnownTypes.Duration(),
                },
            }, Installation.As());
            var request = Installation.Message(id, prospect, Priority.High);
            request.Message.AccountIds.Add("ron");
            await installation.Dispatcher.AcceptAsync(request, Installation.As());
            var sent = await installation.UntilAsync(id, Installation.IsSettled);
            Assert.Equal((MessageState.Sent, "ron"), (sent.State, sent.AccountId));
        }

        var pool = (await installation.Credits.GetPoolAsync(new() { PoolId = "ron-pool" }, Installation.As())).Pool;
        Assert.Equal((1, 1), (pool.Balance.Available, pool.Balance.Spent));
    }

    [Fact]
    public async Task Takes_230_messages_over_three_accounts_through_in_seconds()
    {
        await using var installation = await Installation.StartAsync();
        string[] senders = ["ann", "ben", "cid"];
        foreach (var sender in senders)
            await installation.SenderAsync(sender, 20);
        await installation.ControlAsync("world", """{"keep_existing":true,"generate":{"prospects":230,"prefix":"p-"}}""");
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(1, 230), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (n, ct) =>
        {
            // One sender each: a look at a profile counts, and a sender has a hundred a day.
            var request = Installation.Message($"m-{n}", $"p-{n}", n % 5 == 0 ? Priority.High : Priority.Normal, note: $"Note {n}");
            request.Message.AccountIds.Add(senders[n % senders.Length]);
            await installation.Dispatcher.AcceptAsync(request, Installation.As(), cancellationToken: ct);
        });
        var accepted = watch.Elapsed;
        while (true)
        {
            var page = await installation.Dispatcher.ListMessagesAsync(new() { PageSize = 500 }, Installation.As());
            var states = page.Messages.GroupBy(message => (message.State, message.Reason, message.Channel)).ToDictionary(group => group.Key, group => group.Count());
            if (page.Messages.Count == 230 && page.Messages.All(message => Installation.IsOver(message) || message.State == MessageState.Waiting))
            {
                var text = string.Join("; ", states.Select(state => $"{state.Key}={state.Value}"));
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"accepted {accepted}, done {watch.Elapsed}: {text}");
                Assert.True(page.Messages.Count(message => message.State == MessageState.Sent) > 150, text);
                Assert.Equal(0, (await installation.LookAsync("ledger")).GetProperty("duplicate_count").GetInt32());
                return;
            }

            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(40), $"accepted {accepted}: {string.Join("; ", states.Select(state => $"{state.Key}={state.Value}"))}");
            await Task.Delay(100);
        }
    }

    private static (MessageState, Channel) Summary(Message message) => (message.State, message.Channel);
}
