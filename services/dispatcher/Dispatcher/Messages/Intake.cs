using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Hosting;

namespace Pennypost.Dispatcher.Messages;

/// <summary>What accepting a request came to.</summary>
internal abstract record IntakeAnswer
{
    private IntakeAnswer() { }

    /// <summary>Kept, now or earlier; or, when only validating, as it would be.</summary>
    public sealed record Taken(Message Message, string ProspectId, bool Existed) : IntakeAnswer;

    public sealed record Reused(string Field) : IntakeAnswer;

    public sealed record NoSender : IntakeAnswer;

    public sealed record UnknownAccount(string AccountId) : IntakeAnswer;

    public sealed record Full : IntakeAnswer;
}

/// <summary>Takes messages over: the id first, then the message with its due time and first event in one commit. A crash in between leaves an id that the same request completes.</summary>
internal sealed class Intake(Lookups lookups, Prospects prospects, Companies companies, SenderAccounts accounts, Identifiers identifiers, CrashPoint crash)
{
    public async Task<IntakeAnswer> AcceptAsync(string tenant, ParsedMessage message, bool validateOnly, DateTimeOffset now, CancellationToken ct)
    {
        var prospectId = identifiers.Prospect(tenant, message.Content.PublicIdentifier);
        if (await RefusalAsync(tenant, message, ct) is { } refusal)
            return refusal;
        var claimed = await lookups.ClaimAsync(tenant, message.MessageId, prospectId, message.Digests(identifiers, tenant), validateOnly, ct);
        if (claimed is ClaimedId.Reused reused)
            return new IntakeAnswer.Reused(reused.Field);
        crash.Reach(CrashPoints.AfterClaimId);
        // Before anything is kept for it: a replay must not bring back what leads to somebody who was erased since.
        if (claimed is ClaimedId.Ours { Existed: true } && await prospects.KeptAsync(tenant, prospectId, message.MessageId, ct) is { } kept)
            return new IntakeAnswer.Taken(kept, prospectId, Existed: true);
        var company = identifiers.Company(tenant, message.Content.Company);
        // Before the message: a reply must find whom it stops.
        if (message.StopWithCompany && !validateOnly)
            await companies.JoinAsync(tenant, company, prospectId, ct);

        var (email, standing) = await EmailAsync(tenant, message.Email, prospectId, validateOnly, ct);

        var command = new Accept
        {
            Id = message.MessageId,
            Priority = message.Priority,
            AccountIds = [.. message.AccountIds],
            CampaignId = message.CampaignId,
            Segment = message.Segment,
            Variant = message.Variant,
            Policy = message.Policy,
            NotBefore = message.NotBefore,
            ExpireTime = message.ExpireTime ?? now + Parse.DefaultLife,
            TextHash = message.Content.Engagement == Delivery.Channel.Unspecified
                ? identifiers.Texts(tenant, message.Content.Subject, message.Content.Body, message.Content.Note, message.Content.Email)
                : identifiers.Engagement(tenant, message.Content.Engagement, message.Content.PostId, message.Content.Comment, message.MessageId),
            Company = company,
            StopsWithCompany = message.StopWithCompany,
            Email = email,
            EmailStanding = standing,
            Now = now,
        };
        if (validateOnly)
        {
            var known = await prospects.FindAsync(tenant, prospectId, message.MessageId, ct);
            return Answer(Accepting.Decide(known?.Prospect ?? Prospect.Unknown, known?.Message, command), prospectId);
        }

        return Answer(
            await prospects.AcceptAsync(
                tenant,
                prospectId,
                decideTime => command with { Now = decideTime, ExpireTime = message.ExpireTime ?? decideTime + Parse.DefaultLife },
                message.Content,
                message.MessageId,
                ct),
            prospectId);
    }

    private async Task<(string Email, EmailStanding Standing)> EmailAsync(string tenant, string address, string prospectId, bool validateOnly, CancellationToken ct)
    {
        if (address.Length == 0)
            return ("", EmailStanding.Own);
        var email = identifiers.Email(tenant, address);
        var (owner, suppressed) = await lookups.ClaimEmailAsync(tenant, email, prospectId, validateOnly, ct);
        return (email, owner != prospectId ? EmailStanding.AnothersOwn : suppressed ? EmailStanding.Suppressed : EmailStanding.Own);
    }

    /// <summary>What must be there for a message to go anywhere. Accounts are never deleted, so a replay is not refused what its first time was not.</summary>
    private async Task<IntakeAnswer?> RefusalAsync(string tenant, ParsedMessage message, CancellationToken ct)
    {
        if (message.AccountIds.Count == 0)
            return (await accounts.ListAsync(tenant, ct)).Count == 0 ? new IntakeAnswer.NoSender() : null;
        foreach (var accountId in message.AccountIds)
            if (await accounts.FindAsync(tenant, accountId, ct) is null)
                return new IntakeAnswer.UnknownAccount(accountId);
        return null;
    }

    private static IntakeAnswer Answer(AcceptAnswer answer, string prospectId) => answer switch
    {
        AcceptAnswer.Accepted accepted => new IntakeAnswer.Taken(accepted.Message, prospectId, Existed: false),
        AcceptAnswer.Existed existed => new IntakeAnswer.Taken(existed.Message, prospectId, Existed: true),
        _ => new IntakeAnswer.Full(),
    };
}
