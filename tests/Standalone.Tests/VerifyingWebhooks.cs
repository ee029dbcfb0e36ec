using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Pennypost.Standalone.Tests;

/// <summary>F70: what the clients for Node and Python say of a delivery.</summary>
public sealed class VerifyingWebhooks
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    private const string Body = """{"eventId":"acme.hello-1.4","type":"message.sent","subject":"hello-1 é","sequence":"4"}""";

    /// <summary>Each case: headers, body, secrets, and what is said of it.</summary>
    private static readonly (Dictionary<string, string> Headers, string Body, string[] Secrets, string Said)[] Cases =
    [
        (Headers(Sign(Secret)), Body, [Secret], "acme.hello-1.4"),
        (Headers(Sign(Other) + " " + Sign(Secret)), Body, [Secret], "acme.hello-1.4"),
        (Headers(Sign(Secret)), Body, [Other, Secret], "acme.hello-1.4"),
        (Headers("v2,abc " + Sign(Secret)), Body, [Secret], "acme.hello-1.4"),
        (Headers(Sign(Secret)), Body + " ", [Secret], "no signature by this secret"),
        (Headers(Sign(Secret)), Body, [Other], "no signature by this secret"),
        (Headers(Sign(Secret), id: "acme.hello-1.5"), Body, [Secret], "no signature by this secret"),
        (Headers(Sign(Secret), time: 1_000_200), Body, [Secret], "no signature by this secret"),
        (Headers(""), Body, [Secret], "no signature by this secret"),
        (Headers(Sign(Secret, 999_600), time: 999_600), Body, [Secret], "too old, or the clocks are apart"),
        (Headers(Sign(Secret, 1_000_400), time: 1_000_400), Body, [Secret], "too old, or the clocks are apart"),
        (new() { ["webhook-id"] = "x", ["webhook-timestamp"] = "soon", ["webhook-signature"] = "v1,x" }, Body, [Secret], "no webhook-id, webhook-timestamp or webhook-signature"),
        ([], Body, [Secret], "no webhook-id, webhook-timestamp or webhook-signature"),
    ];

    [Theory]
    [InlineData("node")]
    [InlineData("python")]
    public async Task Only_what_the_secret_signed_a_moment_ago_is_believed_F70(string language)
    {
        var cases = JsonSerializer.Serialize(Cases.Select(one => new { headers = one.Headers, body = one.Body, secrets = one.Secrets }));
        var client = await ClientInAnotherLanguage.GeneratedAsync(language);
        var ended = await client.RunAsync(language == "node"
            ? $$"""
                import { verifyWebhook, WebhookError } from "./dist/webhooks.js";
                for (const { headers, body, secrets } of {{cases}}) {
                  try { console.log(verifyWebhook(secrets.length === 1 ? secrets[0] : secrets, headers, Buffer.from(body), { now: 1000000 }).eventId); }
                  catch (error) { if (!(error instanceof WebhookError)) throw error; console.log(error.message); }
                }
                """
            : $$"""
                import json
                from pennypost_webhooks import WebhookError, verify_webhook
                for case in json.loads({{JsonSerializer.Serialize(cases)}}):
                    try: print(verify_webhook(case["secrets"][0] if len(case["secrets"]) == 1 else case["secrets"], case["headers"], case["body"].encode(), now=1000000)["eventId"])
                    except WebhookError as error: print(error)
                """);

        Assert.True(ended.Code == 0, ended.ToString());
        Assert.Equal(Cases.Select(one => one.Said), ended.Output.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("node", "js")]
    [InlineData("python", "python")]
    public async Task The_lines_on_the_page_of_events_do_the_same_F70(string language, string kind)
    {
        var page = await File.ReadAllTextAsync(Repository.PathOf("docs", "events.md"));
        var lines = page.Split($"```{kind}\n")[1].Split("```")[0];
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var (well, old) = (JsonSerializer.Serialize(Headers(Sign(Other, now) + " " + Sign(Secret, now), time: now)), JsonSerializer.Serialize(Headers(Sign(Secret, now - 400), time: now - 400)));
        var body = JsonSerializer.Serialize(Body);
        var client = await ClientInAnotherLanguage.GeneratedAsync(language);
        var ended = await client.RunAsync(lines + (language == "node"
            ? $$"""
                for (const [headers, body] of [[{{well}}, {{body}}], [{{well}}, {{body}} + " "], [{{old}}, {{body}}]]) {
                  try { console.log(verify("{{Secret}}", headers, Buffer.from(body)).eventId); } catch (error) { console.log(error.message); }
                }
                """
            : $$"""

                for headers, body in [({{well}}, {{body}}), ({{well}}, {{body}} + " "), ({{old}}, {{body}})]:
                    try: print(verify("{{Secret}}", headers, body.encode())["eventId"])
                    except ValueError as error: print(error)
                """));

        Assert.True(ended.Code == 0, ended.ToString());
        Assert.Equal(["acme.hello-1.4", "not Pennypost's, or too old", "not Pennypost's, or too old"], ended.Output.TrimEnd('\n').Split('\n'));
    }

    private static Dictionary<string, string> Headers(string signature, string id = "acme.hello-1.4", long time = 1_000_100) =>
        new() { ["webhook-id"] = id, ["webhook-timestamp"] = time.ToString(System.Globalization.CultureInfo.InvariantCulture), ["webhook-signature"] = signature };

    private static string Sign(string secret, long time = 1_000_100) =>
        "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"acme.hello-1.4.{time}.{Body}"))));
}
