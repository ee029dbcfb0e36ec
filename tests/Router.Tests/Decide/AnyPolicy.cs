using FsCheck;
using FsCheck.Fluent;
using Pennypost.Routing;
using static Pennypost.Router.Tests.Decide.Given;

namespace Pennypost.Router.Tests.Decide;

/// <summary>Any policy without faults.</summary>
internal static class AnyPolicy
{
    public static Gen<RoutingPolicy> Generator { get; } =
        from shuffled in Gen.Shuffle(EveryChannel)
        from count in Gen.Choose(1, EveryChannel.Length)
        let channels = shuffled.Take(count).ToArray()
        from conditions in Conditions(channels)
        from choice in Gen.Elements(Enum.GetValues<Choice>())
        from effect in Gen.Elements(Enum.GetValues<OnExhaustion>())
        from stickiness in Gen.Elements(Enum.GetValues<Stickiness>())
        from floor in Gen.Choose(0, 3)
        from warrant in Gen.Elements(
            new InMailWarrant(),
            new InMailWarrant { WouldBeForfeited = true },
            new InMailWarrant { HighPriority = false },
            new InMailWarrant { UnansweredInvitation = false, WouldBeForfeited = true })
        from patience in Gen.Elements(1, 14)
        from hours in Gen.Frequency((4, Gen.Constant<PolicyHours?>(null)), (1, Hours()))
        select Policy with
        {
            Name = "any",
            ChannelOrder = channels,
            Conditions = conditions,
            Choice = choice,
            OnExhaustion = effect,
            Stickiness = stickiness,
            CreditFloor = floor,
            Warrant = warrant,
            InvitationPatience = TimeSpan.FromDays(patience),
            Hours = hours,
        };

    private static Gen<ChannelCondition[]> Conditions(Channel[] channels) =>
        from each in (
            from asked in Gen.Choose(0, 3)
            from credits in Gen.Choose(0, 3)
            from priority in Gen.Elements<Priority?>(null, Priority.Normal, Priority.High)
            from verified in Gen.Elements(true, false)
            from personal in Gen.Elements(true, false)
            select (IsAsked: asked == 0, Credits: credits, Priority: priority, Verified: verified, Personal: personal)).ListOf(channels.Length)
        select channels.Zip(each)
            .Where(pair => pair.Second.IsAsked)
            .Select(pair => new ChannelCondition
            {
                Channel = pair.First,
                // Something must be asked.
                MinCredits = pair.Second is { Priority: null, Verified: false, Personal: false } ? pair.Second.Credits + 1 : pair.Second.Credits,
                MinPriority = pair.Second.Priority,
                EmailVerified = pair.Second.Verified && pair.First == Channel.Email,
                NotGeneric = pair.Second.Personal,
            })
            .Where(condition => condition is not { MinCredits: 0, MinPriority: null, EmailVerified: false, NotGeneric: false })
            .ToArray();

    private static Gen<PolicyHours?> Hours() =>
        from zone in Gen.Elements("", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
        from days in Gen.SubListOf(1, 2, 3, 4, 5, 6, 7)
        from minute in Gen.Choose(0, 1_439)
        from length in Gen.Choose(1, 600)
        select (PolicyHours?)new PolicyHours { TimeZone = zone, Days = [.. days], FromMinute = minute, ToMinute = Math.Min(minute + length, 1_440) };
}
