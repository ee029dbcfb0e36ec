namespace Pennypost.Routing.Channels;

/// <summary>
/// An e-mail, where LinkedIn's free channels do not carry the message (F22). It rests on no fact of LinkedIn's, so that nothing is looked
/// up for it, and it never costs a credit.
/// </summary>
internal static class Email
{
    public static void Judge(RouteQuestion question, Sender sender, RoutingPolicy policy, ref Judgement judgement)
    {
        judgement.RejectIf(!sender.HasMailbox, Reason.NoMailbox);

        // Before the address: without a text for it none is kept, so that nothing can be said of it.
        Texts.JudgeEmail(question.Content, policy.TextsOf(sender.Tier), ref judgement);
        judgement.RejectIf(!question.Prospect.EmailKnown, Reason.EmailUnknown);
    }
}
