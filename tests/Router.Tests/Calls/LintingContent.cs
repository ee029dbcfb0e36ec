using Google.Protobuf.WellKnownTypes;
using Pennypost.Router.V1;
using Pennypost.Types.V1;

namespace Pennypost.Router.Tests.Calls;

/// <summary>Advice on a text; never a refusal for its style (F30).</summary>
public sealed class LintingContent(RunningRouter router) : IClassFixture<RunningRouter>
{
    private const string Good = "I read your post on routing. May I ask how you measure it?";

    private static readonly DateTimeOffset Wednesday = new(2026, 11, 18, 10, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, (string Body, string Note, DateTimeOffset? SendAt, string[] Advice)> Table = new()
    {
        ["nothing to say"] = (Good, "", Wednesday, []),
        ["a good note"] = ("", Good, Wednesday, []),
        ["399 characters"] = (Good.PadRight(399, '.'), "", null, []),
        ["400 characters"] = (Good.PadRight(400, '.'), "", null, ["Shorten the body: it has 400 characters, and messages under 400 are answered more often."]),
        ["no question"] = ("I read your post.", "", null, ["Ask one question: the body asks none, which leaves nothing easy to answer."]),
        ["two questions"] = ("Did you write this? When?", "", null, ["Ask one question: the body asks 2."]),
        ["about nobody"] = ("We are the market leader. Interested?", "", null, ["Make the body personal: it never says \"you\" or \"your\"."]),
        ["young is not you"] = ("We are a young team. Interested?", "", null, ["Make the body personal: it never says \"you\" or \"your\"."]),
        ["you're is you"] = ("Is it true that you're hiring?", "", null, []),
        ["a young you"] = ("A young team greets you. Shall we meet?", "", null, []),
        ["an unfilled placeholder"] = ("Hello {first_name}, are you hiring?", "", null, ["Fill the placeholder in the body: it would be sent as it stands."]),
        ["an unfilled bracket"] = ("", "Hello [First Name], are you hiring?", null, ["Fill the placeholder in the note: it would be sent as it stands."]),
        ["Thursday"] = (Good, "", Wednesday.AddDays(1), []),
        ["Friday"] = (Good, "", Wednesday.AddDays(2), ["Send on another day: messages sent on Friday or Saturday are answered least."]),
        ["Saturday"] = (Good, "", Wednesday.AddDays(3), ["Send on another day: messages sent on Friday or Saturday are answered least."]),
        ["Sunday"] = (Good, "", Wednesday.AddDays(4), []),
    };

    public static TheoryData<string> Lines => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Advises_as_the_table_says(string line)
    {
        var (body, note, sendAt, advice) = Table[line];

        var response = await LintAsync(new LintContentRequest
        {
            Content = new Types.V1.Content { Body = body, Note = note },
            SendTime = sendAt?.ToTimestamp(),
        });

        Assert.Equal(advice, response.Findings.Select(finding => finding.Text));
        Assert.All(response.Findings, finding => Assert.Equal(LintSeverity.Warning, finding.Severity));
        Assert.All(response.Findings, finding => Assert.NotEmpty(finding.Source));
    }

    [Fact]
    public async Task What_is_too_long_for_a_channel_is_an_error_with_its_source_F30()
    {
        var content = new Types.V1.Content { Subject = new string('x', 201), Body = Good.PadRight(1_901, '.'), Note = Good.PadRight(201, '.') };

        var findings = (await LintAsync(new LintContentRequest { Content = content })).Findings.Where(finding => finding.Severity == LintSeverity.Error).ToList();
        var paid = (await LintAsync(new LintContentRequest { Content = content, Tier = Types.V1.Tier.Premium })).Findings.Where(finding => finding.Severity == LintSeverity.Error);

        Assert.Equal(["subject", "body", "note"], findings.Select(finding => finding.Field));
        Assert.Equal("The body is too long: it has 1,901 characters, and 1,900 are the most. It is not cut: these channels are rejected.", findings[1].Text);
        Assert.Equal([Types.V1.Channel.OpenProfileInmail, Types.V1.Channel.Inmail], findings[1].Channels);
        Assert.StartsWith("The note is too long for a free account: it has 201 characters", findings[2].Text, StringComparison.Ordinal);
        Assert.Equal("LinkedIn Help a554514", findings[0].Source);
        Assert.Equal(["subject", "body"], paid.Select(finding => finding.Field));
    }

    [Fact]
    public async Task Names_every_violation_at_once()
    {
        var fault = await RoutingOverTheWire.RefusedAsync(() => LintAsync(new LintContentRequest
        {
            Content = new Types.V1.Content { Subject = new string('x', 100_001) },
            SendTime = new Timestamp { Nanos = 1_000_000_000 },
            Tier = (Types.V1.Tier)99,
        }));

        Assert.Equal(["tier", "content.subject", "send_time"], fault.Violations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task Needs_a_content()
    {
        var fault = await RoutingOverTheWire.RefusedAsync(() => LintAsync(new LintContentRequest()));

        Assert.Equal("content", Assert.Single(fault.Violations).Field);
    }

    private async Task<LintContentResponse> LintAsync(LintContentRequest request) =>
        await router.Client.LintContentAsync(request, RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30));
}
