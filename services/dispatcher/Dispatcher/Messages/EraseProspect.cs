using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Messages;

/// <summary>
/// Erases a person: their open messages end in the first commit, which also leaves a due time, so that the erasure is finished whoever dies meanwhile; then the texts, the look-ups that lead to them, and last
/// what the prospect itself holds, since that names the look-ups.
/// </summary>
internal sealed class EraseProspect(Prospects prospects, Lookups lookups, Companies companies, Suppressions suppressions, Identifiers identifiers, OperatorActs acts, Errors errors)
{
    private const int PageSize = 500;

    public async Task<EraseProspectResponse> HandleAsync(Caller caller, EraseProspectRequest request, CancellationToken ct)
    {
        var act = new Wire.OperatorAct
        {
            Kind = Wire.OperatorActKind.EraseProspect,
            ProspectId = ProspectOf(caller.Tenant, request),
            Suppress = request.Suppress,
            Actor = request.Actor,
            Why = request.Why,
        };
        return await acts.RecordAsync(caller, act, _ => EraseAsync(caller.Tenant, act.ProspectId, request, ct), ct);
    }

    private async Task<EraseProspectResponse> EraseAsync(string tenant, string prospectId, EraseProspectRequest request, CancellationToken ct)
    {
        // While it is known which addresses are theirs.
        if (request.Suppress)
            await suppressions.SuppressAsync(tenant, prospectId, unsuppress: false, ct);
        var begun = await prospects.BeginErasingAsync(tenant, prospectId, request.Suppress, goesOn: false, ct);
        return new EraseProspectResponse
        {
            ProspectId = prospectId,
            Pending = begun is not null && !await SweepAsync(tenant, prospectId, begun, ct),
            Suppressed = begun?.SuppressTime is not null,
        };
    }

    /// <summary>Takes up an erasure that is due again.</summary>
    public async Task GoOnAsync(string tenant, string prospectId, CancellationToken ct)
    {
        if (await prospects.BeginErasingAsync(tenant, prospectId, suppress: false, goesOn: true, ct) is { } prospect)
            await SweepAsync(tenant, prospectId, prospect, ct);
    }

    private string ProspectOf(string tenant, EraseProspectRequest request)
    {
        var violations = new Violations();
        var identifier = request.Profile.Length > 0 ? violations.Profile("profile", request.Profile) : null;
        if (request.ProspectId.Length > 0 && !Identifiers.IsProspect(request.ProspectId))
            violations.Add("prospect_id", "must be an id that Pennypost derived from a profile, as answers have it");
        if (request.Profile.Length > 0 == request.ProspectId.Length > 0)
            violations.Add("profile", "or prospect_id is required, and not both");
        OperatorActs.Check(request.Actor, request.Why, violations);
        if (violations.Any)
            throw errors.Invalid(violations);
        return identifier is null ? request.ProspectId : identifiers.Prospect(tenant, identifier);
    }

    /// <summary>True if nothing is left. Every step is safe to repeat.</summary>
    private async Task<bool> SweepAsync(string tenant, string prospectId, Prospect prospect, CancellationToken ct)
    {
        var messages = (await MessagesAsync(tenant, prospectId, ct)).ToLookup(prospect.IsErased);
        foreach (var key in Keys(tenant, prospect, messages[true]).Except(KeysSince(tenant, prospect, messages[false])))
            await lookups.ForgetAsync(tenant, key, prospectId, ct);
        var companiesSince = messages[false].Select(message => message.Company).Append(prospect.Company);
        foreach (var company in messages[true].Select(message => message.Company).Union(prospect.Erasure?.Companies ?? []).Where(company => company.Length > 0).Except(companiesSince))
            await companies.LeaveAsync(tenant, company, prospectId, ct);
        var erased = messages[true].Select(message => message.Id).ToList();
        var all = await prospects.EraseMessagesAsync(tenant, prospectId, erased, ct);
        foreach (var messageId in erased)
            await lookups.ForgetContentAsync(tenant, messageId, ct);
        return all && await prospects.FinishErasingAsync(tenant, prospectId, ct);
    }

    private async Task<IReadOnlyList<Message>> MessagesAsync(string tenant, string prospectId, CancellationToken ct)
    {
        var (messages, pageToken) = (new Dictionary<string, Message>(StringComparer.Ordinal), (string?)null);
        do
        {
            (var page, pageToken) = await prospects.MessagesAsync(tenant, prospectId, PageSize, pageToken, ct);
            foreach (var message in page)
                messages[message.Id] = message;
        }
        while (pageToken is not null);

        return [.. messages.Values];
    }

    /// <summary>Every key that leads to them, as far as it is known which there are: those of ids that the prospect or a message holds.</summary>
    private HashSet<string> Keys(string tenant, Prospect prospect, IEnumerable<Message> messages) =>
        KeysOf(tenant, prospect.Erasure?.Emails ?? [], prospect.Senders.Values, prospect.Unanswered, messages);

    /// <summary>Of these, those that a message needs which was accepted since the erasure began.</summary>
    private HashSet<string> KeysSince(string tenant, Prospect prospect, IEnumerable<Message> messages) => KeysOf(
        tenant, prospect.Emails, prospect.Senders.Values.Where(view => Erasing.IsSince(prospect, view)), prospect.Unanswered.Where(send => send.Time > prospect.EraseTime && prospect.Erasure is { WrittenToSince: true }), messages);

    private HashSet<string> KeysOf(string tenant, IEnumerable<string> emails, IEnumerable<SenderView> views, IEnumerable<UnansweredSend> unanswered, IEnumerable<Message> messages)
    {
        var keys = new HashSet<string>(emails, StringComparer.Ordinal);
        foreach (var view in views)
        {
            Attendee(view.AccountId, view.RecipientId);
            Attendee(view.AccountId, view.InmailRecipientId);
            Chat(view.AccountId, view.ChatId);
        }

        foreach (var send in unanswered)
            Chat(send.AccountId, send.ChatId);
        foreach (var attempt in messages.SelectMany(message => message.Attempts))
            Chat(attempt.AccountId, attempt.ChatId);
        return keys;

        void Attendee(string accountId, string id)
        {
            if (id.Length > 0)
                keys.Add(identifiers.Attendee(tenant, accountId, id));
        }

        void Chat(string accountId, string id)
        {
            if (id.Length > 0)
                keys.Add(identifiers.Chat(tenant, accountId, id));
        }
    }
}
