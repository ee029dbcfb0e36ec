namespace Pennypost.Routing.Channels;

/// <summary>
/// A recruiter's message to somebody who is open to work (F19). The seeds have it that "recruiters can DM them free"; LinkedIn lists no
/// such path, so that no policy has it unless somebody puts it there, and only a Recruiter seat may. What holds for any InMail holds for it.
/// </summary>
internal static class OpenToWorkMessage
{
    public static void Judge(RouteQuestion question, Sender sender, RoutingPolicy policy, ref Judgement judgement)
    {
        judgement.RejectIf(sender.Tier != Tier.Recruiter, Reason.NoRecruiterSeat);

        switch (judgement.Look(FactKinds.OpenToWork, sender.OpenToWork, policy.OpenToWorkLife))
        {
            case false:
                judgement.Reject(Reason.NotOpenToWork);
                break;
            case null:
                judgement.MissesWhatItNeeds(FactKinds.OpenToWork);
                break;
        }

        AnyInMail.Judge(question, sender, policy, ref judgement);
    }
}
