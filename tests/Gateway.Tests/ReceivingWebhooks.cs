using System.Text;

namespace Pennypost.Gateway.Tests;

public sealed class ReceivingWebhooks(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    private const string Body = """{"event": "message_received", "text": "canary-personal-text"}""";

    [Fact]
    public async Task An_event_is_passed_on_for_its_tenant_as_it_came()
    {
        await ConnectAsync("main");

        var answer = await PostAsync("/v1/webhooks/provider/acme/main", Encoding.UTF8.GetBytes(Body), FakeDispatcher.WebhookSecret);

        Assert.Equal(200, answer.Status);
        var (tenant, request) = gateway.Dispatcher.Webhooks.Last();
        Assert.Equal(("acme", "main", Body), (tenant, request.ConnectionId, request.Body.ToStringUtf8()));
        Assert.DoesNotContain("canary-personal-text", gateway.Log.All, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeDispatcher.WebhookSecret, gateway.Log.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("wrong")]
    public async Task A_wrong_secret_is_401_with_its_own_reason(string secret)
    {
        await ConnectAsync("main");
        var before = gateway.Dispatcher.Webhooks.Count;

        var answer = await PostAsync("/v1/webhooks/provider/acme/main", Encoding.UTF8.GetBytes(Body), secret);

        Assert.Equal((401, "WEBHOOK_SECRET_INVALID"), (answer.Status, answer.Reason));
        Assert.Equal(before, gateway.Dispatcher.Webhooks.Count);
    }

    [Theory]
    [InlineData("/v1/webhooks/provider/acme/nosuch", 404)]
    [InlineData("/v1/webhooks/provider/zenith/main", 404)]
    [InlineData("/v1/webhooks/provider/a%7Bb%7D/main", 400)]
    public async Task An_unknown_address_is_refused(string path, int status) =>
        Assert.Equal(status, (await PostAsync(path, Encoding.UTF8.GetBytes(Body), FakeDispatcher.WebhookSecret)).Status);

    [Theory]
    [InlineData(262_143, 200)]
    [InlineData(262_144, 200)]
    [InlineData(262_145, 413)]
    [InlineData(0, 400)]
    public async Task Bodies_up_to_the_limit(int bytes, int status)
    {
        await ConnectAsync("limits");

        Assert.Equal(status, (await PostAsync("/v1/webhooks/provider/acme/limits", new byte[bytes], FakeDispatcher.WebhookSecret)).Status);
    }

    private Task<Answer> ConnectAsync(string id) =>
        gateway.SendAsync("PUT", $"/v1/connections/{id}", $$"""{"baseUrl": "https://provider.example", "apiKey": "k", "webhookSecret": "{{FakeDispatcher.WebhookSecret}}"}""");

    private async Task<Answer> PostAsync(string path, byte[] body, string secret)
    {
        using var provider = gateway.Client(null);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (secret.Length > 0) request.Headers.Add("Unipile-Auth", secret);
        using var response = await provider.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }
}
