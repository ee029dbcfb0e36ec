namespace Pennypost.Routing;

// The small words of routing. Values carry the numbers of pennypost.types.v1 and pennypost.router.v1, which a test holds
// them to, so that the host translates by number.

/// <summary>A way to reach a prospect.</summary>
public enum Channel
{
    /// <summary>A message to a first-degree connection. Free.</summary>
    DirectMessage = 1,

    /// <summary>A message in a thread in which the prospect has replied. Free, also without a connection.</summary>
    RepliedThread = 2,

    /// <summary>An InMail to an open profile. Free; counted against a monthly allowance.</summary>
    OpenProfileInMail = 3,

    /// <summary>A connection request with a note. Free; counted against invitation caps.</summary>
    ConnectionRequest = 4,

    /// <summary>An InMail that costs one credit.</summary>
    InMail = 5,

    /// <summary>A message request to a member of a group that the sender is in too (LinkedIn Help a554575). Free.</summary>
    GroupMessageRequest = 6,

    /// <summary>A message request to somebody who works at the sender's company (LinkedIn Help a554575). Free.</summary>
    CoworkerMessageRequest = 7,

    /// <summary>A recruiter's message to somebody who is open to work (seeds: "recruiters can DM them free"; LinkedIn lists no such path). Free.</summary>
    OpenToWorkMessage = 8,

    /// <summary>An e-mail from the sender's mailbox. Never costs a credit.</summary>
    Email = 10,

    /// <summary>A visit of the prospect's profile: an engagement. Free.</summary>
    ProfileView = 20,

    /// <summary>A like of one of their posts: an engagement. Free.</summary>
    Like = 21,

    /// <summary>A comment on one of their posts: an engagement. Free.</summary>
    Comment = 22,
}

/// <summary>What kinds of channels there are.</summary>
public static class ChannelKinds
{
    /// <summary>Whether it is something done in place of writing (F87), which has no choice of channel.</summary>
    public static bool IsEngagement(this Channel channel) => channel is Channel.ProfileView or Channel.Like or Channel.Comment;
}

/// <summary>How much a message matters when something is scarce.</summary>
public enum Priority
{
    /// <summary>After everything else.</summary>
    Low = 1,

    /// <summary>The usual.</summary>
    Normal = 2,

    /// <summary>A hand-picked prospect: may cost a credit where no free path exists, and may use the reserve.</summary>
    High = 3,
}

/// <summary>The tier of a sender's subscription; decides lengths.</summary>
public enum Tier
{
    /// <summary>No subscription.</summary>
    Free = 1,

    /// <summary>Premium Career or Business.</summary>
    Premium = 2,

    /// <summary>Sales Navigator.</summary>
    SalesNavigator = 3,

    /// <summary>Recruiter.</summary>
    Recruiter = 4,
}

/// <summary>Whether an account can send.</summary>
public enum AccountState
{
    /// <summary>It can.</summary>
    Ok = 1,

    /// <summary>The provider lost its session.</summary>
    Disconnected = 2,

    /// <summary>LinkedIn restricted it.</summary>
    Restricted = 3,

    /// <summary>An operator paused it.</summary>
    Paused = 4,
}

/// <summary>How far sender and prospect are apart in LinkedIn's network.</summary>
public enum NetworkDistance
{
    /// <summary>Connected.</summary>
    FirstDegree = 1,

    /// <summary>A connection's connection.</summary>
    SecondDegree = 2,

    /// <summary>One further.</summary>
    ThirdDegree = 3,

    /// <summary>None of these.</summary>
    OutOfNetwork = 4,
}

/// <summary>How an invitation stands.</summary>
public enum InvitationState
{
    /// <summary>None was sent.</summary>
    None = 1,

    /// <summary>Sent and not answered.</summary>
    Pending = 2,

    /// <summary>Accepted: the two are connected.</summary>
    Accepted = 3,

    /// <summary>Ignored, declined or withdrawn.</summary>
    Withdrawn = 4,
}

/// <summary>What became of a candidate.</summary>
public enum Verdict
{
    /// <summary>Can carry the message now.</summary>
    Eligible = 1,

    /// <summary>Cannot carry it, for a reason that time alone does not mend.</summary>
    Rejected = 2,

    /// <summary>Could carry it later.</summary>
    Waits = 3,

    /// <summary>Cannot be judged before certain facts are known.</summary>
    NeedsFacts = 4,
}

/// <summary>How a policy chooses among candidates that could carry the message.</summary>
public enum Choice
{
    /// <summary>Never a credit while a free candidate is there: what costs one is tried last, wherever it stands in the order.</summary>
    Cheapest = 1,

    /// <summary>The policy's order decides alone: what is worth a credit to its author may cost one before a free path is tried.</summary>
    BestValue = 2,
}

/// <summary>What a policy does when the sender that would spend a credit has none to spend.</summary>
public enum OnExhaustion
{
    /// <summary>The next sender that has one, then the next channel; else the message waits (F25).</summary>
    NextSender = 1,

    /// <summary>No other sender's credit: the next channel; else the message waits.</summary>
    NextChannel = 2,

    /// <summary>Nothing that comes after it: the message waits for the credit.</summary>
    Wait = 3,

    /// <summary>Nothing that comes after it: the message ends with the credit's reason, unless something before it may still pass.</summary>
    Fail = 4,
}

/// <summary>How a policy holds on to the sender that the prospect knows.</summary>
public enum Stickiness
{
    /// <summary>Among senders of a channel, the one in conversation goes first.</summary>
    Prefer = 1,

    /// <summary>Once a sender is in conversation, no other writes.</summary>
    Strict = 2,

    /// <summary>Being in conversation makes no difference.</summary>
    Off = 3,
}
