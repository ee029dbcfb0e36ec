using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pennypost.Credits;
using Pennypost.Credits.V1;
using Pennypost.Dispatcher;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Router;
using Pennypost.Sandbox;
using Pennypost.Store;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>The real services on loopback, on stores in memory, with the sandbox as provider, and a small receiver where the gateway would take its webhooks.</summary>
internal sealed class Installation : IAsyncDisposable
{
    public const string Tenant = "acme";
    public const string Token = "a-service-token-of-thirty-two-characters";
    public const string ProviderKey = "sandbox-key-0123";
    public const string WebhookSecret = "a-webhook-secret-0123";
    public const string IdentifierKey = "an-identifier-key-of-thirty-two-characters";

    private readonly List<WebApplication> _apps = [];
    private readonly List<IDisposable> _channels = [];

    public required HttpClient Sandbox { get; init; }

    public DispatcherService.DispatcherServiceClient Dispatcher { get; private set; } = null!;

    public CreditsService.CreditsServiceClient Credits { get; private set; } = null!;

    public Uri CreditsAddress { get; private set; } = null!;

    public Uri RouterAddress { get; private set; } = null!;

    public StateStore Store { get; private set; } = null!;

    /// <summary>The dispatcher's own parts.</summary>
    public IServiceProvider Services { get; private set; } = null!;

    /// <summary>What takes commands off the queue, if there were one.</summary>
    public QueuedCommands Queued { get; private set; } = null!;

    public InProcessEventTopic Topic { get; } = new(new TransportLimits(), TimeProvider.System, NullLogger<InProcessEventTopic>.Instance);

    /// <summary>Where webhooks go; a test that runs the dispatcher elsewhere puts its client here.</summary>
    public DispatcherService.DispatcherServiceClient? Receiver { get; set; }

    public static Metadata As(string tenant = Tenant) => new() { { "authorization", $"Bearer {Token}" }, { "pennypost-tenant", tenant } };

    public static async Task<Installation> StartAsync(bool withDispatcher = true, Dictionary<string, string?>? settings = null)
    {
        var sandbox = App(builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.AddSandbox();
        }, new()
        {
            ["Sandbox:ApiKey"] = ProviderKey,
            ["Sandbox:Seed"] = "tests",
            ["Sandbox:DuePollMs"] = "20",
            ["Sandbox:WebhookRetryDelaysMs:0"] = "50",
            ["Sandbox:WebhookRetryDelaysMs:1"] = "100",
            ["Sandbox:WebhookRetryDelaysMs:2"] = "200",
            ["Sandbox:WebhookRetryDelaysMs:3"] = "400",
            ["Sandbox:WebhookRetryDelaysMs:4"] = "800",
        });
        sandbox.MapSandbox();
        await sandbox.StartAsync();
        var http = new HttpClient { BaseAddress = new Uri(sandbox.Urls.First()), Timeout = TimeSpan.FromSeconds(20) };
        http.DefaultRequestHeaders.Add("X-API-KEY", ProviderKey);
        var installation = new Installation { Sandbox = http };
        installation._apps.Add(sandbox);
        await installation.StartServicesAsync(withDispatcher, settings ?? []);
        return installation;
    }

    private async Task StartServicesAsync(bool withDispatcher, Dictionary<string, string?> settings)
    {
        var credits = Service(builder => builder.AddCredits(), []);
        credits.MapCredits();
        await credits.StartAsync();
        var router = Service(builder => builder.AddRouter(), settings.Where(setting => setting.Key.StartsWith("Router:", StringComparison.Ordinal)).ToDictionary());
        router.MapRouter();
        await router.StartAsync();
        _apps.AddRange([credits, router]);
        (CreditsAddress, RouterAddress) = (credits.GrpcAddress(), router.GrpcAddress());
        Credits = new(Channel(CreditsAddress));
        if (withDispatcher)
        {
            var dispatcher = Service(builder => builder.AddDispatcher(), new(settings)
            {
                ["Hosting:Peers:credits"] = CreditsAddress.ToString(),
                ["Hosting:Peers:router"] = RouterAddress.ToString(),
                ["Dispatcher:IdentifierKey"] = IdentifierKey,
            });
            dispatcher.MapDispatcher();
            await dispatcher.StartAsync();
            _apps.Add(dispatcher);
            Services = dispatcher.Services;
            Store = dispatcher.Services.GetRequiredService<StateStore>();
            Queued = dispatcher.Services.GetServices<IHostedService>().OfType<QueuedCommands>().Single();
            Dispatcher = new(Channel(dispatcher.GrpcAddress()));
            Receiver = Dispatcher;
        }

        await StartReceiverAsync();
    }

    public GrpcChannel Channel(Uri address)
    {
        var channel = GrpcChannel.ForAddress(address);
        _channels.Add(channel);
        return channel;
    }

    private WebApplication Service(Action<WebApplicationBuilder> add, Dictionary<string, string?> settings) => App(builder =>
    {
        builder.Services.AddSingleton<IEventTopic>(Topic);
        add(builder);
    }, new(settings) { ["Hosting:ServiceTokens:0"] = Token, ["Store:Path"] = settings.GetValueOrDefault("Store:Path") ?? ":memory:" });

    private static WebApplication App(Action<WebApplicationBuilder> add, Dictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders();
        if (Environment.GetEnvironmentVariable("PENNYPOST_TEST_LOG") is { Length: > 0 })
            builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        add(builder);
        return builder.Build();
    }

    /// <summary>What the gateway does with a webhook: hand it on, and answer when it is durable.</summary>
    private async Task StartReceiverAsync()
    {
        var receiver = App(builder => builder.WebHost.UseUrls("http://127.0.0.1:0"), []);
        receiver.MapPost("/hook", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            try
            {
                await Receiver!.ReceiveProviderEventAsync(new ReceiveProviderEventRequest
                {
                    ConnectionId = "sandbox",
                    Secret = request.Headers["Unipile-Auth"].ToString(),
                    Body = ByteString.CopyFrom(body.ToArray()),
                }, As(), DateTime.UtcNow.AddSeconds(10));
                return Results.Ok();
            }
            catch (RpcException)
            {
                return Results.StatusCode(503);
            }
        });
        await receiver.StartAsync();
        _apps.Add(receiver);
        foreach (var source in new[] { "messaging", "users", "account_status" })
        {
            var headers = new[] { new { key = "Unipile-Auth", value = WebhookSecret } };
            (await Sandbox.PostAsJsonAsync("/api/v1/webhooks", new { request_url = receiver.Urls.First() + "/hook", source, name = source, headers })).EnsureSuccessStatusCode();
        }
    }

    /// <summary>A webhook, as the gateway hands it on.</summary>
    public async Task TellAsync(string body) =>
        await Dispatcher.ReceiveProviderEventAsync(new ReceiveProviderEventRequest { ConnectionId = "sandbox", Secret = WebhookSecret, Body = ByteString.CopyFromUtf8(body) }, As(), DateTime.UtcNow.AddSeconds(10));

    public async Task ControlAsync(string name, object body)
    {
        var answer = await Sandbox.PostAsJsonAsync("/sandbox/v1/" + name, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task ControlAsync(string name, string json)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        var answer = await Sandbox.PostAsync("/sandbox/v1/" + name, content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Ends the faults that are left.</summary>
    public async Task HealAsync() => (await Sandbox.DeleteAsync("/sandbox/v1/faults")).EnsureSuccessStatusCode();

    public async Task<JsonElement> LookAsync(string path) => await Sandbox.GetFromJsonAsync<JsonElement>("/sandbox/v1/" + path);

    /// <summary>A Sales Navigator sender with so many credits, here and at the provider.</summary>
    public async Task SenderAsync(string accountId, int credits, DispatcherService.DispatcherServiceClient? dispatcher = null)
    {
        dispatcher ??= Dispatcher;
        await ControlAsync("accounts", $$"""{"id":"{{accountId}}","subscriptions":[{"plan":"sales_navigator","balance":{{credits}}}]}""");
        await dispatcher.PutConnectionAsync(new() { Connection = new() { ConnectionId = "sandbox", BaseUrl = Sandbox.BaseAddress!.ToString(), ApiKey = ProviderKey, WebhookSecret = WebhookSecret } }, As());
        await Credits.CreatePoolAsync(new() { PoolId = accountId + "-pool", PlanId = "sales_navigator_core", OpeningBalance = credits }, As());
        await dispatcher.PutAccountAsync(new()
        {
            Account = new()
            {
                AccountId = accountId,
                ConnectionId = "sandbox",
                Tier = Tier.SalesNavigator,
                InmailProduct = Product.SalesNavigator,
                Pools = { new AccountPool { Product = Product.SalesNavigator, PoolId = accountId + "-pool" } },
                Spacing = new Google.Protobuf.WellKnownTypes.Duration(),
            },
        }, As());
    }

    public static AcceptRequest Message(string id, string profile, Priority priority = Priority.Normal, string? body = null, string? note = null) => new()
    {
        Message = new()
        {
            MessageId = id,
            Prospect = new() { Profile = profile },
            Content = new() { Subject = "Hello", Body = body ?? $"Hello {profile}, this is {id}.", Note = note ?? "" },
            Priority = priority,
        },
    };

    public async Task<Message> GetAsync(string messageId, DispatcherService.DispatcherServiceClient? dispatcher = null) =>
        (await (dispatcher ?? Dispatcher).GetMessageAsync(new() { MessageId = messageId }, As())).Message;

    /// <summary>Waits for a condition on a message, at most 20 s.</summary>
    public async Task<Message> UntilAsync(string messageId, Func<Message, bool> holds, DispatcherService.DispatcherServiceClient? dispatcher = null)
    {
        var until = DateTime.UtcNow.AddSeconds(20);
        while (true)
        {
            var message = await GetAsync(messageId, dispatcher);
            if (holds(message))
                return message;
            Assert.True(DateTime.UtcNow < until, $"{messageId} is {message}");
            await Task.Delay(20);
        }
    }

    public static bool IsOver(Message message) => message.State >= MessageState.Sent;

    public static bool IsSettled(Message message) => IsOver(message) && message.Attempts.All(attempt => attempt.Settled);

    /// <summary>Moves every clock forward.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        foreach (var store in _apps.Select(app => app.Services.GetService<StateStore>()).OfType<StateStore>())
            await store.AdvanceClockAsync(by, default);
        await ControlAsync("clock", $$"""{"advance_ms":{{((long)by.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)}}}""");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels)
            channel.Dispose();
        Sandbox.Dispose();
        foreach (var app in Enumerable.Reverse(_apps))
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }
}
