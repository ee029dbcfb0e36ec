using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Policies;
using Pennypost.Dispatcher.V1;
using Pennypost.Dispatcher.Work;
using Pennypost.Hosting;
using Pennypost.Store;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Messages;

/// <summary>What would be done with a message now. Nothing of the message is kept; a profile that was fetched is, and counts like any other.</summary>
internal sealed class Preview(Routes routes, Facts facts, Prospects prospects, Identifiers identifiers, TenantPolicies policies, StateStore store, Errors errors)
{
    public async Task<PreviewResponse> HandleAsync(string tenant, PreviewRequest request, CancellationToken ct)
    {
        var now = await store.NowAsync(ct);
        var violations = new Violations();
        var read = Parse.Message(request.Message, idRequired: false, now, violations);
        await policies.CheckNameAsync(tenant, request.Message, violations, ct);
        if (read is not { } parsed || violations.Any)
            throw errors.Invalid(violations);
        var senders = await routes.SendersAsync(tenant, parsed.AccountIds, ct);
        if (parsed.AccountIds.FirstOrDefault(id => senders.All(sender => sender.Account.Id != id)) is { } unknown)
            throw errors.AccountNotFound(unknown);
        if (senders.Count == 0)
            throw errors.NoSender();

        var prospectId = identifiers.Prospect(tenant, parsed.Content.PublicIdentifier);
        var message = Imagined(parsed, now);
        var (looked, final) = (new HashSet<string>(StringComparer.Ordinal), false);
        while (true)
        {
            var prospect = await prospects.FindAsync(tenant, prospectId, ct);
            var decision = await routes.RouteAsync(tenant, prospect, message, parsed.Content, senders, final, explain: true, now, ct);
            var needed = decision.Outcome == Wire.Outcome.NeedsFacts ? decision.NeededFacts.Where(fact => Facts.IsOnProfile(fact.Kind)).Select(fact => fact.AccountId).FirstOrDefault(looked.Add) : null;
            if (needed is not null)
            {
                var account = senders.First(sender => sender.Account.Id == needed).Account;
                if (await facts.LookAsync(tenant, prospectId, parsed.Content.PublicIdentifier, account, Delivery.Product.Unspecified, ct) is Looked.NoAnswer noAnswer)
                    throw errors.ProviderUnavailable(noAnswer.Why);
                continue;
            }

            if (decision.Outcome == Wire.Outcome.NeedsFacts && !final)
            {
                // All that could be asked was asked: decide with what there is.
                final = true;
                continue;
            }

            decision.Advice.Clear();
            decision.Advice.AddRange(await routes.AdviceAsync(tenant, parsed.Content, now, ct));
            return new PreviewResponse { Decision = decision, ProspectId = prospectId };
        }
    }

    private static Message Imagined(ParsedMessage parsed, DateTimeOffset now) => new()
    {
        Id = parsed.MessageId,
        Priority = parsed.Priority,
        AccountIds = [.. parsed.AccountIds],
        CampaignId = parsed.CampaignId,
        Segment = parsed.Segment,
        Variant = parsed.Variant,
        Policy = parsed.Policy,
        ExpireTime = parsed.ExpireTime ?? now + Parse.DefaultLife,
        CreateTime = now,
        TextHash = "",
        State = MessageState.Accepted,
    };
}
