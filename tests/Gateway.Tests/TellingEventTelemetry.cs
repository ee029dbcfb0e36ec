using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Tests;

/// <summary>docs/telemetry.md and docs/events.md, held to what is there.</summary>
public sealed partial class TellingEventTelemetry
{
    [Fact]
    public async Task Every_instrument_of_the_gateway_is_on_the_page_and_events_are_counted_F70()
    {
        var (instruments, counted) = (new ConcurrentDictionary<string, string>(StringComparer.Ordinal), new ConcurrentQueue<string>());
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (!instrument.Name.StartsWith("pennypost.gateway.", StringComparison.Ordinal)) return;
            instruments[instrument.Name] = instrument.Unit ?? "";
            listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => counted.Enqueue($"{instrument.Name} {value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}".TrimEnd()));
        listener.Start();
        var gateway = new RunningGateway();
        await gateway.InitializeAsync();
        EventEnvelope Told(long sequence) => new() { EventId = $"acme.counted.{sequence}", Tenant = "acme", Type = "message.sent", Subject = "counted", Sequence = sequence, Time = DateTimeOffset.UnixEpoch, Data = new MessageEvent { Sequence = sequence } };
        await gateway.App.Services.GetRequiredService<IEventTopic>().PublishAsync([Told(1), Told(1), Told(4)], default);
        await gateway.DisposeAsync();

        var page = await File.ReadAllTextAsync(Repository.PathOf("docs", "telemetry.md"));
        Assert.Equal(instruments.Select(one => $"{one.Key} {one.Value}").Order(StringComparer.Ordinal), Rows().Matches(page).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}").Order(StringComparer.Ordinal));
        // Others of this process may count too.
        foreach (var line in (string[])["pennypost.gateway.events 1 family=message", "pennypost.gateway.events_repeated 1", "pennypost.gateway.events_missed 2"]) Assert.Contains(line, counted);
    }

    [GeneratedRegex(@"^\| `(pennypost\.gateway\.[\w.]+)` \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
