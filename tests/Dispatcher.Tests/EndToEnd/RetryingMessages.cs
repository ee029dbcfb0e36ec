using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Dispatcher.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>F42: bulk retry by filter, and the reroute of what failed or waits.</summary>
public sealed class RetryingMessages
{
    [Fact]
    public async Task Sends_once_what_had_failed_and_is_possible_now_F42()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "newcomer"), Installation.As());
        var failed = await installation.UntilAsync("m-1", Installation.IsSettled);
        await installation.ControlAsync("prospects", """{"id":"newcomer","degree":"first"}""");
        var request = new RetryMessagesRequest { State = MessageState.Failed, Reason = failed.Reason };

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => await installation.Dispatcher.RetryMessagesAsync(request, Installation.As())));
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);
        var afterwards = await installation.Dispatcher.RetryMessagesAsync(new(), Installation.As());

        Assert.Equal((MessageState.Failed, Reason.InvalidRecipient), (failed.State, failed.Reason));
        Assert.Equal(["m-1"], answers.SelectMany(answer => answer.Results).Where(result => result.Outcome == RetryOutcome.Requeued).SelectMany(result => result.MessageIds));
        Assert.Equal(MessageState.Sent, sent.State);
        Assert.Single(sent.Events, happened => happened.Kind == MessageEventKind.Retried);
        Assert.Equal(Enumerable.Range(1, sent.Events.Count), sent.Events.Select(happened => (int)happened.Sequence));
        Assert.Equal(1, (await installation.LookAsync("deliveries?member_id=newcomer")).GetProperty("deliveries").GetArrayLength());
        Assert.Empty(afterwards.Results);
    }

    [Fact]
    public async Task Answers_page_by_page_what_became_of_each_and_only_looks_if_asked_to_F42_F72()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        await installation.SenderAsync("ann", 1);
        for (var n = 0; n < 12; n++)
        {
            var request = Installation.Message($"m-{n:00}", $"p-{n}");
            request.Message.CampaignId = n % 2 == 0 ? "even" : "odd";
            await installation.Dispatcher.AcceptAsync(request, Installation.As());
        }

        for (var n = 0; n < 8; n++)
            await installation.Dispatcher.SuppressProspectAsync(new() { Profile = $"p-{n}" }, Installation.As());
        for (var n = 0; n < 6; n++)
            await installation.Dispatcher.SuppressProspectAsync(new() { Profile = $"p-{n}", Unsuppress = true }, Installation.As());
        await installation.Dispatcher.CancelMessageAsync(new() { MessageId = "m-10" }, Installation.As());
        var evenRequest = new RetryMessagesRequest { CampaignId = "even", PageSize = 5, ValidateOnly = true };

        var would = await AllAsync(installation, evenRequest);
        var before = (await installation.GetAsync("m-00")).State;
        evenRequest.ValidateOnly = false;
        var did = await AllAsync(installation, evenRequest);
        var again = await AllAsync(installation, evenRequest);

        Assert.Equal(["Requeued Unspecified m-00", "Requeued Unspecified m-02", "Requeued Unspecified m-04", "Left ProspectSuppressed m-06"], did);
        Assert.Equal(did, would);
        Assert.Equal(MessageState.Skipped, before);
        Assert.Equal(["Left ProspectSuppressed m-06"], again);
        Assert.Equal(MessageState.Ready, (await installation.GetAsync("m-00")).State);
        Assert.Equal(MessageState.Cancelled, (await installation.GetAsync("m-10")).State);
    }

    /// <summary>F42: what the provider refused stays closed to a plain retry; a reroute of the same filter tries it again, and touches nothing else.</summary>
    [Fact]
    public async Task Reroutes_by_filter_what_the_provider_had_refused_and_leaves_the_rest_F42()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("faults", """{"endpoint":"chats.start","kind":"error","type":"unprocessable_entity","times":100}""");
        string[] ids = ["m-1", "m-2", "m-3"];
        foreach (var id in ids)
        {
            await installation.ControlAsync("prospects", $$"""{"id":"to-{{id}}","degree":"first"}""");
            var request = Installation.Message(id, "to-" + id);
            request.Message.CampaignId = id == "m-3" ? "other" : "spring";
            await installation.Dispatcher.AcceptAsync(request, Installation.As());
        }

        foreach (var id in ids)
            Assert.Equal((MessageState.Failed, Reason.ProviderRefused), await installation.UntilAsync(id, Installation.IsSettled) is var failed ? (failed.State, failed.Reason) : default);
        await installation.HealAsync();
        var spring = new RetryMessagesRequest { State = MessageState.Failed, CampaignId = "spring" };

        var retried = await AllAsync(installation, spring);
        foreach (var id in ids)
            Assert.Single((await installation.UntilAsync(id, Installation.IsSettled)).Attempts);
        // What ends again by the router's word, for want of any other way, was left unsent on purpose.
        spring = new() { Reason = (await installation.GetAsync("m-1")).Reason, CampaignId = "spring", Reroute = true };
        var rerouted = await AllAsync(installation, spring);

        Assert.Equal(["Requeued Unspecified m-1", "Requeued Unspecified m-2"], retried);
        Assert.Equal(retried, rerouted);
        foreach (var id in ids[..2])
        {
            var sent = await installation.UntilAsync(id, Installation.IsSettled);
            Assert.Equal((MessageState.Sent, Channel.DirectMessage, 2), (sent.State, sent.Channel, sent.Attempts.Count));
        }

        Assert.Equal((MessageState.Failed, 1), await installation.GetAsync("m-3") is var left ? (left.State, left.Attempts.Count) : default);
        Assert.Equal(2, (await installation.LookAsync("deliveries")).GetProperty("deliveries").GetArrayLength());
    }

    [Fact]
    public async Task Malformed_names_every_violation()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        var now = DateTimeOffset.UtcNow;

        var retry = await FaultAsync(() => installation.Dispatcher.RetryMessagesAsync(new()
        {
            State = MessageState.Sent,
            Reason = (Reason)999,
            CampaignId = "not an id",
            AccountId = "not an id",
            CreatedSinceTime = Timestamp.FromDateTimeOffset(now),
            CreatedBefore = Timestamp.FromDateTimeOffset(now),
            EndedSinceTime = new Timestamp { Nanos = -1 },
            ExpireTime = Timestamp.FromDateTimeOffset(now.AddDays(181)),
            PageSize = 501,
            PageToken = "not a token",
        }, Installation.As()).ResponseAsync);
        var list = await FaultAsync(() => installation.Dispatcher.ListMessagesAsync(new()
        {
            Reason = (Reason)999,
            AccountId = "not an id",
            ProspectId = "not an id",
            Priority = (Priority)9,
            DueBefore = new Timestamp { Nanos = -1 },
        }, Installation.As()).ResponseAsync);
        var backlog = await FaultAsync(() => installation.Dispatcher.GetBacklogAsync(new() { PageSize = 1_001, PageToken = "?" }, Installation.As()).ResponseAsync);
        var breakers = await FaultAsync(() => installation.Dispatcher.ListBreakersAsync(new() { PageSize = 501, PageToken = "?" }, Installation.As()).ResponseAsync);

        Assert.Equal(
            ["account_id", "campaign_id", "created_before", "ended_since_time", "expire_time", "page_size", "page_token", "reason", "state"],
            retry.Violations.Select(violation => violation.Field).Order(StringComparer.Ordinal));
        Assert.Equal(["account_id", "due_before", "priority", "prospect_id", "reason"], list.Violations.Select(violation => violation.Field).Order(StringComparer.Ordinal));
        Assert.Equal(["page_size", "page_token"], backlog.Violations.Select(violation => violation.Field).Order(StringComparer.Ordinal));
        Assert.Equal(["page_size", "page_token"], breakers.Violations.Select(violation => violation.Field).Order(StringComparer.Ordinal));
        Assert.All(new[] { retry, list, backlog, breakers }, fault => Assert.Equal(ErrorReason.InvalidRequest, fault.ErrorReason));
    }

    private static async Task<IReadOnlyList<string>> AllAsync(Installation installation, RetryMessagesRequest request)
    {
        var (results, page) = (new List<RetriedMessages>(), request.Clone());
        do
        {
            var answer = await installation.Dispatcher.RetryMessagesAsync(page, Installation.As());
            Assert.All(answer.Results, result => Assert.Equal(result.Count, result.MessageIds.Count));
            results.AddRange(answer.Results);
            page.PageToken = answer.NextPageToken;
        }
        while (page.PageToken.Length > 0);

        return [.. results.SelectMany(result => result.MessageIds.Select(id => $"{result.Outcome} {result.Reason} {id}"))];
    }

    private static async Task<RpcFault> FaultAsync<T>(Func<Task<T>> call) => RpcFault.From(await Assert.ThrowsAsync<RpcException>(call));
}
