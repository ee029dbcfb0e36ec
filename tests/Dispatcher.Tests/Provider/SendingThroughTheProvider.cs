using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Provider;
using Pennypost.Hosting;

namespace Dispatcher.Tests.Provider;

/// <summary>F39, F40, F71: the adapter against the sandbox over HTTP; its judge counts what recipients really got.</summary>
public sealed class SendingThroughTheProvider
{
    [Fact]
    public async Task Sends_by_every_channel()
    {
        await using var provider = await RunningProvider.StartAsync("""{"id":"rel","degree":"first"},{"id":"open","open_profile":true},{"id":"far"},{"id":"mid"},{"id":"inv"}""");
        var direct = Assert.IsType<ProviderReply.Accepted>(await provider.SendAsync(await provider.ChatAsync("rel")));
        Assert.IsType<ProviderReply.Accepted>(await provider.SendAsync(new ProviderSend.WriteInChat("ann", direct.ChatId, "Again")));
        Assert.IsType<ProviderReply.Accepted>(await provider.SendAsync(await provider.ChatAsync("open", Product.SalesNavigator)));
        Assert.IsType<ProviderReply.Accepted>(await provider.SendAsync(await provider.ChatAsync("far", Product.SalesNavigator)));
        Assert.IsType<ProviderReply.Accepted>(await provider.SendAsync(await provider.ChatAsync("mid", Product.Premium)));
        var invited = Assert.IsType<ProviderReply.Accepted>(await provider.SendAsync(new ProviderSend.Invite("ann", (await provider.ProfileAsync("inv")).ProviderId, "inv", "Hi")));
        Assert.NotEmpty(invited.InvitationId);
        Assert.Equal((InvitationSeen.Pending, Distance.Second), ((await provider.ProfileAsync("inv")).Invitation, (await provider.ProfileAsync("inv")).Distance));
        var balance = Assert.IsType<BalanceReply.Read>(await provider.Unipile.GetBalanceAsync(provider.Connection, "ann", default));
        Assert.Equal((1L, 0L, null), (balance.Of(Product.SalesNavigator), balance.Of(Product.Premium), balance.Of(Product.Recruiter)));
    }

    [Fact]
    public async Task Tells_refusals_apart()
    {
        await using var provider = await RunningProvider.StartAsync("""{"id":"off","inmail":"off"},{"id":"odd","inmail":"off_says_insufficient_credits"},{"id":"far"}""");
        Assert.Equal(RefusalKind.InmailNotAllowed, Assert.IsType<ProviderReply.Refused>(await provider.SendAsync(await provider.ChatAsync("off", Product.SalesNavigator))).Kind);
        Assert.IsType<ProviderReply.OutOfCredits>(await provider.SendAsync(await provider.ChatAsync("odd", Product.SalesNavigator)));
        Assert.Equal(RefusalKind.NotConnected, Assert.IsType<ProviderReply.Refused>(await provider.SendAsync(await provider.ChatAsync("far"))).Kind);
        Assert.IsType<ProfileReply.NotFound>(await provider.Unipile.GetProfileAsync(provider.Connection, "ann", "nobody-at-all", default, default));
        Assert.Equal(0, await provider.DeliveriesAsync());
    }

    /// <summary>What happens at the provider, what is answered, and what the recipient got: never twice, never "not sent" for what was.</summary>
    [Theory]
    [InlineData("drop_before", "Unknown", 0)]
    [InlineData("drop_after", "Unknown", 1)]
    [InlineData("delay_before", "Unknown", 1)]
    [InlineData("delay_after", "Unknown", 1)]
    public async Task Takes_a_lost_answer_for_unknown(string fault, string told, int deliveries)
    {
        await using var provider = await RunningProvider.StartAsync("""{"id":"rel","degree":"first"}""");
        var send = await provider.ChatAsync("rel");
        await provider.FaultAsync("chats.start", fault, delayMs: fault.StartsWith("delay", StringComparison.Ordinal) ? 1_200 : 0);
        var reply = await provider.SendAsync(send);
        Assert.Equal(told, reply.GetType().Name);
        await EventuallyAsync(async () => await provider.DeliveriesAsync() == deliveries);

        var own = await provider.Unipile.GetOwnMessagesAsync(provider.Connection, "ann", "", DateTimeOffset.UtcNow.AddMinutes(-1), default);
        Assert.Equal(Enumerable.Repeat("Hello", deliveries), Assert.IsType<OwnMessagesReply.Read>(own).Messages.Select(message => message.Text));
        Assert.Equal(deliveries, await provider.DeliveriesAsync());
    }

    [Theory]
    [InlineData("error", "service_unavailable", typeof(ProviderReply.NotSent), 0)]
    [InlineData("error", "provider_error", typeof(ProviderReply.Unknown), 0)]
    [InlineData("error_after", "provider_error", typeof(ProviderReply.Unknown), 1)]
    [InlineData("error_after", "unexpected_error", typeof(ProviderReply.Unknown), 1)]
    [InlineData("error", "too_many_requests", typeof(ProviderReply.Limited), 0)]
    [InlineData("error", "account_restricted", typeof(ProviderReply.AccountDown), 0)]
    public async Task Asks_for_a_write_once_whatever_the_error(string kind, string type, Type reply, int deliveries)
    {
        await using var provider = await RunningProvider.StartAsync("""{"id":"rel","degree":"first"}""");
        var send = await provider.ChatAsync("rel");
        await provider.FaultAsync("chats.start", kind, type);
        Assert.IsType(reply, await provider.SendAsync(send));
        // A second try would have met no fault and arrived.
        Assert.Equal(deliveries, await provider.DeliveriesAsync());
    }

    [Fact]
    public async Task Tries_a_read_again()
    {
        await using var provider = await RunningProvider.StartAsync("""{"id":"rel","degree":"first"}""");
        await provider.FaultAsync("linkedin.inmail_balance", "drop_before", times: 1);
        await provider.FaultAsync("linkedin.inmail_balance", "error", "service_unavailable");
        Assert.IsType<BalanceReply.Read>(await provider.Unipile.GetBalanceAsync(provider.Connection, "ann", default));
        await provider.FaultAsync("linkedin.inmail_balance", "error", "provider_error", times: 10);
        Assert.Equal("provider_error", Assert.IsType<BalanceReply.Unreadable>(await provider.Unipile.GetBalanceAsync(provider.Connection, "ann", default)).Why);
    }

    /// <summary>A worker that slept past its lease sends nothing.</summary>
    [Fact]
    public async Task Sends_nothing_after_its_deadline()
    {
        await using var provider = await RunningProvider.StartAsync("""{"id":"rel","degree":"first"}""");
        var send = await provider.ChatAsync("rel");
        Assert.Equal(new ProviderReply.TooLate(), await provider.SendAsync(send, TimeProvider.System.GetTimestamp() - 1));
        Assert.Equal(0, await provider.DeliveriesAsync());
    }

    [Fact]
    public async Task Says_so_when_the_account_is_down()
    {
        await using var provider = await RunningProvider.StartAsync("""{"id":"rel","degree":"first"}""");
        var send = await provider.ChatAsync("rel");
        Assert.Equal(AccountState.Ok, Assert.IsType<AccountReply.Known>(await provider.Unipile.GetAccountAsync(provider.Connection, "ann", default)).State);
        await provider.ControlAsync("disconnect", """{"account_id":"ann"}""");
        Assert.Equal(AccountState.Disconnected, Assert.IsType<ProviderReply.AccountDown>(await provider.SendAsync(send)).State);
        Assert.Equal(AccountState.Disconnected, Assert.IsType<AccountReply.Known>(await provider.Unipile.GetAccountAsync(provider.Connection, "ann", default)).State);
        await provider.ControlAsync("restrict", """{"account_id":"ann"}""");
        Assert.Equal(AccountState.Restricted, Assert.IsType<ProviderReply.AccountDown>(await provider.SendAsync(send)).State);
        Assert.IsType<AccountReply.NotFound>(await provider.Unipile.GetAccountAsync(provider.Connection, "nobody", default));
    }

    [Fact]
    public async Task Finds_a_pending_invitation_again()
    {
        await using var provider = await RunningProvider.StartAsync("""{"id":"inv"},{"id":"other"}""");
        var invite = new ProviderSend.Invite("ann", (await provider.ProfileAsync("inv")).ProviderId, "inv", "");
        Assert.Empty(Assert.IsType<InvitationsReply.Read>(await provider.Unipile.GetPendingInvitationsAsync(provider.Connection, "ann", default)).Pending);
        await provider.FaultAsync("users.invite", "drop_after");
        Assert.IsType<ProviderReply.Unknown>(await provider.SendAsync(invite));
        var pending = Assert.Single(Assert.IsType<InvitationsReply.Read>(await provider.Unipile.GetPendingInvitationsAsync(provider.Connection, "ann", default)).Pending);
        Assert.Equal((invite.Recipient, "inv"), (pending.InvitedId, pending.InvitedPublicId));
        Assert.NotEmpty(pending.Id);
    }

    [Fact]
    public async Task Says_with_whom_a_chat_is()
    {
        await using var provider = await RunningProvider.StartAsync("""{"id":"one","degree":"first"},{"id":"two","degree":"first"}""");
        var send = await provider.ChatAsync("one");
        var accepted = Assert.IsType<ProviderReply.Accepted>(await provider.SendAsync(send));
        Assert.Equal(new ChatReply.With(send.Recipient, "one", false, Product.Premium), await provider.Unipile.GetChatAsync(provider.Connection, accepted.ChatId, default));
        await provider.FaultAsync("messages.list", "error", "provider_error", times: 10);
        Assert.IsType<OwnMessagesReply.Unreadable>(await provider.Unipile.GetOwnMessagesAsync(provider.Connection, "ann", "", DateTimeOffset.UtcNow.AddMinutes(-1), default));
    }

    [Fact]
    public async Task Shows_its_key_to_nobody()
    {
        var connection = new ProviderConnection("acme", "c1", new Uri("http://127.0.0.1:1"), new Secret("very-secret-key"));
        Assert.DoesNotContain("very-secret-key", connection.ToString(), StringComparison.Ordinal);
        using var provider = new UnipileProvider(RunningProvider.Fast, TimeProvider.System);
        var reply = await provider.SendAsync(connection, new ProviderSend.WriteInChat("ann", "c", "Hello"), RunningProvider.Later, default);
        Assert.DoesNotContain("very-secret-key", Assert.IsType<ProviderReply.NotSent>(reply).Why, StringComparison.Ordinal);
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var look = 0; look < 100; look++)
        {
            if (await holds())
                return;
            await Task.Delay(50);
        }

        Assert.Fail("It did not come about within five seconds.");
    }
}
