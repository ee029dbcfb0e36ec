using System.Text.Json;
using Grpc.Core;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;
using Action = Pennypost.Types.V1.Action;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>F87: views, likes and comments are commands of their own, done once, within allowances of their own, and never paused by the InMail credit breaker.</summary>
public sealed class Engaging
{
    private static readonly Dictionary<string, string?> Quick = new()
    {
        ["Dispatcher:RecoverAfter"] = "00:00:01",
        ["Dispatcher:SettlingTime"] = "00:00:01.500",
        ["Dispatcher:WriteLease"] = "00:00:01.500",
        ["Dispatcher:ClockMargin"] = "00:00:00.200",
        ["Dispatcher:VerifyEvery"] = "00:00:00.300",
        ["Dispatcher:WorkLease"] = "00:00:01",
        ["Dispatcher:Provider:AttemptSeconds"] = "0.5",
    };

    [Fact]
    public async Task Does_each_once_and_leaves_the_prospect_free_for_messages_F87()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");

        AcceptRequest[] engagements =
        [
            Engagement("e-1", Channel.ProfileView),
            Engagement("e-2", Channel.Like, "urn:li:activity:7"),
            Engagement("e-3", Channel.Comment, "urn:li:activity:7", "Well said."),
        ];
        foreach (var engagement in engagements)
        {
            await installation.Dispatcher.AcceptAsync(engagement, Installation.As());
            var done = await installation.UntilAsync(engagement.Message.MessageId, Installation.IsSettled);
            Assert.Equal((MessageState.Sent, engagement.Message.Content.Engagement.Channel, "ann", 0L), (done.State, done.Channel, done.AccountId, done.CreditsSpent));
        }

        Assert.Equal(["comment urn:li:activity:7", "like urn:li:activity:7", "view vip"], (await DoneAsync(installation)).Order());
        // The same like under another id is the same like; the same request again is answered as the first time.
        Assert.True((await installation.Dispatcher.AcceptAsync(Engagement("e-2", Channel.Like, "urn:li:activity:7"), Installation.As())).Existed);
        await installation.Dispatcher.AcceptAsync(Engagement("e-4", Channel.Like, "urn:li:activity:7"), Installation.As());
        Assert.Equal(Reason.Duplicate, (await installation.UntilAsync("e-4", Installation.IsOver)).Reason);
        // Nothing was said: a message need not wait, and a visit may be repeated.
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        Assert.Equal((MessageState.Sent, Channel.Inmail), await installation.UntilAsync("m-1", Installation.IsSettled) is var sent ? (sent.State, sent.Channel) : default);
        await installation.Dispatcher.AcceptAsync(Engagement("e-5", Channel.ProfileView), Installation.As());
        Assert.Equal(MessageState.Sent, (await installation.UntilAsync("e-5", Installation.IsSettled)).State);
        Assert.Equal(4, (await DoneAsync(installation)).Count);
        var account = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;
        Assert.Equal((1, 1), (account.Usage.Single(use => use.Action == Action.Like).Used, account.Usage.Single(use => use.Action == Action.Comment).Used));
    }

    [Fact]
    public async Task Goes_on_while_the_breaker_is_open_and_keeps_its_own_allowance_F87_F33()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        foreach (var id in new[] { "vip", "other", "third" })
            await installation.ControlAsync("prospects", $$"""{"id":"{{id}}"}""");
        var account = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;
        account.Caps.Add(new Cap { Action = Action.Like, Window = CapWindow.Day, Limit = 1 });
        await installation.Dispatcher.PutAccountAsync(new() { Account = account }, Installation.As());
        // The provider has no credit left, though the books have one: the breaker opens.
        await installation.ControlAsync("balance", """{"account_id":"ann","product":"sales_navigator","balance":0}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-1", message => message.State == MessageState.Waiting);
        account = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;
        Assert.Equal(BreakerState.Open, Assert.Single(account.Breakers).State);

        await installation.Dispatcher.AcceptAsync(Engagement("e-1", Channel.ProfileView, prospect: "vip"), Installation.As());
        await installation.Dispatcher.AcceptAsync(Engagement("e-2", Channel.Like, "urn:li:activity:1", prospect: "other"), Installation.As());
        Assert.Equal(MessageState.Sent, (await installation.UntilAsync("e-1", Installation.IsSettled)).State);
        Assert.Equal(MessageState.Sent, (await installation.UntilAsync("e-2", Installation.IsSettled)).State);
        await installation.Dispatcher.AcceptAsync(Engagement("e-3", Channel.Like, "urn:li:activity:2", prospect: "third"), Installation.As());
        Assert.Equal(Reason.DailyCap, (await installation.UntilAsync("e-3", message => message.State == MessageState.Waiting)).Reason);
        await installation.Dispatcher.SuppressProspectAsync(new() { Profile = "third" }, Installation.As());
        Assert.Equal(Reason.ProspectSuppressed, (await installation.UntilAsync("e-3", Installation.IsOver)).Reason);
        Assert.Equal(2, (await DoneAsync(installation)).Count);
    }

    [Theory]
    [InlineData("drop_after", "posts.reaction", 1)]
    [InlineData("drop_before", "posts.reaction", 0)]
    public async Task Is_not_done_again_when_the_answer_is_lost_F87_F39(string kind, string endpoint, int done)
    {
        await using var installation = await Installation.StartAsync(settings: Quick);
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("faults", $$"""{"endpoint":"{{endpoint}}","kind":"{{kind}}","times":1}""");

        await installation.Dispatcher.AcceptAsync(Engagement("e-1", Channel.Like, "urn:li:activity:7"), Installation.As());
        var like = await installation.UntilAsync("e-1", Installation.IsSettled);

        // Perhaps not done, and certainly not twice.
        Assert.Equal(MessageState.Sent, like.State);
        Assert.Contains(like.Events, happened => happened.Kind == MessageEventKind.Indeterminate);
        Assert.Single(like.Attempts);
        Assert.Equal(done, (await DoneAsync(installation)).Count);
    }

    [Fact]
    public async Task Names_everything_that_is_wrong_F87()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 0);
        Assert.Equal(["message.content.engagement.channel"], await ViolationsAsync(installation, Engagement("e-1", Channel.Inmail)));
        Assert.Equal(["message.content.engagement.comment", "message.content.engagement.post_id"], await ViolationsAsync(installation, Engagement("e-1", Channel.Comment, "a post?")));
        Assert.Equal(["message.content.engagement.comment", "message.content.engagement.post_id"], await ViolationsAsync(installation, Engagement("e-1", Channel.ProfileView, "urn:li:activity:7", "Hello")));
        var both = Engagement("e-1", Channel.ProfileView);
        both.Message.Content.Body = "Hello";
        Assert.Equal(["message.content"], await ViolationsAsync(installation, both));
        Assert.Equal(["message.content.engagement.comment"], await ViolationsAsync(installation, Engagement("e-1", Channel.Comment, "urn:li:activity:7", new string('x', 1_251))));
    }

    private static async Task<List<string>> ViolationsAsync(Installation installation, AcceptRequest request) =>
        [.. RpcFault.From(await Assert.ThrowsAsync<RpcException>(() => installation.Dispatcher.AcceptAsync(request, Installation.As()).ResponseAsync))
            .Violations.Select(violation => violation.Field).Distinct().Order(StringComparer.Ordinal)];

    private static async Task<List<string>> DoneAsync(Installation installation) =>
        [.. (await installation.LookAsync("engagements")).GetProperty("engagements").EnumerateArray().Select(one => $"{Text(one, "kind")} {Text(one, "subject")}")];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static AcceptRequest Engagement(string id, Channel channel, string postId = "", string comment = "", string prospect = "vip") => new()
    {
        Message = new()
        {
            MessageId = id,
            Prospect = new() { Profile = prospect },
            Content = new() { Engagement = new() { Channel = channel, PostId = postId, Comment = comment } },
        },
    };
}
