using System.Globalization;
using System.Text.Json;

namespace Pennypost.Bench.EmptyAccount;

/// <summary>The sandbox provider, as whoever sets the scene sees it.</summary>
internal sealed class Provider : IDisposable
{
    private readonly HttpClient http;
    private int refusedBefore;
    private int sentBefore;

    public Provider(Uri address, string key)
    {
        http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
        http.DefaultRequestHeaders.Add("X-API-KEY", key);
    }

    /// <summary>Its API, for a way that calls it itself.</summary>
    public HttpClient Api => http;

    public async Task SetAsync(Scene scene, DateTimeOffset renewal, CancellationToken ct)
    {
        await PostAsync(
            "world",
            new
            {
                accounts = scene.SeatIds.Select(id => new
                {
                    id,
                    subscriptions = new[] { new { plan = Scene.Plan, balance = 0, renewal_day = renewal.Day } },
                    limits = new { profiles_per_day = 100_000, inmails_per_day = 100_000, messages_per_day = 100_000, invitations_per_week = 100_000, notes_per_month = 100_000 },
                }),
                prospects = scene.People.Concat(scene.Invited).Select(id => new { id, degree = "second" }).Concat(scene.Relations.Select(id => new { id, degree = "first" })),
            },
            ct);
        foreach (var seat in scene.SeatIds)
            await PostAsync("grant-late", new { account_id = seat, product = "premium", delay_seconds = (long)Scene.GrantIsLate.TotalSeconds }, ct);
    }

    public Task TopUpAsync(Scene scene, CancellationToken ct) => PostAsync("top-up", new { account_id = scene.SeatIds.First(), product = "premium", amount = Scene.TopUp }, ct);

    public Task AdvanceAsync(TimeSpan by, CancellationToken ct) => PostAsync("clock", new { advance_ms = (long)by.TotalMilliseconds }, ct);

    /// <summary>Adds what happened since the last look.</summary>
    public async Task CountAsync(Found found, CancellationToken ct)
    {
        var ledger = await LedgerAsync(ct);
        var refused = ledger.GetProperty("calls").EnumerateArray().Where(call => call.GetProperty("endpoint").GetString() is "chats.start").Sum(call => call.GetProperty("refused").GetInt32());
        var sent = Of(ledger, "inmail");
        found.Refused.Add(refused - refusedBefore);
        found.Sent.Add(sent - sentBefore);
        (refusedBefore, sentBefore) = (refused, sent);
        if (ledger.GetProperty("duplicate_count").GetInt32() is > 0 and var twice)
            found.Wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{twice} texts went out twice"));
    }

    /// <summary>Messages and invitations that went out so far.</summary>
    public async Task<int> FreeSendsAsync(CancellationToken ct)
    {
        var ledger = await LedgerAsync(ct);
        return Of(ledger, "message") + Of(ledger, "invitation");
    }

    private Task<JsonElement> LedgerAsync(CancellationToken ct) => http.GetFromJsonAsync<JsonElement>(new Uri("sandbox/v1/ledger", UriKind.Relative), ct);

    private static int Of(JsonElement ledger, string channel) => ledger.GetProperty("by_channel").TryGetProperty(channel, out var count) ? count.GetInt32() : 0;

    private async Task PostAsync(string control, object body, CancellationToken ct)
    {
        using var answer = await http.PostAsJsonAsync(new Uri("sandbox/v1/" + control, UriKind.Relative), body, ct);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"The sandbox refused {control}: {await answer.Content.ReadAsStringAsync(ct)}");
    }

    public void Dispose() => http.Dispose();
}
