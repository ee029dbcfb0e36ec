using Dispatcher.Tests.Email;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>
/// F25, F38: what becomes of a message whose sender turns out to have no credit: the books say one, and the provider refuses. It goes on to the next channel, then to the next sender, then it waits; and whatever
/// refused it after that, it waits for a credit.
/// </summary>
public sealed class RunningOutOnTheWay
{
    /// <summary>F25: nobody else has a credit, an address is known, and a letter costs none.</summary>
    [Fact]
    public async Task Goes_on_to_the_next_channel_of_the_same_sender_F25()
    {
        await using var server = await SmtpServer.StartAsync();
        await using var installation = await Installation.StartAsync(settings: new() { ["Router:Email"] = "AfterInMail" });
        await RefusedSenderAsync(installation, "ann", credits: 5);
        await WithMailboxAsync(installation, server);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.Dispatcher.AcceptAsync(Letter("m-1", "vip"), Installation.As());
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);

        Assert.Equal(["ann Inmail NotSent AccountInmailCreditsExhausted", "ann Email Sent Unspecified"], Told(sent));
        Assert.Equal((MessageState.Sent, Channel.Email, "ann", 0L), (sent.State, sent.Channel, sent.AccountId, sent.CreditsSpent));
        Assert.Single(await server.TakenAsync(1));
        Assert.Empty((await installation.LookAsync("deliveries?member_id=vip")).GetProperty("deliveries").EnumerateArray());
    }

    /// <summary>F25: the next sender sees the person under an id of its own, and has to look before it can write.</summary>
    [Fact]
    public async Task Goes_on_to_the_next_sender_who_looks_first_F25()
    {
        await using var installation = await Installation.StartAsync();
        await RefusedSenderAsync(installation, "ann", credits: 5);
        await installation.SenderAsync("ben", 1);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);

        Assert.Equal(["ann Inmail NotSent AccountInmailCreditsExhausted", "ben Inmail Sent Unspecified"], Told(sent));
        Assert.Equal((MessageState.Sent, "ben", 1L), (sent.State, sent.AccountId, sent.CreditsSpent));
        var calls = (await installation.LookAsync("ledger")).GetProperty("calls").EnumerateArray()
            .Where(call => call.GetProperty("endpoint").GetString() is "users.profile" or "chats.start")
            .ToDictionary(call => $"{call.GetProperty("account_id").GetString()} {call.GetProperty("endpoint").GetString()}", call => call.GetProperty("calls").GetInt32());
        Assert.Equal((1, 1), (calls["ann chats.start"], calls["ben chats.start"]));
        // Of each what is seen without a subscription, and what Sales Navigator sees.
        Assert.Equal((2, 2), (calls["ann users.profile"], calls["ben users.profile"]));
        Assert.Equal("ben", Assert.Single((await installation.LookAsync("deliveries?member_id=vip")).GetProperty("deliveries").EnumerateArray()).GetProperty("account_id").GetString());
        // What was held for her is free again, and her breaker keeps the next one from being tried.
        Assert.Equal((0, 0), await BalanceAsync(installation, "ann-pool"));
        Assert.Equal(("ann", BreakerState.Open), Assert.Single((await installation.Dispatcher.ListBreakersAsync(new(), Installation.As())).Breakers) is var breaker ? (breaker.AccountId, breaker.State) : default);
    }

    /// <summary>F25, F38: nobody is left. The last refusal was of another kind and passes in a minute; it still is found when a credit comes.</summary>
    [Fact]
    public async Task Waits_for_a_credit_whatever_refused_the_candidates_after_it_F25_F38()
    {
        await using var server = await SmtpServer.StartAsync();
        await using var installation = await Installation.StartAsync(settings: new() { ["Router:Email"] = "AfterInMail" });
        await RefusedSenderAsync(installation, "ann", credits: 5);
        await WithMailboxAsync(installation, server, cap: 1);
        // Her one letter of the day is gone, and his one credit is held by somebody.
        await installation.SenderAsync("ben", 1);
        await HoldAsync(installation, "ben");
        foreach (var prospect in new[] { "vip", "mailed" })
            await installation.ControlAsync("prospects", $$"""{"id":"{{prospect}}"}""");
        var letter = Letter("m-0", "mailed");
        letter.Message.Content.Body = "";
        letter.Message.AccountIds.Add("ann");
        await installation.Dispatcher.AcceptAsync(letter, Installation.As());
        Assert.Equal(Channel.Email, (await installation.UntilAsync("m-0", Installation.IsSettled)).Channel);

        await installation.Dispatcher.AcceptAsync(Letter("m-1", "vip"), Installation.As());
        var waiting = await installation.UntilAsync("m-1", message => message.State == MessageState.Waiting);

        // It may have looked again already, and found her breaker.
        Assert.Equal(Reason.AccountInmailCreditsExhausted, waiting.Events.First(happened => happened.Kind == MessageEventKind.Waiting).Reason);
        Assert.True(waiting.Reason is Reason.AccountInmailCreditsExhausted or Reason.BreakerOpen, waiting.ToString());
        // His is refused by the router, or at its hold if what is known of his pool is a moment old.
        Assert.Equal(["ann Inmail NotSent AccountInmailCreditsExhausted", "ann Email NotSent DailyCap"], Told(waiting).Except(["ben Inmail NotSent CreditsHeld"]));
        // And not until her renewal: his credit may be free in a minute.
        Assert.True(waiting.WaitUntil.ToDateTimeOffset() < DateTimeOffset.UtcNow.AddMinutes(2), waiting.ToString());

        // The credits come, here and at the provider: it stands in the queue for them, and goes at once.
        await installation.ControlAsync("balance", """{"account_id":"ann","product":"sales_navigator","balance":3}""");
        await installation.Dispatcher.ResetBreakerAsync(new() { AccountId = "ann", Product = Product.SalesNavigator, Actor = "test" }, Installation.As());
        await ComeAsync(installation, "ann-pool", 3);
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);
        Assert.Equal((MessageState.Sent, Channel.Inmail, "ann", 1L), (sent.State, sent.Channel, sent.AccountId, sent.CreditsSpent));
    }

    /// <summary>F38: the only credit is on its way with somebody else's message, and will be free if that is not sent: insufficient, and not exhausted.</summary>
    [Fact]
    public async Task A_hold_refused_for_other_open_holds_opens_no_breaker_and_the_message_goes_on_soon_F38()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        // While she looks, the credit that the message was routed by is taken by another.
        await installation.ControlAsync("faults", """{"endpoint":"users.profile","kind":"delay_after","delay_ms":1500,"times":1}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        await UntilLookedAtAsync(installation);
        await HoldAsync(installation, "ann");

        var waiting = await installation.UntilAsync("m-1", message => message.State == MessageState.Waiting);

        Assert.Equal(["ann Inmail NotSent CreditsHeld"], Told(waiting));
        Assert.Equal(Reason.CreditsHeld, waiting.Reason);
        Assert.True(waiting.WaitUntil.ToDateTimeOffset() <= DateTimeOffset.UtcNow.AddMinutes(1), waiting.ToString());
        Assert.Empty((await installation.Dispatcher.ListBreakersAsync(new(), Installation.As())).Breakers);
        Assert.Equal(1, (await installation.LookAsync("ledger")).GetProperty("accounts")[0].GetProperty("credits")[0].GetProperty("balance").GetInt32());

        await installation.Credits.ReleaseHoldAsync(new() { PoolId = "ann-pool", HoldId = "another_1" }, Installation.As());
        await installation.AdvanceAsync(TimeSpan.FromMinutes(1));
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);
        Assert.Equal((MessageState.Sent, 1L), (sent.State, sent.CreditsSpent));
        Assert.Equal(["ann Inmail NotSent CreditsHeld", "ann Inmail Sent Unspecified"], Told(sent));
    }

    private static IEnumerable<string> Told(Message message) => message.Attempts.Select(attempt => $"{attempt.AccountId} {attempt.Channel} {attempt.State} {attempt.Reason}");

    /// <summary>The books have credits for this sender, and the provider has none.</summary>
    private static async Task RefusedSenderAsync(Installation installation, string accountId, int credits)
    {
        await installation.SenderAsync(accountId, credits);
        await installation.ControlAsync("balance", $$"""{"account_id":"{{accountId}}","product":"sales_navigator","balance":0}""");
    }

    /// <summary>Ann writes letters as well, so many a day.</summary>
    private static async Task WithMailboxAsync(Installation installation, SmtpServer server, int cap = 10)
    {
        await MailingWhenLinkedInFails.PutMailboxAsync(installation, server.Mailbox(), "");
        var account = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;
        account.EmailConnectionId = "mail";
        account.Caps.Add(new Cap { Action = Pennypost.Types.V1.Action.Email, Window = CapWindow.Day, Limit = cap });
        await installation.Dispatcher.PutAccountAsync(new() { Account = account }, Installation.As());
    }

    private static Pennypost.Dispatcher.V1.AcceptRequest Letter(string id, string profile)
    {
        var request = Installation.Message(id, profile, Priority.High);
        request.Message.Content.Email = $"Hello {profile}, this is {id}, by e-mail.";
        request.Message.Prospect.Email = $"{profile}@example.test";
        return request;
    }

    private static async Task HoldAsync(Installation installation, string accountId) =>
        await installation.Credits.PlaceHoldAsync(new() { PoolId = accountId + "-pool", HoldId = "another_1", AccountId = accountId, HighValue = true }, Installation.As());

    /// <summary>Told again until it is in the books: the dispatcher reads the balance at about the same time, and what it read before may be told as the newer.</summary>
    private static async Task ComeAsync(Installation installation, string poolId, int credits)
    {
        for (var tell = 0; tell < 50 && await BalanceAsync(installation, poolId) is { Available: 0 }; tell++)
        {
            var time = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow);
            await installation.Credits.ReconcilePoolAsync(new() { PoolId = poolId, ReconcileId = $"more-{tell}", ObservedAvailable = credits, ObserveTime = time }, Installation.As());
            await Task.Delay(100);
        }
    }

    private static async Task<(long Available, long Held)> BalanceAsync(Installation installation, string poolId) =>
        (await installation.Credits.GetPoolAsync(new() { PoolId = poolId }, Installation.As())).Pool.Balance is var balance ? (balance.Available, balance.Held) : default;

    private static async Task UntilLookedAtAsync(Installation installation)
    {
        for (var look = 0; look < 200; look++)
        {
            if ((await installation.LookAsync("ledger")).GetProperty("total_calls").TryGetProperty("users.profile", out _))
                return;
            await Task.Delay(20);
        }

        Assert.Fail("Nobody looked.");
    }
}
