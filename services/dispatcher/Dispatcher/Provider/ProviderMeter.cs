using System.Diagnostics;
using System.Diagnostics.Metrics;
using Polly.CircuitBreaker;

namespace Pennypost.Dispatcher.Provider;

/// <summary>What a call of somebody else's server came to: the words of a tag.</summary>
internal static class CallResults
{
    public const string Ok = "ok";
    public const string Refused = "refused";
    public const string Limited = "limited";
    public const string Failed = "failed";
    public const string Lost = "lost";
    public const string NotWritten = "not_written";
    public const string TooLate = "too_late";

    public static string Of(HttpReply reply) => reply switch
    {
        HttpReply.Answer { IsSuccess: true } => Ok,
        HttpReply.Answer { Status: 429 } => Limited,
        HttpReply.Answer { Status: >= 500 } => Failed,
        HttpReply.Answer => Refused,
        HttpReply.NotWritten => NotWritten,
        HttpReply.TooLate => TooLate,
        HttpReply.Lost => Lost,
        _ => throw new UnreachableException(),
    };
}

/// <summary>Counts the requests to providers and mail servers, those that were spared, and the circuits.</summary>
internal sealed class ProviderMeter
{
    /// <summary>The provider's API.</summary>
    public const string Provider = "provider";

    /// <summary>Mail servers.</summary>
    public const string Mail = "mail";

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _saved;
    private readonly Counter<long> _circuits;
    private readonly Meter _meter;

    public ProviderMeter(IMeterFactory meters)
    {
        _meter = meters.Create(Telemetry.Name);
        _duration = _meter.CreateHistogram<double>("pennypost.dispatcher.provider.request.duration", "s",
            "Requests to providers and mail servers, each try apart; endpoint, and result ok, refused, limited, failed, lost, not_written or too_late.");
        _saved = _meter.CreateCounter<long>("pennypost.dispatcher.provider.calls_saved", "{call}",
            "Calls that were not made because they would have failed; cause circuit_open, too_many_calls or pool_empty. What the InMail breakers saved is pennypost.dispatcher.breaker, action skip.");
        _circuits = _meter.CreateCounter<long>("pennypost.dispatcher.provider.circuit_changes", "{change}", "Circuits that opened, half-opened to try one call, or closed; server provider or mail, to open, half_open or closed.");
    }

    public void Asked(string endpoint, string result, TimeSpan took) => _duration.Record(took.TotalSeconds, Telemetry.Tag("endpoint", endpoint), Telemetry.Tag("result", result));

    public void Saved(string cause) => _saved.Add(1, Telemetry.Tag("cause", cause));

    public void Changed(string server, CircuitState to) => _circuits.Add(1, Telemetry.Tag("server", server), Telemetry.Tag("to", Word(to)));

    /// <summary>Shows how many circuits are open; never whose.</summary>
    /// <param name="server">Of which kind of server.</param>
    /// <param name="circuits">Those of connections that were called lately.</param>
    public void Watch(string server, Func<IEnumerable<CircuitState>> circuits) => _meter.CreateObservableGauge("pennypost.dispatcher.provider.circuits", () =>
    {
        var counts = circuits().CountBy(Word).ToDictionary(StringComparer.Ordinal);
        return _words.Select(word => new Measurement<int>(counts.GetValueOrDefault(word), Telemetry.Tag("server", server), Telemetry.Tag("state", word)));
    }, "{circuit}", "Circuits of connections that were called lately, one for each; server provider or mail, state closed, open or half_open.");

    private static readonly string[] _words = ["closed", "open", "half_open"];

    private static string Word(CircuitState state) => state switch
    {
        CircuitState.Closed => _words[0],
        CircuitState.HalfOpen => _words[2],
        _ => _words[1],
    };
}
