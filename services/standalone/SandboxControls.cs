using System.Text.Json.Nodes;

namespace Pennypost.Standalone;

/// <summary>The sandbox provider's documented controls (services/sandbox/README.md), as far as standalone uses them.</summary>
internal sealed class SandboxControls : IDisposable
{
    private readonly HttpClient _http;

    public SandboxControls(Uri sandbox, string key)
    {
        _http = new HttpClient { BaseAddress = sandbox, Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Add("X-API-KEY", key);
    }

    public async Task<TimeSpan> ClockOffsetAsync(CancellationToken ct) =>
        TimeSpan.FromMilliseconds((await GetAsync("sandbox/v1/clock", ct))["offset_ms"]!.GetValue<long>());

    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken ct) =>
        (await GetAsync("sandbox/v1/clock", ct))["next_due"] is { } due ? DateTimeOffset.Parse(due.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture) : null;

    /// <summary>Calls of the provider's API wait until its clock has been moved, at most so long.</summary>
    public Task<JsonNode> PauseAsync(TimeSpan most, CancellationToken ct) =>
        PostAsync("sandbox/v1/clock/pause", new { most_ms = (long)most.TotalMilliseconds }, ct);

    /// <summary>What becomes due on the way happens; so much of it may that the sandbox stops and wants to be asked again.</summary>
    public async Task RaiseClockOffsetAsync(TimeSpan offset, CancellationToken ct)
    {
        while (!(await PostAsync("sandbox/v1/clock", new { offset_ms = (long)offset.TotalMilliseconds }, ct))["reached"]!.GetValue<bool>())
            ct.ThrowIfCancellationRequested();
    }

    public async Task<JsonNode> GetAsync(string path, CancellationToken ct)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), ct);
        return await ReadAsync(response, path, ct);
    }

    public async Task<JsonNode> PostAsync(string path, object body, CancellationToken ct)
    {
        using var response = await _http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, ct);
        return await ReadAsync(response, path, ct);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, string path, CancellationToken ct)
    {
        var text = await response.Content.ReadAsStringAsync(ct);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"The sandbox answered {(int)response.StatusCode} to {path}: {text}");
        return JsonNode.Parse(text) ?? throw new HttpRequestException($"The sandbox answered nothing to {path}.");
    }

    public void Dispose() => _http.Dispose();
}
