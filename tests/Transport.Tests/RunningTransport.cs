using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pennypost.Hosting;
using Pennypost.Transport;
using Pennypost.Types.V1;
using RabbitMQ.Client;

namespace Transport.Tests;

/// <summary>A host with the transport on a real broker, as a service has it.</summary>
internal sealed class RunningTransport : IAsyncDisposable
{
    /// <summary>
    /// How long a client of a broker may take to come back after its connection or the broker died: it calls a silent connection dead after two heartbeats of 15 s, waits up to 20 s for the goodbye of what it closes, and
    /// tries again after pauses that grow. What is tested is that it comes back, not how soon.
    /// </summary>
    public static readonly TimeSpan ComesBack = TimeSpan.FromMinutes(3);

    private readonly WebApplication _app;

    private RunningTransport(WebApplication app) => _app = app;

    public IEventTopic Topic => _app.Services.GetRequiredService<IEventTopic>();

    public IWorkQueue Work => _app.Services.GetRequiredService<IWorkQueue>();

    public ICommandQueues Commands => _app.Services.GetRequiredService<ICommandQueues>();

    public IErrorQueues Errors => _app.Services.GetRequiredService<IErrorQueues>();

    public Uri Http => _app.HttpAddress();

    public static Task<RunningTransport> StartAsync(Broker broker, string service = "dispatcher", params string[] tenants) => RunAsync(Settings(broker, service, tenants), service);

    /// <summary>Over a line that can be broken, to the broker's first node.</summary>
    public static Task<RunningTransport> StartAsync(Broker broker, Line line, TimeSpan sendTimeout) => RunAsync(
        new(Settings(broker, "dispatcher", []))
        {
            ["Transport:Hosts:0"] = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"127.0.0.1:{line.Port}"),
            ["Transport:SendTimeout"] = sendTimeout.ToString("c"),
        },
        "dispatcher");

    private static async Task<RunningTransport> RunAsync(Dictionary<string, string?> settings, string service)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders();
        if (Environment.GetEnvironmentVariable("PENNYPOST_TEST_LOG") is { Length: > 0 })
            builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.AddPennypostHosting(service).AddTransport(builder);
        var app = builder.Build();
        app.MapPennypostHosting();
        await app.StartAsync();
        return new RunningTransport(app);
    }

    private static Dictionary<string, string?> Settings(Broker broker, string service, string[] tenants)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Transport:Kind"] = "RabbitMq",
            ["Transport:VirtualHost"] = broker.VirtualHost,
            ["Transport:User"] = service,
            ["Transport:Password"] = RabbitServer.Password,
            ["Transport:CommandPatience"] = "00:00:01",
        };
        for (var index = 0; index < broker.Server.Hosts.Count; index++)
            settings[$"Transport:Hosts:{index}"] = broker.Server.Hosts[index];
        for (var index = 0; index < tenants.Length; index++)
            settings[$"Transport:Tenants:{index}"] = tenants[index];
        return settings;
    }

    public static EventEnvelope Event(long sequence, string tenant = "acme", string subject = "pool-1", string type = "pool.granted") => new()
    {
        EventId = $"{tenant}.{subject}.{sequence}",
        Tenant = tenant,
        Type = type,
        Subject = subject,
        Sequence = sequence,
        Time = DateTimeOffset.UnixEpoch.AddDays(20_000),
        Data = new PoolEvent { PoolId = subject, Entry = new Entry { Sequence = sequence, Kind = EntryKind.Granted, Credits = 5 } },
    };

    /// <summary>A client of the broker without any of our code, as another product would be.</summary>
    public static Task<IConnection> ConnectAsync(Broker broker, string user) => new ConnectionFactory
    {
        UserName = user,
        Password = RabbitServer.Password,
        VirtualHost = broker.VirtualHost,
        Port = int.Parse(broker.Server.Hosts[0].Split(':')[1], System.Globalization.CultureInfo.InvariantCulture),
        HostName = "127.0.0.1",
    }.CreateConnectionAsync();

    /// <summary>Puts a command on a tenant's queue, confirmed.</summary>
    public static async Task SendAsync(Broker broker, string user, string exchange, string body, string routingKey = "")
    {
        await using var connection = await ConnectAsync(broker, user);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.BasicPublishAsync(exchange, routingKey, mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes(body));
    }

    /// <summary>The broker did not confirm: it may have arrived or not, and whoever sent it sends it again.</summary>
    public static bool IsUnconfirmed(Exception exception) =>
        exception is TimeoutException or OperationCanceledException or ObjectDisposedException or RabbitMQ.Client.Exceptions.RabbitMQClientException or MassTransit.RabbitMqConnectionException;

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
