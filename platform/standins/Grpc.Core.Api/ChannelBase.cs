namespace Grpc.Core;

/// <summary>A way to a server, or to several of one service.</summary>
public abstract class ChannelBase
{
    /// <summary>A channel to that target.</summary>
    protected ChannelBase(string target) => Target = target ?? throw new ArgumentNullException(nameof(target));

    /// <summary>The address as it was given.</summary>
    public string Target { get; }

    /// <summary>What starts calls on this channel.</summary>
    public abstract CallInvoker CreateCallInvoker();

    /// <summary>Ends the channel. Asking again asks the transport again.</summary>
    public Task ShutdownAsync() => ShutdownAsyncCore();

    /// <summary>Ends the channel; there may be nothing to end.</summary>
    protected virtual Task ShutdownAsyncCore() => Task.CompletedTask;
}
