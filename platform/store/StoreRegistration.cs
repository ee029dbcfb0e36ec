using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Pennypost.Store;

/// <summary>How a host gets its store.</summary>
public static class StoreRegistration
{
    /// <summary>
    /// Adds the service's <see cref="StateStore"/>, configured by section <c>Store</c>, opened before the host takes calls: a wrong setting, another number of shards or a store that is not there stops it
    /// with a clear line.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="name">The service, such as <c>credits</c>.</param>
    public static IHostApplicationBuilder AddStateStore(this IHostApplicationBuilder builder, string name)
    {
        builder.Services.AddOptions<StoreOptions>().BindConfiguration(StoreOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(services => new StateStore(
            name,
            services.GetRequiredService<IOptions<StoreOptions>>().Value,
            services.GetService<TimeProvider>() ?? TimeProvider.System,
            services.GetRequiredService<ILogger<StateStore>>()));
        builder.Services.AddHostedService<OpenAtStart>();
        return builder;
    }

    /// <summary>Adds the relay that publishes the journal to the sink, which is a singleton of the host.</summary>
    public static IHostApplicationBuilder AddJournalRelay<TSink>(this IHostApplicationBuilder builder)
        where TSink : class, IJournalSink
    {
        builder.Services.AddSingleton<IJournalSink, TSink>();
        builder.Services.AddHostedService<JournalRelay>();
        return builder;
    }

    private sealed class OpenAtStart(StateStore store) : IHostedLifecycleService
    {
        // Before the other services of the host start, and before it listens.
        public Task StartingAsync(CancellationToken cancellationToken) => store.OpenAsync(cancellationToken);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
