using System.Text.Json;
using Pennypost.Dispatcher.Provider;

namespace Dispatcher.Tests.Provider;

/// <summary>F17: what is missing is unknown, not false.</summary>
public sealed class ReadingProfiles
{
    [Fact]
    public void Takes_what_is_missing_as_unknown()
    {
        var facts = Read("""{"provider_id":"ACoX"}""")!;
        Assert.Equal((Distance.Unknown, null, null, null, InvitationSeen.Unknown), (facts.Distance, facts.OpenProfile, facts.CanSendInmail, facts.OpenToWork, facts.Invitation));
    }

    [Theory]
    [InlineData("""{"is_open_profile":null,"can_send_inmail":"yes"}""", null, null)]
    [InlineData("""{"is_open_profile":false,"can_send_inmail":true}""", false, true)]
    [InlineData("""{"open_profile":true,"can_send_inmail":0}""", true, false)]
    public void Reads_flags(string fields, bool? open, bool? inmail)
    {
        var facts = Read(fields.Replace("{", """{"provider_id":"ACoX",""", StringComparison.Ordinal))!;
        Assert.Equal((open, inmail), (facts.OpenProfile, facts.CanSendInmail));
    }

    [Theory]
    [InlineData("FIRST_DEGREE", Distance.First)]
    [InlineData("DISTANCE_2", Distance.Second)]
    [InlineData("THIRD_DEGREE", Distance.Third)]
    [InlineData("OUT_OF_NETWORK", Distance.OutOfNetwork)]
    [InlineData("SELF", Distance.Unknown)]
    public void Reads_distances_in_both_spellings(string written, Distance distance) =>
        Assert.Equal(distance, Read($$"""{"provider_id":"ACoX","network_distance":"{{written}}"}""")!.Distance);

    [Theory]
    [InlineData(""" "network_distance":"SECOND_DEGREE" """, InvitationSeen.None)]
    [InlineData(""" "network_distance":"SECOND_DEGREE","throttled_sections":["experience"] """, InvitationSeen.Unknown)]
    [InlineData(""" "is_premium":true """, InvitationSeen.Unknown)]
    [InlineData(""" "network_distance":"SECOND_DEGREE","relation_request":{"id":"i1","type":"SENT"} """, InvitationSeen.Pending)]
    [InlineData(""" "relation_request_status":"PENDING","throttled_sections":["x"] """, InvitationSeen.Pending)]
    [InlineData(""" "relation_request_status":"WITHDRAWN" """, InvitationSeen.Ended)]
    [InlineData(""" "relation_request_status":"IGNORED" """, InvitationSeen.Ended)]
    [InlineData(""" "relation_request_status":"SOMETHING_NEW" """, InvitationSeen.Unknown)]
    [InlineData(""" "network_distance":"SECOND_DEGREE","relation_request":{"type":"RECEIVED","status":"PENDING"} """, InvitationSeen.Unknown)]
    public void Reads_invitations_only_from_a_whole_answer(string fields, InvitationSeen seen) =>
        Assert.Equal(seen, Read($$"""{"provider_id":"ACoX",{{fields}}}""")!.Invitation);

    [Fact]
    public void Is_none_without_an_id() => Assert.Null(Read("""{"public_identifier":"x"}"""));

    private static ProfileFacts? Read(string json) => Profiles.Read(JsonDocument.Parse(json).RootElement);
}
