using System.Diagnostics;
using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Provider;

namespace Pennypost.Dispatcher.Work;

/// <summary>What an attempt writes, and what the provider's answer means for it.</summary>
internal static class Sends
{
    /// <summary>The write of an attempt: a function of the attempt and of what is kept, so that verification looks for exactly what was sent.</summary>
    public static ProviderSend Of(Attempt attempt, SenderView view, Content content, string signature) => attempt.Channel switch
    {
        Channel.RepliedThread => new ProviderSend.WriteInChat(attempt.AccountId, view.ChatId, content.Body),
        Channel.DirectMessage => new ProviderSend.StartChat(attempt.AccountId, view.RecipientId, content.Body, "", Product.Unspecified),
        Channel.OpenProfileInmail or Channel.Inmail =>
            new ProviderSend.StartChat(attempt.AccountId, RecipientOf(attempt, view), content.Body, content.Subject, attempt.Product) { Signature = signature },
        Channel.ConnectionRequest => new ProviderSend.Invite(attempt.AccountId, view.RecipientId, content.PublicIdentifier, content.Note),
        Channel.ProfileView => new ProviderSend.Visit(attempt.AccountId, content.PublicIdentifier),
        Channel.Like => new ProviderSend.React(attempt.AccountId, content.PostId),
        Channel.Comment => new ProviderSend.CommentOn(attempt.AccountId, content.PostId, content.Comment),
        _ => throw new UnreachableException($"There is no write for {attempt.Channel}."),
    };

    /// <summary>Whether everything is known that the write needs. The id of a recipient is the sender's own, seen with the subscription that sends.</summary>
    public static bool IsAddressed(Candidate candidate, SenderView view) => candidate.Channel switch
    {
        // The router found it eligible because the message names an address.
        Channel.Email => true,
        // A profile and a post are the same for everybody who looks.
        var channel when channel.IsEngagement() => true,
        Channel.RepliedThread => view.ChatId.Length > 0,
        Channel.Inmail or Channel.OpenProfileInmail when HasIdsOfItsOwn(candidate.Product) => view.InmailRecipientId.Length > 0,
        _ => view.RecipientId.Length > 0,
    };

    /// <summary>Sales Navigator and Recruiter see people under other ids than LinkedIn's own site.</summary>
    public static bool HasIdsOfItsOwn(Product product) => product is Product.SalesNavigator or Product.Recruiter;

    /// <summary>The subscription that a candidate's InMail is sent with.</summary>
    public static Product InmailProduct(Channel channel, AccountView account) => channel switch
    {
        Channel.Inmail => account.Account.Settings.InmailProduct,
        Channel.OpenProfileInmail when account.Account.Settings.InmailProduct != Product.Unspecified => account.Account.Settings.InmailProduct,
        Channel.OpenProfileInmail => account.Account.Settings.Tier switch
        {
            Tier.SalesNavigator => Product.SalesNavigator,
            Tier.Recruiter => Product.Recruiter,
            _ => Product.Premium,
        },
        _ => Product.Unspecified,
    };

    /// <summary>What the answer says of the attempt. Running out of credits is classified apart, by the balance.</summary>
    public static SendOutcome Outcome(ProviderReply reply) => reply switch
    {
        ProviderReply.Accepted accepted => new SendOutcome.Sent(accepted.MessageId.Length > 0 ? accepted.MessageId : accepted.InvitationId, accepted.ChatId),
        ProviderReply.Refused refused => new SendOutcome.NotSent(ReasonOf(refused.Kind), refused.Type, ClosesChannel: true),
        ProviderReply.OutOfCredits outOf => new SendOutcome.NotSent(Reason.AccountInmailCreditsExhausted, outOf.Type, ClosesChannel: false),
        ProviderReply.AccountDown down => new SendOutcome.NotSent(
            down.State == Delivery.Accounts.AccountState.Restricted ? Reason.AccountRestricted : Reason.AccountDisconnected, down.Type, ClosesChannel: false),
        ProviderReply.Limited limited => new SendOutcome.NotSent(limited.WholeAccount ? Reason.ProviderRateLimited : Reason.ProviderLimit, limited.Type, ClosesChannel: false),
        // The mail server's own word, where it gave one.
        ProviderReply.NotSent notSent => new SendOutcome.NotSent(Reason.ProviderUnavailable, notSent.RetryAfter is null ? "" : notSent.Why, ClosesChannel: false),
        ProviderReply.MailboxRefused mailbox => new SendOutcome.NotSent(Reason.MailboxRefused, mailbox.Type, ClosesChannel: false),
        ProviderReply.TooLate => new SendOutcome.NotSent(Reason.PermitExpired, "", ClosesChannel: false),
        ProviderReply.Unknown => new SendOutcome.Unknown(),
        _ => throw new UnreachableException(),
    };

    private static string RecipientOf(Attempt attempt, SenderView view) => HasIdsOfItsOwn(attempt.Product) ? view.InmailRecipientId : view.RecipientId;

    private static Reason ReasonOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Recipient => Reason.InvalidRecipient,
        RefusalKind.AlreadyConnected => Reason.AlreadyConnected,
        RefusalKind.InvitationPending => Reason.InvitationPending,
        RefusalKind.ReinviteLocked => Reason.ReinviteLocked,
        RefusalKind.NotConnected => Reason.NotConnected,
        RefusalKind.InmailNotAllowed => Reason.InmailEligibility,
        RefusalKind.SecondInmail => Reason.SecondInmail,
        _ => Reason.ProviderRefused,
    };
}
