using Microsoft.Extensions.Logging;

namespace Pennypost.Api.Tests;

/// <summary>The whole of Pennypost, with somebody who listens to what it logs and traces.</summary>
public sealed class OverheardApi : RunningApi
{
    private bool _isOver;

    internal Overheard Overheard { get; } = new();

    private protected override ILoggerProvider Listener => Overheard;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Overheard.GatewayPorts.UnionWith([Http.BaseAddress!.Port, Grpc.Port]);
    }

    public override async Task DisposeAsync()
    {
        if (!_isOver)
            await base.DisposeAsync();
        _isOver = true;
        Overheard.Dispose();
    }
}
