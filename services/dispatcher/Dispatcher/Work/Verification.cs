using Pennypost.Delivery.Accounts;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Adapters;
using Pennypost.Dispatcher.Messages;

namespace Pennypost.Dispatcher.Work;

/// <summary>Looks whether a send whose answer is unknown took effect. Nothing is sent again before that is known.</summary>
internal sealed class Verification(ChannelAdapters adapters, SenderAccounts accounts, Prospects prospects, Identifiers identifiers, ILogger<Verification> logger)
{
    private const int ConspicuousTries = 10;

    /// <summary>True if the message can be worked on further now.</summary>
    public async Task<bool> VerifyAsync(MessageInHand at, Attempt attempt, CancellationToken ct)
    {
        using var span = Traces.Step("verify");
        var finding = await LookAsync(at, attempt, ct);
        var ownHash = finding is Finding.Found { ProviderMessageId.Length: > 0 } found ? identifiers.ProviderMessage(at.Tenant, attempt.AccountId, found.ProviderMessageId) : null;
        switch (await prospects.VerifyAsync(at, attempt.Number, finding, ownHash, ct))
        {
            case VerifyAnswer.ProvedSent or VerifyAnswer.ProvedNotSent:
                return true;
            case VerifyAnswer.StillUnknown { Tries: >= ConspicuousTries } unknown:
                logger.StillUnknown(at.Tenant, at.Message.Id, attempt.Number, unknown.Tries);
                return false;
            default:
                return false;
        }
    }

    /// <summary>The write is over for the account, whatever became of it: another message may be written while this one is verified. Its charge stays.</summary>
    public Task FreeAsync(MessageInHand at, Attempt attempt, CancellationToken ct) => accounts.SettleAsync(at.Tenant, new SettleRequest
    {
        AccountId = attempt.AccountId,
        MessageId = at.Message.Id,
        Attempt = attempt.Number,
        Channel = attempt.Channel,
        Result = SendResult.Unknown,
    }, ct);

    private async Task<Finding> LookAsync(MessageInHand at, Attempt attempt, CancellationToken ct) =>
        await accounts.FindAsync(at.Tenant, attempt.AccountId, ct) is { } account
            ? await adapters.Of(attempt.Channel).LookAsync(at, attempt, account, ct)
            : new Finding.Unreadable();
}
