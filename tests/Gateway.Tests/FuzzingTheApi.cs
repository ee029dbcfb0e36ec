using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Pennypost.Gateway.Tests;

public sealed class FuzzingTheApi : IAsyncLifetime
{
    private static readonly (string Verb, string Path, string Body)[] Seeds =
    [
        ("POST", "/v1/messages", """{"messageId":"m1","prospect":{"profile":"ada"},"content":{"body":"Hi","note":"N"},"accountIds":["a1"],"priority":"PRIORITY_HIGH","notBefore":"2026-12-01T09:00:00Z"}"""),
        ("POST", "/v1/messages:batch", """{"messages":[{"messageId":"m1","prospect":{"profile":"ada"},"content":{"body":"Hi"}}],"validateOnly":true}"""),
        ("PUT", "/v1/accounts/a1", """{"connectionId":"main","pools":[{"product":"PRODUCT_PREMIUM","poolId":"p"}],"caps":[{"action":1,"window":2,"limit":"3"}],"spacing":"10s","sendingWindow":{"days":[1,2]}}"""),
        ("PUT", "/v1/policies/p1", """{"choice":"CHOICE_BEST_VALUE","channels":["CHANNEL_INMAIL",10],"conditions":[{"channel":10,"minCredits":"3","emailVerified":true}],"inmailWarrant":{"highPriority":true},"hours":{"days":[1]}}"""),
        ("POST", "/v1/pools", """{"poolId":"p1","planId":"free","renewal":{"billingAnchor":{"day":31,"timeZone":"UTC"}},"openingBalance":"5"}"""),
        ("POST", "/v1/pools/p1:topUp", """{"topUpId":"t1","credits":"5","unitCostMicros":1,"currency":"EUR","expireTime":"2027-01-01T00:00:00Z"}"""),
        ("PUT", "/v1/webhooks/w1", """{"url":"https://hooks.invalid/","filter":{"types":["message","pool.granted"],"subjects":["m1"]},"displayName":"x","disabled":true}"""),
        ("POST", "/v1/webhooks/w1:replay", """{"fromTime":"2026-01-01T00:00:00Z","toTime":"2026-02-01T00:00:00Z","onlyFailed":true}"""),
        ("POST", "/v1/webhooks/w1:rotateSecret", """{"overlap":"60s"}"""),
        ("POST", "/v1/apiKeys", """{"displayName":"x","scopes":["messages:read"]}"""),
    ];

    private static readonly string[] Splinters =
        ["\"", "{", "}", "[", "]", ":", ",", "null", "true", "-1", "1e999", "9223372036854775808", "\\ud800", "\\u0000", "\u0000", "\uFEFF", "\"@type\":\"x\"", "é", "[[[[[[[[[[", "\"2026-99-99T00:00:00Z\"", "\"-315576000001s\"", "{}", "18446744073709551616.5"];

    private readonly RunningGateway gateway = new(new() { ["Gateway:KeyCallsPerSecond"] = "1000000", ["Gateway:TenantCallsPerSecond"] = "1000000" });

    public Task InitializeAsync() => gateway.InitializeAsync();

    public Task DisposeAsync() => gateway.DisposeAsync();

    [Fact]
    public void Mangled_JSON_is_never_our_fault()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var (verb, path, body) = Seeds[random.Next(Seeds.Length)];
            var answer = gateway.SendAsync(verb, path, Mangled(body, random)).GetAwaiter().GetResult();
            return (answer.Status < 500).Label($"{verb} {path}: {answer.Status} {answer.Text}");
        }));
    }

    [Fact]
    public void Mangled_bytes_queries_and_paths_are_never_our_fault()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            var noise = Uri.EscapeDataString(Encoding.Latin1.GetString(bytes));
            using var request = random.Next(3) switch
            {
                0 => new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } } },
                1 => new HttpRequestMessage(HttpMethod.Get, $"/v1/messages?{(random.Next(2) == 0 ? "page_token" : noise)}={noise}&state={noise}&pageSize={random.NextInt64()}"),
                _ => new HttpRequestMessage(HttpMethod.Post, $"/v1/messages:importCsv?import_id=fuzz&validate_only=true") { Content = new ByteArrayContent([.. "Profile URL,Message\n"u8, .. bytes]) { Headers = { ContentType = new("text/csv") } } },
            };
            using var response = gateway.Http.SendAsync(request).GetAwaiter().GetResult();
            return ((int)response.StatusCode < 500).Label($"{request.Method} {request.RequestUri}: {response.StatusCode}");
        }));
    }

    private static string Mangled(string body, Random random)
    {
        var text = new StringBuilder(body);
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(3))
            {
                case 0:
                    text.Insert(at, Splinters[random.Next(Splinters.Length)]);
                    break;
                case 1:
                    text.Remove(at, Math.Min(random.Next(1, 12), text.Length - at));
                    break;
                default:
                    var from = random.Next(text.Length);
                    text.Insert(at, text.ToString(from, Math.Min(random.Next(1, 20), text.Length - from)));
                    break;
            }
            if (text.Length == 0) text.Append('0');
        }
        return text.ToString();
    }
}
