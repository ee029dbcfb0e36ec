using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Hosting;

namespace Pennypost.Standalone.Tests;

/// <summary>What the clients do when calls fail: one table, held for each of them (F52, F68).</summary>
public sealed class RetryingFromAnotherLanguage
{
    private static readonly FaultDomain Faults = new("gateway");

    /// <summary>How often a message is sent when its first call fails so and its second would not.</summary>
    private static readonly (string Case, int Calls, RpcException First)[] Table =
    [
        ("unavailable", 2, Faults.Unavailable("store", TimeSpan.FromMilliseconds(50))),
        ("unavailable-without-a-word", 2, new RpcException(new Status(StatusCode.Unavailable, "Gone."))),
        ("clock-skewed", 2, Faults.RetryAfter(ErrorReason.ClockSkewed, "Skewed.", TimeSpan.FromMilliseconds(50))),
        ("lost-race", 2, Faults.Refuse(ErrorReason.LostRace, "Somebody was faster.")),
        ("rate-limited", 2, Faults.QuotaUsedUp(ErrorReason.RateLimited, "Too fast.", "tenant:acme", TimeSpan.FromMilliseconds(50))),
        ("queue-full", 2, Faults.QuotaUsedUp(ErrorReason.QueueFull, "Full.", "queue:ready", TimeSpan.FromMilliseconds(50))),
        ("too-large", 1, Faults.Refuse(ErrorReason.RequestTooLarge, "Too large.", ("limit_bytes", "4194304"))),
        ("invalid", 1, Faults.Refuse(ErrorReason.InvalidRequest, "Malformed.")),
        ("reused", 1, Faults.Refuse(ErrorReason.MessageIdReused, "Reused.")),
        ("no-sender", 1, Faults.Refuse(ErrorReason.NoSender, "Nobody.")),
        ("rewound", 1, Faults.Refuse(ErrorReason.StoreRewound, "Went back.")),
        ("not-found", 1, Faults.Refuse(ErrorReason.AccountNotFound, "Nowhere.")),
        ("unauthenticated", 1, Faults.Refuse(ErrorReason.CredentialInvalid, "Who?")),
        ("scope", 1, Faults.Refuse(ErrorReason.ScopeMissing, "Not yours.")),
        ("internal", 1, Faults.Refuse(ErrorReason.Internal, "A bug.")),
        ("later-than-the-deadline", 1, Faults.QuotaUsedUp(ErrorReason.RateLimited, "Too fast.", "tenant:acme", TimeSpan.FromHours(1))),
    ];

    [Theory]
    [InlineData("node")]
    [InlineData("python")]
    public async Task Goes_by_the_error_table(string language)
    {
        var client = await ClientInAnotherLanguage.GeneratedAsync(language);
        await using var gateway = await FailingGateway.StartAsync();
        foreach (var (id, calls, first) in Table)
        {
            gateway.Sends[id] = number => number == 1 ? first : null;
            using var example = client.Example(gateway.Address, "pp_live_a-key", id, "ada-lovelace");
            var ended = await example.EndAsync();
            Assert.True(gateway.Calls[id].Count == calls, $"{id} was sent {gateway.Calls[id].Count} times. {ended}");
            Assert.Equal(calls == 2 ? 0 : 2, ended.Code);
        }
    }

    [Theory]
    [InlineData("node")]
    [InlineData("python")]
    public async Task Waits_as_long_as_the_service_says_and_gives_every_call_its_key_and_the_rest_of_one_deadline(string language)
    {
        var client = await ClientInAnotherLanguage.GeneratedAsync(language);
        await using var gateway = await FailingGateway.StartAsync();
        gateway.Sends["limited"] = number => number <= 2 ? Faults.QuotaUsedUp(ErrorReason.RateLimited, "Too fast.", "tenant:acme", TimeSpan.FromSeconds(1)) : null;
        using var example = client.Example(gateway.Address, "pp_live_a-key", "limited", "ada-lovelace");
        var ended = await example.EndAsync();

        Assert.True(ended.Code == 0, ended.ToString());
        var calls = gateway.Calls["limited"].ToList();
        Assert.Equal(3, calls.Count);
        // A tenth of a second for clocks that were read on the way.
        Assert.All(calls.Zip(calls.Skip(1)), pair => Assert.InRange((pair.Second.At - pair.First.At).TotalSeconds, 0.9, 8));
        Assert.All(calls.Zip(calls.Skip(1)), pair => Assert.True(pair.Second.Left < pair.First.Left - TimeSpan.FromSeconds(0.5), "The deadline moved."));
        Assert.InRange(calls[0].Left.TotalSeconds, 1, 11);
        Assert.All(calls.Concat(gateway.Calls["watch"]), call => Assert.Equal("Bearer pp_live_a-key", call.Authorization));
        Assert.All(gateway.Calls["watch"], call => Assert.InRange(call.Left.TotalSeconds, 1, 61));
    }

    [Theory]
    [InlineData("node")]
    [InlineData("python")]
    public async Task A_watch_goes_on_after_its_last_event_however_it_was_cut(string language)
    {
        var client = await ClientInAnotherLanguage.GeneratedAsync(language);
        await using var gateway = await FailingGateway.StartAsync();
        gateway.Watch = async (number, stream, context) =>
        {
            switch (number)
            {
                case 1:
                    await stream.WriteAsync(FailingGateway.Event(1));
                    await stream.WriteAsync(FailingGateway.Event(2));
                    // What is on its way would be cut too, and then asked for again: this test wants to know the position.
                    await Task.Delay(500);
                    FailingGateway.CutConnection(context);
                    break;
                case 2:
                    await stream.WriteAsync(FailingGateway.Event(3));
                    await Task.Delay(500);
                    FailingGateway.CutStream(context);
                    break;
                case 3:
                    throw Faults.Unavailable("dispatcher", TimeSpan.FromMilliseconds(50));
                case 4:
                    throw new RpcException(new Status(StatusCode.Cancelled, "The server stops."));
                default:
                    await stream.WriteAsync(FailingGateway.Event(4, Types.V1.MessageState.Sent));
                    break;
            }
        };
        using var example = client.Example(gateway.Address, "pp_live_a-key", "watched", "ada-lovelace");
        var ended = await example.EndAsync();

        Assert.True(ended.Code == 0, ended.ToString());
        Assert.Equal(["accepted", "1", "2", "3", "4"], ended.Output.TrimEnd().Split('\n').Select(line => line.Split(' ')[0]));
        Assert.Equal(["", "after-2", "after-3", "after-3", "after-3"], gateway.Calls["watch"].Select(call => call.ResumeToken));
    }

    [Theory]
    [InlineData("node")]
    [InlineData("python")]
    public async Task A_watch_waits_for_a_server_that_is_away_for_longer_than_a_call_is_tried(string language)
    {
        var client = await ClientInAnotherLanguage.GeneratedAsync(language);
        var before = await FailingGateway.StartAsync();
        before.Watch = async (_, stream, context) =>
        {
            await stream.WriteAsync(FailingGateway.Event(1));
            await Task.Delay(500);
            FailingGateway.CutConnection(context);
        };
        using var example = client.Example(before.Address, "pp_live_a-key", "watched", "ada-lovelace");
        while (!before.Calls.ContainsKey("watch"))
            await Task.Delay(50);
        await Task.Delay(200);
        await before.DisposeAsync();

        // Ten tries of a call take 9 to 18 seconds; nobody can see from outside when they would be over.
        await Task.Delay(TimeSpan.FromSeconds(20));
        await using var after = await FailingGateway.StartAsync(before.Address.Port);
        after.Watch = (_, stream, _) => stream.WriteAsync(FailingGateway.Event(2, Types.V1.MessageState.Sent));
        var ended = await example.EndAsync();

        Assert.True(ended.Code == 0, ended.ToString());
        Assert.Equal(["accepted", "1", "2"], ended.Output.TrimEnd().Split('\n').Select(line => line.Split(' ')[0]));
        Assert.Equal("after-1", Assert.Single(after.Calls["watch"]).ResumeToken);
    }

    [Theory]
    [InlineData("node")]
    [InlineData("python")]
    public async Task A_watch_that_is_refused_ends_with_the_reason(string language)
    {
        var client = await ClientInAnotherLanguage.GeneratedAsync(language);
        await using var gateway = await FailingGateway.StartAsync();
        gateway.Watch = (_, _, _) => throw Faults.Refuse(ErrorReason.MessageNotFound, "No such message.", ("message_id", "watched"));
        using var example = client.Example(gateway.Address, "pp_live_a-key", "watched", "ada-lovelace");
        var ended = await example.EndAsync();

        Assert.Equal(2, ended.Code);
        Assert.Equal("NOT_FOUND/MESSAGE_NOT_FOUND: No such message. (message_id=watched)", ended.Errors.Trim());
        Assert.Single(gateway.Calls["watch"]);
    }

    /// <summary>A lost answer would leave a key that works and that nobody knows.</summary>
    [Theory]
    [InlineData("node", """
        import { connect } from "./dist/pennypost.js";
        const pennypost = connect({ target: "TARGET", key: "k" });
        try { await pennypost.createApiKey({ displayName: "second", scopes: ["messages:read"] }); } catch (error) { console.log(error.reason, error.retryAfterMs); }
        pennypost.close();
        """)]
    [InlineData("python", """
        from pennypost_client import Pennypost, PennypostError, admin
        with Pennypost("TARGET", "k") as pennypost:
            try: pennypost.CreateApiKey(admin.CreateApiKeyRequest(display_name="second", scopes=["messages:read"]))
            except PennypostError as error: print(error.reason, round(error.retry_after * 1000))
        """)]
    public async Task A_key_is_never_created_twice(string language, string text)
    {
        var client = await ClientInAnotherLanguage.GeneratedAsync(language);
        await using var gateway = await FailingGateway.StartAsync();
        gateway.Keys = () => Faults.Unavailable("store", TimeSpan.FromMilliseconds(50));
        var ended = await client.RunAsync(text.Replace("TARGET", gateway.Address.Authority, StringComparison.Ordinal));

        Assert.True(ended.Output.Trim() == "DEPENDENCY_UNAVAILABLE 50", ended.ToString());
        Assert.Single(gateway.Calls["key"]);
    }

    /// <summary>Who leaves a watch early leaves nothing running behind: neither the stream nor the process.</summary>
    [Theory]
    [InlineData("node", """
        import { connect } from "./dist/pennypost.js";
        const pennypost = connect({ target: "TARGET", key: "k" });
        for await (const item of pennypost.watchMessage({ messageId: "w" })) { console.log(item.resumeToken); break; }
        pennypost.close();
        """)]
    [InlineData("python", """
        from pennypost_client import Pennypost, gateway
        with Pennypost("TARGET", "k") as pennypost:
            for item in pennypost.WatchMessage(gateway.WatchMessageRequest(message_id="w")):
                print(item.resume_token)
                break
        """)]
    public async Task Leaving_a_watch_ends_it_at_the_server_too(string language, string text)
    {
        var client = await ClientInAnotherLanguage.GeneratedAsync(language);
        await using var gateway = await FailingGateway.StartAsync();
        var left = new TaskCompletionSource();
        gateway.Watch = async (_, stream, context) =>
        {
            using var leaving = context.CancellationToken.Register(left.SetResult);
            await stream.WriteAsync(FailingGateway.Event(1));
            await left.Task;
        };
        var ended = await client.RunAsync(text.Replace("TARGET", gateway.Address.Authority, StringComparison.Ordinal));

        Assert.True(ended is { Code: 0, Errors: "" } && ended.Output.Trim() == "after-1", ended.ToString());
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Single(gateway.Calls["watch"]);
    }
}
