using System.Diagnostics;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Dispatcher.V1;
using RabbitMQ.Client;

namespace Faults;

/// <summary>Commands on the tenant's queue, as another product puts them: confirmed, and sent again under the same id until they are.</summary>
internal sealed class CommandSource(Installation installation) : IAsyncDisposable
{
    private IConnection? _connection;
    private IChannel? _channel;

    public async Task SendAsync(ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                var channel = await OpenAsync(ct);
                await channel.BasicPublishAsync($"pennypost.commands.{Installation.Tenant}", "", mandatory: true, new BasicProperties { Persistent = true }, body, ct);
                return;
            }
            catch (Exception away) when (away is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                await CloseAsync();
                await Task.Delay(100, ct);
            }
        }
    }

    private async Task<IChannel> OpenAsync(CancellationToken ct)
    {
        if (_channel is { IsOpen: true })
            return _channel;
        await CloseAsync();
        var factory = new ConnectionFactory { UserName = "tenant-" + Installation.Tenant, Password = RabbitServer.Password, AutomaticRecoveryEnabled = false };
        _connection = await factory.CreateConnectionAsync(
            [.. installation.Broker.Hosts.Select(host => host.Split(':')).Select(host => new AmqpTcpEndpoint(host[0], int.Parse(host[1], CultureInfo.InvariantCulture)))], ct);
        return _channel = await _connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), ct);
    }

    private async Task CloseAsync()
    {
        if (_channel is not null)
            await _channel.DisposeAsync();
        if (_connection is not null)
            await _connection.DisposeAsync();
        (_channel, _connection) = (null, null);
    }

    public static byte[] Command(MessageSpec spec) => Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(spec));

    public async ValueTask DisposeAsync() => await CloseAsync();
}

/// <summary>X5: RabbitMQ is killed under load, one node, or one of three.</summary>
public static class KillingTheBroker
{
    /// <summary>A node takes up to a minute to start and to join the others again on a busy machine.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(240);

    public static Row Row { get; } = new("X5", "SIGKILL of RabbitMQ under load: the one node, or one of three", 500, new(), RunAsync);

    private static async Task<Outcome> RunAsync(Installation installation, int kills, CancellationToken ct)
    {
        await using var load = await MessageLoad.StartAsync(installation, 200 + 100 * kills, TimeSpan.FromMilliseconds(150));
        await load.PeopleAsync("q", 200 + 100 * kills);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var source = new CommandSource(installation);
        var queued = QueueAsync(source, load, 200 + 100 * kills, ending.Token);
        var recoveries = new List<TimeSpan>();
        for (var kill = 0; kill < kills && !ct.IsCancellationRequested; kill++)
        {
            await load.MoreAsync(10, _limit);
            var node = kill % installation.Broker.Hosts.Count;
            installation.Broker.Kill(node);
            // Long enough that what was sent meanwhile has to wait, or to find another node.
            await Task.Delay(TimeSpan.FromSeconds(2), ct);
            var ended = Stopwatch.GetTimestamp();
            await installation.Broker.RestartAsync(node);
            await load.MoreAsync(10, _limit);
            recoveries.Add(Stopwatch.GetElapsedTime(ended));
        }

        await ending.CancelAsync();
        await queued;
        var (violations, _) = await load.CheckAsync(_limit);
        return new Outcome { Faults = kills, Acknowledged = load.Accepted.Count, Violations = violations, Recoveries = recoveries };
    }

    private static async Task QueueAsync(CommandSource source, MessageLoad load, int most, CancellationToken ct)
    {
        try
        {
            for (var number = 1; number <= most; number++)
            {
                var name = load.Name(number, "q");
                await source.SendAsync(CommandSource.Command(load.Spec(number, name)), ct);
                load.Expect($"m-{name}");
                await Task.Delay(150, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Enough.
        }
    }
}

/// <summary>X13: poison on the queue, one in a hundred and then all, beside healthy commands.</summary>
public static class Poisoning
{
    private static readonly string[] _poison = ["", "{}", "this is no json", "[1,2,3]", """{"messageId":"bad id","prospect":{"profile":""}}""", """{"unknown":true}""", """{"messageId":"m-x","content":{"body":5}}"""];
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(120);

    public static Row Row { get; } = new("X13", "Poison commands: none, 1 %, and one for each healthy one", 3_000, new(), RunAsync);

    private static async Task<Outcome> RunAsync(Installation installation, int commands, CancellationToken ct)
    {
        await using var load = await MessageLoad.StartAsync(installation, 0, TimeSpan.Zero);
        await load.PeopleAsync("q", 4 * commands);
        await using var source = new CommandSource(installation);
        var rates = new List<double>();
        var (number, poisoned) = (0, 0);
        // The first time warms everything up, and is not counted.
        foreach (var share in new[] { 0.0, 0.0, 0.01, 1.0 })
        {
            var (started, ids, due) = (Stopwatch.GetTimestamp(), new List<string>(), 0.0);
            var sending = new List<Task>();
            for (var command = 0; command < commands; command++)
            {
                var name = load.Name(++number, "q");
                ids.Add($"m-{name}");
                // For tomorrow: what is measured is how fast commands are taken over, not how fast they are sent.
                var spec = load.Spec(number, name);
                spec.NotBefore = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(1));
                sending.Add(source.SendAsync(CommandSource.Command(spec), ct));
                for (due += share; due >= 1; due--)
                    sending.Add(source.SendAsync(Encoding.UTF8.GetBytes(_poison[poisoned++ % _poison.Length]), ct));
                if (sending.Count >= 50)
                {
                    await Task.WhenAll(sending);
                    sending.Clear();
                }
            }

            await Task.WhenAll(sending);
            foreach (var id in ids)
                await installation.UntilAsync(id, _ => true, _limit);
            rates.Add(commands / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        var (violations, _) = await load.CheckAsync(_limit);
        var aside = (await installation.DispatcherOf().ReplayErrorsAsync(new() { Queue = ErrorQueue.Commands, Limit = 1 }, Installation.As(), DateTime.UtcNow.AddSeconds(20), ct)).Left;
        if (aside < poisoned - 1)
            violations = [.. violations, $"{poisoned} poison commands were put on the queue, and {aside} are set aside"];
        return new Outcome
        {
            Faults = poisoned,
            Acknowledged = 4 * commands,
            Violations = violations,
            Remark = string.Create(CultureInfo.InvariantCulture, $"healthy commands a second: {rates[1]:0} without, {rates[2]:0} with 1 %, {rates[3]:0} with as many poison ones ({rates[2] / rates[1]:0.00}x, {rates[3] / rates[1]:0.00}x)"),
        };
    }
}
