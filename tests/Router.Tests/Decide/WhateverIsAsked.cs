using FsCheck;
using FsCheck.Fluent;
using Pennypost.Routing;

namespace Pennypost.Router.Tests.Decide;

/// <summary>What holds for every question.</summary>
public sealed class WhateverIsAsked
{
    private static readonly FactKinds[] Kinds = [.. Enum.GetValues<FactKinds>().Where(kind => kind != FactKinds.None)];

    [Fact]
    public void A_free_candidate_that_may_be_tried_goes_before_every_paid_one_F15() => Holds(any =>
    {
        var open = any.Question.Decide().Candidates.TakeWhile(candidate => candidate.Verdict is Verdict.Eligible or Verdict.NeedsFacts);
        return open.SkipWhile(candidate => candidate.CreditCost == 0).All(candidate => candidate.CreditCost == 1);
    });

    [Fact]
    public void No_credit_is_spent_while_a_free_path_is_eligible_F15() => Holds(any =>
    {
        var decision = any.Question.Decide();
        return decision is not Decision.Send { Chosen.CreditCost: 1 }
            || !decision.Candidates.Any(candidate => candidate is { Verdict: Verdict.Eligible, CreditCost: 0 });
    });

    [Fact]
    public void No_credit_is_spent_before_a_free_path_is_known_to_be_closed_F17() => Holds(any =>
    {
        var decision = any.Question.Decide();
        return decision is not Decision.Send { Chosen.CreditCost: 1 }
            || !decision.Candidates.Any(candidate => candidate is { Verdict: Verdict.NeedsFacts, CreditCost: 0 });
    });

    [Fact]
    public void Every_sender_and_channel_is_judged_once_with_a_reason_unless_eligible_F16() => Holds(any =>
    {
        var candidates = any.Question.Decide().Candidates;
        return candidates.Select(candidate => (candidate.Sender.AccountId, candidate.Channel)).Distinct().Count() == candidates.Count
            && candidates.Count == any.Question.Senders.Count * Given.Policy.ChannelOrder.Count
            && candidates.All(candidate => candidate.Reason == Reason.None == (candidate.Verdict == Verdict.Eligible));
    });

    [Fact]
    public void The_same_question_gets_the_same_answer_in_whatever_order_its_senders_stand() => Holds(any =>
    {
        var decision = any.Question.Decide();
        var turned = (any.Question with { Senders = [.. any.Question.Senders.Reverse()] }).Decide();
        return decision.InWords() == turned.InWords() && decision.Candidates.SequenceEqual(turned.Candidates);
    });

    [Fact]
    public void Forgetting_a_fact_never_rejects_a_candidate_for_unknown_is_not_false_F17() => Holds(any =>
    {
        var decision = any.Question.Decide();
        return FactsOf(any).All(fact =>
        {
            var forgetful = any.Forget(fact.AccountId, fact.Kind).Decide();
            return decision.Candidates
                .Where(candidate => candidate.Verdict != Verdict.Rejected)
                .All(candidate => forgetful.Of(candidate.Channel, candidate.Sender.AccountId).Verdict != Verdict.Rejected);
        });
    });

    [Fact]
    public void A_fact_that_was_not_asked_for_never_changes_the_choice_F17() => Holds(any =>
    {
        if (any.Question.Final)
            return true;

        var decision = any.Question.Decide();
        var asked = decision is Decision.NeedFacts need ? need.Facts : [];
        return FactsOf(any).Except(asked).All(fact =>
        {
            var revealed = any.Reveal(fact.AccountId, fact.Kind).Decide();
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
    public void One_round_of_facts_is_enough_for_an_answer_F17() => Holds(any =>
    {
        var decision = any.Question.Decide();
        if (decision is not Decision.NeedFacts need)
            return true;

        var informed = need.Facts.Aggregate(any, (known, fact) => known with { Question = known.Reveal(fact.AccountId, fact.Kind) });
        return informed.Question.Decide() is not Decision.NeedFacts;
    });

    [Fact]
    public void Nothing_is_asked_for_a_second_time_once_it_is_said_not_to_be_had() => Holds(any =>
        (any.Question with { Final = true }).Decide() is not Decision.NeedFacts);

    [Fact]
    public void A_wait_ends_later_than_now() => Holds(any =>
        any.Question.Decide().Candidates.All(candidate => candidate.WaitUntil is not { } until || until > any.Question.Now));

    [Fact]
    public void A_sentence_can_be_written_about_every_decision() => Holds(any =>
    {
        var sentence = Explanation.Of(any.Question.Decide(), Given.Policy);
        return sentence.EndsWith('.') && sentence.Length > 20;
    });

    private static IEnumerable<NeededFact> FactsOf(AnyQuestion any) =>
        any.Question.Senders.SelectMany(sender => Kinds.Select(kind => new NeededFact(sender.AccountId, kind)));

    private static void Holds(Func<AnyQuestion, bool> property) =>
        Prop.ForAll(AnyQuestion.Arbitrary, property).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
}
