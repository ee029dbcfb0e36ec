using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Gateway.Rest;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;
using ListMessagesRequest = Pennypost.Dispatcher.V1.ListMessagesRequest;
using ListMessagesResponse = Pennypost.Dispatcher.V1.ListMessagesResponse;

namespace Pennypost.Gateway.Tests;

/// <summary>F68: whole lists as streams that end, and are taken up where they broke off.</summary>
public sealed class ExportingLists : IAsyncLifetime
{
    private readonly RunningGateway gateway = new();
    private readonly List<ListMessagesRequest> asked = [];

    public async Task InitializeAsync()
    {
        await gateway.InitializeAsync();
        gateway.Dispatcher.OnList = request =>
        {
            asked.Add(request);
            return Pages(request);
        };
    }

    public Task DisposeAsync() => gateway.DisposeAsync();

    /// <summary>Two messages, a page where nothing matches, and one more.</summary>
    private static ListMessagesResponse Pages(ListMessagesRequest request) => request.PageToken switch
    {
        "" => new() { Messages = { Of("a"), Of("b") }, NextPageToken = "b" },
        "a" => new() { Messages = { Of("b") }, NextPageToken = "b" },
        "b" => new() { NextPageToken = "f" },
        "f" => new() { Messages = { Of("g") } },
        _ => throw NoToken(),
    };

    private static RpcException NoToken()
    {
        var violations = new Violations();
        violations.Add("page_token", "must be one");
        violations.Add("state", "is no state");
        return new FaultDomain("dispatcher").Invalid(violations);
    }

    private static Message Of(string id) => new() { MessageId = id, State = MessageState.Sent, CampaignId = "spring" };

    private async Task<List<ExportMessagesResponse>> ExportAsync(ExportMessagesRequest request)
    {
        using var export = gateway.Api.ExportMessages(request, RunningGateway.As(gateway.Acme));
        return await export.ResponseStream.ReadAllAsync().ToListAsync();
    }

    [Fact]
    public async Task Every_message_comes_once_and_the_filter_goes_with_every_page_F68()
    {
        var items = await ExportAsync(new() { State = MessageState.Sent, CampaignId = "spring", Priority = Priority.High });

        Assert.Equal([("a", "a"), ("b", "b"), ("", "b"), ("", "f"), ("g", "g")], items.Select(item => (item.Message?.MessageId ?? "", item.ResumeToken)));
        Assert.Equal(["", "b", "f"], asked.Select(request => request.PageToken));
        Assert.All(asked, request => Assert.Equal((MessageState.Sent, "spring", Priority.High), (request.State, request.CampaignId, request.Priority)));
    }

    [Theory]
    [InlineData("a", "b g")]
    [InlineData("b", "g")]
    [InlineData("f", "g")]
    public async Task It_is_taken_up_behind_any_item_F68(string token, string left) =>
        Assert.Equal(left, string.Join(' ', (await ExportAsync(new() { ResumeToken = token })).Select(item => item.Message?.MessageId).OfType<string>()));

    [Fact]
    public async Task A_token_that_is_none_is_named_as_the_export_has_it_with_all_else_that_is_wrong_F68()
    {
        var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(() => ExportAsync(new() { ResumeToken = "nonsense" })));

        Assert.Equal((ErrorReason.InvalidRequest, "resume_token, state"), (fault.ErrorReason, string.Join(", ", fault.Violations.Select(violation => violation.Field))));
    }

    [Fact]
    public async Task What_REST_cannot_read_is_named_with_all_else_that_is_wrong_F68()
    {
        var messages = await gateway.SendAsync("GET", "/v1/messages:export?colour=red&state=GONE&resumeToken=a%20b");
        var entries = await gateway.SendAsync("GET", "/v1/pools/p1/entries:export?kinds=GONE&holdId=a%20b&resumeToken=a%20b");

        Assert.Equal((400, "colour, state, resume_token"), (messages.Status, string.Join(", ", messages.Violations)));
        Assert.Equal((400, "kinds, hold_id, resume_token"), (entries.Status, string.Join(", ", entries.Violations)));
        Assert.Empty(asked);
    }

    [Fact]
    public async Task As_a_table_it_has_a_header_and_a_line_for_each_message_F68()
    {
        using var response = await GetAsync("/v1/messages:export", "text/csv");
        var lines = (await response.Content.ReadAsStringAsync()).Split("\r\n");

        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("messageId,prospectId,state,reason,", lines[0], StringComparison.Ordinal);
        Assert.Equal(["a,,MESSAGE_STATE_SENT", "b,,MESSAGE_STATE_SENT", "g,,MESSAGE_STATE_SENT", ""], lines[1..].Select(line => string.Join(',', line.Split(',').Take(3))));
        Assert.All(lines[1..^1], line => Assert.Equal(lines[0].Split(',').Length, line.Split(',').Length));
    }

    [Fact]
    public async Task An_empty_table_has_its_header_F68()
    {
        gateway.Dispatcher.OnList = _ => new();
        using var response = await GetAsync("/v1/messages:export", "text/csv");

        Assert.Matches("^messageId,[A-Za-z,]+\r\n$", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_fails_on_the_way_is_the_last_item_or_breaks_a_table_off_F68()
    {
        gateway.Dispatcher.OnList = request => request.PageToken.Length == 0 ? new() { Messages = { Of("a") }, NextPageToken = "a" } : throw new FaultDomain("dispatcher").Invalid(new Violations());

        using var lines = await GetAsync("/v1/messages:export", "application/x-ndjson");
        Assert.NotNull(JsonNode.Parse((await lines.Content.ReadAsStringAsync()).TrimEnd().Split('\n')[^1])!["error"]);
        using var events = await GetAsync("/v1/messages:export", "text/event-stream");
        Assert.Contains("\n\nevent: error\ndata: {", await events.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var table = await GetAsync("/v1/messages:export", "text/csv");
        await Assert.ThrowsAsync<HttpRequestException>(() => table.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_pools_journal_is_taken_up_behind_any_entry_F68()
    {
        gateway.Credits.OnListEntries = request =>
        {
            var from = request.PageToken.Length == 0 ? 1 : long.Parse(request.PageToken, CultureInfo.InvariantCulture);
            var answer = new Credits.V1.ListEntriesResponse { NextPageToken = from < 5 ? (from + 2).ToString(CultureInfo.InvariantCulture) : "" };
            answer.Entries.Add(new Entry { Sequence = from, EntryTime = Timestamp.FromDateTime(DateTime.UnixEpoch), Kind = EntryKind.Granted, Credits = -3 });
            answer.Entries.Add(new Entry { Sequence = from + 1 });
            return answer;
        };
        await gateway.SendAsync("POST", "/v1/pools", """{"poolId": "p1", "planId": "free"}""");

        using var export = gateway.Api.ExportPoolEntries(new() { PoolId = "p1", ResumeToken = "3" }, RunningGateway.As(gateway.Acme));
        var items = await export.ResponseStream.ReadAllAsync().ToListAsync();
        using var table = await GetAsync("/v1/pools/p1/entries:export", "text/csv");

        Assert.Equal([(3, "4"), (4, "5"), (0, "5"), (5, "6"), (6, "7")], items.Select(item => (item.Entry?.Sequence ?? 0, item.ResumeToken)));
        Assert.Equal("1,1970-01-01T00:00:00Z,ENTRY_KIND_GRANTED,-3", string.Join(',', (await table.Content.ReadAsStringAsync()).Split("\r\n")[1].Split(',').Take(4)));
    }

    [Fact]
    public void Cells_are_quoted_and_never_formulas_F68()
    {
        var columns = TableColumns.Of(ExportMessagesResponse.Descriptor)!;
        var row = columns.Row(new ExportMessagesResponse
        {
            Message = new()
            {
                MessageId = "=1+1",
                ProspectId = "a,\"b\"\nc",
                State = (MessageState)99,
                WaitUntil = Timestamp.FromDateTime(DateTime.UnixEpoch.AddMilliseconds(1_500)),
                AccountIds = { "one", "two" },
                CreditsSpent = -1,
                Segment = "-x",
            },
        });

        Assert.Equal("'=1+1,\"a,\"\"b\"\"\nc\",99,REASON_UNSPECIFIED,1970-01-01T00:00:01.500Z,PRIORITY_UNSPECIFIED,one;two,CHANNEL_UNSPECIFIED,,-1,0,,,,,,,'-x,\r\n", row);
        Assert.Equal("", columns.Row(new ExportMessagesResponse { ResumeToken = "x" }));
    }

    [Fact]
    public void Lists_of_messages_have_no_column_and_only_exports_are_tables_F68()
    {
        Assert.DoesNotContain("attempts", TableColumns.Of(ExportMessagesResponse.Descriptor)!.Header, StringComparison.Ordinal);
        foreach (var stream in new[] { WatchMessageResponse.Descriptor, WatchEventsResponse.Descriptor, StreamMessagesResponse.Descriptor })
            Assert.Null(TableColumns.Of(stream));
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(accept);
        return await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
