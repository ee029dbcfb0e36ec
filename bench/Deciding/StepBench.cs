using System.Reflection;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Pennypost.Bench.Figures;
using Pennypost.Bench.Report;

namespace Pennypost.Bench.Deciding;

/// <summary>The router's steps by BenchmarkDotNet: warmed up, its own loop's cost taken off, allocations counted. In this process, which does nothing else meanwhile: another build would be needed for one of its own.</summary>
internal static class StepBench
{
    public const string Decide = "Decide, every fact known";
    public const string Sentence = "the sentence for people";

    /// <summary>Three iterations of each, which take some seconds, or as many as it takes until they agree.</summary>
    public static IReadOnlyList<StepRow> Measure(bool quick) => Measure(quick ? Job.ShortRun : Job.Default);

    internal static IReadOnlyList<StepRow> Measure(Job job)
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-bench-").FullName;
        try
        {
            var config = ManualConfig.CreateEmpty()
                .AddJob(job.WithToolchain(InProcessEmitToolchain.DontLogOutput))
                .AddDiagnoser(MemoryDiagnoser.Default)
                .AddLogger(NullLogger.Instance)
                .WithArtifactsPath(folder)
                // The tests run every step once, however they were built.
                .WithOptions(ConfigOptions.DisableOptimizationsValidator | ConfigOptions.DisableLogFile);
            var summary = BenchmarkRunner.Run<Steps>(config);
            if (summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success))
                throw new InvalidOperationException("A step could not be measured: " + string.Join("; ", summary.ValidationErrors.Select(error => error.Message)));
            return [.. summary.Reports.Select(Row)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static StepRow Row(BenchmarkReport report) => new(
        report.BenchmarkCase.Descriptor.WorkloadMethod.GetCustomAttribute<BenchmarkAttribute>()!.Description!,
        (int)report.BenchmarkCase.Parameters[nameof(Steps.Candidates)]!,
        Interval.Of(report.GetResultRuns().Select(run => run.Nanoseconds / run.Operations)),
        report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0);
}
