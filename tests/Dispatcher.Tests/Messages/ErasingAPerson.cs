using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using static Dispatcher.Tests.Messages.Given;

namespace Dispatcher.Tests.Messages;

public sealed class ErasingAPerson
{
    private static readonly DateTimeOffset Later = Noon.AddHours(1);

    [Theory]
    [InlineData(MessageState.Accepted, MessageState.Skipped)]
    [InlineData(MessageState.Ready, MessageState.Skipped)]
    [InlineData(MessageState.Waiting, MessageState.Skipped)]
    [InlineData(MessageState.Sending, MessageState.Sending)]
    [InlineData(MessageState.Indeterminate, MessageState.Indeterminate)]
    [InlineData(MessageState.Sent, MessageState.Sent)]
    [InlineData(MessageState.Failed, MessageState.Failed)]
    public void Ends_what_was_not_begun_and_leaves_what_may_have_been_sent_F85(MessageState state, MessageState after)
    {
        var at = Begun(InState(state));

        Assert.Equal(after, at.Message.State);
        Assert.Equal(after == MessageState.Skipped ? Reason.ProspectErased : InState(state).Message.Reason, at.Message.Reason);
        Assert.Equal(at.Message.IsOver, Erasing.Nameless(at.Message) is not null);
        Assert.Equal(at.Message.IsOver, Erasing.Nameless(at.Prospect) is not null);
    }

    [Fact]
    public void Leaves_no_id_of_the_provider_and_keeps_what_stops_a_second_send_F39_F85()
    {
        var sent = Sent();
        sent = sent with
        {
            Prospect = Learning.Decide(sent.Prospect, new() { AccountId = "ann", RecipientId = "ACo1", OpenProfile = true, Distance = NetworkDistance.FirstDegree }, Noon)! with
            {
                Company = "k_1",
                Emails = ["e_1"],
                CompanyReplies = [new("k_1", Noon)],
            },
        };

        var at = Begun(sent);
        var (prospect, message) = (Erasing.Nameless(at.Prospect)!, Erasing.Nameless(at.Message)!);

        Assert.Equal(new SenderView { AccountId = "ann", LastSendTime = Noon, LastInmailTime = Noon }, prospect.ViewOf("ann"));
        Assert.Equal(("", 0, 0), (prospect.Company, prospect.Emails.Count, prospect.CompanyReplies.Count));
        Assert.Empty(prospect.Unanswered);
        Assert.True(prospect.Forgotten);
        Assert.Equal([sent.Message.TextHash], prospect.SentHashes);
        Assert.Equal(sent.Prospect.Claim, prospect.Claim);
        Assert.Equal(("", ""), (message.Attempts[0].ProviderMessageId, message.Attempts[0].ChatId));
        Assert.Equal(sent.Message.Events, message.Events);
        var anew = Accepted(prospect, "m-2", Later.AddSeconds(1), sent.Message.TextHash);
        Assert.Equal(Reason.Duplicate, Ending(anew));
    }

    [Fact]
    public void What_was_in_doubt_and_was_not_sent_is_not_tried_again_F85()
    {
        var at = Begun(InDoubt());
        at = at.After(((ConcludeAnswer.Concluded)Concluding.Decide(at.Prospect, at.Message, new(1, new SendOutcome.NotSent(Reason.ProviderUnavailable, "", false), true, Later), Rules)).Change);

        Assert.Equal(Reason.ProspectErased, Ending(at));
        var ended = at.After(Erasing.GoOn(at.Prospect, [at.Message], Later));
        Assert.Equal((MessageState.Skipped, Reason.ProspectErased), (ended.Message.State, ended.Message.Reason));
        Assert.Equal(new RetryAnswer.Barred(Reason.ProspectErased), Retrying.Decide(ended.Prospect, ended.Message, new() { Filter = new(), Now = Later }, Rules));
    }

    [Fact]
    public void Stops_an_attempt_between_its_gates_and_its_intent_F85()
    {
        var at = Opened() is var opened ? opened with { Prospect = opened.Prospect with { EraseTime = Later } } : null!;

        Assert.Equal(Reason.ProspectErased, ((IntendAnswer.Stopped)Intending.Decide(at.Prospect, at.Message, new(1, Later, Later), Rules)).Reason);
    }

    [Fact]
    public void Learns_nothing_of_somebody_forgotten_until_a_message_to_them_is_accepted_F85()
    {
        var forgotten = Erasing.Nameless(Begun(Sent()).Prospect)!;
        var profile = new Profile { AccountId = "ann", RecipientId = "ACo1" };

        Assert.Null(Learning.Decide(forgotten, profile, Later));
        Assert.Equal("ACo1", Learning.Decide(Accepted(forgotten, "m-2", Later.AddSeconds(1)).Prospect, profile, Later)!.ViewOf("ann").RecipientId);
    }

    [Fact]
    public void Suppresses_only_if_asked_to_and_keeps_a_suppression_F60_F85()
    {
        Assert.Null(Begun(Sent()).Prospect.SuppressTime);
        Assert.Equal(Later, Erasing.Begin(Sent().Prospect, [], suppress: true, Later).Prospect.SuppressTime);
        Assert.Equal(Noon, Erasing.Begin(Sent().Prospect with { SuppressTime = Noon }, [], suppress: false, Later).Prospect.SuppressTime);
    }

    /// <summary>An erasure that a send kept waiting took from a message that was accepted meanwhile what that had brought.</summary>
    [Fact]
    public void Leaves_what_a_message_brought_that_was_accepted_while_a_send_was_waited_for_F85()
    {
        var begun = InDoubt();
        begun = Begun(begun with { Prospect = begun.Prospect with { Company = "k_old", Emails = ["e_old"], CompanyReplies = [new("k_old", Noon)] } });
        Assert.Equal(["e_old", "k_old"], begun.Prospect.Erasure!.Emails.Concat(begun.Prospect.Erasure.Companies));
        var newer = ((AcceptAnswer.Accepted)Accepting.Decide(begun.Prospect, null, Accept("m-2", Later.AddSeconds(1)) with { Company = "k_new", StopsWithCompany = true, Email = "e_new" })).Change.Prospect;
        newer = Replying.OfCompany(newer, [], new("k_new", Later.AddMinutes(1)), Later.AddMinutes(1))!.Prospect;
        // Begun again by the due time, and the send turns out to have been none.
        newer = Erasing.GoOn(newer, [], Later.AddMinutes(1)).Prospect;
        Assert.Null(Erasing.Nameless(newer));

        var finished = Erasing.Nameless(newer with { InFlight = "" })!;

        Assert.Equal(("k_new", false), (finished.Company, finished.Forgotten));
        Assert.Equal(["e_new"], finished.Emails);
        Assert.Equal(["k_new"], finished.CompanyReplies.Select(reply => reply.Company));
        Assert.Null(finished.Erasure);
    }

    /// <summary>Its reply still has to find it, and to bring its credit back.</summary>
    [Fact]
    public void Leaves_a_send_that_was_made_since_it_began_F52_F85()
    {
        var begun = Begun(Sent());
        var since = ((AcceptAnswer.Accepted)Accepting.Decide(begun.Prospect, null, Accept("m-2", Later.AddSeconds(1)))).Change.Prospect;
        var sent = since with
        {
            OpenMessages = [],
            Unanswered = since.Unanswered.Add(new("m-2", 1, "bob", "chat-2", Channel.Inmail, Later.AddMinutes(1))),
            Senders = since.Senders.Add("bob", new() { AccountId = "bob", RecipientId = "ACo2", ChatId = "chat-2", LastSendTime = Later.AddMinutes(1) }),
        };

        var finished = Erasing.Nameless(sent)!;

        Assert.Equal(["m-2"], finished.Unanswered.Select(send => send.MessageId));
        Assert.Equal(("", "chat-2", false), (finished.ViewOf("ann").ChatId, finished.ViewOf("bob").ChatId, finished.Forgotten));
    }

    [Fact]
    public void Goes_on_with_nothing_of_one_that_was_finished_meanwhile_F85()
    {
        var finished = Erasing.Nameless(Begun(Sent()).Prospect)!;
        var renewed = ((AcceptAnswer.Accepted)Accepting.Decide(finished, null, Accept("m-2", Later.AddSeconds(1)) with { Email = "e_new" })).Change.Prospect;

        Assert.Equal(["e_new"], Erasing.Nameless(Erasing.GoOn(renewed, [], Later.AddMinutes(1)).Prospect)!.Emails);
    }

    private static Case Begun(Case at) => at.After(Erasing.Begin(at.Prospect, at.Message.IsOver ? [] : [at.Message], suppress: false, Later));

    private static Reason? Ending(Case at) => Opening.Decide(at.Prospect, at.Message, new(Inmail(), Later.AddSeconds(1), Later.AddSeconds(1)), Rules) switch
    {
        OpenAnswer.Ended ended => ended.Change.Messages[0].Reason,
        _ => null,
    };
}
