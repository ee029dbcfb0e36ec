using Google.Protobuf.WellKnownTypes;
using Pennypost.Router.V1;

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

        Assert.Equal(advice, response.Advice);
    }

    [Fact]
    public async Task Names_every_violation_at_once()
    {
        var fault = await RoutingOverTheWire.RefusedAsync(() => LintAsync(new LintContentRequest
        {
            Content = new Types.V1.Content { Subject = new string('x', 201) },
            SendTime = new Timestamp { Nanos = 1_000_000_000 },
        }));

        Assert.Equal(["content.subject", "content.body", "send_time"], fault.Violations.Select(violation => violation.Field));
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
