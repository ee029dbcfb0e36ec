using System.Collections.Concurrent;
using System.Text;
using Pennypost.Transport;

namespace Transport.Tests;

/// <summary>F68: commands that other products put on their tenant's queue, on a real broker.</summary>
public sealed class TakingCommands
{
    [Fact]
    public async Task Any_json_comes_as_it_was_sent_with_the_tenant_of_its_queue()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var transport = await RunningTransport.StartAsync(broker, "dispatcher", "acme", "other");
        var taken = new ConcurrentBag<(string Tenant, string Body)>();
        foreach (var tenant in transport.Commands.Tenants)
            transport.Commands.Consume(tenant, (command, _) =>
            {
                taken.Add((command.Tenant, Encoding.UTF8.GetString(command.Body.Span)));
                return Task.CompletedTask;
            });
        await SendAsync(broker, "acme", """{"messageId":"m-1","nested":{"a":[1,2,"ü"]}}""");
        await SendAsync(broker, "other", "{}");

        await Eventually.TrueAsync(() => taken.Count == 2, "both commands are taken");
        Assert.Equal([("acme", """{"messageId":"m-1","nested":{"a":[1,2,"ü"]}}"""), ("other", "{}")], taken.Order());
    }

    [Fact]
    public async Task A_tenants_user_can_write_to_no_other_queue_not_even_by_the_default_exchange()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var transport = await RunningTransport.StartAsync(broker, "dispatcher", "acme", "other");
        await Eventually.TrueAsync(async () => await transport.Work.CountWaitingAsync(default) == 0, TimeSpan.FromSeconds(20), "the queues are there");

        foreach (var (exchange, key) in new[] { ("pennypost.commands.other", ""), ("", "pennypost.commands.other"), ("", "pennypost.work"), ("pennypost.events", "acme.pool.granted") })
        {
            var refused = await Assert.ThrowsAnyAsync<Exception>(() => RunningTransport.SendAsync(broker, "tenant-acme", exchange, "{}", key));
            Assert.Contains("ACCESS_REFUSED", refused.ToString(), StringComparison.Ordinal);
        }

        await Assert.ThrowsAnyAsync<RabbitMQ.Client.Exceptions.BrokerUnreachableException>(() => RunningTransport.ConnectAsync(broker, "guest"));
    }

    /// <summary>F42: the error queue of commands, with replay.</summary>
    [Fact]
    public async Task Poison_is_set_aside_at_once_and_holds_nobody_up_and_can_be_replayed()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var transport = await RunningTransport.StartAsync(broker, "dispatcher", "acme");
        var (mended, calls, taken) = (false, 0, new ConcurrentBag<string>());
        transport.Commands.Consume("acme", (command, _) =>
        {
            Interlocked.Increment(ref calls);
            var body = Encoding.UTF8.GetString(command.Body.Span);
            if (!mended && body == "{}")
                throw new PoisonCommandException("message is required");
            taken.Add(body);
            return Task.CompletedTask;
        });
        await SendAsync(broker, "acme", "{}");
        await SendAsync(broker, "acme", "this is no json");
        await SendAsync(broker, "acme", "");
        await SendAsync(broker, "acme", """{"a":1}""");
        await Eventually.TrueAsync(() => taken.Contains("""{"a":1}"""), "the good one is taken");

        mended = true;
        var all = 0;
        await Eventually.TrueAsync(async () =>
        {
            all += (await transport.Errors.ReplayAsync(ErrorQueue.Commands, "acme", 100, default)).Replayed;
            return all >= 3;
        }, TimeSpan.FromSeconds(20), "three errors are replayed");
        await Eventually.TrueAsync(() => taken.Contains("{}"), "the mended one is taken");

        // What is no JSON comes back to the errors, with its body, and is never handed to the handler.
        await using var connection = await RunningTransport.ConnectAsync(broker, "dispatcher");
        await using var channel = await connection.CreateChannelAsync();
        var left = new List<string>();
        await Eventually.TrueAsync(async () =>
        {
            if (await channel.BasicGetAsync("pennypost.commands.acme_error", autoAck: true) is { } error)
                left.Add(Encoding.UTF8.GetString(error.Body.Span));
            return left.Contains("this is no json");
        }, TimeSpan.FromSeconds(20), "the unreadable one is among the errors");
        Assert.DoesNotContain("this is no json", taken);
    }

    [Fact]
    public async Task A_command_that_cannot_be_dealt_with_now_is_tried_again_and_then_set_aside()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var transport = await RunningTransport.StartAsync(broker, "dispatcher", "acme");
        var (tries, healed) = (0, new TaskCompletionSource());
        transport.Commands.Consume("acme", (command, _) =>
        {
            if (command.Body.Length > 2)
                throw new InvalidOperationException("canary");
            if (Interlocked.Increment(ref tries) < 3)
                throw new TimeoutException("canary");
            healed.TrySetResult();
            return Task.CompletedTask;
        });
        await SendAsync(broker, "acme", "{}");
        await healed.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await SendAsync(broker, "acme", """{"never":true}""");

        await Eventually.TrueAsync(async () => (await transport.Errors.ReplayAsync(ErrorQueue.Commands, "acme", 1, default)).Replayed == 1, TimeSpan.FromSeconds(20), "it was set aside");
        Assert.Equal(3, tries);
    }

    private static async Task SendAsync(Broker broker, string tenant, string body)
    {
        // The queue is declared when the host has found the broker.
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await RunningTransport.SendAsync(broker, "tenant-" + tenant, "pennypost.commands." + tenant, body);
                return true;
            }
            catch (Exception notYet) when (notYet is RabbitMQ.Client.Exceptions.AlreadyClosedException or RabbitMQ.Client.Exceptions.OperationInterruptedException or RabbitMQ.Client.Exceptions.PublishException)
            {
                // There is no exchange, or no queue behind it yet.
                return false;
            }
        }, TimeSpan.FromSeconds(20), "the command is confirmed");
    }
}
