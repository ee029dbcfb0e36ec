namespace Pennypost.Sandbox.Acts;

/// <summary>
/// Lets the calls of the provider's API wait while the clocks of the sandbox and of its callers are moved one after the other: a call that came in between would be made days before it was decided.
/// </summary>
internal sealed class ApiPause
{
    private volatile TaskCompletionSource? over;

    /// <summary>From now until <see cref="End"/>, at most so long.</summary>
    public void Begin(TimeSpan most)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref over, begun)?.SetResult();
        _ = EndAfterAsync(begun, most);
    }

    public void End() => Interlocked.Exchange(ref over, null)?.SetResult();

    /// <summary>Ends at once when the API is not paused.</summary>
    public Task WaitAsync(CancellationToken ct) => over is { } paused ? paused.Task.WaitAsync(ct) : Task.CompletedTask;

    private async Task EndAfterAsync(TaskCompletionSource begun, TimeSpan most)
    {
        await Task.Delay(most);
        if (Interlocked.CompareExchange(ref over, null, begun) == begun)
            begun.SetResult();
    }
}
