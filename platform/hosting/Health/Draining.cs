using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Pennypost.Hosting;

/// <summary>Stands between the wish to stop and the stop: readiness says so, everything else goes on, until whoever sends calls has had time to notice.</summary>
internal sealed class Draining(Readiness readiness, IOptions<HostingOptions> options) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.Drain();
        // Who waits no longer for the stop gets it.
        await Task.Delay(TimeSpan.FromSeconds(options.Value.DrainSeconds), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
