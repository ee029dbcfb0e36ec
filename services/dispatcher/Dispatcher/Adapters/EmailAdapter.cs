using Microsoft.Extensions.Options;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Email;
using Pennypost.Dispatcher.Messages;

namespace Pennypost.Dispatcher.Adapters;

/// <summary>E-mail, by SMTP from the sender's own mailbox (F22). What a mail server took cannot be looked up.</summary>
internal sealed class EmailAdapter(SmtpSender sender, Connections connections, Identifiers identifiers, Prospects prospects, IOptions<EmailOptions> options) : IChannelAdapter
{
    public IReadOnlyList<Channel> Channels { get; } = [Channel.Email];

    public TimeSpan CallLimit => options.Value.CallLimit;

    public async Task<Write?> PrepareAsync(MessageInHand at, Attempt attempt, Account account, CancellationToken ct)
    {
        if (await connections.FindMailboxAsync(at.Tenant, account.Settings.EmailConnectionId, ct) is not { } mailbox)
            return null;
        var letter = new Letter
        {
            MessageId = MessageId(at, attempt, mailbox),
            ToAddress = at.Content.EmailAddress,
            ToName = $"{at.Content.FirstName} {at.Content.LastName}".Trim(),
            Subject = at.Content.Subject,
            Text = at.Content.Email,
            Date = at.Now,
        };
        return (deadline, token) => sender.SendAsync(mailbox, letter, deadline, token);
    }

    public async Task<Finding> LookAsync(MessageInHand at, Attempt attempt, AccountView account, CancellationToken ct)
    {
        if (options.Value.InDoubt != EmailInDoubt.TakeAsSent || !Verifying.IsSettled(attempt, prospects.Rules, at.Now, prospects.RealNow))
            return new Finding.Unreadable();
        var mailbox = await connections.FindMailboxAsync(at.Tenant, account.Account.Settings.EmailConnectionId, ct);
        return new Finding.Found(mailbox is null ? "" : MessageId(at, attempt, mailbox), "");
    }

    /// <summary>The same for the same attempt, whoever sends it: servers that see it twice keep one, and whoever looks for it finds it.</summary>
    private string MessageId(MessageInHand at, Attempt attempt, Mailbox mailbox) =>
        $"{identifiers.MailId(at.Tenant, at.Message.Id, attempt.Number)}@{MimeKit.MailboxAddress.EncodeAddrspec(mailbox.FromAddress).Split('@')[^1]}";
}
