using System.Collections.Concurrent;
using Dispatcher.Tests.Provider;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pennypost.Credits;
using Pennypost.Credits.V1;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Accounts.Calls;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.Accounts;

/// <summary>The accounts' half of the dispatcher on a real store, with the real credits service and the sandbox provider behind it.</summary>
internal sealed class RunningAccounts : IAsyncDisposable
{
    public const string Tenant = "acme";
    public static readonly Caller Caller = Caller.Service(Tenant);
    private const string Token = "a-service-token-of-32-characters-";
    private readonly WebApplication _credits;
    private readonly WebApplication _dispatcher;

    private RunningAccounts(WebApplication credits, WebApplication dispatcher, RunningProvider provider, Woken woken, Lines lines) =>
        (_credits, _dispatcher, Provider, Woken, Lines) = (credits, dispatcher, provider, woken, lines);

    public RunningProvider Provider { get; }

    public Woken Woken { get; }

    public Lines Lines { get; }

    public StateStore Store => Get<StateStore>();

    public SenderAccounts Accounts => Get<SenderAccounts>();

    public CreditsService.CreditsServiceClient Credits => Get<CreditsService.CreditsServiceClient>();

    public T Get<T>() where T : notnull => _dispatcher.Services.GetRequiredService<T>();

    public static async Task<RunningAccounts> StartAsync(string prospects = """{"id":"bob"}""", int balance = 0, params (string Name, string Value)[] settings)
    {
        var provider = await RunningProvider.StartAsync(prospects, balance);
        var topic = new InProcessEventTopic(new TransportLimits(), TimeProvider.System, NullLogger<InProcessEventTopic>.Instance);
        var credits = Builder([]);
        credits.Services.AddSingleton<IEventTopic>(topic);
        credits.AddCredits();
        var creditsApp = credits.Build();
        creditsApp.MapCredits();
        await creditsApp.StartAsync();

        var (woken, lines) = (new Woken(), new Lines());
        var dispatcher = Builder([("Hosting:Peers:credits", creditsApp.GrpcAddress().ToString()), ("Dispatcher:Provider:AttemptSeconds", "1"), ("Dispatcher:Provider:RetryDelayMs", "5"), .. settings]);
        dispatcher.Logging.AddProvider(lines);
        dispatcher.AddPennypostHosting("dispatcher").AddPeer<CreditsService.CreditsServiceClient, PoolVersions>("credits");
        dispatcher.Services.AddSingleton<IEventTopic>(topic);
        dispatcher.AddStateStore("dispatcher");
        dispatcher.AddAccounts();
        dispatcher.Services.AddSingleton<IWakeMessages>(woken);
        dispatcher.Services.AddSingleton<ITellOfWithdrawals>(woken);
        var dispatcherApp = dispatcher.Build();
        dispatcherApp.MapPennypostHosting();
        await dispatcherApp.StartAsync();
        return new RunningAccounts(creditsApp, dispatcherApp, provider, woken, lines);
    }

    /// <summary>A connection to the sandbox, the sender <c>ann</c>, and her pool with so many credits in the books.</summary>
    public async Task<RunningAccounts> WithAnnAsync(long credits = 2)
    {
        await Get<ConnectionCalls>().HandleAsync(Caller, new PutConnectionRequest { Connection = Connection() }, default);
        await Get<PutAccount>().HandleAsync(Caller, new PutAccountRequest { Account = Ann() }, default);
        await Credits.CreatePoolAsync(new CreatePoolRequest { PoolId = "pool", PlanId = "sales_navigator_core", OpeningBalance = credits }, OnBehalf.Of(Tenant, default));
        return this;
    }

    public Pennypost.Types.V1.Connection Connection() => new()
    {
        ConnectionId = "c1",
        BaseUrl = Provider.Connection.BaseUrl.ToString(),
        ApiKey = RunningProvider.Key,
        WebhookSecret = "a-webhook-secret-of-ours",
    };

    public static Account Ann() => new()
    {
        AccountId = "ann",
        ConnectionId = "c1",
        Tier = Pennypost.Types.V1.Tier.SalesNavigator,
        InmailProduct = Pennypost.Types.V1.Product.SalesNavigator,
        Pools = { new AccountPool { Product = Pennypost.Types.V1.Product.SalesNavigator, PoolId = "pool" } },
        Spacing = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.Zero),
    };

    public async Task<Account> AccountAsync(string id = "ann") =>
        (await Get<GetAccount>().HandleAsync(Tenant, new GetAccountRequest { AccountId = id }, default)).Account;

    public async Task<IReadOnlyList<BreakerCause>> CausesAsync() =>
        [.. (await Get<BreakerCalls>().HandleAsync(Tenant, new GetBreakerHistoryRequest { AccountId = "ann" }, default)).Events.Select(happened => happened.Cause)];

    public Task<PermitOutcome> PermitAsync(string message, Pennypost.Delivery.Channel channel = Pennypost.Delivery.Channel.Inmail) =>
        Accounts.PermitAsync(Tenant, new PermitRequest { CallLimit = TimeSpan.FromSeconds(10), AccountId = "ann", MessageId = message, Attempt = 1, Channel = channel, ProspectId = "p_1" }, default);

    public Task SettleAsync(string message, Pennypost.Delivery.Accounts.SendResult result, Pennypost.Delivery.Accounts.AccountSignal? signal = null) =>
        Accounts.SettleAsync(Tenant, new SettleRequest { AccountId = "ann", MessageId = message, Attempt = 1, Channel = Pennypost.Delivery.Channel.Inmail, Result = result, Signal = signal }, default);

    public Task<Pennypost.Delivery.Accounts.CreditRefusal> ClassifyAsync(string message) =>
        Get<CreditErrors>().ClassifyCreditErrorAsync(Tenant, "ann", Pennypost.Delivery.Product.SalesNavigator, message, default);

    public async Task<long> AvailableAsync() =>
        (await Credits.GetPoolAsync(new GetPoolRequest { PoolId = "pool" }, OnBehalf.Of(Tenant, default))).Pool.Balance.Available;

    /// <summary>Moves both clocks, ours and the provider's.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        await Store.AdvanceClockAsync(by, default);
        await Provider.ControlAsync("clock", $$"""{"advance_ms":{{(long)by.TotalMilliseconds}}}""");
    }

    /// <summary>What the releaser does: deals with everything that is due.</summary>
    public async Task DoWhatIsDueAsync()
    {
        for (var round = 0; round < 10; round++)
        {
            var claims = await Store.ClaimDueAsync(100, TimeSpan.FromSeconds(30), default);
            if (claims.Count == 0)
                return;
            foreach (var claim in claims.Where(AccountDueTimes.Owns))
                await Get<AccountDueTimes>().HandleAsync(claim, default);
        }
    }

    public static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var look = 0; look < 100; look++)
        {
            if (await holds())
                return;
            await Task.Delay(50);
        }

        Assert.Fail("It did not come about within five seconds.");
    }

    public static RpcFault Fault(RpcException exception) => RpcFault.From(exception);

    private static WebApplicationBuilder Builder((string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("Hosting:ServiceTokens:0", Token), .. settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))]);
        return builder;
    }

    public async ValueTask DisposeAsync()
    {
        await _dispatcher.DisposeAsync();
        await _credits.DisposeAsync();
        await Provider.DisposeAsync();
    }
}

/// <summary>Remembers which messages were woken, and which invitations were withdrawn.</summary>
internal sealed class Woken : IWakeMessages, ITellOfWithdrawals
{
    private readonly ConcurrentQueue<string> _messages = new();
    private readonly ConcurrentQueue<string> _withdrawn = new();

    /// <summary>The public identifiers of those whose invitations were withdrawn.</summary>
    public IReadOnlyList<string> Withdrawn => [.. _withdrawn];

    public Task WithdrawnAsync(string tenant, string accountId, string invitedId, string invitedPublicId, CancellationToken ct)
    {
        _withdrawn.Enqueue(invitedPublicId);
        return Task.CompletedTask;
    }

    public IReadOnlyList<string> Messages => [.. _messages];

    public Task<bool> WakeAsync(string tenant, string messageId, CancellationToken ct)
    {
        _messages.Enqueue(messageId);
        return Task.FromResult(!Over.Contains(messageId));
    }

    /// <summary>Messages that are over.</summary>
    public HashSet<string> Over { get; } = [];
}

/// <summary>Remembers the lines of the log.</summary>
internal sealed class Lines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> All => [.. _lines];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _lines.Enqueue(formatter(state, exception));

    public void Dispose()
    {
    }
}
