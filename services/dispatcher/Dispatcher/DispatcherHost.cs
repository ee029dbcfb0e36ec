using Microsoft.Extensions.Options;
using Pennypost.Credits.V1;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Adapters;
using Pennypost.Dispatcher.Email;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.Planning;
using Pennypost.Dispatcher.Policies;
using Pennypost.Dispatcher.Provider;
using Pennypost.Dispatcher.Rates;
using Pennypost.Dispatcher.Work;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Router.V1;
using Pennypost.Store;
using Pennypost.Transport;

namespace Pennypost.Dispatcher;

/// <summary>The dispatcher service: messages, senders, and the provider that they go through.</summary>
public static class DispatcherHost
{
    /// <summary>
    /// Adds the service. Configuration: <c>Hosting</c> (with the peers credits and router), <c>Store</c>, <c>Transport</c>, <c>Dispatcher</c>. Register an <see cref="IEventTopic"/> before to share one with other services of the process.
    /// </summary>
    public static WebApplicationBuilder AddDispatcher(this WebApplicationBuilder builder)
    {
        builder.AddPennypostHosting("dispatcher").AddTransport(builder).RequireServiceToken()
            .AddPeer<CreditsService.CreditsServiceClient, PoolVersions>("credits")
            .AddPeer<RouterService.RouterServiceClient>("router")
            .AddDependency("store", StoreMissingAsync)
            .MapException<StoreBusyException>((_, faults) => faults.QuotaUsedUp(ErrorReason.QueueFull, "The store has too much to do.", "store", TimeSpan.FromMilliseconds(200)))
            .MapException<StoreUnavailableException>((_, faults) => faults.Unavailable("store"))
            .MapException<StoreRewoundException>((rewound, faults) => faults.Refuse(ErrorReason.StoreRewound, "The store was set back; an operator must accept that.",
                ("partition", rewound.Partition.Key), ("seen_version", Number(rewound.ExpectedVersion)), ("store_version", Number(rewound.FoundVersion))))
            .MapException<StoreClockException>((_, faults) => faults.RetryAfter(ErrorReason.ClockSkewed, "The clocks of the service and its store disagree.", TimeSpan.FromSeconds(2)));
        builder.AddStateStore("dispatcher");
        builder.AddJournalRelay<EventSink>();

        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<DispatcherOptions>().BindConfiguration(DispatcherOptions.Section).ValidateDataAnnotations()
            // A worker that slept could still send what another has meanwhile proved absent.
            .Validate<IOptions<ProviderOptions>>((delivery, provider) => delivery.WriteLease > provider.Value.CallLimit + delivery.ClockMargin,
                "Dispatcher:WriteLease must be longer than Dispatcher:Provider:AttemptSeconds and Dispatcher:ClockMargin together.")
            .Validate<IOptions<EmailOptions>>((delivery, email) => delivery.WriteLease > email.Value.CallLimit + delivery.ClockMargin,
                "Dispatcher:WriteLease must be longer than Dispatcher:Email:AttemptSeconds and Dispatcher:ClockMargin together.")
            .Validate<IOptions<ProviderOptions>>((delivery, provider) => delivery.SettlingTime >= delivery.WriteLease && delivery.SettlingTime >= 3 * provider.Value.CallLimit,
                "Dispatcher:SettlingTime must be at least Dispatcher:WriteLease and three times Dispatcher:Provider:AttemptSeconds.");
        services.AddSingleton<IWakeMessages, Waking>();
        services.AddSingleton<ITellOfWithdrawals, Withdrawals>();
        builder.AddAccounts();

        services.AddSingleton<Identifiers>();
        services.AddSingleton<Doorbells>();
        services.AddSingleton<MessageMeter>();
        services.AddSingleton<Lookups>();
        services.AddSingleton<Prospects>();
        services.AddSingleton<Companies>();
        services.AddSingleton<Intake>();
        services.AddSingleton<MessageCalls>();
        services.AddSingleton<MessageLists>();
        services.AddSingleton<RetryMessages>();
        services.AddSingleton<TenantPolicies>();
        services.AddSingleton<PolicyCalls>();
        services.AddSingleton<RateCounts>();
        services.AddSingleton<GetRates>();
        services.AddSingleton<Suppressions>();
        services.AddSingleton<SuppressionCalls>();
        services.AddSingleton<EraseProspect>();
        services.AddSingleton<Preview>();
        services.AddSingleton<LintContent>();
        services.AddSingleton<PlanMessages>();
        services.AddSingleton<ReplayErrors>();
        services.AddSingleton<ListOperatorActs>();
        services.AddSingleton<RecordOperatorAct>();
        services.AddSingleton<Watching>();
        services.AddSingleton<KnownPeople>();
        services.AddSingleton<SendsByHand>();
        services.AddSingleton<ProviderHappenings>();
        services.AddSingleton<DispatcherEdge>();

        services.AddSingleton<AccountTurns>();
        services.AddSingleton<Settlement>();
        services.AddSingleton<ObservedSends>();
        services.AddSingleton<InboxMeter>();
        services.AddSingleton<GateMeter>();
        services.AddSingleton<ReleaseMeter>();
        services.AddSingleton<InboxSync>();
        services.AddSingleton<SentSearch>();
        services.AddSingleton<Verification>();
        services.AddSingleton<IChannelAdapter, LinkedInAdapter>();
        services.AddSingleton<IChannelAdapter, EmailAdapter>();
        services.AddSingleton<ChannelAdapters>();
        services.AddSingleton<AttemptRun>();
        services.AddSingleton<Facts>();
        services.AddSingleton<Routes>();
        services.AddSingleton<CandidateSearch>();
        services.AddSingleton<IDueWork, MessageWork>();
        services.AddSingleton<IDueWork, CompanyWork>();
        services.AddSingleton<IDueWork, Rerouting>();
        services.AddSingleton<IDueWork>(provider => new AccountDueWork(AccountStorage.Kind, provider.GetRequiredService<AccountDueTimes>(), provider.GetRequiredService<InboxSync>()));
        services.AddSingleton<IDueWork>(provider => new AccountDueWork(Demands.Kind, provider.GetRequiredService<AccountDueTimes>(), provider.GetRequiredService<InboxSync>()));
        // Stopped in the opposite order: nothing new is released while workers finish what they have.
        services.AddHostedService<QueuedCommands>();
        services.AddHostedService<Workers>();
        services.AddHostedService<Releaser>();
        return builder;
    }

    /// <summary>Maps the service.</summary>
    public static WebApplication MapDispatcher(this WebApplication app)
    {
        app.MapPennypostHosting();
        app.MapGrpcService<DispatcherEdge>();
        return app;
    }

    private static string Number(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static async ValueTask<string?> StoreMissingAsync(IServiceProvider services, CancellationToken ct)
    {
        try
        {
            await services.GetRequiredService<StateStore>().NowAsync(ct);
            return null;
        }
        catch (StoreException exception)
        {
            return exception.Message;
        }
    }
}
