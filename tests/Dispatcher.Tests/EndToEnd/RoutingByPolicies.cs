using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Dispatcher.Policies;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>A tenant's routing policies: kept, named by messages, and held to whenever one is routed, held for or looked at again.</summary>
public sealed class RoutingByPolicies
{
    private static readonly Dictionary<string, string?> OnlyKept = new() { ["Dispatcher:Work"] = "false" };

    [Fact]
    public async Task Keeps_them_by_name_and_counts_their_versions()
    {
        await using var installation = await Installation.StartAsync(settings: new(OnlyKept));
        var first = await PutAsync(installation, new RoutingPolicy { Name = "careful", CreditFloor = 5, Version = 77 });
        Assert.Equal((1L, "1", 5L), (first.Version, first.Etag, first.CreditFloor));
        Assert.NotNull(first.UpdateTime);

        // Again as it is: no change, whatever stands in the fields that are counted here.
        Assert.Equal(first, await PutAsync(installation, first));
        Assert.Equal(first, await PutAsync(installation, new RoutingPolicy { Name = "careful", CreditFloor = 5 }));

        var second = await PutAsync(installation, new RoutingPolicy(first) { CreditFloor = 6 });
        Assert.Equal((2L, "2", 6L), (second.Version, second.Etag, second.CreditFloor));
        Assert.Equal(second, await GetAsync(installation, "careful"));
        await PutAsync(installation, new RoutingPolicy { Name = "bold", Choice = Choice.BestValue });

        var page = await installation.Dispatcher.ListPoliciesAsync(new() { PageSize = 1 }, Installation.As());
        Assert.Equal(("bold", "bold"), (Assert.Single(page.Policies).Name, page.NextPageToken));
        var rest = await installation.Dispatcher.ListPoliciesAsync(new() { PageSize = 1, PageToken = page.NextPageToken }, Installation.As());
        Assert.Equal((second, ""), (Assert.Single(rest.Policies), rest.NextPageToken));
        Assert.Empty((await installation.Dispatcher.ListPoliciesAsync(new(), Installation.As("zenith"))).Policies);
    }

    [Fact]
    public async Task Refuses_a_change_of_what_somebody_else_changed()
    {
        await using var installation = await Installation.StartAsync(settings: new(OnlyKept));
        var first = await PutAsync(installation, new RoutingPolicy { Name = "careful" });
        await PutAsync(installation, new RoutingPolicy(first) { CreditFloor = 1 });

        Assert.Equal(ErrorReason.LostRace, (await FaultAsync(() => PutAsync(installation, new RoutingPolicy(first) { CreditFloor = 2 }))).ErrorReason);
        Assert.Equal(ErrorReason.LostRace, (await FaultAsync(() => PutAsync(installation, new RoutingPolicy { Name = "new", Etag = "1" }))).ErrorReason);
        Assert.Equal(1, (await GetAsync(installation, "careful")).CreditFloor);
    }

    [Fact]
    public async Task Only_to_validate_answers_the_same_and_keeps_nothing_F72()
    {
        await using var installation = await Installation.StartAsync(settings: new(OnlyKept));
        var policy = new RoutingPolicy { Name = "careful" };

        Assert.Equal(1, (await installation.Dispatcher.PutPolicyAsync(new() { Policy = policy, ValidateOnly = true }, Installation.As())).Policy.Version);
        Assert.Equal(ErrorReason.PolicyNotFound, (await FaultAsync(() => GetAsync(installation, "careful"))).ErrorReason);
    }

    [Fact]
    public async Task Names_everything_that_is_wrong_and_keeps_nothing()
    {
        await using var installation = await Installation.StartAsync(settings: new(OnlyKept));
        var bad = new RoutingPolicy { Name = "a b", Channels = { Channel.Like }, CreditFloor = -1, Hours = new() { TimeZone = "Mars/Olympus" }, Etag = new string('e', 41) };

        var fault = await FaultAsync(() => PutAsync(installation, bad));

        Assert.Equal(ErrorReason.InvalidRequest, fault.ErrorReason);
        Assert.Equal(["policy.name", "policy.channels[0]", "policy.credit_floor", "policy.hours.time_zone", "policy.etag"], fault.Violations.Select(violation => violation.Field));
        Assert.Empty((await installation.Dispatcher.ListPoliciesAsync(new(), Installation.As())).Policies);
        Assert.Equal("policy", Assert.Single((await FaultAsync(() => PutAsync(installation, null))).Violations).Field);
    }

    [Fact]
    public async Task Refuses_a_message_that_names_no_policy_beside_all_else_that_is_wrong()
    {
        await using var installation = await Installation.StartAsync(settings: new(OnlyKept));
        await installation.SenderAsync("ann", 1);
        var request = Installation.Message("m-1", "vip");
        (request.Message.Policy, request.Message.CampaignId) = ("nobody", "a b");

        Assert.Equal(["message.campaign_id", "message.policy"], (await FaultAsync(() => installation.Dispatcher.AcceptAsync(request, Installation.As()).ResponseAsync)).Violations.Select(violation => violation.Field));
        Assert.Equal(["message.campaign_id", "message.policy"], (await FaultAsync(() => installation.Dispatcher.PreviewAsync(new() { Message = request.Message }, Installation.As()).ResponseAsync)).Violations.Select(violation => violation.Field));

        request.Message.CampaignId = "";
        await PutAsync(installation, new RoutingPolicy { Name = "nobody" });
        Assert.Equal("nobody", (await installation.Dispatcher.AcceptAsync(request, Installation.As())).Message.Policy);
        // It is part of what the message is.
        request.Message.Policy = "";
        Assert.Equal("policy", (await FaultAsync(() => installation.Dispatcher.AcceptAsync(request, Installation.As()).ResponseAsync)).Metadata["field"]);
    }

    [Fact]
    public async Task Finds_a_policy_that_was_put_at_another_instance_since_it_last_read_them()
    {
        await using var installation = await Installation.StartAsync(settings: new(OnlyKept));
        using var other = new TenantPolicies(installation.Store);
        Assert.Null(await other.OfAsync(Installation.Tenant, "", default));

        await PutAsync(installation, new RoutingPolicy { Name = "careful", CreditFloor = 5 });

        Assert.Equal(5, (await other.OfAsync(Installation.Tenant, "careful", default))!.CreditFloor);
        var violations = new Violations();
        await other.CheckNameAsync(Installation.Tenant, new() { Policy = "careful" }, violations, default);
        await other.CheckNameAsync(Installation.Tenant, new() { Policy = "nowhere" }, violations, default);
        Assert.Equal("message.policy", Assert.Single(violations.All).Field);
    }

    [Fact]
    public async Task Decides_by_the_policy_that_the_message_names_as_it_stands_and_shows_which_F16()
    {
        await using var installation = await Installation.StartAsync(settings: new(OnlyKept));
        await installation.SenderAsync("ann", 3);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        var message = Installation.Message("", "vip", Priority.High, note: "Shall we meet, you and I?").Message;

        // The installation's, while the tenant keeps none.
        Assert.Equal((Channel.ConnectionRequest, "", 0L), await PreviewAsync());
        await PutAsync(installation, new RoutingPolicy { Name = "default", Channels = { Channel.Inmail } });
        Assert.Equal((Channel.Inmail, "default", 1L), await PreviewAsync());
        await PutAsync(installation, new RoutingPolicy { Name = "invite", Channels = { Channel.ConnectionRequest } });
        message.Policy = "invite";
        Assert.Equal((Channel.ConnectionRequest, "invite", 1L), await PreviewAsync());
        await PutAsync(installation, new RoutingPolicy { Name = "invite", Choice = Choice.BestValue, Channels = { Channel.Inmail, Channel.ConnectionRequest } });
        Assert.Equal((Channel.Inmail, "invite", 2L), await PreviewAsync());

        async Task<(Channel Channel, string Name, long Version)> PreviewAsync()
        {
            var decision = (await installation.Dispatcher.PreviewAsync(new() { Message = message }, Installation.As())).Decision;
            Assert.Equal(Outcome.Send, decision.Outcome);
            return (decision.Candidates[0].Channel, decision.PolicyName, decision.PolicyVersion);
        }
    }

    /// <summary>F19, F21: Unipile documents no endpoint for these, so that no adapter here carries them.</summary>
    [Fact]
    public async Task Offers_no_channel_that_no_adapter_carries_F19_F21()
    {
        await using var installation = await Installation.StartAsync(settings: new(OnlyKept));
        await installation.SenderAsync("ann", 3);
        await PutAsync(installation, new RoutingPolicy { Name = "default", Channels = { Channel.GroupMessageRequest, Channel.CoworkerMessageRequest, Channel.OpenToWorkMessage } });

        var decision = (await installation.Dispatcher.PreviewAsync(new() { Message = Installation.Message("", "vip").Message }, Installation.As())).Decision;

        Assert.Equal((Outcome.Skip, Reason.ChannelNotOffered), (decision.Outcome, decision.Reason));
        Assert.All(decision.Candidates, candidate => Assert.Equal(Reason.ChannelNotOffered, candidate.Reason));
    }

    [Fact]
    public async Task Goes_by_e_mail_only_to_an_address_that_was_verified_lately()
    {
        await using var installation = await Installation.StartAsync(settings: new(OnlyKept));
        await installation.SenderAsync("ann", 3);
        await MailboxAsync(installation);
        await PutAsync(installation, new RoutingPolicy { Name = "default", Channels = { Channel.Email }, Conditions = { new ChannelCondition { Channel = Channel.Email, EmailVerified = true } } });
        var message = Installation.Message("", "vip").Message;
        (message.Content.Email, message.Prospect.Email) = ("May I ask you one by e-mail?", "vip@example.test");

        var unknown = await PreviewAsync();
        Assert.Equal((Outcome.Defer, Reason.FactUnknown), (unknown.Outcome, unknown.Reason));
        // It stands on no profile, so that none is looked at for it.
        Assert.False((await installation.LookAsync("ledger")).GetProperty("total_calls").TryGetProperty("users.profile", out _));

        message.Prospect.EmailVerifyTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(-1));
        Assert.Equal(Outcome.Send, (await PreviewAsync()).Outcome);
        message.Prospect.EmailVerifyTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(-91));
        Assert.Equal(Outcome.Defer, (await PreviewAsync()).Outcome);

        message.Prospect.EmailVerifyTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(1));
        Assert.Equal("message.prospect.email_verify_time", Assert.Single((await FaultAsync(PreviewAsync)).Violations).Field);

        async Task<Decision> PreviewAsync() => (await installation.Dispatcher.PreviewAsync(new() { Message = message }, Installation.As())).Decision;
    }

    /// <summary>F81: what waits by a policy is looked at again when the policy is changed, and what waits by another is not.</summary>
    [Fact]
    public async Task A_policy_that_is_changed_has_the_messages_that_wait_by_it_looked_at_again_F81()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 3);
        foreach (var prospect in new[] { "one", "two" })
            await installation.ControlAsync("prospects", $$"""{"id":"{{prospect}}","degree":"first"}""");
        // Both open in about twelve hours, so that nothing of it passes by itself.
        foreach (var name in new[] { "default", "other" })
            await PutAsync(installation, new RoutingPolicy { Name = name, Hours = InTwelveHours() });
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "one"), Installation.As());
        var by = Installation.Message("m-2", "two");
        by.Message.Policy = "other";
        await installation.Dispatcher.AcceptAsync(by, Installation.As());
        foreach (var id in new[] { "m-1", "m-2" })
            Assert.Equal(Reason.OutsidePolicyHours, (await installation.UntilAsync(id, message => message.State == MessageState.Waiting)).Reason);

        await PutAsync(installation, new RoutingPolicy { Name = "default" });
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);
        Assert.Equal((MessageState.Sent, Channel.DirectMessage), (sent.State, sent.Channel));
        Assert.Equal(MessageState.Waiting, (await installation.GetAsync("m-2")).State);

        // Without the channel that it could go by, the other ends.
        await PutAsync(installation, new RoutingPolicy { Name = "other", Channels = { Channel.Inmail } });
        var ended = await installation.UntilAsync("m-2", Installation.IsOver);
        Assert.Equal((MessageState.Skipped, Reason.AlreadyConnected), (ended.State, ended.Reason));
    }

    /// <summary>F25: the books say that there are credits, the provider that there are none; what follows is the policy's to say.</summary>
    [Theory]
    [InlineData(OnExhaustion.NextSender, MessageState.Sent, Reason.Unspecified, "ann Inmail NotSent AccountInmailCreditsExhausted, ben Inmail Sent Unspecified")]
    [InlineData(OnExhaustion.NextChannel, MessageState.Sent, Reason.Unspecified, "ann Inmail NotSent AccountInmailCreditsExhausted, ann ConnectionRequest Sent Unspecified")]
    [InlineData(OnExhaustion.Wait, MessageState.Waiting, Reason.AccountInmailCreditsExhausted, "ann Inmail NotSent AccountInmailCreditsExhausted")]
    [InlineData(OnExhaustion.Fail, MessageState.Skipped, Reason.AccountInmailCreditsExhausted, "ann Inmail NotSent AccountInmailCreditsExhausted")]
    public async Task Does_what_the_policy_says_when_a_sender_runs_out_on_the_way_F25(OnExhaustion effect, MessageState state, Reason reason, string attempts)
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 5);
        await installation.ControlAsync("balance", """{"account_id":"ann","product":"sales_navigator","balance":0}""");
        await installation.SenderAsync("ben", 1);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await PutAsync(installation, new RoutingPolicy { Name = "default", Choice = Choice.BestValue, Channels = { Channel.Inmail, Channel.ConnectionRequest }, OnExhaustion = effect });

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High, note: "Shall we meet, you and I?"), Installation.As());
        var ended = await installation.UntilAsync("m-1", message => Installation.IsSettled(message) || message.State == MessageState.Waiting);

        Assert.Equal((state, reason), (ended.State, ended.Reason));
        Assert.Equal(attempts, string.Join(", ", ended.Attempts.Select(attempt => $"{attempt.AccountId} {attempt.Channel} {attempt.State} {attempt.Reason}")));
    }

    /// <summary>F28, F11: credits that would be forfeited are spent, down to what the policy keeps.</summary>
    [Fact]
    public async Task Spends_what_would_be_forfeited_but_not_what_the_policy_keeps_F28_F11()
    {
        await using var installation = await Installation.StartAsync();
        // At its cap: the next grant would be lost.
        await installation.SenderAsync("ann", 150);
        foreach (var prospect in new[] { "one", "two", "three" })
            await installation.ControlAsync("prospects", $$"""{"id":"{{prospect}}"}""");
        await PutAsync(installation, new RoutingPolicy { Name = "default", CreditFloor = 149, InmailWarrant = new InmailWarrant { HighPriority = true, WouldBeForfeited = true } });

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "one"), Installation.As());
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);
        Assert.Equal((MessageState.Sent, Channel.Inmail, 1L), (sent.State, sent.Channel, sent.CreditsSpent));

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "two"), Installation.As());
        var kept = await installation.UntilAsync("m-2", message => message.State == MessageState.Waiting);
        Assert.Equal(Reason.CreditsKeptByPolicy, kept.Reason);

        await installation.Dispatcher.AcceptAsync(Installation.Message("m-3", "three", Priority.High), Installation.As());
        Assert.Equal(1, (await installation.UntilAsync("m-3", Installation.IsSettled)).CreditsSpent);
    }

    private static SendingWindow InTwelveHours()
    {
        var minute = (((int)DateTimeOffset.UtcNow.TimeOfDay.TotalMinutes) + 720) % 1_440;
        return new SendingWindow { FromMinute = Math.Min(minute, 1_438), ToMinute = Math.Min(minute, 1_438) + 1 };
    }

    private static async Task MailboxAsync(Installation installation)
    {
        await installation.Dispatcher.PutConnectionAsync(new()
        {
            Connection = new() { ConnectionId = "mail", Smtp = new() { Host = "127.0.0.1", Port = 2525, Security = SmtpSecurity.None, FromAddress = "ann@acme.test", FromName = "Ann" } },
        }, Installation.As());
        var account = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;
        account.EmailConnectionId = "mail";
        await installation.Dispatcher.PutAccountAsync(new() { Account = account }, Installation.As());
    }

    private static async Task<RoutingPolicy> PutAsync(Installation installation, RoutingPolicy? policy) =>
        (await installation.Dispatcher.PutPolicyAsync(new() { Policy = policy }, Installation.As())).Policy;

    private static async Task<RoutingPolicy> GetAsync(Installation installation, string name) =>
        (await installation.Dispatcher.GetPolicyAsync(new() { Name = name }, Installation.As())).Policy;

    private static async Task<RpcFault> FaultAsync<T>(Func<Task<T>> call) => RpcFault.From(await Assert.ThrowsAsync<RpcException>(call));
}
