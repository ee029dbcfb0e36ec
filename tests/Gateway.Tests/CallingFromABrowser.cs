using System.Net;
using Microsoft.Extensions.Options;

namespace Pennypost.Gateway.Tests;

// F68: CORS by configuration.
public sealed class CallingFromABrowser : IAsyncLifetime
{
    private const string App = "https://app.example.com";

    private readonly RunningGateway gateway = new(new() { ["Gateway:CorsOrigins:0"] = App, ["Gateway:CorsOrigins:1"] = "http://localhost:5173" });

    public Task InitializeAsync() => gateway.InitializeAsync();

    public Task DisposeAsync() => gateway.DisposeAsync();

    [Theory]
    [InlineData(App)]
    [InlineData("http://localhost:5173")]
    public async Task A_named_origin_may_call_and_read_and_asks_first_without_a_key(string origin)
    {
        using var nobody = gateway.Client(null);

        using var asked = await SendAsync(nobody, "OPTIONS", "/v1/policies/careful", origin,
            ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "authorization,content-type,if-match,idempotency-key"));
        using var answered = await SendAsync(gateway.Http, "GET", "/v1/accounts", origin);
        using var refused = await SendAsync(nobody, "GET", "/v1/accounts", origin);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.OK, HttpStatusCode.Unauthorized), (asked.StatusCode, answered.StatusCode, refused.StatusCode));
        Assert.Equal(["DELETE", "GET", "POST", "PUT"], Header(asked, "Access-Control-Allow-Methods").Order());
        Assert.Empty(new[] { "authorization", "content-type", "if-match", "idempotency-key" }.Except(Header(asked, "Access-Control-Allow-Headers"), StringComparer.OrdinalIgnoreCase));
        // Errors too, or a page would not learn why.
        foreach (var response in new[] { asked, answered, refused }) Assert.Equal([origin], Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal(["ETag", "ratelimit-day-limit", "ratelimit-day-remaining", "ratelimit-day-reset", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "Retry-After", "x-request-id"], Header(answered, "Access-Control-Expose-Headers").Order(StringComparer.OrdinalIgnoreCase));
        Assert.False(answered.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData("https://evil.example.com")]
    [InlineData("https://app.example.com.evil.com")]
    [InlineData("http://app.example.com")]
    [InlineData("https://app.example.com:8443")]
    [InlineData("null")]
    public async Task Any_other_origin_is_told_nothing_that_a_browser_would_let_through(string origin)
    {
        using var asked = await SendAsync(gateway.Http, "OPTIONS", "/v1/accounts", origin, ("Access-Control-Request-Method", "GET"));
        using var answered = await SendAsync(gateway.Http, "GET", "/v1/accounts", origin);

        foreach (var response in new[] { asked, answered }) Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task By_default_no_origin_is_named()
    {
        var closed = new RunningGateway();
        await closed.InitializeAsync();
        using var asked = await SendAsync(closed.Http, "OPTIONS", "/v1/accounts", App, ("Access-Control-Request-Method", "GET"));

        Assert.Equal(HttpStatusCode.NotFound, asked.StatusCode);
        Assert.DoesNotContain(asked.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        await closed.DisposeAsync();
    }

    [Theory]
    [InlineData("*")]
    [InlineData("https://*.example.com/")]
    [InlineData("https://app.example.com/")]
    [InlineData("https://app.example.com/path")]
    [InlineData("https://user@app.example.com")]
    [InlineData("app.example.com")]
    [InlineData("ftp://app.example.com")]
    [InlineData("https://app.example.com:443")]
    [InlineData("https://App.example.com")]
    public async Task What_no_browser_sends_as_its_origin_stops_the_host_at_its_start(string origin)
    {
        var wrong = new RunningGateway(new() { ["Gateway:CorsOrigins:0"] = origin });

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(wrong.InitializeAsync);

        Assert.Contains("Gateway:CorsOrigins:0 must be an origin", refused.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)) : [];

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path, string origin, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Origin", origin);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return await client.SendAsync(request);
    }
}
