using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Acts;

/// <summary>Visits that are told, likes and comments: nobody is written to, and the judge counts them apart from deliveries.</summary>
internal static class Engaging
{
    /// <summary>LinkedIn's own counter of a comment.</summary>
    private const int LongestComment = 1_250;

    /// <summary>Null when it happened.</summary>
    public static Refusal? Do(World world, Account account, EngagementKind kind, string subject, string text, SandboxOptions options)
    {
        if (text.Length > LongestComment)
            return new(ErrorType.TooManyCharacters, "A comment has at most 1,250 characters.");
        if (kind == EngagementKind.Like && world.EngagementLog.Exists(e => e.Kind == kind && e.AccountId == account.Id && e.Subject == subject))
            return new(ErrorType.ActionAlreadyPerformed, "The account likes this post already.");
        if (world.Engagements.Count >= options.MaxDeliveries)
            return new(ErrorType.UnexpectedError, "The sandbox keeps no more engagements (Sandbox:MaxDeliveries).");
        world.Engagements.Put(new()
        {
            Sequence = world.Engagements.Count + 1,
            At = world.Now,
            AccountId = account.Id,
            Kind = kind,
            Subject = subject,
            TextDigest = text.Length > 0 ? Sending.Digest(text) : "",
        });
        return null;
    }
}
