using Microsoft.Extensions.DependencyInjection;
using Pennypost.Types.V1;
using Counted = Pennypost.Types.V1.Action;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>What the provider did not tell is found by reading, and what it told is not counted again. Every clock is moved on, so that looks come due; none runs by a fixed one.</summary>
public sealed class LosingWebhooks
{
    private const string Lost = """{"endpoint":"event.message_received","kind":"lost","rate":1}""";

    /// <summary>With every webhook lost, told twice, or as it should be: the same.</summary>
    [Theory]
    [InlineData("lost")]
    [InlineData("twice")]
    [InlineData("reordered")]
    public async Task Hears_a_reply_once_pauses_and_refunds_F52_F54_F56(string fault)
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("faults", $$"""{"endpoint":"event.message_received","kind":"{{fault}}","rate":1}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-1", Installation.IsSettled);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-2", message => message.State == MessageState.Waiting);

        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"vip","text":"Tell me more"}""");
        await installation.AdvanceAsync(TimeSpan.FromMinutes(13));
        var answered = await installation.UntilAsync("m-1", message => message.CreditsRefunded == 1);
        var paused = await installation.UntilAsync("m-2", Installation.IsOver);
        await LooksAsync(installation, 4);

        Assert.NotNull(answered.ReplyTime);
        Assert.Equal((MessageState.Skipped, Reason.ProspectReplied), (paused.State, paused.Reason));
        Assert.Equal((2, 1, 1, 0, 0), await PoolAsync(installation));
        var events = (await installation.GetAsync("m-1")).Events;
        Assert.Single(events, happened => happened.Kind == MessageEventKind.Refunded);
        Assert.Single(events, happened => happened.Kind == MessageEventKind.Replied);
    }

    /// <summary>The balance has the credit already, and the books do not know of the reply yet: what was found in between is not booked as well.</summary>
    [Fact]
    public async Task A_reply_between_reading_messages_and_balance_brings_one_credit_F56()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("faults", Lost);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-1", Installation.IsSettled);
        await installation.ControlAsync("faults", """{"endpoint":"linkedin.inmail_balance","kind":"delay_before","delay_ms":3000,"times":1}""");
        var (read, balances) = (await CallsAsync(installation, "messages.list"), await CallsAsync(installation, "linkedin.inmail_balance"));
        await installation.AdvanceAsync(TimeSpan.FromHours(3));
        await UntilAsync(installation, async () => await CallsAsync(installation, "messages.list") > read);

        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"vip","text":"Tell me more"}""");
        await UntilAsync(installation, async () => await CallsAsync(installation, "linkedin.inmail_balance") > balances);
        await LooksAsync(installation, 3);
        await UntilAsync(installation, async () => (await PoolAsync(installation)).Refunded == 1);

        Assert.Equal((2, 1, 1, 0, 0), await PoolAsync(installation));
        Assert.DoesNotContain((await installation.Credits.ListEntriesAsync(new() { PoolId = "ann-pool" }, Installation.As())).Entries, entry => entry.Kind is EntryKind.Adjusted);
    }

    /// <summary>Nothing told of the answer, and no look was due for weeks: the follow-up itself has the inbox read before it goes.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hears_a_reply_before_a_follow_up_goes_F56(bool replies)
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Inbox:WhileAwaiting"] = "30.00:00:00", ["Dispatcher:Inbox:Otherwise"] = "30.00:00:00" });
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("faults", Lost);
        await installation.ControlAsync("prospects", """{"id":"friend","degree":"first"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "friend"), Installation.As());
        await installation.UntilAsync("m-1", Installation.IsSettled);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "friend"), Installation.As());
        Assert.Equal(Reason.ProspectCoolingDown, (await installation.UntilAsync("m-2", message => message.State == MessageState.Waiting)).Reason);
        if (replies)
            await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"friend","text":"Tell me more"}""");

        await installation.AdvanceAsync(TimeSpan.FromHours(25));
        await installation.UntilAsync("m-2", message => message.Reason == Reason.InboxNotRead || Installation.IsOver(message));
        await installation.AdvanceAsync(TimeSpan.FromSeconds(15));

        var followUp = await installation.UntilAsync("m-2", Installation.IsOver);
        Assert.Equal(replies ? (MessageState.Skipped, Reason.ProspectReplied) : (MessageState.Sent, Reason.Unspecified), (followUp.State, followUp.Reason));
        Assert.Equal(replies, (await installation.GetAsync("m-1")).ReplyTime is not null);
    }

    [Fact]
    public async Task Hears_a_reply_whose_refund_wakes_what_waits_F57()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("faults", Lost);
        foreach (var prospect in new[] { "vip", "next" })
            await installation.ControlAsync("prospects", $$"""{"id":"{{prospect}}"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-1", Installation.IsSettled);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "next", Priority.High), Installation.As());
        await installation.UntilAsync("m-2", message => message.State == MessageState.Waiting);

        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"vip","text":"Yes"}""");
        await installation.AdvanceAsync(TimeSpan.FromMinutes(13));

        Assert.Equal((MessageState.Sent, Channel.Inmail), Summary(await installation.UntilAsync("m-2", Installation.IsSettled)));
        Assert.Equal((0, 2, 1, 0, 0), await PoolAsync(installation));
    }

    [Fact]
    public async Task Hears_what_came_while_the_session_was_lost_F48()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-1", Installation.IsSettled);
        await installation.ControlAsync("disconnect", """{"account_id":"ann"}""");
        await UntilAsync(installation, async () => (await AccountAsync(installation)).State == AccountState.Disconnected);

        // Nothing is posted of it, then or later; that the session is back is not told either.
        await installation.ControlAsync("faults", """{"endpoint":"event.account_status","kind":"lost","rate":1}""");
        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"vip","text":"Tell me more"}""");
        await installation.ControlAsync("reconnect", """{"account_id":"ann"}""");
        await LooksAsync(installation, 1, TimeSpan.FromHours(5));
        await UntilAsync(installation, async () => (await AccountAsync(installation)).State == AccountState.Ok);
        await installation.AdvanceAsync(TimeSpan.FromMinutes(1));

        await installation.UntilAsync("m-1", message => message.CreditsRefunded == 1);
    }

    /// <summary>What the provider told when the account was made was refused then, and tried again after the session was lost: the account seemed to be back.</summary>
    [Fact]
    public async Task An_old_word_of_a_session_does_not_bring_it_back_F48()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("disconnect", """{"account_id":"ann"}""");
        await UntilAsync(installation, async () => (await AccountAsync(installation)).State == AccountState.Disconnected);

        await installation.TellAsync("""{"AccountStatus":{"account_id":"ann","account_type":"LINKEDIN","message":"CREATION_SUCCESS"}}""");
        Assert.Equal(AccountState.Disconnected, (await AccountAsync(installation)).State);

        await installation.ControlAsync("reconnect", """{"account_id":"ann"}""");
        await UntilAsync(installation, async () => (await AccountAsync(installation)).State == AccountState.Ok);
    }

    [Fact]
    public async Task Sees_an_invitation_accepted_F59()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("faults", """{"endpoint":"event.new_relation","kind":"lost","rate":1}""");
        await installation.ControlAsync("prospects", """{"id":"stranger"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "stranger", note: "Let us connect"), Installation.As());
        Assert.Equal(Channel.ConnectionRequest, (await installation.UntilAsync("m-1", Installation.IsSettled)).Channel);
        await installation.ControlAsync("accept", """{"account_id":"ann","prospect_id":"stranger","noticed_after_seconds":0}""");

        await installation.AdvanceAsync(TimeSpan.FromHours(8));

        await installation.UntilAsync("m-1", message => message.Events.Any(happened => happened.Kind == MessageEventKind.InvitationAccepted));
        await LooksAsync(installation, 3, TimeSpan.FromHours(8));
        Assert.Single((await installation.GetAsync("m-1")).Events, happened => happened.Kind == MessageEventKind.InvitationAccepted);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "stranger"), Installation.As());
        Assert.Equal((MessageState.Sent, Channel.DirectMessage), Summary(await installation.UntilAsync("m-2", Installation.IsSettled)));
        // Ours, and not one made by hand as well.
        Assert.Equal(1, await UsedAsync(installation, Counted.Invitation, CapWindow.Week));
    }

    /// <summary>A person who was never heard of: booked, charged, and answered once, whichever webhooks come.</summary>
    [Theory]
    [InlineData("lost", true)]
    [InlineData("lost", false)]
    [InlineData("twice", false)]
    public async Task Books_an_InMail_written_by_hand_and_refunds_it_once_F84(string fault, bool repliesBeforeItIsSeen)
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 3);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("faults", $$"""{"endpoint":"event.message_received","kind":"{{fault}}","rate":1}""");

        await installation.ControlAsync("sends", """{"account_id":"ann","prospect_id":"vip","kind":"inmail","api":"sales_navigator","subject":"Hello","text":"By hand"}""");
        if (!repliesBeforeItIsSeen)
        {
            await installation.AdvanceAsync(TimeSpan.FromHours(3));
            await UntilAsync(installation, async () => await PoolAsync(installation) == (2, 1, 0, 0, 0));
            await UntilAsync(installation, async () => await UsedAsync(installation, Counted.Inmail, CapWindow.Day) == 1);
            await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
            // Their first message was answered by nobody: the prospect is left alone for now.
            Assert.Equal(Reason.ProspectCoolingDown, (await installation.UntilAsync("m-1", message => message.State == MessageState.Waiting)).Reason);
        }

        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"vip","text":"Tell me more"}""");
        await installation.AdvanceAsync(TimeSpan.FromHours(3));
        await UntilAsync(installation, async () => await PoolAsync(installation) == (3, 1, 1, 0, 0));
        await LooksAsync(installation, 4);

        Assert.Equal((3, 1, 1, 0, 0), await PoolAsync(installation));
        Assert.Equal(1, await UsedAsync(installation, Counted.Inmail, CapWindow.Day));
        if (!repliesBeforeItIsSeen)
            Assert.Equal(Reason.ProspectReplied, (await installation.UntilAsync("m-1", Installation.IsOver)).Reason);
    }

    [Fact]
    public async Task Books_no_InMail_to_an_open_profile_and_charges_messages_and_invitations_by_hand_F84()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 3);
        await installation.ControlAsync("prospects", """{"id":"open","open_profile":true}""");
        await installation.ControlAsync("prospects", """{"id":"friend","degree":"first"}""");
        await installation.ControlAsync("prospects", """{"id":"stranger"}""");
        await installation.ControlAsync("sends", """{"account_id":"ann","prospect_id":"open","kind":"inmail","api":"sales_navigator","subject":"Hello","text":"By hand"}""");
        await installation.ControlAsync("sends", """{"account_id":"ann","prospect_id":"friend","kind":"message","text":"By hand"}""");
        await installation.ControlAsync("sends", """{"account_id":"ann","prospect_id":"stranger","kind":"invitation"}""");

        await installation.AdvanceAsync(TimeSpan.FromHours(8));
        await UntilAsync(installation, async () => await UsedAsync(installation, Counted.Invitation, CapWindow.Week) == 1);
        await LooksAsync(installation, 3, TimeSpan.FromHours(4));

        Assert.Equal(
            (1, 1, 1, 0),
            (await UsedAsync(installation, Counted.OpenProfileInmail, CapWindow.Month),
                await UsedAsync(installation, Counted.Message, CapWindow.Week),
                await UsedAsync(installation, Counted.Invitation, CapWindow.Week),
                await UsedAsync(installation, Counted.Inmail, CapWindow.Day)));
        Assert.Equal((3, 0, 0, 0, 0), await PoolAsync(installation));
    }

    /// <summary>The webhook of our own send comes before its answer does, or in its stead.</summary>
    [Theory]
    [InlineData("delay_after")]
    [InlineData("drop_after")]
    public async Task Takes_no_send_of_ours_for_one_by_hand_F84(string fault)
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:VerifyEvery"] = "00:00:00.200", ["Dispatcher:SettlingTime"] = "00:00:41" });
        await installation.SenderAsync("ann", 3);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("faults", $$"""{"endpoint":"chats.start","kind":"{{fault}}","times":1{{(fault == "delay_after" ? ",\"delay_ms\":1500" : "")}}}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        // A look while it is under way as well.
        await installation.UntilAsync("m-1", message => message.State is MessageState.Sending or MessageState.Indeterminate or MessageState.Sent);
        await installation.AdvanceAsync(TimeSpan.FromMinutes(13));

        await installation.UntilAsync("m-1", Installation.IsSettled);
        await LooksAsync(installation, 4);

        Assert.Equal((2, 1, 0, 0, 0), await PoolAsync(installation));
        Assert.Equal(1, await UsedAsync(installation, Counted.Inmail, CapWindow.Day));
        Assert.Equal(0, (await installation.LookAsync("ledger")).GetProperty("duplicate_count").GetInt32());
    }

    /// <summary>The note is shown as the thread's first message once the invitation is accepted, at whatever time: it was charged as a message written by hand.</summary>
    [Fact]
    public async Task Takes_no_note_of_an_invitation_of_ours_for_a_message_by_hand_F84()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"stranger"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "stranger", note: "Let us connect, on one question"), Installation.As());
        Assert.Equal(Channel.ConnectionRequest, (await installation.UntilAsync("m-1", Installation.IsSettled)).Channel);
        await installation.AdvanceAsync(TimeSpan.FromHours(2));
        await installation.ControlAsync("accept", """{"account_id":"ann","prospect_id":"stranger","noticed_after_seconds":0}""");
        await installation.UntilAsync("m-1", message => message.Events.Any(happened => happened.Kind == MessageEventKind.InvitationAccepted));

        await installation.ControlAsync("sends", """{"account_id":"ann","prospect_id":"stranger","kind":"message","text":"Let us connect, on one question"}""");
        await installation.ControlAsync("sends", """{"account_id":"ann","prospect_id":"stranger","kind":"message","text":"By hand"}""");
        await UntilAsync(installation, async () => await UsedAsync(installation, Counted.Message, CapWindow.Week) == 1);
        await LooksAsync(installation, 3, TimeSpan.FromHours(3));

        Assert.Equal(1, await UsedAsync(installation, Counted.Message, CapWindow.Week));
    }

    /// <summary>Whether they had been erased was looked at before the provider was asked about the thread.</summary>
    [Fact]
    public async Task Keeps_nothing_of_whom_is_erased_while_the_provider_is_asked_F84_F85()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"vip","degree":"first"}""");
        var later = Installation.Message("m-1", "vip");
        later.Message.NotBefore = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(9));
        await installation.Dispatcher.AcceptAsync(later, Installation.As());
        await installation.ControlAsync("faults", """{"endpoint":"chats.get","kind":"delay_after","delay_ms":1500,"times":1}""");
        await installation.ControlAsync("sends", """{"account_id":"ann","prospect_id":"vip","kind":"message","text":"By hand"}""");
        await UntilAsync(installation, async () => await CallsAsync(installation, "chats.get") == 1);

        await installation.Dispatcher.EraseProspectAsync(new() { Profile = "vip" }, Installation.As());
        await UntilAsync(installation, async () =>
            (await installation.LookAsync("webhook-posts?after=0")).GetProperty("posts").EnumerateArray().ToList() is { Count: > 0 } posts && posts.TrueForAll(post => post.GetProperty("state").GetString() == "delivered"));

        var chat = (await installation.LookAsync("deliveries?member_id=vip")).GetProperty("deliveries")[0].GetProperty("chat_id").GetString()!;
        var (identifiers, lookups) = (installation.Services.GetRequiredService<Pennypost.Dispatcher.Messages.Identifiers>(), new Pennypost.Dispatcher.Messages.Lookups(installation.Store));
        Assert.Null(await lookups.ProspectOfAsync(Installation.Tenant, identifiers.Chat(Installation.Tenant, "ann", chat), default));
    }

    /// <summary>The thread is new, and the sender has another name than the one under which we know them.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pauses_whom_it_knows_by_another_id_in_a_thread_that_it_does_not_know_F56(bool lost)
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 0);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-1", message => message.State == MessageState.Waiting);
        if (lost)
            await installation.ControlAsync("faults", Lost);

        await installation.ControlAsync("prospects", """{"id":"vip","public_identifier":"vip-married"}""");
        await installation.ControlAsync("balance", """{"account_id":"ann","product":"sales_navigator","balance":1}""");
        await installation.ControlAsync("sends", """{"account_id":"ann","prospect_id":"vip","kind":"inmail","api":"sales_navigator","subject":"Hello","text":"By hand"}""");
        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"vip","text":"Tell me more"}""");
        await installation.AdvanceAsync(TimeSpan.FromHours(3));

        var paused = await installation.UntilAsync("m-1", Installation.IsOver);
        Assert.Equal((MessageState.Skipped, Reason.ProspectReplied), (paused.State, paused.Reason));
    }

    /// <summary>DESIGN 6: a message that the books have no credit for has the provider asked, rate-limited.</summary>
    [Fact]
    public async Task Finds_a_credit_that_the_books_do_not_have_when_somebody_waits_for_it_F35()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 0);
        await installation.ControlAsync("balance", """{"account_id":"ann","product":"sales_navigator","balance":2}""");
        await installation.ControlAsync("prospects", """{"id":"vip"}""");

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());

        Assert.Equal((MessageState.Sent, Channel.Inmail), Summary(await installation.UntilAsync("m-1", Installation.IsSettled)));
        Assert.Equal((1, 1, 0, 2, 0), await PoolAsync(installation));
    }

    [Fact]
    public async Task Follows_the_providers_balance_now_and_then_F84()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 5);
        await installation.AdvanceAsync(TimeSpan.FromHours(3));
        await UntilAsync(installation, async () => await CallsAsync(installation, "linkedin.inmail_balance") == 1);
        await installation.ControlAsync("balance", """{"account_id":"ann","product":"sales_navigator","balance":3}""");
        // Looks come and go; balances are read by the half day.
        await LooksAsync(installation, 3, TimeSpan.FromHours(2.5));
        Assert.Equal(1, await CallsAsync(installation, "linkedin.inmail_balance"));

        await LooksAsync(installation, 3, TimeSpan.FromHours(3));

        await UntilAsync(installation, async () => await PoolAsync(installation) == (3, 0, 0, -2, 0));
    }

    /// <summary>An account that nothing happens to costs the provider a request every two hours, and a few a day beside it.</summary>
    [Fact]
    public async Task Costs_little_while_nothing_happens()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 5);

        await LooksAsync(installation, 24, TimeSpan.FromHours(1));

        Assert.InRange(await CallsAsync(installation, "messages.list"), 8, 16);
        Assert.InRange(await CallsAsync(installation, "users.relations"), 2, 6);
        Assert.InRange(await CallsAsync(installation, "users.profile"), 0, 0);
    }

    /// <summary>Moves the clocks on and lets looks happen: as many steps, each long enough for one.</summary>
    private static async Task LooksAsync(Installation installation, int steps, TimeSpan? step = null)
    {
        for (var done = 0; done < steps; done++)
        {
            await installation.AdvanceAsync(step ?? TimeSpan.FromMinutes(13));
            await Task.Delay(250);
        }
    }

    private static async Task<(int Available, int Spent, int Refunded, int Adjusted, int Held)> PoolAsync(Installation installation)
    {
        var balance = (await installation.Credits.GetPoolAsync(new() { PoolId = "ann-pool" }, Installation.As())).Pool.Balance;
        return ((int)balance.Available, (int)balance.Spent, (int)balance.Refunded, (int)balance.Adjusted, (int)balance.Held);
    }

    private static async Task<Account> AccountAsync(Installation installation) => (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;

    private static async Task<long> UsedAsync(Installation installation, Counted action, CapWindow window) =>
        (await AccountAsync(installation)).Usage.Single(use => use.Action == action && use.Window == window).Used;

    private static async Task<int> CallsAsync(Installation installation, string endpoint) =>
        (await installation.LookAsync("ledger")).GetProperty("total_calls").TryGetProperty(endpoint, out var calls) ? calls.GetInt32() : 0;

    private static async Task UntilAsync(Installation installation, Func<Task<bool>> holds)
    {
        var until = DateTime.UtcNow.AddSeconds(15);
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow < until, $"It did not come about: {await PoolAsync(installation)}, {await AccountAsync(installation)}");
            await Task.Delay(50);
        }
    }

    private static (MessageState, Channel) Summary(Message message) => (message.State, message.Channel);
}
