using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Installation.Tests;

/// <summary>
/// F70, as it is promised: listeners in another language, one posted to and one watching, get every event, those of a message in order after repeats are dropped, while the gateway is killed and started again twice.
/// </summary>
public sealed class HearingEverything
{
    private const int Messages = 24;
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(45);

    [Fact]
    public async Task F70_a_gateway_that_is_killed_twice_tells_every_event_of_every_message_in_order()
    {
        await using var installation = await Topology.Installation.StartAsync(new() { CreditsInstances = 1, DispatcherInstances = 1 });
        await installation.SendersAsync(100, "ada-sales");
        await installation.PeopleAsync("person", Messages);
        var key = await installation.ApiKeyAsync();
        using var api = new HttpClient { BaseAddress = installation.GatewayRest };
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var port = Ports.Free(1)[0];
        using var put = await api.PutAsJsonAsync("/v1/webhooks/main", new { url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"), filter = new { types = new[] { "message" } } });
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        var secret = (await put.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        var folder = Directory.CreateTempSubdirectory("pennypost-generated-");
        try
        {
            using var generating = new Shell($"clients/python/generate {folder.FullName}", Repository.Root);
            Assert.True(await generating.EndAsync() == 0, generating.ToString());
            using var receiver = new Shell(string.Create(CultureInfo.InvariantCulture, $"exec /usr/bin/python3 clients/python/receive_webhooks.py --port {port}"), Repository.Root, ("PENNYPOST_WEBHOOK_SECRET", secret));
            await receiver.ComplainsAsync("listening on");
            using var watcher = new Shell(
                $"exec /usr/bin/python3 clients/python/watch_events.py --target {installation.GatewayGrpc.Authority} --key {key} --type message", Repository.Root, ("PYTHONPATH", $"clients/python:{folder.FullName}"));
            await watcher.ComplainsAsync("watching");

            var dispatcher = installation.DispatcherOf();
            for (var n = 1; n <= Messages; n++)
            {
                var message = Topology.Installation.Message(Id(n), string.Create(CultureInfo.InvariantCulture, $"person-{n}"));
                await dispatcher.AcceptAsync(new() { Message = message }, Topology.Installation.As(), DateTime.UtcNow.AddSeconds(20));
                // In the middle of telling; messages go on being accepted and sent meanwhile.
                if (n is 6 or 15)
                {
                    await Eventually.TrueAsync(() => receiver.Output.Count > n, _limit, "some events are told");
                    installation.Gateway!.Kill();
                }

                if (n is 10 or 19)
                    await installation.Gateway!.StartAsync();
            }

            var events = new Dictionary<string, IReadOnlyList<long>>();
            for (var n = 1; n <= Messages; n++)
                events[Id(n)] = [.. (await installation.UntilAsync(Id(n), Topology.Installation.IsSettled, _limit)).Events.Select(happened => happened.Sequence)];
            var all = events.Sum(message => message.Value.Count);
            try
            {
                await Eventually.TrueAsync(() => Heard(receiver).Values.Sum(heard => heard.Count) >= all && Heard(watcher).Values.Sum(heard => heard.Count) >= all, _limit, $"{all} events are heard");
            }
            catch (TimeoutException)
            {
                Assert.Fail($"Of {all} events not all were heard.\n{await api.GetStringAsync("/v1/webhooks/main")}\n{receiver}\n{watcher}\n{installation.Said()}");
            }

            foreach (var (listener, name) in new[] { (receiver, "receiver"), (watcher, "watcher") })
            {
                var heard = Heard(listener);
                foreach (var (message, sequences) in events)
                    Assert.True(sequences.SequenceEqual(heard[message]), $"{name}: {message} had {string.Join(' ', sequences)}, heard were {string.Join(' ', heard[message])}");
            }

            Assert.True(all >= 5 * Messages, $"{all} events");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What it printed of each message of the test, in order, without repeats.</summary>
    private static Dictionary<string, List<long>> Heard(Shell listener) => listener.Output.Select(line => line.Split(' ')).Where(words => words.Length == 4 && words[1].StartsWith("heard-", StringComparison.Ordinal))
        .GroupBy(words => words[1]).ToDictionary(message => message.Key, message => message.Select(words => long.Parse(words[2], CultureInfo.InvariantCulture)).Distinct().ToList());

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"heard-{number:000}");
}
