using Pennypost.Routing;
using static Pennypost.Router.Tests.Decide.Given;

namespace Pennypost.Router.Tests.Decide;

/// <summary>A policy's faults, all at once and by field.</summary>
public sealed class CheckingAPolicy
{
    private static readonly RoutingPolicy Good = Policy with { Name = "good" };

    private static readonly Dictionary<string, (RoutingPolicy Policy, string[] Faults)> Table = new()
    {
        ["the default under a name"] = (Good, []),
        ["everything said"] = (
            AllOn with
            {
                Name = new string('n', 64),
                Version = long.MaxValue,
                Choice = Choice.BestValue,
                Conditions = [new() { Channel = Channel.Email, MinCredits = 1_000_000, MinPriority = Priority.Low, EmailVerified = true, NotGeneric = true }, new() { Channel = Channel.InMail, NotGeneric = true }],
                CreditFloor = 10_000,
                Warrant = new() { WouldBeForfeited = true, HighPriority = false, UnansweredInvitation = false },
                InvitationPatience = TimeSpan.FromDays(180),
                OnExhaustion = OnExhaustion.Fail,
                Hours = new() { TimeZone = "Europe/Berlin", Days = [1, 2, 3, 4, 5, 6, 7], FromMinute = 1_439, ToMinute = 1_440 },
                Stickiness = Stickiness.Strict,
            },
            []),
        ["no name"] = (Policy, ["name"]),
        ["a name with a space"] = (Good with { Name = "a b" }, ["name"]),
        ["a name of 65"] = (Good with { Name = new string('n', 65) }, ["name"]),
        ["a version below 0"] = (Good with { Version = -1 }, ["version"]),
        ["a choice that is none"] = (Good with { Choice = (Choice)9 }, ["choice"]),
        ["no channel"] = (Good with { ChannelOrder = [] }, ["channels"]),
        ["a channel twice, one that is none, and an engagement"] = (Good with { ChannelOrder = [Channel.Email, Channel.Email, (Channel)99, Channel.Like] }, ["channels[1]", "channels[2]", "channels[3]"]),
        ["a floor below 0"] = (Good with { CreditFloor = -1 }, ["credit_floor"]),
        ["a floor over 10,000"] = (Good with { CreditFloor = 10_001 }, ["credit_floor"]),
        ["a condition of a channel that is off"] = (Good with { Conditions = [new() { Channel = Channel.GroupMessageRequest, MinCredits = 1 }] }, ["conditions[0].channel"]),
        ["two conditions of a channel"] = (Good with { Conditions = [new() { Channel = Channel.Email, MinCredits = 1 }, new() { Channel = Channel.Email, NotGeneric = true }] }, ["conditions[1].channel"]),
        ["a condition out of range"] = (Good with { Conditions = [new() { Channel = Channel.Email, MinCredits = -1, MinPriority = (Priority)7 }] }, ["conditions[0].min_credits", "conditions[0].min_priority"]),
        ["a verified address for an InMail"] = (Good with { Conditions = [new() { Channel = Channel.InMail, EmailVerified = true }] }, ["conditions[0].email_verified"]),
        ["a condition that asks for nothing"] = (Good with { Conditions = [new() { Channel = Channel.InMail }] }, ["conditions[0]"]),
        ["seventeen conditions"] = (Good with { ChannelOrder = [Channel.Email], Conditions = [.. Enumerable.Repeat(new ChannelCondition { Channel = Channel.Email, MinCredits = 1 }, 17)] }, ["conditions", .. Enumerable.Range(1, 15).Select(n => $"conditions[{n}].channel")]),
        ["nothing warrants an InMail"] = (Good with { Warrant = new() { HighPriority = false, UnansweredInvitation = false } }, ["inmail_warrant"]),
        ["nothing warrants an InMail, which is off"] = (Good with { Warrant = new() { HighPriority = false, UnansweredInvitation = false }, ChannelOrder = [Channel.Email] }, []),
        ["no patience"] = (Good with { InvitationPatience = TimeSpan.FromHours(23) }, ["inmail_warrant.patience_days"]),
        ["patience of 181 days"] = (Good with { InvitationPatience = TimeSpan.FromDays(181) }, ["inmail_warrant.patience_days"]),
        ["an effect that is none"] = (Good with { OnExhaustion = (OnExhaustion)9 }, ["on_exhaustion"]),
        ["no time zone"] = (Good with { Hours = new() { TimeZone = "Mars/Olympus" } }, ["hours.time_zone"]),
        ["days that are none, and one twice"] = (Good with { Hours = new() { Days = [0, 8, 3, 3] } }, ["hours.days", "hours.days"]),
        ["hours that are none"] = (Good with { Hours = new() { FromMinute = 1_440, ToMinute = 1_441 } }, ["hours.from_minute", "hours.to_minute"]),
        ["hours that end before they begin"] = (Good with { Hours = new() { FromMinute = 600, ToMinute = 600 } }, ["hours.to_minute"]),
        ["a stickiness that is none"] = (Good with { Stickiness = (Stickiness)9 }, ["stickiness"]),
        ["all of it wrong"] = (
            new()
            {
                Version = -1,
                Choice = 0,
                ChannelOrder = [],
                CreditFloor = -1,
                Conditions = [new() { Channel = Channel.Email }],
                InvitationPatience = TimeSpan.Zero,
                OnExhaustion = 0,
                Hours = new() { TimeZone = "x", Days = [9], ToMinute = -1 },
                Stickiness = 0,
            },
            ["name", "version", "choice", "channels", "credit_floor", "conditions[0].channel", "conditions[0]", "inmail_warrant.patience_days", "on_exhaustion", "hours.time_zone", "hours.days", "hours.to_minute", "hours.to_minute", "stickiness"]),
    };

    public static TheoryData<string> Lines => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Lines))]
    public void Names_every_fault(string line)
    {
        var faults = PolicyCheck.Of(Table[line].Policy);
        Assert.Equal(Table[line].Faults, faults.Select(fault => fault.Field));
        Assert.All(faults, fault => Assert.NotEmpty(fault.Problem));
    }
}
