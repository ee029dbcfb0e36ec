using FsCheck;
using FsCheck.Fluent;
using Pennypost.Gateway.Events;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Tests;

/// <summary>F70: what of the events that are told goes into the timeline, what is kept, and what a token says.</summary>
public sealed class AppendingEvents
{
    [Fact]
    public void Of_events_told_again_only_what_is_new_is_appended_F70()
    {
        var first = Appending.Append([Of("m1", 1), Of("m1", 2), Of("m2", 1)], _ => null);
        var known = first.Streams;
        var again = Appending.Append([Of("m1", 1), Of("m1", 2), Of("m1", 3), Of("m2", 1), Of("m1", 3)], key => known.TryGetValue(key, out var last) ? last : null);

        Assert.Equal([("m1", 1), ("m1", 2), ("m2", 1)], first.Fresh.Select(happened => (happened.Subject, happened.Sequence)));
        Assert.Equal([("m1", 3L)], again.Fresh.Select(happened => (happened.Subject, happened.Sequence)));
        Assert.Equal((4, 0L), (again.Repeated, again.Missed));
    }

    [Fact]
    public void What_never_came_of_a_message_is_counted_and_of_a_pool_it_is_no_gap_F70()
    {
        long? Known(string key) => 2;

        Assert.Equal(3, Appending.Append([Of("m1", 6)], Known).Missed);
        Assert.Equal(0, Appending.Append([new Event { EventId = "pool:acme:p1:6", Sequence = 6, Type = "pool.granted", Subject = "p1", Pool = new PoolEvent() }], Known).Missed);
        Assert.Equal(0, Appending.Append([Of("m1", 6)], _ => null).Missed);
    }

    /// <summary>However a relay repeats itself: as long as nothing comes for the first time before what was before it, each is there once and in order.</summary>
    [Fact]
    public void Whatever_is_repeated_each_event_is_appended_once_and_in_order_F70() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var streams = new Dictionary<string, long>();
        var told = new Dictionary<string, int>();
        var timeline = new List<(string, long)>();
        for (var batch = 0; batch < 12; batch++)
        {
            var events = new List<Event>();
            for (var n = 0; n < 6; n++)
            {
                var subject = $"m{random.Next(3)}";
                // A relay begins anywhere before where it was, and goes on from there.
                for (var sequence = random.Next(told.GetValueOrDefault(subject) + 1) + 1; sequence <= told.GetValueOrDefault(subject) + random.Next(2); sequence++) events.Add(Of(subject, sequence));
                told[subject] = Math.Max(told.GetValueOrDefault(subject), events.Where(happened => happened.Subject == subject).Select(happened => (int)happened.Sequence).DefaultIfEmpty().Max());
            }
            var appended = Appending.Append(events, key => streams.TryGetValue(key, out var last) ? last : null);
            foreach (var (key, last) in appended.Streams) streams[key] = last;
            timeline.AddRange(appended.Fresh.Select(happened => (happened.Subject, happened.Sequence)));
            if (appended.Missed > 0) return false;
        }
        return told.All(subject => timeline.Where(line => line.Item1 == subject.Key).Select(line => line.Item2).SequenceEqual(Enumerable.Range(1, subject.Value).Select(n => (long)n)));
    }));

    [Theory]
    [InlineData("acme.hello-1.4", "s/acme.hello-1")]
    [InlineData("pool:acme:p1:46", "s/pool:acme:p1")]
    [InlineData("account:acme:ada:8", "s/account:acme:ada")]
    [InlineData("no-number", "s/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("a b.1", "s/c8687a08aa5d6ed2044328fa6a697ab8e96dc34291e8c2034ae8c38e6fcc6d65")]
    public void An_events_source_is_its_id_without_the_number_F70(string eventId, string key) => Assert.Equal(key, Appending.StreamKey(eventId));

    /// <summary>Commits of lines: (time in hours, how many). What is older than 10 or beyond 6 goes, up to the end of a commit.</summary>
    [Theory]
    [InlineData(new[] { 1, 2, 3, 3, 12, 1 }, true, 5)]
    [InlineData(new[] { 1, 2, 12, 5 }, true, 2)]
    [InlineData(new[] { 12, 9 }, true, 0)]
    [InlineData(new[] { 12, 2, 13, 9 }, true, 2)]
    [InlineData(new[] { 1, 3 }, true, 3)]
    [InlineData(new[] { 1, 3 }, false, 0)]
    [InlineData(new int[0], true, 0)]
    public void Only_whole_commits_that_are_too_old_or_too_many_go_F70(int[] commits, bool isEnd, int going)
    {
        var page = new List<JournaledEntry>();
        for (var commit = 0; commit < commits.Length; commit += 2)
            for (var line = 0; line < commits[commit + 1]; line++)
                page.Add(new JournaledEntry(Timelines.Partition("acme"), page.Count + 1, 0, commit + 1, DateTimeOffset.UnixEpoch.AddHours(commits[commit]), "message.sent", default));
        var most = page.Count - 6;

        Assert.Equal(going, Trimming.Going(page, DateTimeOffset.UnixEpoch.AddHours(10), most, isEnd).Count);
    }

    [Theory]
    [InlineData("message.sent", true)]
    [InlineData("message.sentinel", false)]
    [InlineData("message", false)]
    [InlineData("pool.granted", true)]
    [InlineData("poolside.x", false)]
    [InlineData("account.state", false)]
    public void A_type_is_heard_by_its_name_or_its_family_F70(string type, bool heard) =>
        Assert.Equal(heard, new EventFilters(["message.sent", "pool"], []).Lets(new Event { Type = type }));

    [Fact]
    public void A_subject_is_heard_by_its_id_and_no_filter_lets_all_through_F70()
    {
        Assert.True(new EventFilters([], []).Lets(Of("m1", 1)));
        Assert.True(new EventFilters([], ["m1"]).Lets(Of("m1", 1)));
        Assert.False(new EventFilters([], ["m1"]).Lets(Of("m2", 1)));
        Assert.False(new EventFilters(["pool"], ["m1"]).Lets(Of("m1", 1)));
    }

    [Fact]
    public void A_filter_that_cannot_be_is_refused_with_everything_that_is_wrong_F70()
    {
        var violations = new Violations();
        EventFilters.Shape(violations, "", [.. Enumerable.Repeat("x", 21), "y"], ["a b"]);
        EventFilters.Shape(violations, "filter.", ["Message", ""], []);

        Assert.Equal(["types", "subjects[0]", "filter.types[0]", "filter.types[1]"], violations.All.Select(violation => violation.Field));
    }

    [Fact]
    public void A_token_is_good_for_its_tenant_and_as_it_was_given_F70() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll<NonNegativeInt, NonNegativeInt, int>((number, at, seed) =>
    {
        var position = new TimelinePosition(number.Get, at.Get);
        var token = position.ToToken("acme");
        var broken = token.ToCharArray();
        var where = new Random(seed).Next(broken.Length);
        broken[where] = broken[where] == 'x' ? 'y' : 'x';
        return TimelinePosition.Read(token, "acme") == position && TimelinePosition.Read(token, "zenith") is null && TimelinePosition.Read(new string(broken), "acme") is null
            && TimelinePosition.Read(token[..^1], "acme") is null && TimelinePosition.Read(token + "A", "acme") is null;
    }));

    private static Event Of(string messageId, int sequence) =>
        new() { EventId = $"acme.{messageId}.{sequence}", Sequence = sequence, Type = "message.waiting", Subject = messageId, Message = new MessageEvent { Sequence = sequence } };
}
