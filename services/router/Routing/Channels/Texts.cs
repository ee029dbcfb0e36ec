namespace Pennypost.Routing.Channels;

/// <summary>Whether a text is there and fits. A text that is too long is rejected, never cut (F30).</summary>
internal static class Texts
{
    public static void JudgeMessage(Content content, TextLimits limits, ref Judgement judgement) =>
        JudgeText(content.Body, limits.Message, ref judgement);

    public static void JudgeInMail(Content content, TextLimits limits, ref Judgement judgement)
    {
        JudgeText(content.Body, limits.InMail, ref judgement);
        judgement.RejectIf(content.Subject.Length > limits.Subject, Reason.ContentTooLong);
    }

    public static void JudgeNote(Content content, TextLimits limits, ref Judgement judgement) =>
        JudgeText(content.Note, limits.Note, ref judgement);

    public static void JudgeEmail(Content content, TextLimits limits, ref Judgement judgement)
    {
        JudgeText(content.Email, limits.Email, ref judgement);
        JudgeText(content.Subject, limits.Subject, ref judgement);
    }

    private static void JudgeText(string text, int limit, ref Judgement judgement)
    {
        judgement.RejectIf(text.Length == 0, Reason.ContentMissing);
        judgement.RejectIf(text.Length > limit, Reason.ContentTooLong);
    }
}
