using System.Globalization;
using Pennypost.Router.Tests.Decide;
using Pennypost.Routing;
using Pennypost.Routing.Rates;
using Pennypost.Types.V1;
using Candidate = Pennypost.Routing.Candidate;
using Channel = Pennypost.Routing.Channel;
using Reason = Pennypost.Routing.Reason;
using RoutingPolicy = Pennypost.Routing.RoutingPolicy;
using Verdict = Pennypost.Routing.Verdict;

namespace Pennypost.Router.Tests.Docs;

/// <summary>docs/routing.md says what routing does, and nothing else: its tables are compared with what the rules answer.</summary>
public sealed class ReadingTheRoutingPage
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs", "routing.md"));

    [Fact]
    public void Finds_every_reason_with_its_channels_and_effect() =>
        Assert.Equal(
            JudgingAChannel.EveryCandidate.Concat(JudgingByPolicy.EveryCandidate).Concat(ChoosingByPolicy.EveryCandidate)
                .Where(candidate => candidate.Reason != Reason.None)
                .GroupBy(candidate => candidate.Reason)
                .OrderBy(group => group.Key)
                .Select(group => $"{Name(group.Key)} | {Channels(group)} | {Effect(group)}"),
            Rows("Reasons").Select(cells => $"{cells[0]} | {cells[1]} | {cells[2]}"));

    [Fact]
    public void Finds_every_reason_that_routing_can_give() =>
        Assert.Equal(
            Enum.GetValues<Reason>().Where(reason => reason != Reason.None).Select(Name),
            Rows("Reasons").Select(cells => cells[0]));

    [Fact]
    public void Finds_the_channels_in_their_order() =>
        Assert.Equal(RoutingPolicy.Default.ChannelOrder.Select(Name), Rows("Channels").Select(cells => cells[0]));

    [Fact]
    public void Finds_the_channels_that_are_off_by_default() =>
        Assert.Equal(
            Enum.GetValues<Channel>().Except(RoutingPolicy.Default.ChannelOrder).Where(channel => channel < Channel.ProfileView).Select(Name),
            Rows("Channels that are off").Select(cells => cells[0]));

    [Fact]
    public void Finds_everything_that_a_policy_says() =>
        Assert.Equal(
            Types.V1.RoutingPolicy.Descriptor.Fields.InFieldNumberOrder().Select(field => field.Name).Except(["etag", "update_time"]),
            Rows("Policies").Select(cells => cells[0]));

    [Fact]
    public void Finds_the_default_times() =>
        Assert.Equal(
            typeof(RoutingPolicy).GetProperties()
                .Where(property => property.PropertyType == typeof(TimeSpan))
                .Select(property => $"{property.Name} | {Words((TimeSpan)property.GetValue(RoutingPolicy.Default)!)}"),
            Rows("Defaults").Select(cells => $"{cells[0]} | {cells[1]}"));

    [Fact]
    public void Finds_the_lengths() =>
        Assert.Equal(
            new[] { RoutingPolicy.Default.FreeTexts, RoutingPolicy.Default.PaidTexts }
                .Select(texts => string.Join(" | ", new[] { texts.Subject, texts.InMail, texts.Message, texts.Note, texts.Email }
                    .Select(length => length.ToString("N0", CultureInfo.InvariantCulture)))),
            Rows("Lengths").Select(cells => string.Join(" | ", cells[1..])));

    [Fact]
    public void Finds_the_priors_of_rates_F27() =>
        Assert.Equal(
            RatePriors.Channels.Select(channel => $"{Name(channel)} {Words(RatePriors.Reply(channel))}").Append($"accepts {Words(RatePriors.Accept)}").Order(StringComparer.Ordinal),
            Rows("Rates").Select(cells => $"{(cells[0].StartsWith("accepts", StringComparison.Ordinal) ? "accepts" : cells[0].Split('`')[1])} {cells[1]}").Order(StringComparer.Ordinal));

    private static string Words(RateBelief prior) => string.Create(CultureInfo.InvariantCulture, $"{prior.Alpha} of {prior.Alpha + prior.Beta}");

    private static string Channels(IEnumerable<Candidate> candidates)
    {
        var channels = candidates.Select(candidate => candidate.Channel).Distinct().ToHashSet();
        return channels.IsSupersetOf(RoutingPolicy.Default.ChannelOrder)
            ? "every"
            : string.Join(", ", Given.EveryChannel.Where(channels.Contains).Select(Name));
    }

    private static string Effect(IEnumerable<Candidate> candidates) =>
        string.Join(" or ", candidates.Select(candidate => candidate.Verdict).Distinct().Order().Select(verdict => verdict switch
        {
            Verdict.Rejected => "rejected",
            Verdict.Waits => "waits",
            Verdict.NeedsFacts => "asks",
            _ => throw new ArgumentOutOfRangeException(nameof(candidates), verdict, "an eligible candidate has no reason"),
        }));

    private static string Name(Reason reason) =>
        ReasonReflection.Descriptor.EnumTypes[0].FindValueByNumber((int)reason).Name["REASON_".Length..];

    private static string Name(Channel channel) =>
        ContentReflection.Descriptor.EnumTypes.Single(type => type.Name == "Channel").FindValueByNumber((int)channel).Name["CHANNEL_".Length..];

    private static string Words(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => $"{time.TotalDays} days",
        { TotalHours: >= 1 } => $"{time.TotalHours} hours",
        { TotalMinutes: 1 } => "1 minute",
        _ => $"{time.TotalMinutes} minutes",
    };

    /// <summary>The rows of the first table under a heading, without its head.</summary>
    private static IEnumerable<string[]> Rows(string heading) =>
        Page.Split("\n## ").Single(section => section.StartsWith(heading + "\n", StringComparison.Ordinal))
            .Split('\n')
            .SkipWhile(line => !line.StartsWith("|-", StringComparison.Ordinal))
            .Skip(1)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries).Select(cell => cell.Trim('`')).ToArray());
}
