using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Pennypost.Credits.V1;
using Pennypost.Dispatcher.Accounts.Calls;
using Pennypost.Dispatcher.Email;
using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.Provider;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>Wires what is about accounts, demand, connections and the provider. The host brings the store, the topic, the clock, the client of the credits service and <see cref="IWakeMessages"/>.</summary>
internal static class AccountsHost
{
    /// <summary>Where the keys are kept that protect connections' secrets; unset: secrets are as safe as the store.</summary>
    private const string KeyRingPath = "Dispatcher:KeyRingPath";

    public static WebApplicationBuilder AddAccounts(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<ProviderOptions>().BindConfiguration(ProviderOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<InboxOptions>().BindConfiguration(InboxOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<EmailOptions>().BindConfiguration(EmailOptions.Section).ValidateDataAnnotations();
        services.AddOptions<EmailOptions>().PostConfigure<IConfiguration>((email, configuration) =>
        {
            // Bound apart: the dispatcher's own options are checked against these.
            var dispatcher = configuration.GetSection(DispatcherOptions.Section).Get<DispatcherOptions>() ?? new();
            email.HalfLease = EmailOptions.HalfOf(dispatcher.WriteLease, dispatcher.ClockMargin);
        });
        services.TryAddSingleton<Jitter>();
        services.TryAddSingleton<Errors>();
        services.AddSingleton(provider => new UnipileProvider(provider.GetRequiredService<IOptions<ProviderOptions>>().Value, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ProviderMeter>()));
        services.AddSingleton(provider => new SmtpSender(provider.GetRequiredService<IOptions<EmailOptions>>().Value, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ProviderMeter>()));
        services.AddSingleton<ProviderMeter>();
        services.AddSingleton<BreakerLog>();
        services.AddSingleton<OperatorActs>();
        services.AddSingleton<AccountBook>();
        services.AddSingleton<AccountOwners>();
        services.AddSingleton(provider => new Demands(provider.GetRequiredService<StateStore>(), provider.GetRequiredService<Jitter>()));
        services.AddSingleton(provider => new Connections(provider.GetRequiredService<StateStore>(), Protector(provider)));
        services.AddSingleton(provider => new CreditPools(
            provider.GetRequiredService<CreditsService.CreditsServiceClient>(), provider.GetRequiredService<Demands>(), provider.GetRequiredService<AccountBook>()));
        services.AddSingleton(provider => new SenderAccounts(
            provider.GetRequiredService<AccountBook>(),
            provider.GetRequiredService<IOptions<DispatcherOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Jitter>(),
            provider.GetRequiredService<BreakerLog>(),
            provider.GetRequiredService<ILogger<SenderAccounts>>()));
        services.AddSingleton(provider => new CreditErrors(
            provider.GetRequiredService<AccountBook>(),
            provider.GetRequiredService<Connections>(),
            provider.GetRequiredService<UnipileProvider>(),
            provider.GetRequiredService<CreditPools>(),
            provider.GetRequiredService<Demands>(),
            provider.GetRequiredService<BreakerLog>(),
            provider.GetRequiredService<ILogger<CreditErrors>>()));
        services.AddSingleton(provider => new AccountDueTimes(
            provider.GetRequiredService<CreditErrors>(),
            provider.GetRequiredService<StateLooks>(),
            provider.GetRequiredService<Demands>(),
            provider.GetRequiredService<CreditPools>(),
            provider.GetRequiredService<IWakeMessages>(),
            provider.GetRequiredService<PendingInvitations>(),
            provider.GetRequiredService<PoolLooks>()));
        services.AddSingleton<StateLooks>();
        services.AddSingleton<PoolLooks>();
        services.AddSingleton<PendingInvitations>();
        services.AddSingleton<PutAccount>();
        services.AddSingleton<GetAccount>();
        services.AddSingleton<PauseAccount>();
        services.AddSingleton<BreakerCalls>();
        services.AddSingleton<ConnectionCalls>();
        services.AddSingleton<TestConnection>();
        services.AddSingleton<AlertCalls>();
        services.AddHostedService<PoolWatch>();
        return builder;
    }

    private static IDataProtector? Protector(IServiceProvider provider)
    {
        if (provider.GetRequiredService<IConfiguration>()[KeyRingPath] is { Length: > 0 } path)
            return DataProtectionProvider.Create(new DirectoryInfo(Path.GetFullPath(path)), protection => protection.SetApplicationName("pennypost")).CreateProtector("connections.v1");
        AccountsLog.SecretsPlain(provider.GetRequiredService<ILogger<AccountBook>>());
        return null;
    }
}
