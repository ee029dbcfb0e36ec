using System.Globalization;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Delivery.Messages;
using Shown = Pennypost.Types.V1;

namespace Dispatcher.Tests.Accounts;

/// <summary>docs/safety.md says what the gates do, and nothing else: its tables and numbers are compared with the rules.</summary>
public sealed class ReadingTheSafetyPage
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs", "safety.md"));

    [Fact]
    public void F78_Finds_the_accounts_gates_in_their_order_with_their_effects() =>
        Assert.Equal(Gates.Table.Select(row => $"{Name(row.Reason)} | {Words(row.Effect)}"), Rows("The account's gates").Select(cells => $"{cells[0]} | {cells[1]}"));

    /// <summary>The order is that of Opening.Gate; which case answers which reason is shown by PassingTheProspectsGates.</summary>
    [Fact]
    public void Finds_the_prospects_gates_with_their_effects()
    {
        var rows = Rows("The prospect's gates");
        Assert.Equal(
            [
                Reason.Expired, Reason.AttemptsExhausted, Reason.Duplicate, Reason.ProspectCoolingDown, Reason.ProspectSuppressed, Reason.ProspectReplied, Reason.ClaimedByOtherSender, Reason.ProspectCoolingDown,
                Reason.SecondInmail, Reason.FactUnknown,
            ],
            rows.Select(cells => Enum.GetValues<Reason>().Single(reason => Name(reason) == cells[0])));
        Assert.All(rows, cells => Assert.Equal(Words(RefusalEffects.Of(Enum.GetValues<Reason>().Single(reason => Name(reason) == cells[0]))), cells[1]));
        Assert.Equal($"it was tried {new DeliveryRules().MaxAttempts} times", rows[1][2]);
    }

    [Fact]
    public void F78_Finds_the_weights_of_the_score() =>
        Assert.Equal(
            SafetyScore.Weights.Select(weight => $"{Name(weight.Kind)} | {Number(weight.Points)} | {Number(weight.Days)} days")
                .Append($"{Name(SafetySign.SuddenVolume)} | {Number(SafetyScore.SuddenVolumePoints)} | that day and the next")
                .Append($"{Name(SafetySign.FewerAccepts)} | {Number(SafetyScore.FallingSharePoints)} | while it lasts")
                .Append($"{Name(SafetySign.FewerReplies)} | {Number(SafetyScore.FallingSharePoints)} | while it lasts"),
            Rows("The safety score").Select(cells => string.Join(" | ", cells)));

    [Fact]
    public void F45_Finds_the_defaults()
    {
        string[] says =
        [
            $"After {Ramp.DefaultPauseDays} days without a send",
            $"begins again at {Ramp.DefaultRestartPercent} %",
            $"`pending_ceiling`, {Pending.DefaultCeiling.ToString("N0", CultureInfo.InvariantCulture)} unless set",
            $"{Pending.WithdrawEvery.TotalMinutes} to {2 * Pending.WithdrawEvery.TotalMinutes} minutes apart, at most {Pending.MostWithdrawals} a day",
            $"{ResponseGuard.UsualInmails} in {ResponseGuard.UsualDays} days with less than {ResponseGuard.UsualPercent} %",
            $"a day with at least {SafetyScore.LeastSuddenSends} sends",
            $"each of both needs {SafetyScore.LeastComparedSends} sends",
        ];
        var page = string.Join(' ', Page.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.All(says, sentence => Assert.Contains(sentence, page, StringComparison.Ordinal));
        Assert.Equal((TimeSpan.FromDays(3), TimeSpan.FromDays(1)), (SafetyScore.OverrideLife, Pending.LookEvery));
    }

    private static string Name(Reason reason) => Shown.ReasonReflection.Descriptor.EnumTypes[0].FindValueByNumber((int)reason).Name["REASON_".Length..];

    private static string Name(SafetySign sign) =>
        Shown.AccountReflection.Descriptor.EnumTypes.Single(type => type.Name == "SafetySign").FindValueByNumber((int)sign).Name["SAFETY_SIGN_".Length..];

    private static string Words(GateEffect effect) => effect switch { GateEffect.Wait => "wait", GateEffect.NextCandidate => "next candidate", _ => "end" };

    private static string Words(RefusalEffect effect) => effect switch { RefusalEffect.Wait => "wait", RefusalEffect.NextCandidate => "next candidate", _ => "end" };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The cells of the table under a heading, without quotation.</summary>
    private static List<string[]> Rows(string heading) =>
    [
        .. Page.Split("\n## ").Single(part => part.StartsWith(heading + "\n", StringComparison.Ordinal)).Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries).Select(cell => cell.Replace("`", "", StringComparison.Ordinal)).ToArray()),
    ];
}
