using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Dispatcher.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

public sealed class HandingMessagesOver
{
    [Fact]
    public async Task A_thousand_times_at_once_is_one_message_with_one_answer_X8()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        var request = Installation.Message("m-1", "vip", Priority.High);

        var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(async _ => (await installation.Dispatcher.AcceptAsync(request, Installation.As())).Message));
        await installation.UntilAsync("m-1", Installation.IsSettled);

        // As it was accepted, whatever it became while the others asked.
        Assert.Single(answers.Select(answer => (answer.MessageId, answer.ProspectId, answer.CreateTime, answer.ExpireTime)).Distinct());
        Assert.Equal(1, (await installation.LookAsync("deliveries?member_id=vip")).GetProperty("deliveries").GetArrayLength());
        Assert.Single((await installation.GetAsync("m-1")).Events, happened => happened.Kind == MessageEventKind.Accepted);
    }

    [Theory]
    [InlineData("prospect.profile")]
    [InlineData("content.body")]
    [InlineData("priority")]
    [InlineData("campaign_id")]
    [InlineData("segment")]
    [InlineData("variant")]
    public async Task Again_with_other_content_names_the_field(string field)
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        await installation.SenderAsync("ann", 1);
        var request = Installation.Message("m-1", "vip");
        await installation.Dispatcher.AcceptAsync(request, Installation.As());
        var other = request.Clone();
        switch (field)
        {
            case "prospect.profile": other.Message.Prospect.Profile = "somebody-else"; break;
            case "content.body": other.Message.Content.Body = "Other words"; break;
            case "priority": other.Message.Priority = Priority.High; break;
            case "segment": other.Message.Segment = "founders"; break;
            case "variant": other.Message.Variant = "short"; break;
            default: other.Message.CampaignId = "other"; break;
        }

        var fault = await FaultAsync(() => installation.Dispatcher.AcceptAsync(other, Installation.As()).ResponseAsync);

        Assert.Equal((ErrorReason.MessageIdReused, field), (fault.ErrorReason, fault.Metadata["field"]));
        Assert.True((await installation.Dispatcher.AcceptAsync(request, Installation.As())).Existed);
    }

    [Fact]
    public async Task Malformed_names_every_violation_and_keeps_nothing()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        var request = new AcceptRequest
        {
            Message = new()
            {
                MessageId = "not an id",
                Prospect = new() { Profile = "https://example.com/in/ada", FirstName = new string('x', 201) },
                Content = new() { Subject = new string('s', 201), Note = new string('n', 301) },
                AccountIds = { "ann", "ann" },
                Priority = (Priority)9,
                NotBefore = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(200)),
                ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(-1)),
                CampaignId = "a b",
                Segment = "a b",
                Variant = new string('v', 65),
            },
        };

        var fault = await FaultAsync(() => installation.Dispatcher.AcceptAsync(request, Installation.As()).ResponseAsync);

        Assert.Equal(ErrorReason.InvalidRequest, fault.ErrorReason);
        Assert.Equal(
            [
                "message.account_ids[1]", "message.campaign_id", "message.content.note", "message.content.subject", "message.expire_time", "message.message_id",
                "message.not_before", "message.not_before", "message.priority", "message.prospect.first_name", "message.prospect.profile", "message.segment", "message.variant",
            ],
            fault.Violations.Select(violation => violation.Field).Order(StringComparer.Ordinal));
        Assert.Empty((await installation.Dispatcher.ListMessagesAsync(new(), Installation.As())).Messages);
    }

    [Fact]
    public async Task Without_a_sender_or_with_an_unknown_one_is_refused()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        var request = Installation.Message("m-1", "vip");

        Assert.Equal(ErrorReason.NoSender, (await FaultAsync(() => installation.Dispatcher.AcceptAsync(request, Installation.As()).ResponseAsync)).ErrorReason);
        request.Message.AccountIds.Add("ann");
        Assert.Equal(ErrorReason.AccountNotFound, (await FaultAsync(() => installation.Dispatcher.AcceptAsync(request, Installation.As()).ResponseAsync)).ErrorReason);
    }

    [Fact]
    public async Task Only_to_validate_answers_the_same_and_keeps_nothing_F72()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        await installation.SenderAsync("ann", 1);
        var request = Installation.Message("m-1", "vip");
        request.ValidateOnly = true;

        var looked = await installation.Dispatcher.AcceptAsync(request, Installation.As());

        Assert.Equal((MessageState.Accepted, false), (looked.Message.State, looked.Existed));
        Assert.Empty((await installation.Dispatcher.ListMessagesAsync(new(), Installation.As())).Messages);
        Assert.Equal(ErrorReason.MessageNotFound, (await FaultAsync(() => installation.Dispatcher.GetMessageAsync(new() { MessageId = "m-1" }, Installation.As()).ResponseAsync)).ErrorReason);
        request.ValidateOnly = false;
        Assert.False((await installation.Dispatcher.AcceptAsync(request, Installation.As())).Existed);
    }

    [Fact]
    public async Task Shows_them_to_their_tenant_alone()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        await installation.SenderAsync("ann", 1);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip"), Installation.As());
        var other = Installation.As("other");

        Assert.Equal(ErrorReason.MessageNotFound, (await FaultAsync(() => installation.Dispatcher.GetMessageAsync(new() { MessageId = "m-1" }, other).ResponseAsync)).ErrorReason);
        Assert.Equal(ErrorReason.MessageNotFound, (await FaultAsync(() => installation.Dispatcher.CancelMessageAsync(new() { MessageId = "m-1" }, other).ResponseAsync)).ErrorReason);
        Assert.Empty((await installation.Dispatcher.ListMessagesAsync(new(), other)).Messages);
    }

    [Fact]
    public async Task Lists_them_page_by_page_and_by_label()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        await installation.SenderAsync("ann", 1);
        for (var n = 0; n < 25; n++)
        {
            var request = Installation.Message($"m-{n:00}", $"p-{n}");
            request.Message.CampaignId = n % 2 == 0 ? "even" : "odd";
            await installation.Dispatcher.AcceptAsync(request, Installation.As());
        }

        var (ids, token) = (new List<string>(), "");
        do
        {
            var page = await installation.Dispatcher.ListMessagesAsync(new() { PageSize = 7, PageToken = token, CampaignId = "even" }, Installation.As());
            ids.AddRange(page.Messages.Select(message => message.MessageId));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(Enumerable.Range(0, 25).Where(n => n % 2 == 0).Select(n => $"m-{n:00}"), ids);
    }

    [Fact]
    public async Task And_taking_them_back_before_the_send_is_possible_and_after_it_is_not()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"friend","degree":"first"}""");
        var later = Installation.Message("m-later", "friend", body: "Later");
        later.Message.NotBefore = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(2));
        await installation.Dispatcher.AcceptAsync(later, Installation.As());
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-now", "friend"), Installation.As());
        await installation.UntilAsync("m-now", Installation.IsSettled);

        var first = await installation.Dispatcher.CancelMessageAsync(new() { MessageId = "m-later" }, Installation.As());
        var again = await installation.Dispatcher.CancelMessageAsync(new() { MessageId = "m-later" }, Installation.As());
        var late = await FaultAsync(() => installation.Dispatcher.CancelMessageAsync(new() { MessageId = "m-now" }, Installation.As()).ResponseAsync);

        Assert.Equal(MessageState.Cancelled, first.Message.State);
        Assert.Equal(first.Message, again.Message);
        Assert.Equal(ErrorReason.MessageNotCancellable, late.ErrorReason);
    }

    [Fact]
    public async Task To_a_suppressed_person_skips_them_F60()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"friend","degree":"first"}""");
        await installation.Dispatcher.SuppressProspectAsync(new() { Profile = "https://linkedin.com/in/FRIEND" }, Installation.As());
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "friend"), Installation.As());

        var skipped = await installation.UntilAsync("m-1", Installation.IsOver);

        Assert.Equal((MessageState.Skipped, Reason.ProspectSuppressed), (skipped.State, skipped.Reason));
        await installation.Dispatcher.SuppressProspectAsync(new() { Profile = "friend", Unsuppress = true }, Installation.As());
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "friend"), Installation.As());
        Assert.Equal(MessageState.Sent, (await installation.UntilAsync("m-2", Installation.IsOver)).State);
    }

    [Fact]
    public async Task With_words_that_went_to_the_same_person_before_skips_them_F60()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"friend","degree":"first"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "friend", body: "The same words"), Installation.As());
        await installation.UntilAsync("m-1", Installation.IsSettled);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "friend", body: "The same words"), Installation.As());

        var skipped = await installation.UntilAsync("m-2", Installation.IsOver);

        Assert.Equal((MessageState.Skipped, Reason.Duplicate), (skipped.State, skipped.Reason));
    }

    [Fact]
    public async Task Streams_what_becomes_of_them_without_gaps()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"friend","degree":"first"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "friend"), Installation.As());

        var items = await WatchAsync(installation, "");
        var rest = await WatchAsync(installation, items[1].ResumeToken);

        Assert.Equal(Enumerable.Range(1, items.Count), items.Select(item => (int)item.Event.Sequence));
        Assert.Equal(
            [MessageEventKind.Accepted, MessageEventKind.AttemptOpened, MessageEventKind.Intended, MessageEventKind.Sent], items.Select(item => item.Event.Kind));
        Assert.Equal(items.Skip(2), rest);
    }

    [Fact]
    public async Task Previews_explain_every_sender_and_channel_and_keep_nothing_F16_F30()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"friend","degree":"first"}""");

        var preview = await installation.Dispatcher.PreviewAsync(new() { Message = Installation.Message("", "friend", body: new string('x', 600)).Message }, Installation.As());

        Assert.Equal(Outcome.Send, preview.Decision.Outcome);
        Assert.Equal(Channel.DirectMessage, preview.Decision.Candidates[0].Channel);
        Assert.Equal(6, preview.Decision.Candidates.Count);
        Assert.NotEmpty(preview.Decision.Explanation);
        Assert.NotEmpty(preview.Decision.Advice);
        Assert.Empty((await installation.Dispatcher.ListMessagesAsync(new(), Installation.As())).Messages);
    }

    private static async Task<List<WatchMessageResponse>> WatchAsync(Installation installation, string resumeToken)
    {
        using var call = installation.Dispatcher.WatchMessage(new() { MessageId = "m-1", ResumeToken = resumeToken }, Installation.As(), DateTime.UtcNow.AddSeconds(20));
        var items = new List<WatchMessageResponse>();
        await foreach (var item in call.ResponseStream.ReadAllAsync())
            items.Add(item);
        return items;
    }

    private static async Task<RpcFault> FaultAsync<T>(Func<Task<T>> call) => RpcFault.From(await Assert.ThrowsAsync<RpcException>(call));
}
