using System.ComponentModel.DataAnnotations;

namespace Pennypost.Dispatcher.Provider;

/// <summary>The limits of calls to somebody else's server. Real time, whatever the installation's clock says.</summary>
public abstract class CallOptions
{
    /// <summary>How long one call may take with its retries, in seconds; at least an attempt.</summary>
    [Range(0.05, 60)]
    public double TotalSeconds { get; set; } = 25;

    /// <summary>How long a connection may take, in seconds.</summary>
    [Range(0.05, 60)]
    public double ConnectSeconds { get; set; } = 5;

    /// <summary>Retries of a read, and of a write that is known not to have left.</summary>
    [Range(0, 5)]
    public int Retries { get; set; } = 2;

    /// <summary>Before the first retry, in milliseconds; doubled and jittered after it.</summary>
    [Range(1, 10_000)]
    public int RetryDelayMs { get; set; } = 200;

    /// <summary>Requests to one connection under way at once.</summary>
    [Range(1, 1_000)]
    public int Concurrency { get; set; } = 32;

    /// <summary>Calls that may wait for their turn.</summary>
    [Range(0, 100_000)]
    public int Queue { get; set; } = 256;

    /// <summary>Of the calls in a sampling time, the share that must fail for the circuit to open.</summary>
    [Range(0.01, 1)]
    public double BreakAtFailureShare { get; set; } = 0.5;

    /// <summary>The least number of calls that say anything.</summary>
    [Range(2, 10_000)]
    public int BreakAtLeastCalls { get; set; } = 10;

    /// <summary>The sampling time, in seconds.</summary>
    [Range(0.5, 600)]
    public double BreakSamplingSeconds { get; set; } = 30;

    /// <summary>How long the circuit stays open the first time, in seconds: twice as long each time that it opens again before it has been closed for as long as it was last open.</summary>
    [Range(0.5, 600)]
    public double BreakSeconds { get; set; } = 5;

    /// <summary>How long it stays open at most, in seconds: so long it may take until a server that is back is called again.</summary>
    [Range(0.5, 600)]
    public double MaxBreakSeconds { get; set; } = 20;

    /// <summary>How long one call may take once it has begun: what a lease must still hold when it begins.</summary>
    internal abstract TimeSpan CallLimit { get; }
}
