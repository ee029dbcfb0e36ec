namespace Pennypost.Bench.Figures;

/// <summary>One measurement: answers, and what they cost in the processes of the server's side.</summary>
/// <param name="Operations">Answers.</param>
/// <param name="Seconds">From the first request to the last answer.</param>
/// <param name="ServerCpu">Processor seconds of the service, with what it still did afterwards (publishing its journal).</param>
/// <param name="StoreCpu">Of Redis or PostgreSQL.</param>
/// <param name="ClientCpu">Of the client: shown, and in no other figure.</param>
/// <param name="Commits">Of the service's store; 0 where it has none of ours.</param>
/// <param name="Commands">Decided in them.</param>
/// <param name="AllocatedBytes">By the service.</param>
/// <param name="CompilerCpu">Of <paramref name="ServerCpu"/>, the just-in-time compiler's: next to nothing once the service has run for a while.</param>
internal sealed record Sample(long Operations, double Seconds, double ServerCpu, double StoreCpu, double ClientCpu, long Commits, long Commands, long AllocatedBytes, double CompilerCpu)
{
    public double PerSecond => Operations / Seconds;

    public double StoreMicros => StoreCpu * 1e6 / Operations;

    public double CpuMicros => (ServerCpu + StoreCpu) * 1e6 / Operations;

    public double ClientMicros => ClientCpu * 1e6 / Operations;

    /// <summary>Commands in one commit; 0 where there is no store of ours.</summary>
    public double Batch => Commits == 0 ? 0 : (double)Commands / Commits;

    public double CompilerMicros => CompilerCpu * 1e6 / Operations;

    public double BytesAllocated => (double)AllocatedBytes / Operations;

    /// <summary>Two measurements as one.</summary>
    public static Sample operator +(Sample one, Sample other) => new(
        one.Operations + other.Operations,
        one.Seconds + other.Seconds,
        one.ServerCpu + other.ServerCpu,
        one.StoreCpu + other.StoreCpu,
        one.ClientCpu + other.ClientCpu,
        one.Commits + other.Commits,
        one.Commands + other.Commands,
        one.AllocatedBytes + other.AllocatedBytes,
        one.CompilerCpu + other.CompilerCpu);
}
