using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Pennypost.Api.Tests;

/// <summary>Everything that the services of this process log or trace, as an operator's collector would get it.</summary>
public sealed class Overheard : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> _heard = new();
    private readonly ActivityListener _spans;
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public Overheard()
    {
        _spans = new ActivityListener
        {
            ShouldListenTo = source => Hosting.Telemetry.Sources.Any(name => name.EndsWith('*') ? source.Name.StartsWith(name[..^1], StringComparison.Ordinal) : source.Name == name),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Hear,
        };
        ActivitySource.AddActivityListener(_spans);
    }

    /// <summary>Where providers listen: what they tell of being called is not ours.</summary>
    public HashSet<int> ProviderPorts { get; } = [];

    /// <summary>Where the gateway listens: only tests call it, and what their client tells is not ours either.</summary>
    public HashSet<int> GatewayPorts { get; } = [];

    public int Lines { get; private set; }

    public int Spans { get; private set; }

    /// <summary>What was heard that has the text in it, each thing once.</summary>
    public IEnumerable<string> With(string text) => _heard.Where(line => line.Contains(text, StringComparison.OrdinalIgnoreCase)).Distinct();

    public ILogger CreateLogger(string categoryName) => new Line(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    private void Hear(Activity span)
    {
        var port = span.GetTagItem("server.port") is { } said ? Convert.ToInt32(said, System.Globalization.CultureInfo.InvariantCulture) : 0;
        if ((span.Kind == ActivityKind.Server && ProviderPorts.Contains(port)) || (span.Kind == ActivityKind.Client && GatewayPorts.Contains(port)))
            return;
        Spans++;
        var told = span.TagObjects.Concat(span.Events.SelectMany(happened => happened.Tags)).Select(tag => $"{tag.Key}={tag.Value}");
        _heard.Enqueue($"span {span.Source.Name} {span.DisplayName} {span.StatusDescription} {string.Join(' ', told)} {string.Join(' ', span.Baggage.Select(pair => $"{pair.Key}={pair.Value}"))}");
    }

    public void Dispose() => _spans.Dispose();

    private sealed class Line(Overheard overheard, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => overheard._scopes.Push(state);

        // What the host's own settings let through.
        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            overheard.Lines++;
            var scopes = new List<string>();
            overheard._scopes.ForEachScope((scope, all) => all.Add($"{(scope is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}")) : scope)}"), scopes);
            var values = state is IEnumerable<KeyValuePair<string, object?>> named ? string.Join(' ', named.Select(pair => $"{pair.Key}={pair.Value}")) : "";
            overheard._heard.Enqueue($"log {category} {logLevel} {formatter(state, exception)} | {values} | {exception} | {string.Join(' ', scopes)}");
        }
    }
}
