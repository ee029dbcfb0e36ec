namespace Pennypost.Routing;

/// <summary>
/// Every number, order and condition that routing uses: data, so that a tenant may have policies of its own. The values here are the default
/// policy; <see cref="PolicyCheck"/> says what others must keep to.
/// </summary>
public sealed record RoutingPolicy
{
    /// <summary>The default policy.</summary>
    public static RoutingPolicy Default { get; } = new();

    /// <summary>The tenant's name for it; empty for the installation's default.</summary>
    public string Name { get; init; } = "";

    /// <summary>Which version of that name; 0 where nobody counts.</summary>
    public long Version { get; init; }

    /// <summary>How to choose among candidates that could carry the message.</summary>
    public Choice Choice { get; init; } = Choice.Cheapest;

    /// <summary>
    /// The channels that are on, best first; one that does not stand here is off. Free paths; then the connection request, free but for its caps; then an e-mail (seeds: "skip InMail
    /// when you can easily find their e-mail"); a credit last. A replied thread leads because it needs no look-up and goes on where
    /// the prospect left off.
    /// </summary>
    public IReadOnlyList<Channel> ChannelOrder { get; init; } =
    [
        Channel.RepliedThread,
        Channel.DirectMessage,
        Channel.OpenProfileInMail,
        Channel.ConnectionRequest,
        Channel.Email,
        Channel.InMail,
    ];

    /// <summary>What is asked of single channels beyond LinkedIn's own rules; at most one per channel.</summary>
    public IReadOnlyList<ChannelCondition> Conditions { get; init; } = [];

    /// <summary>Credits of each pool that are kept for messages of high priority. The pool may keep more; the larger number counts (F11).</summary>
    public long CreditFloor { get; init; }

    /// <summary>What warrants a credit.</summary>
    public InMailWarrant Warrant { get; init; } = new();

    /// <summary>What to do where the sender that would spend a credit has none (F25).</summary>
    public OnExhaustion OnExhaustion { get; init; } = OnExhaustion.NextSender;

    /// <summary>The days and hours in which it sends; null for always. An account's own hours are its own matter.</summary>
    public PolicyHours? Hours { get; init; }

    /// <summary>How to hold on to the sender that the prospect knows (F31).</summary>
    public Stickiness Stickiness { get; init; } = Stickiness.Prefer;

    /// <summary>How long a network distance counts as known.</summary>
    public TimeSpan NetworkDistanceLife { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long an open profile counts as known to be open, or not.</summary>
    public TimeSpan OpenProfileLife { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long the provider's word on InMail to a prospect counts.</summary>
    public TimeSpan CanSendInMailLife { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long the state of an invitation counts as known.</summary>
    public TimeSpan InvitationLife { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long it counts as known that two members share a group or a company, or do not.</summary>
    public TimeSpan CommonGroundLife { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long somebody counts as known to be open to work, or not.</summary>
    public TimeSpan OpenToWorkLife { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long an e-mail address counts as verified, or as refused by whoever verified it.</summary>
    public TimeSpan EmailVerifiedLife { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long a balance counts as known. Short, and it only ranks: the hold is the last gate.</summary>
    public TimeSpan CreditsLife { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an invitation may stay unanswered before a credit is warranted for a message that is not of high priority.</summary>
    public TimeSpan InvitationPatience { get; init; } = TimeSpan.FromDays(14);

    /// <summary>How long LinkedIn refuses another invitation after a withdrawal: up to three weeks (LinkedIn Help a551012).</summary>
    public TimeSpan ReinviteLock { get; init; } = TimeSpan.FromDays(21);

    /// <summary>
    /// When to look again at credits that open holds have, or whose balance could not be read. A hold lives about as long
    /// as one provider call.
    /// </summary>
    public TimeSpan CreditsRecheck { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>When to look again for more credits than the policy keeps or asks for: no queue waits for those, so that nobody is told of them.</summary>
    public TimeSpan KeptCreditsRecheck { get; init; } = TimeSpan.FromHours(6);

    /// <summary>When to look again for anything else that could not be had: look-ups are few.</summary>
    public TimeSpan UnknownFactRecheck { get; init; } = TimeSpan.FromHours(6);

    /// <summary>
    /// What is taken for granted before the tenant has counts of its own: two answers in ten InMails (seeds: "10 %" to
    /// "30 %").
    /// </summary>
    public ReplyPrior ReplyPrior { get; init; } = new(Answered: 2, Unanswered: 8);

    /// <summary>How long the texts of a sender without a subscription may be.</summary>
    public TextLimits FreeTexts { get; init; } = new(Subject: 200, Message: 8_000, InMail: 1_900, Note: 200, Email: 20_000);

    /// <summary>How long the texts of every other sender may be.</summary>
    public TextLimits PaidTexts { get; init; } = new(Subject: 200, Message: 8_000, InMail: 1_900, Note: 300, Email: 20_000);

    /// <summary>The channels in the order in which they are tried: under <see cref="Choice.Cheapest"/> what costs a credit comes last.</summary>
    public IEnumerable<Channel> InTrialOrder() =>
        Choice == Choice.Cheapest ? ChannelOrder.OrderBy(channel => channel == Channel.InMail) : ChannelOrder;

    /// <summary>What it asks of a channel; null if nothing.</summary>
    internal ChannelCondition? ConditionOf(Channel channel)
    {
        for (var i = 0; i < Conditions.Count; i++)
        {
            if (Conditions[i].Channel == channel)
                return Conditions[i];
        }

        return null;
    }

    /// <summary>This policy with e-mail elsewhere among the channels, or nowhere. After a credit it only comes where the order decides alone.</summary>
    public RoutingPolicy WithEmail(EmailPlace place)
    {
        List<Channel> order = [.. ChannelOrder.Where(channel => channel != Channel.Email)];
        if (place == EmailPlace.BeforeInMail)
            order.Insert(order.IndexOf(Channel.InMail), Channel.Email);
        else if (place == EmailPlace.AfterInMail)
            order.Add(Channel.Email);
        return order.SequenceEqual(ChannelOrder) ? this
            : this with { ChannelOrder = order, Choice = place == EmailPlace.AfterInMail ? Choice.BestValue : Choice };
    }

    /// <summary>How long texts may be for a tier.</summary>
    public TextLimits TextsOf(Tier tier) => tier == Tier.Free ? FreeTexts : PaidTexts;
}

/// <summary>What a policy asks of one channel; all that is set must hold.</summary>
public sealed record ChannelCondition
{
    /// <summary>Of which.</summary>
    public required Channel Channel { get; init; }

    /// <summary>Credits that the sender must be able to spend, those who wait and go first served; 0 for none (F26).</summary>
    public long MinCredits { get; init; }

    /// <summary>The least priority; null for any.</summary>
    public Priority? MinPriority { get; init; }

    /// <summary>E-mail only: whether the address must be verified.</summary>
    public bool EmailVerified { get; init; }

    /// <summary>Whether the text must speak to the reader and have no placeholder left.</summary>
    public bool NotGeneric { get; init; }
}

/// <summary>What warrants a credit, where no free path of the sender is known. Any one of these that is on is enough.</summary>
public sealed record InMailWarrant
{
    /// <summary>The message is of high priority.</summary>
    public bool HighPriority { get; init; } = true;

    /// <summary>An invitation of the sender went unanswered for <see cref="RoutingPolicy.InvitationPatience"/>.</summary>
    public bool UnansweredInvitation { get; init; } = true;

    /// <summary>The credit would be forfeited at the next renewal if nobody spent it, whatever the priority (F28).</summary>
    public bool WouldBeForfeited { get; init; }
}

/// <summary>
/// Longest texts, in UTF-16 code units as LinkedIn's own counters count: subject 200 (LinkedIn Help a554514); a message
/// 8,000; an InMail's body 1,900 (the pages say 1,900 and 2,000; the lower holds under both); a note 300, or 200 for
/// a free account (Unipile's limits page); an e-mail 20,000, which is ours.
/// </summary>
public readonly record struct TextLimits(int Subject, int Message, int InMail, int Note, int Email);

/// <summary>Where e-mail stands among the channels.</summary>
public enum EmailPlace
{
    /// <summary>After LinkedIn's free channels, before a credit is spent.</summary>
    BeforeInMail,

    /// <summary>Last: only where no credit can be spent either.</summary>
    AfterInMail,

    /// <summary>Nowhere: no message goes by e-mail.</summary>
    Never,
}

/// <summary>A Beta prior in counts: as if so many InMails had been answered and not answered before.</summary>
public readonly record struct ReplyPrior(double Answered, double Unanswered)
{
    /// <summary>Expected share of a credit that stays spent: one less the chance of a reply, which refunds it (LinkedIn Help 75).</summary>
    public double ExpectedNetCost(ReplyCounts counts) =>
        (Unanswered + counts.Sent - counts.Replied) / (Answered + Unanswered + counts.Sent);
}
