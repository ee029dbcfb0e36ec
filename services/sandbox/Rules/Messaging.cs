using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Rules;

/// <summary>What LinkedIn lets an account write to a member, and at what price.</summary>
public static class Messaging
{
    /// <summary>Characters of an InMail's subject (answer a554514).</summary>
    public const int SubjectLength = 200;

    /// <summary>Characters of a body: the lower of the two published figures, 1,900 and 2,000.</summary>
    public const int BodyLength = 1_900;

    /// <summary>The opening of a chat, as the provider's API puts it.</summary>
    public sealed record Opening
    {
        public required Product Api { get; init; }

        /// <summary>The classic product must ask for an InMail; what the other two open is always one.</summary>
        public required bool Inmail { get; init; }

        public string? Subject { get; init; }

        public required string Text { get; init; }

        public bool WantsInmail => Inmail || Api != Product.Premium;
    }

    /// <summary>What becomes of a write.</summary>
    public abstract record Verdict
    {
        private Verdict()
        {
        }

        /// <summary>It goes, by this channel. <paramref name="Cost"/> credits are taken from <paramref name="Product"/>'s balance.</summary>
        public sealed record Goes(Channel Channel, Product Product, int Cost) : Verdict;

        public sealed record Refused(Refusal Refusal) : Verdict;
    }

    /// <summary>
    /// Opens a chat. In order: the account works, the text fits, the member can be reached, then the cheapest way that LinkedIn allows:
    /// a free message to a relation, a free InMail to an open profile, an InMail for a credit.
    /// </summary>
    public static Verdict Open(Standing standing, Opening opening)
    {
        if (Accounts.Stopped(standing.Account) is { } stopped)
            return new Verdict.Refused(stopped);
        if (TooLong(opening.Subject, opening.Text) is { } tooLong)
            return new Verdict.Refused(tooLong);
        if (Unreachable(standing.Prospect) is { } unreachable)
            return new Verdict.Refused(unreachable);
        if (standing.Degree == Degree.First)
            return Message(standing, Channel.Message, opening.Api);
        return opening.WantsInmail
            ? Inmail(standing, opening.Api)
            : Refuse(ErrorType.NoConnectionWithRecipient, "The recipient is not a first degree relation: only an InMail can open this conversation.");
    }

    /// <summary>Goes on in a chat: free with a relation, and in an InMail thread once the member has answered it.</summary>
    public static Verdict Continue(Standing standing, Chat chat, string text)
    {
        if (Accounts.Stopped(standing.Account) is { } stopped)
            return new Verdict.Refused(stopped);
        if (TooLong(null, text) is { } tooLong)
            return new Verdict.Refused(tooLong);
        if (Unreachable(standing.Prospect) is { } unreachable)
            return new Verdict.Refused(unreachable);
        var product = chat.Inmail?.Product ?? Product.Premium;
        if (standing.Degree == Degree.First)
            return Message(standing, Channel.Message, product);
        if (chat.Answered)
            return Message(standing, Channel.Thread, product);
        return chat.Inmail is null
            ? Refuse(ErrorType.NoConnectionWithRecipient, "The recipient is no longer a first degree relation.")
            : Refuse(ErrorType.CannotResendYet, "The recipient has not answered the InMail that opened this conversation.");
    }

    private static Verdict Message(Standing standing, Channel channel, Product product) =>
        standing.Use.MessagesToday >= (standing.Account.Limits.MessagesPerDay ?? int.MaxValue)
            ? Refuse(ErrorType.TooManyRequests, "The account has sent as many messages today as it may.")
            : new Verdict.Goes(channel, product, 0);

    private static Verdict Inmail(Standing standing, Product product)
    {
        var (account, use) = (standing.Account, standing.Use);
        var subscription = account.For(product);
        var free = standing.Prospect.OpenProfile;
        // Anyone may write to an open profile for free from the classic site; the other two products need their seat to be opened at all.
        if (subscription is null && !(free && product == Product.Premium))
            return Refuse(ErrorType.FeatureNotSubscribed, "The account has no subscription to this product.");
        if (use.InmailsToday >= (account.Limits.InmailsPerDay ?? int.MaxValue))
            return Refuse(ErrorType.TooManyRequests, "The account has sent as many InMails today as it may.");
        if (standing.HasUnansweredInmail && !account.Rules.SecondInmailAllowed)
            return Refuse(ErrorType.CannotResendYet, "The recipient has not answered the last InMail.");
        if (free)
        {
            if (use.OpenProfileInmailsThisMonth >= (account.Limits.OpenProfileInmailsPerMonth ?? int.MaxValue))
                return Refuse(ErrorType.LimitExceeded, "The account has sent as many free InMails to open profiles this month as it may.");
            return account.Rules.OpenProfileNeedsBalance && subscription is not { Balance: > 0 }
                ? new Verdict.Refused(Refusal.InsufficientCredits)
                : new Verdict.Goes(Channel.OpenProfileInmail, product, 0);
        }

        return standing.Prospect.Inmail switch
        {
            InmailDoor.Off => Refuse(ErrorType.NotAllowedInmail, "The recipient does not accept InMails."),
            // Seen in the field (facts 1.4): the same words as an empty balance, credits or not.
            InmailDoor.OffSaysInsufficientCredits => new Verdict.Refused(Refusal.InsufficientCredits),
            _ when subscription is not { Balance: > 0 } => new Verdict.Refused(Refusal.InsufficientCredits),
            _ => new Verdict.Goes(Channel.Inmail, product, 1),
        };
    }

    private static Refusal? TooLong(string? subject, string text)
    {
        var problems = new List<string>();
        if (subject?.Length > SubjectLength)
            problems.Add($"subject has {subject.Length} characters, at most {SubjectLength} are allowed");
        if (text.Length > BodyLength)
            problems.Add($"text has {text.Length} characters, at most {BodyLength} are allowed");
        return problems.Count == 0 ? null : new(ErrorType.TooManyCharacters, string.Join("; ", problems));
    }

    internal static Refusal? Unreachable(Prospect prospect) => prospect.Reach switch
    {
        Reach.Blocked => new(ErrorType.BlockedRecipient, "The recipient has blocked this account."),
        Reach.Gone => new(ErrorType.UserUnreachable, "The recipient cannot be reached."),
        _ => null,
    };

    private static Verdict.Refused Refuse(ErrorType type, string detail) => new(new Refusal(type, detail));
}

/// <summary>Whether an account may work at all.</summary>
public static class Accounts
{
    public static Refusal? Stopped(Account account) => account.State switch
    {
        AccountState.Restricted => new(ErrorType.AccountRestricted, "LinkedIn has restricted this account."),
        AccountState.Disconnected => new(ErrorType.DisconnectedAccount, "The account has been disconnected and must be connected again."),
        _ => null,
    };

    /// <summary>A profile visit, within the day's allowance.</summary>
    public static Refusal? Visit(Account account, Use use) =>
        Stopped(account)
        ?? (use.ProfilesToday >= (account.Limits.ProfilesPerDay ?? int.MaxValue)
            ? new(ErrorType.TooManyRequests, "The account has looked at as many profiles today as it may.")
            : null);
}
