using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Dispatcher.V1;
using Pennypost.Types.V1;

namespace Topology;

/// <summary>How tests use an installation: senders, people, messages, time, and the judge.</summary>
public sealed partial class Installation
{
    private static readonly TimeSpan _callLimit = TimeSpan.FromSeconds(30);
    private bool _hooked;

    public async Task ControlAsync(string name, string json)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await Provider.PostAsync(new Uri("/sandbox/v1/" + name, UriKind.Relative), content);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{name}: {await answer.Content.ReadAsStringAsync()}");
    }

    public Task<JsonElement> LookAsync(string path) => Provider.GetFromJsonAsync<JsonElement>("/sandbox/v1/" + path);

    /// <summary>Sales Navigator senders with so many credits each, here and at the provider, and the provider's webhooks to the gateway.</summary>
    public async Task SendersAsync(int credits, params string[] accountIds)
    {
        var (dispatcher, ledger) = (DispatcherOf(), CreditsOf());
        await dispatcher.PutConnectionAsync(
            new() { Connection = new() { ConnectionId = "sandbox", BaseUrl = Provider.BaseAddress!.ToString(), ApiKey = ProviderKey, WebhookSecret = WebhookSecret } }, As(), DateTime.UtcNow + _callLimit);
        foreach (var id in accountIds)
        {
            await ControlAsync("accounts", JsonSerializer.Serialize(new
            {
                id,
                subscriptions = new[] { new { plan = "sales_navigator", balance = credits } },
                limits = new { inmails_per_day = 10_000, messages_per_day = 10_000, profiles_per_day = 10_000 },
            }));
            await ledger.CreatePoolAsync(new() { PoolId = id + "-pool", PlanId = "sales_navigator_core", OpeningBalance = credits }, As(), DateTime.UtcNow + _callLimit);
            await dispatcher.PutAccountAsync(
                new()
                {
                    Account = new()
                    {
                        AccountId = id,
                        ConnectionId = "sandbox",
                        Tier = Tier.SalesNavigator,
                        InmailProduct = Product.SalesNavigator,
                        Pools = { new AccountPool { Product = Product.SalesNavigator, PoolId = id + "-pool" } },
                        Spacing = new Duration(),
                    },
                },
                As(),
                DateTime.UtcNow + _callLimit);
        }

        if (Gateway is not null && !_hooked)
            await HookAsync(new Uri(GatewayRest, $"/v1/webhooks/provider/{Tenant}/sandbox"));
    }

    /// <summary>A first API key of the tenant, made by the gateway's own command.</summary>
    public async Task<string> ApiKeyAsync() => (await Gateway!.RunAsync("create-key", "--tenant", Tenant)).Trim();

    /// <summary>From here on the provider tells nobody anything.</summary>
    public async Task UnhookAsync()
    {
        using var hooks = JsonDocument.Parse(await Provider.GetStringAsync(new Uri("/api/v1/webhooks", UriKind.Relative)));
        foreach (var hook in hooks.RootElement.GetProperty("items").EnumerateArray())
            (await Provider.DeleteAsync(new Uri("/api/v1/webhooks/" + hook.GetProperty("id").GetString(), UriKind.Relative))).EnsureSuccessStatusCode();
        _hooked = false;
    }

    /// <summary>Where the provider posts what happens.</summary>
    public async Task HookAsync(Uri receiver)
    {
        foreach (var source in new[] { "messaging", "users", "account_status" })
        {
            using var answer = await Provider.PostAsJsonAsync(
                new Uri("/api/v1/webhooks", UriKind.Relative),
                new { request_url = receiver, source, name = source, headers = new[] { new { key = "Unipile-Auth", value = WebhookSecret }, new { key = "Content-Type", value = "application/json" } } });
            answer.EnsureSuccessStatusCode();
        }

        _hooked = true;
    }

    /// <summary>People at the provider, so many, named <c>{prefix}-1</c> and so on.</summary>
    public Task PeopleAsync(string prefix, int count, bool related = false) => ControlAsync("world", JsonSerializer.Serialize(new
    {
        keep_existing = true,
        prospects = Enumerable.Range(1, count).Select(n => new { id = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{n}"), degree = related ? "first" : "second" }),
    }));

    public static MessageSpec Message(string id, string profile, Priority priority = Priority.High, string? note = null) => new()
    {
        MessageId = id,
        Prospect = new() { Profile = profile },
        Content = new() { Subject = "Hello", Body = $"Hello {profile}, this is {id}.", Note = note ?? "" },
        Priority = priority,
    };

    /// <summary>Waits for a condition on a message, whoever of the dispatchers answers.</summary>
    public async Task<Message> UntilAsync(string messageId, Func<Message, bool> holds, TimeSpan limit)
    {
        Message? last = null;
        var clients = Enumerable.Range(0, Shape.DispatcherInstances).Select(DispatcherOf).ToList();
        var turn = 0;
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    try
                    {
                        last = (await clients[turn++ % clients.Count].GetMessageAsync(new() { MessageId = messageId }, As(), DateTime.UtcNow.AddSeconds(5))).Message;
                        return holds(last);
                    }
                    catch (RpcException)
                    {
                        // One of them is dead at the moment.
                        return false;
                    }
                },
                limit,
                messageId);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"Not within {limit.TotalSeconds:0} s: {messageId} is {last?.State} ({last?.Reason}, until {last?.WaitUntil}) after {string.Join(", ", last?.Attempts.TakeLast(5).Select(attempt => $"{attempt.Channel} {attempt.State} {attempt.Reason}") ?? [])}");
        }

        return last!;
    }

    /// <summary>Calls again for a while when nobody answers: a channel takes its time to find a service that was killed and started again.</summary>
    public static async Task<T> PatientlyAsync<T>(Func<Task<T>> call)
    {
        var until = DateTime.UtcNow + _callLimit;
        while (true)
        {
            try
            {
                return await call();
            }
            catch (RpcException away) when (away.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded && DateTime.UtcNow < until)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>The last lines of every process, for whoever looks for the reason of what went wrong.</summary>
    public string Said(int lines = 15) => string.Join('\n', _services.Where(service => service.Output.Length > 0).Select(service => $"--- {service.Name}:\n{string.Join('\n', service.Output.Split('\n').TakeLast(lines))}")) + "\n" + Broker?.Said(lines);

    public static bool IsOver(Message message) => message.State >= MessageState.Sent;

    public static bool IsSettled(Message message) => IsOver(message) && message.Attempts.All(attempt => attempt.Settled);
}
