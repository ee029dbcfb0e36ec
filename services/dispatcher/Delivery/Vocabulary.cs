namespace Pennypost.Delivery;

// The words of the contract, with its numbers, so that the shell maps them by a cast; a test holds both together.

/// <summary>A way to reach a prospect.</summary>
public enum Channel
{
    /// <summary>Not chosen yet.</summary>
    Unspecified = 0,

    /// <summary>A message to a first-degree connection. Free.</summary>
    DirectMessage = 1,

    /// <summary>A message in a thread in which the prospect has replied. Free.</summary>
    RepliedThread = 2,

    /// <summary>An InMail to an open profile. Free, with a monthly allowance of its own.</summary>
    OpenProfileInmail = 3,

    /// <summary>A connection request with a note. Free.</summary>
    ConnectionRequest = 4,

    /// <summary>An InMail that costs one credit.</summary>
    Inmail = 5,

    /// <summary>A message request to a member of a group that the sender is in too. Free.</summary>
    GroupMessageRequest = 6,

    /// <summary>A message request to somebody at the sender's company. Free.</summary>
    CoworkerMessageRequest = 7,

    /// <summary>A recruiter's message to somebody who is open to work. Free.</summary>
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

/// <summary>How much a message matters when something is scarce.</summary>
public enum Priority
{
    /// <summary>Taken as normal.</summary>
    Unspecified = 0,

    /// <summary>After everything else.</summary>
    Low = 1,

    /// <summary>The usual.</summary>
    Normal = 2,

    /// <summary>A hand-picked prospect: goes first.</summary>
    High = 3,
}

/// <summary>A LinkedIn subscription whose InMail credits never mix with another's.</summary>
public enum Product
{
    /// <summary>None.</summary>
    Unspecified = 0,

    /// <summary>Premium Career and Premium Business.</summary>
    Premium = 1,

    /// <summary>Sales Navigator Core, Advanced, Advanced Plus.</summary>
    SalesNavigator = 2,

    /// <summary>Recruiter Lite, Professional Services, Corporate.</summary>
    Recruiter = 3,
}

/// <summary>The tier of a sender's subscription: decides default caps.</summary>
public enum Tier
{
    /// <summary>Taken as free.</summary>
    Unspecified = 0,

    /// <summary>No subscription.</summary>
    Free = 1,

    /// <summary>Premium Career or Business.</summary>
    Premium = 2,

    /// <summary>Sales Navigator.</summary>
    SalesNavigator = 3,

    /// <summary>Recruiter.</summary>
    Recruiter = 4,
}

/// <summary>Which words mean the same.</summary>
public static class Vocabulary
{
    /// <summary>Unset is normal; higher goes first.</summary>
    public static int Rank(this Priority priority) => priority == Priority.Unspecified ? (int)Priority.Normal : (int)priority;

    /// <summary>Unset is free.</summary>
    public static Tier OrFree(this Tier tier) => tier == Tier.Unspecified ? Tier.Free : tier;

    /// <summary>Whether a send by this channel takes an InMail credit.</summary>
    public static bool CostsCredit(this Channel channel) => channel == Channel.Inmail;

    /// <summary>Whether this is something that is done in place of writing (F87).</summary>
    public static bool IsEngagement(this Channel channel) => channel is Channel.ProfileView or Channel.Like or Channel.Comment;

    /// <summary>Whether a send by this channel stands in a thread at the provider, where a reply can answer it. Replies to e-mails go to a mailbox that nobody here reads.</summary>
    public static bool IsInThread(this Channel channel) => channel is Channel.DirectMessage or Channel.RepliedThread or Channel.OpenProfileInmail or Channel.Inmail
        or Channel.GroupMessageRequest or Channel.CoworkerMessageRequest or Channel.OpenToWorkMessage;
}
