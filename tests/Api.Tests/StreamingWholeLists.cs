using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Grpc.Core;
using Pennypost.Gateway.V1;
using Topology;

namespace Pennypost.Api.Tests;

/// <summary>F73, F68: lists in and out as streams, over a line that breaks: each message once, in order.</summary>
public sealed class StreamingWholeLists(RunningApi running) : IClassFixture<RunningApi>
{
    private const int Messages = 1_200;
    private static readonly int[] _cutAfter = [100, 500, 900];
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("python")]
    [InlineData("node")]
    public async Task A_list_that_is_streamed_over_a_breaking_line_is_handed_over_and_exported_once_each_F73(string language)
    {
        var world = await running.WorldAsync($"streams-{language}");
        await using var line = new Line(running.Grpc.Port);
        await Callers.GenerateAsync(language);
        using var sender = Start(language, line.Port, world.Key.Text.Reveal());
        var errors = sender.StandardError.ReadToEndAsync();
        var writing = WriteAsync(sender.StandardInput);
        var ids = new List<string>();
        using var limit = new CancellationTokenSource(_limit);
        while (await sender.StandardOutput.ReadLineAsync(limit.Token) is { } answer)
        {
            Assert.True(JsonNode.Parse(answer)!["message"] is not null, answer);
            ids.Add((string)JsonNode.Parse(answer)!["messageId"]!);
            if (!_cutAfter.Contains(ids.Count))
                continue;
            line.Fault = LineFault.Reset;
            line.Fault = LineFault.None;
        }

        await sender.WaitForExitAsync(limit.Token);
        // Node warns there of listeners that pile up.
        Assert.Equal((0, ""), (sender.ExitCode, await errors));
        await writing;
        Assert.Equal(Enumerable.Range(0, Messages).Select(Id), ids);
        Assert.True(line.Cut >= _cutAfter.Length, $"The line was cut {line.Cut} times.");

        await ExportedAsync(world, Enumerable.Range(0, Messages).Select(Id).Order(StringComparer.Ordinal).ToList());
    }

    private const string InPython = """
        import sys
        from pennypost.gateway.v1 import gateway_pb2 as gateway
        from pennypost_client import Pennypost, PennypostError

        def requests(then):
            try:
                request = gateway.StreamMessagesRequest(validate_only=True)
                request.message.message_id, request.message.prospect.profile, request.message.content.body = "good", "ada-lovelace", "Hello"
                yield request
                if then == "raise":
                    raise LookupError("the list is torn")
                while True:
                    yield "no request" if then == "bad" else request
            finally:
                print(f"{then}: closed")

        with Pennypost(sys.argv[1], sys.argv[2]) as pennypost:
            for then in ["raise", "bad", "leave"]:
                try:
                    source = requests(then)
                    for answer in pennypost.StreamMessages(source):
                        print(f"{then}: {answer.result.message.message_id}")
                        if then == "leave":
                            break
                except (LookupError, TypeError) as error:
                    print(f"{then}: {type(error).__name__}")
                source.close() if then == "bad" else None
        """;

    private const string InNode = """
        import { connect, PennypostError } from "CLIENT/dist/pennypost.js";

        function* requests(then) {
          try {
            const request = { message: { messageId: "good", prospect: { profile: "ada-lovelace" }, content: { body: "Hello" } }, validateOnly: true };
            yield request;
            if (then === "raise") throw new RangeError("the list is torn");
            for (;;) yield then === "bad" ? { message: { messageId: {}, accountIds: 5 } } : request;
          } finally {
            console.log(`${then}: closed`);
          }
        }

        const pennypost = connect({ target: process.argv[2], key: process.argv[3] });
        for (const then of ["raise", "bad", "leave"]) {
          try {
            for await (const { result } of pennypost.streamMessages(requests(then))) {
              console.log(`${then}: ${result.message.messageId}`);
              if (then === "leave") break;
            }
          } catch (error) {
            console.log(`${then}: ${error instanceof PennypostError ? error.message : "its own"}`);
          }
        }
        pennypost.close();
        """;

    [Theory]
    [InlineData("python")]
    [InlineData("node")]
    public async Task What_a_list_throws_is_the_callers_after_what_came_before_it_and_a_list_that_is_left_is_closed_F73(string language)
    {
        var world = await running.WorldAsync($"torn-{language}");
        await Callers.GenerateAsync(language);
        var client = Repository.PathOf("clients", language);
        var script = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.{(language == "node" ? "mjs" : "py")}");
        await File.WriteAllTextAsync(script, (language == "node" ? InNode : InPython).Replace("CLIENT", client, StringComparison.Ordinal));
        var said = await Callers.RunAsync(language == "node" ? "node" : "/usr/bin/python3", [script, running.Grpc.Authority, world.Key.Text.Reveal()], client, "");
        File.Delete(script);

        foreach (var then in new[] { "raise", "bad", "leave" })
        {
            var lines = said.Split('\n').Where(line => line.StartsWith(then, StringComparison.Ordinal)).Select(line => line[(then.Length + 2)..]).ToList();
            Assert.True(lines.Count(line => line == "good") == 1, said);
            // In Python a generator is closed when nobody knows it any more.
            if (language == "node" || then != "leave")
                Assert.Contains("closed", lines);
            if (then != "leave")
                Assert.Contains(lines[^1] == "closed" ? lines[^2] : lines[^1], new[] { "LookupError", "TypeError", "its own" });
        }
    }

    /// <summary>All at once, from the middle on, and as a table.</summary>
    private async Task ExportedAsync(World world, List<string> ids)
    {
        var api = new PennypostService.PennypostServiceClient(running.Channel);
        async Task<List<ExportMessagesResponse>> ExportAsync(string token)
        {
            var headers = new Metadata { { "authorization", $"Bearer {world.Key.Text.Reveal()}" } };
            using var export = api.ExportMessages(new() { CampaignId = "streamed", ResumeToken = token }, headers, DateTime.UtcNow.AddSeconds(30));
            return await export.ResponseStream.ReadAllAsync().ToListAsync();
        }

        var all = await ExportAsync("");
        Assert.Equal(ids, all.Select(item => item.Message?.MessageId).OfType<string>());
        foreach (var at in new[] { 0, all.Count / 2, all.Count - 1 })
            Assert.Equal(all[(at + 1)..].Select(item => item.Message?.MessageId).OfType<string>(), (await ExportAsync(all[at].ResumeToken)).Select(item => item.Message?.MessageId).OfType<string>());

        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/messages:export?campaignId=streamed") { Headers = { { "authorization", $"Bearer {world.Key.Text.Reveal()}" }, { "accept", "text/csv" } } };
        using var response = await running.Http.SendAsync(request);
        var table = (await response.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(ids, table[1..].Select(row => row.Split(',')[0]));
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"s-{number}");

    private static async Task WriteAsync(StreamWriter input)
    {
        var later = DateTimeOffset.UtcNow.AddDays(7).ToString("O", CultureInfo.InvariantCulture);
        await using (input)
        {
            for (var i = 0; i < Messages; i++)
                await input.WriteLineAsync($$"""{"messageId": "{{Id(i)}}", "campaignId": "streamed", "prospect": {"profile": "person-{{i}}"}, "content": {"body": "May I ask?"}, "notBefore": "{{later}}"}""");
        }
    }

    private static Process Start(string language, int port, string key)
    {
        var client = Repository.PathOf("clients", language);
        var (program, script) = language == "node" ? ("node", Path.Combine(client, "dist", "stream-messages.js")) : ("/usr/bin/python3", Path.Combine(client, "stream_messages.py"));
        var start = new ProcessStartInfo(program, [script, "--target", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "--key", key])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = client,
        };
        start.Environment["PYTHONPATH"] = Path.Combine(client, "generated");
        return Process.Start(start)!;
    }
}
