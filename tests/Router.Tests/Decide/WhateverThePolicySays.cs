using FsCheck;
using FsCheck.Fluent;
using Pennypost.Routing;

namespace Pennypost.Router.Tests.Decide;

/// <summary>What holds for every question under every policy that has no faults.</summary>
public sealed class WhateverThePolicySays
{
    private static readonly FactKinds[] Kinds = [.. Enum.GetValues<FactKinds>().Where(kind => kind != FactKinds.None)];

    private static readonly Arbitrary<(AnyQuestion Any, RoutingPolicy Policy)> Cases =
        (from any in AnyQuestion.Arbitrary.Generator from policy in AnyPolicy.Generator select (any, policy)).ToArbitrary();

    [Fact]
    public void It_has_no_faults() => Holds((_, policy) => PolicyCheck.Of(policy).Count == 0);

    [Fact]
    public void The_same_question_gets_the_same_answer_in_whatever_order_its_senders_stand() => Holds((any, policy) =>
    {
        var decision = Route.Decide(any.Question, policy);
        var turned = Route.Decide(any.Question with { Senders = [.. any.Question.Senders.Reverse()] }, policy);
        return decision.InWords() == turned.InWords() && decision.Candidates.SequenceEqual(turned.Candidates);
    });

    [Fact]
    public void Every_sender_and_channel_that_is_on_is_judged_once_and_no_other_F16() => Holds((any, policy) =>
    {
        var candidates = Route.Decide(any.Question, policy).Candidates;
        return candidates.Select(candidate => (candidate.Sender.AccountId, candidate.Channel)).ToHashSet()
                .SetEquals(any.Question.Senders.SelectMany(sender => policy.ChannelOrder.Select(channel => (sender.AccountId, channel))))
            && candidates.Count == any.Question.Senders.Count * policy.ChannelOrder.Count
            && candidates.All(candidate => candidate.Reason == Reason.None == (candidate.Verdict == Verdict.Eligible));
    });

    [Fact]
    public void Under_cheapest_no_credit_is_spent_while_a_free_candidate_may_be_tried_F15() => Holds((any, policy) =>
    {
        var decision = Route.Decide(any.Question, policy with { Choice = Choice.Cheapest });
        return decision is not Decision.Send { Chosen.CreditCost: 1 }
            || !decision.Candidates.Any(candidate => candidate is { Verdict: Verdict.Eligible or Verdict.NeedsFacts, CreditCost: 0 });
    });

    [Fact]
    public void Candidates_that_may_be_tried_stand_in_the_policys_order() => Holds((any, policy) =>
    {
        var order = policy.InTrialOrder().ToList();
        var open = Route.Decide(any.Question, policy).Candidates.TakeWhile(candidate => candidate.Verdict is Verdict.Eligible or Verdict.NeedsFacts);
        return open.Select(candidate => order.IndexOf(candidate.Channel)).Aggregate((Last: 0, Sorted: true), (seen, place) => (place, seen.Sorted && place >= seen.Last)).Sorted;
    });

    [Fact]
    public void What_is_sent_keeps_to_everything_that_the_policy_says() => Holds((any, policy) =>
    {
        if (Route.Decide(any.Question, policy) is not Decision.Send { Chosen: var chosen })
            return true;

        var question = any.Question;
        var condition = policy.Conditions.SingleOrDefault(condition => condition.Channel == chosen.Channel);
        return (policy.Hours is null || policy.Hours.NextOpening(question.Now) is null)
            && (policy.Stickiness != Stickiness.Strict || chosen.Sender.InConversation || !question.Senders.Any(sender => sender.InConversation))
            && (chosen.Sender.OfferedChannels?.Contains(chosen.Channel) ?? chosen.Channel is not (Channel.GroupMessageRequest or Channel.CoworkerMessageRequest or Channel.OpenToWorkMessage))
            && (chosen.Channel != Channel.OpenToWorkMessage || chosen.Sender.Tier == Tier.Recruiter)
            && (chosen.CreditCost == 0 || question.Priority == Priority.High
                || chosen.Sender.Credits!.Available - chosen.Sender.Credits.QueuedDemand > Math.Max(policy.CreditFloor, chosen.Sender.Credits.Floor))
            && (condition is null
                || ((condition.MinPriority is null || question.Priority >= condition.MinPriority)
                    && (condition.MinCredits == 0 || chosen.Sender.Credits!.Available - chosen.Sender.Credits.QueuedDemand >= condition.MinCredits)
                    && (!condition.EmailVerified || question.Prospect.EmailVerified.LastSeen == true)));
    });

    [Fact]
    public void Where_a_credit_is_wanting_nothing_goes_that_the_policy_does_not_try_F25() => Holds((any, policy) =>
    {
        var decision = Route.Decide(any.Question, policy);
        var stopped = decision.Candidates.Where(candidate => candidate.Reason == Reason.StoppedByExhaustion).ToList();
        return policy.OnExhaustion switch
        {
            OnExhaustion.NextSender => stopped.Count == 0,
            OnExhaustion.NextChannel => stopped.All(candidate => candidate is { CreditCost: 1, Verdict: Verdict.Waits }),
            OnExhaustion.Wait => stopped.All(candidate => candidate.Verdict == Verdict.Waits),
            _ => stopped.All(candidate => candidate.Verdict == Verdict.Rejected),
        };
    });

    [Fact]
    public void A_fact_that_was_not_asked_for_never_changes_the_choice_F17() => Holds((any, policy) =>
    {
        if (any.Question.Final)
            return true;

        var decision = Route.Decide(any.Question, policy);
        var asked = decision is Decision.NeedFacts need ? need.Facts : [];
        return FactsOf(any).Where(fact => !asked.Any(known => known.Kind == fact.Kind && (known.AccountId == fact.AccountId || fact.Kind == FactKinds.EmailVerified))).All(fact =>
        {
            var revealed = Route.Decide(any.Reveal(fact.AccountId, fact.Kind), policy);
            return decision switch
            {
                Decision.Send => decision.InWords() == revealed.InWords(),
                // It is a question still, or the fact told what was asked for in another way (an accept is a connection).
                Decision.NeedFacts => revealed is Decision.NeedFacts || fact.Kind == FactKinds.Invitation,
                // It may show that waiting is in vain, but not that there was a way after all.
                Decision.Defer => revealed is Decision.Defer or Decision.Skip,
                _ => revealed is Decision.Skip,
            };
        });
    });

    [Fact]
    public void One_round_of_facts_is_enough_for_an_answer_F17() => Holds((any, policy) =>
    {
        if (Route.Decide(any.Question, policy) is not Decision.NeedFacts need)
            return true;

        var informed = need.Facts.Aggregate(any, (known, fact) => known with { Question = known.Reveal(fact.AccountId, fact.Kind) });
        return Route.Decide(informed.Question, policy) is not Decision.NeedFacts;
    });

    [Fact]
    public void Forgetting_a_fact_never_rejects_a_candidate_for_unknown_is_not_false_F17() => Holds((any, policy) =>
    {
        var decision = Route.Decide(any.Question, policy);
        return FactsOf(any).All(fact =>
        {
            var forgetful = Route.Decide(any.Forget(fact.AccountId, fact.Kind), policy);
            return decision.Candidates
                .Where(candidate => candidate.Verdict != Verdict.Rejected)
                // Under a policy that fails, one that is possible for all that is known stops those after it.
                .All(candidate => forgetful.Of(candidate.Channel, candidate.Sender.AccountId) is not { Verdict: Verdict.Rejected, Reason: not Reason.StoppedByExhaustion });
        });
    });

    [Fact]
    public void Nothing_is_asked_for_a_second_time_once_it_is_said_not_to_be_had() => Holds((any, policy) =>
        Route.Decide(any.Question with { Final = true }, policy) is not Decision.NeedFacts);

    [Fact]
    public void A_wait_ends_later_than_now() => Holds((any, policy) =>
        Route.Decide(any.Question, policy).Candidates.All(candidate => candidate.WaitUntil is not { } until || until > any.Question.Now));

    [Fact]
    public void A_sentence_can_be_written_about_every_decision() => Holds((any, policy) =>
    {
        var sentence = Explanation.Of(Route.Decide(any.Question, policy), policy);
        return sentence.EndsWith('.') && sentence.Length > 20;
    });

    private static IEnumerable<NeededFact> FactsOf(AnyQuestion any) =>
        any.Question.Senders.SelectMany(sender => Kinds.Select(kind => new NeededFact(sender.AccountId, kind)));

    private static void Holds(Func<AnyQuestion, RoutingPolicy, bool> property) =>
        Prop.ForAll(Cases, given => property(given.Any, given.Policy)).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
}
