using System.Numerics;
using Pennypost.Routing.Channels;

namespace Pennypost.Routing;

/// <summary>
/// Picks the cheapest valid channel for a prospect, and explains it. By default free paths first, then a connection request, then a
/// credit, if it is warranted; a policy may have it otherwise. The same question under the same policy gets the same answer, in whatever
/// order its senders stand.
/// </summary>
public static class Route
{
    /// <summary>Judges every sender and channel.</summary>
    public static Decision Decide(RouteQuestion question, RoutingPolicy policy)
    {
        var candidates = JudgeAll(question, policy, out var open);
        var eligible = candidates.AsSpan(0, open).IndexOfFirstEligible();

        // A candidate before the best eligible one that hangs on facts could still take its place; one after it could not.
        if (eligible != 0 && open > 0)
            return new Decision.NeedFacts(FactsOf(candidates.AsSpan(0, eligible < 0 ? open : eligible)))
            {
                Candidates = candidates,
                DecidedAt = question.Now,
            };

        if (eligible == 0)
            return new Decision.Send { Candidates = candidates, DecidedAt = question.Now };

        return FirstToWaitFor(candidates) is { } waiting
            ? new Decision.Defer(waiting.Reason, waiting.WaitUntil) { Candidates = candidates, DecidedAt = question.Now }
            : new Decision.Skip(SkipReason.Of(candidates)) { Candidates = candidates, DecidedAt = question.Now };
    }

    /// <summary>Every candidate, those that may be tried in front; `open` says how many these are.</summary>
    private static Candidate[] JudgeAll(RouteQuestion question, RoutingPolicy policy, out int open)
    {
        var senders = question.Senders.ToArray();
        var (oneCurrency, budgeted) = (SenderOrder.HasOneCurrency(senders), SenderOrder.HasBudgets(senders));
        // An engagement is what it is: only who does it is open, and what holds for every send is all that may forbid it (F87).
        var engagement = question.Content.Engagement;
        var order = engagement is { } one ? [one] : policy.ChannelOrder;
        var asked = new Asked(question, policy, PolicyNow.Of(question, policy), policy.ReplyPrior.ExpectedNetCost(question.Replies));
        var exhaustion = new Exhaustion(policy.OnExhaustion);
        var candidates = new Candidate[senders.Length * order.Count];
        open = 0;
        var closed = candidates.Length;

        // What costs a credit is tried in a turn of its own, after all that is free, unless the policy's order decides alone.
        var turns = policy.Choice == Choice.Cheapest ? 2 : 1;
        for (var turn = 0; turn < turns; turn++)
        {
            for (var i = 0; i < order.Count; i++)
            {
                var channel = order[i];
                if (turns == 2 && channel == Channel.InMail != (turn == 1))
                    continue;

                var condition = engagement is null ? policy.ConditionOf(channel) : null;
                var isGeneric = condition is { NotGeneric: true } && question.Content.IsGeneric(channel);
                new SenderOrder(channel, oneCurrency, budgeted, policy.Stickiness != Stickiness.Off).Arrange(senders);
                foreach (var sender in senders)
                {
                    var judgement = Judge(asked, sender, channel, condition, isGeneric);
                    var candidate = exhaustion.After(judgement.Conclude(sender, channel, asked.NetCost), judgement.IsShortOfCredit);
                    // Those that may be tried fill the array from the front, the others from the back, which is then turned round.
                    candidates[candidate.IsOpen ? open++ : --closed] = candidate;
                }
            }
        }

        Array.Reverse(candidates, closed, candidates.Length - closed);
        return candidates;
    }

    /// <summary>What is the same for every candidate of a question.</summary>
    private readonly record struct Asked(RouteQuestion Question, RoutingPolicy Policy, PolicyNow PolicyNow, double NetCost);

    private static Judgement Judge(in Asked asked, Sender sender, Channel channel, ChannelCondition? condition, bool isGeneric)
    {
        var (question, policy) = (asked.Question, asked.Policy);
        var judgement = new Judgement(question.Now, question.Final, policy);
        EverySend.Judge(question, sender, channel, asked.PolicyNow, ref judgement);
        if (judgement.IsRejected)
            return judgement;

        switch (channel)
        {
            case Channel.DirectMessage:
                DirectMessage.Judge(question, sender, policy, ref judgement);
                break;
            case Channel.RepliedThread:
                RepliedThread.Judge(question, sender, policy, ref judgement);
                break;
            case Channel.OpenProfileInMail:
                OpenProfileInMail.Judge(question, sender, policy, ref judgement);
                break;
            case Channel.ConnectionRequest:
                ConnectionRequest.Judge(question, sender, policy, ref judgement);
                break;
            case Channel.GroupMessageRequest:
                GroupMessageRequest.Judge(question, sender, policy, ref judgement);
                break;
            case Channel.CoworkerMessageRequest:
                CoworkerMessageRequest.Judge(question, sender, policy, ref judgement);
                break;
            case Channel.OpenToWorkMessage:
                OpenToWorkMessage.Judge(question, sender, policy, ref judgement);
                break;
            case Channel.Email:
                Email.Judge(question, sender, policy, ref judgement);
                break;
            case Channel.InMail:
                PaidInMail.Judge(question, sender, policy, ref judgement);
                break;
        }

        if (condition is not null && !judgement.IsRejected)
            Conditions.Judge(condition, isGeneric, question, sender, policy, ref judgement);
        return judgement;
    }

    private static int IndexOfFirstEligible(this Span<Candidate> open)
    {
        for (var i = 0; i < open.Length; i++)
        {
            if (open[i].Verdict == Verdict.Eligible)
                return i;
        }

        return -1;
    }

    /// <summary>The facts that these candidates hang on, in their order, without repetition.</summary>
    private static NeededFact[] FactsOf(ReadOnlySpan<Candidate> undecided)
    {
        var count = 0;
        for (var i = 0; i < undecided.Length; i++)
            count += BitOperations.PopCount((uint)FirstNeeded(undecided, i));

        var facts = new NeededFact[count];
        for (int i = 0, next = 0; i < undecided.Length; i++)
        {
            var needed = FirstNeeded(undecided, i);
            for (var kind = FactKinds.NetworkDistance; kind <= FactKinds.EmailVerified; kind = (FactKinds)((int)kind << 1))
            {
                if ((needed & kind) != 0)
                    facts[next++] = new NeededFact(undecided[i].Sender.AccountId, kind);
            }
        }

        return facts;
    }

    /// <summary>What a candidate needs and no candidate of its sender before it.</summary>
    private static FactKinds FirstNeeded(ReadOnlySpan<Candidate> undecided, int index)
    {
        var needed = undecided[index].Needs;
        for (var i = 0; i < index && needed != FactKinds.None; i++)
        {
            if (ReferenceEquals(undecided[i].Sender, undecided[index].Sender))
                needed &= ~undecided[i].Needs;
        }

        return needed;
    }

    /// <summary>The candidate that may be looked at again soonest; any known time comes before an unknown one.</summary>
    private static Candidate? FirstToWaitFor(ReadOnlySpan<Candidate> candidates)
    {
        Candidate? first = null;
        foreach (var candidate in candidates)
        {
            if (candidate.Verdict == Verdict.Waits && (first is not { } best || IsSooner(candidate.WaitUntil, best.WaitUntil)))
                first = candidate;
        }

        return first;

        static bool IsSooner(DateTimeOffset? a, DateTimeOffset? b) => a is { } time && (b is not { } other || time < other);
    }
}
