using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Pennypost.Dispatcher;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>F64: the meters and traces of a real run.</summary>
public sealed partial class TellingTelemetry
{
    [Fact]
    public async Task Counts_sends_refusals_waits_doubts_and_the_providers_answers_F64()
    {
        await using var installation = await Installation.StartAsync(settings: LosingAnswers.Quick);
        using var measured = new Measured(installation.Services.GetRequiredService<IMeterFactory>());
        await installation.SenderAsync("ann", 3);
        foreach (var prospect in new[] { "vip", "doubted", "friend" })
            await installation.ControlAsync("prospects", $$"""{"id":"{{prospect}}","degree":"{{(prospect == "friend" ? "first" : "second")}}"}""");

        // One that is sent, and a second to the same person.
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "friend"), Installation.As());
        await installation.UntilAsync("m-1", Installation.IsSettled);
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "friend"), Installation.As());
        await installation.UntilAsync("m-2", message => message.State == MessageState.Waiting);
        // One whose answer is lost, and which is found.
        await installation.ControlAsync("faults", """{"endpoint":"chats.start","kind":"drop_after","times":1}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-3", "doubted", Priority.High), Installation.As());
        await installation.UntilAsync("m-3", Installation.IsSettled);
        // One that the provider refuses for want of credits.
        await installation.ControlAsync("balance", """{"account_id":"ann","product":"sales_navigator","balance":0}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-4", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-4", message => message.State == MessageState.Waiting);

        Assert.Equal(
            ["direct_message sent : 1", "inmail not_sent account_inmail_credits_exhausted: 1", "inmail unknown : 1"],
            measured.Of("sends", "channel", "outcome", "reason"));
        Assert.Equal(["accepted : 4", "sent : 2"], measured.Of("messages", "state", "reason"));
        Assert.Equal(["account_inmail_credits_exhausted: 1", "prospect_cooling_down: 1"], measured.Of("waits", "reason"));
        Assert.Equal(["prospect prospect_cooling_down: 1"], measured.Of("refusals", "gate", "reason"));
        Assert.Equal(["opened: 1", "sent: 1"], measured.Of("doubts", "event"));
        Assert.Equal(["lost: 1", "ok: 1", "refused: 1"], measured.Of("provider.request.duration", "result", only: ("endpoint", "chats.start")));
        Assert.Equal(["set: 1"], measured.Of("breaker", "action"));
        Assert.NotEmpty(measured.Of("released", "pace"));
        measured.Look();
        Assert.Equal(["mail closed: 0", "mail half_open: 0", "mail open: 0", "provider closed: 1", "provider half_open: 0", "provider open: 0"], measured.Of("provider.circuits", "server", "state"));
        Assert.Single(measured.Of("overdue"));
        Assert.Single(measured.Of("queued"));
        // Nobody's: neither tenants nor senders nor people.
        Assert.All(measured.Words, word => Assert.Matches("^[a-z_.]+$", word));
        Assert.DoesNotContain(measured.Words, word => word is "ann" or "acme" or "vip" or "friend" or "doubted");
    }

    /// <summary>From whoever asks to the provider's answer, over the time that the message lay in the store; and nobody who reads it learns whom it is about, or what is said.</summary>
    [Fact]
    public async Task One_trace_leads_from_the_accepted_request_to_the_call_of_the_provider_F64()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("canary-sender", 2);
        await installation.ControlAsync("prospects", """{"id":"canary-person","degree":"second"}""");
        using var asking = new ActivitySource("Dispatcher.Tests");
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            // What a host exports, and this test's own.
            ShouldListenTo = source => source.Name == asking.Name || Pennypost.Hosting.Telemetry.Sources.Any(name => name.EndsWith('*') ? source.Name.StartsWith(name[..^1], StringComparison.Ordinal) : source.Name == name),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        ActivityTraceId trace;
        using (var root = asking.StartActivity("caller")!)
        {
            trace = root.TraceId;
            await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "canary-person", Priority.High, body: "canary-words"), Installation.As());
        }

        await installation.UntilAsync("m-1", Installation.IsSettled);
        for (var look = 0; look < 100 && !spans.Any(span => span.TraceId == trace && span.OperationName == "process message"); look++)
            await Task.Delay(20);
        var ours = spans.Where(span => span.TraceId == trace).ToList();

        var call = Assert.Single(ours, span => span.OperationName == "provider chats.start");
        Assert.Equal(["provider chats.start", "attempt", "process message"], Way(ours, call)[..3]);
        Assert.True(Way(ours, call)[^1] == "caller", string.Join(" < ", Way(ours, call)));
        Assert.Equal((ActivityKind.Client, "ok"), (call.Kind, call.GetTagItem("pennypost.result")));
        var attempt = Assert.Single(ours, span => span.OperationName == "attempt");
        Assert.Equal((1, "inmail", "sent"), (attempt.GetTagItem("pennypost.attempt"), attempt.GetTagItem("pennypost.channel"), attempt.GetTagItem("pennypost.outcome")));
        foreach (var (step, within) in new[] { ("permit", "attempt"), ("hold", "attempt"), ("route", "process message"), ("provider users.profile", "process message") })
            Assert.Equal([step, within], Way(ours, ours.First(span => span.OperationName == step))[..2]);
        Assert.Equal("m-1", ours.First(span => span.OperationName == "process message").GetTagItem("pennypost.message_id"));
        // As they go to a collector, those of the framework too.
        Assert.DoesNotContain(ours.SelectMany(span => span.TagObjects).Select(tag => $"{tag.Key}={tag.Value}"), tag => tag.Contains("canary", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Bytes_that_are_no_trace_are_none_F64()
    {
        var context = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);

        Assert.Equal(context, Traces.Read(Traces.Bytes(context)));
        Assert.Equal(default, Traces.Read(null));
        Assert.Equal(default, Traces.Read([1, 2, 3]));
    }

    /// <summary>docs/telemetry.md names every instrument of these services with its unit, and no other but the gateway's, which its own tests look at.</summary>
    [Fact]
    public async Task Its_page_names_every_instrument_F64()
    {
        var instruments = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Name.StartsWith("pennypost.", StringComparison.Ordinal))
                instruments[instrument.Name] = instrument.Unit ?? "";
        };
        listener.Start();
        // Some are made with what they measure.
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-1", "vip", Priority.High), Installation.As());
        await installation.UntilAsync("m-1", Installation.IsSettled);

        var named = Rows().Matches(await File.ReadAllTextAsync(Repository.PathOf("docs", "telemetry.md"))).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}").Where(row => !row.StartsWith("pennypost.gateway.", StringComparison.Ordinal));

        Assert.Equal(instruments.Select(one => $"{one.Key} {one.Value}").Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    /// <summary>Names of the spans from one up to the root.</summary>
    private static List<string> Way(List<Activity> spans, Activity from)
    {
        var way = new List<string>();
        for (var span = from; span is not null && way.Count < 20; span = spans.Find(one => one.SpanId == span.ParentSpanId))
            way.Add(span.OperationName);
        return way;
    }

    [GeneratedRegex(@"^\| `(pennypost\.[\w.]+)` \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Rows();

    /// <summary>What one dispatcher measured: those of other tests in this process are told apart by the factory that made their meters.</summary>
    private sealed class Measured : IDisposable
    {
        private const string Prefix = "pennypost.dispatcher.";
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<(string Name, KeyValuePair<string, object?>[] Tags, double Value)> _all = new();

        public Measured(IMeterFactory factory)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == factory && instrument.Name.StartsWith(Prefix, StringComparison.Ordinal))
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
            _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Keep(instrument, value, tags));
            // Of a duration it counts how often.
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, instrument is Histogram<double> ? 1 : value, tags));
            _listener.Start();
        }

        public IEnumerable<string> Words => _all.SelectMany(one => one.Tags).Select(tag => (string)tag.Value!);

        /// <summary>Reads the gauges.</summary>
        public void Look() => _listener.RecordObservableInstruments();

        /// <summary>Sums of one instrument by these tags, in words.</summary>
        public IEnumerable<string> Of(string name, params string[] tags) => Sums(name, tags, null);

        public IEnumerable<string> Of(string name, string tag, (string Name, string Word) only) => Sums(name, [tag], only);

        private IEnumerable<string> Sums(string name, string[] tags, (string Name, string Word)? only) => _all
            .Where(one => one.Name == Prefix + name && (only is not { } chosen || Word(one.Tags, chosen.Name) == chosen.Word))
            .GroupBy(one => string.Join(' ', tags.Select(tag => Word(one.Tags, tag))), (words, some) => $"{words}: {some.Sum(one => one.Value)}")
            .Order(StringComparer.Ordinal);

        private static string Word(KeyValuePair<string, object?>[] tags, string name) => tags.FirstOrDefault(tag => tag.Key == name).Value as string ?? "";

        private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => _all.Enqueue((instrument.Name, tags.ToArray(), value));

        public void Dispose() => _listener.Dispose();
    }
}
