using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Delivery;
using Pennypost.Dispatcher.Messages;
using Pennypost.Hosting;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Planning;

/// <summary>What requests for plans must keep to, said under their own names: the router, which has limits of its own, is asked in other words. Pure.</summary>
internal static class PlanRequests
{
    private const int MostProspects = 5_000;
    public const int MostScenarios = 8;
    private const int MostSenders = 100;
    private const int MostRates = 16;
    private const int MostDays = 31;
    private const long MostCredits = 1_000_000;
    private const long MostSends = 1_000_000_000;
    private const long MostMicros = 1_000_000_000_000;

    // As far as the router reckons.
    private static readonly DateTimeOffset _end = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Scenarios(RepeatedField<Wire.PlanScenario> scenarios, Violations violations)
    {
        violations.Items("scenarios", scenarios.Count, 1, MostScenarios);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Math.Min(scenarios.Count, MostScenarios); i++)
        {
            violations.Length($"scenarios[{i}].name", scenarios[i].Name, 1, 64);
            if (scenarios[i].Name.Length > 0 && !names.Add(scenarios[i].Name))
                violations.Add($"scenarios[{i}].name", "must be distinct: an earlier scenario has the same");
            Basis($"scenarios[{i}].basis", scenarios[i].Basis, violations);
        }
    }

    public static void Basis(string at, Wire.PlanBasis? basis, Violations violations)
    {
        if (!violations.Required(at, basis))
            return;
        violations.Items($"{at}.account_ids", basis!.AccountIds.Count, 0, MostSenders);
        Distinct(basis.AccountIds, MostSenders, i => $"{at}.account_ids[{i}]", violations);
        Content($"{at}.content", basis.Content, violations);
        violations.OptionalId($"{at}.policy", basis.Policy);
        if (basis.Policy.Length > 0 && basis.DraftPolicy is not null)
            violations.Add($"{at}.draft_policy", "must be unset where policy names one that is kept");
        violations.Range($"{at}.days", basis.Days, 0, MostDays);

        violations.Items($"{at}.rates", basis.Rates.Count, 0, MostRates);
        var rated = new HashSet<Wire.Channel>();
        for (var i = 0; i < Math.Min(basis.Rates.Count, MostRates); i++)
        {
            var channel = basis.Rates[i].Channel;
            if (channel == Wire.Channel.Unspecified || !System.Enum.IsDefined(channel) || ((Channel)channel).IsEngagement())
                violations.Add($"{at}.rates[{i}].channel", "must be a channel that carries a message");
            else if (!rated.Add(channel))
                violations.Add($"{at}.rates[{i}].channel", "must be distinct: an earlier rate has the same");
            if (!(basis.Rates[i].Rate is >= 0 and <= 1))
                violations.Add($"{at}.rates[{i}].rate", "must be 0 to 1");
        }

        if (basis.Replies is { } replies)
        {
            violations.Range($"{at}.replies.sent", replies.Sent, 0, MostSends);
            violations.Range($"{at}.replies.replied", replies.Replied, 0, MostSends);
            if (replies.Replied > replies.Sent)
                violations.Add($"{at}.replies.replied", "must not be more than replies.sent");
        }

        violations.Items($"{at}.pools", basis.Pools.Count, 0, MostSenders);
        Distinct(basis.Pools.Select(pool => pool.PoolId), MostSenders, i => $"{at}.pools[{i}].pool_id", violations);
        for (var i = 0; i < Math.Min(basis.Pools.Count, MostSenders); i++)
        {
            violations.Range($"{at}.pools[{i}].available", basis.Pools[i].Available, 0, MostCredits);
            violations.Range($"{at}.pools[{i}].budget", basis.Pools[i].Budget, 0, MostCredits);
        }
    }

    /// <summary>The public identifiers of the prospects, in their order; where one is wrong, its place is empty.</summary>
    public static IReadOnlyList<string> Prospects(RepeatedField<Wire.PlannedProspect> prospects, DateTimeOffset now, Violations violations)
    {
        violations.Items("prospects", prospects.Count, 1, MostProspects);
        if (prospects.Count > MostProspects)
            return [];
        var identifiers = new string[prospects.Count];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < prospects.Count; i++)
        {
            var (at, prospect) = ($"prospects[{i}]", prospects[i]);
            identifiers[i] = violations.Profile($"{at}.profile", prospect.Profile) ?? "";
            if (identifiers[i].Length > 0 && !seen.Add(identifiers[i]))
                violations.Add($"{at}.profile", "must be distinct: an earlier prospect has the same");
            Known($"{at}.priority", prospect.Priority, violations);
            violations.Range($"{at}.value_micros", prospect.ValueMicros, 0, MostMicros);
            if (Moment($"{at}.email_verify_time", prospect.EmailVerifyTime, violations) is { } verified)
            {
                if (verified > now)
                    violations.Add($"{at}.email_verify_time", "must not lie in the future");
                if (!prospect.EmailKnown)
                    violations.Add($"{at}.email_known", "is required with email_verify_time");
            }

            if (prospect.Common is { } common)
            {
                View($"{at}.common", common, violations);
                if (common.AccountId.Length > 0)
                    violations.Add($"{at}.common.account_id", "must be empty: it is the same whoever looks");
            }

            violations.Items($"{at}.views", prospect.Views.Count, 0, MostSenders);
            Distinct(prospect.Views.Select(view => view.AccountId), MostSenders, j => $"{at}.views[{j}].account_id", violations);
            for (var j = 0; j < Math.Min(prospect.Views.Count, MostSenders); j++)
                View($"{at}.views[{j}]", prospect.Views[j], violations);
        }

        return identifiers;
    }

    private static void Content(string at, Wire.Content? content, Violations violations)
    {
        if (!violations.Required(at, content))
            return;
        violations.Length($"{at}.subject", content!.Subject, 0, 200);
        violations.Length($"{at}.body", content.Body, 0, 8_000);
        violations.Length($"{at}.note", content.Note, 0, 300);
        violations.Length($"{at}.email", content.Email, 0, 20_000);
        if (content.Engagement is { } engagement)
        {
            // Over REST a channel that there is not is all that is told: so it is here.
            if (System.Enum.IsDefined(engagement.Channel))
                violations.Add($"{at}.engagement", "must be unset: an engagement has no choice of channel");
            Known($"{at}.engagement.channel", engagement.Channel, violations);
            violations.Length($"{at}.engagement.post_id", engagement.PostId, 0, 200);
            violations.Length($"{at}.engagement.comment", engagement.Comment, 0, 1_250);
        }
        else if (content.Body.Length == 0 && content.Note.Length == 0 && content.Email.Length == 0)
        {
            violations.Add(at, "must have a body, a note or a text for an e-mail");
        }
    }

    private static void View(string at, Wire.ProspectView view, Violations violations)
    {
        Known($"{at}.network_distance", view.NetworkDistance, violations);
        Known($"{at}.invitation", view.Invitation, violations);
        foreach (var (name, time) in new[]
        {
            ("invitation_send_time", view.InvitationSendTime),
            ("invitation_withdraw_time", view.InvitationWithdrawTime),
            ("last_inmail_time", view.LastInmailTime),
            ("inmail_refused_until", view.InmailRefusedUntil),
            ("observe_time", view.ObserveTime),
            ("network_distance_time", view.NetworkDistanceTime),
            ("open_profile_time", view.OpenProfileTime),
            ("can_send_inmail_time", view.CanSendInmailTime),
            ("invitation_time", view.InvitationTime),
        })
            Moment($"{at}.{name}", time, violations);
    }

    private static DateTimeOffset? Moment(string field, Timestamp? time, Violations violations)
    {
        var moment = Parse.Moment(field, time, violations);
        if (moment < DateTimeOffset.UnixEpoch || moment >= _end)
            violations.Add(field, "must be a time from 1970 to 8999");
        return moment;
    }

    private static void Known<TEnum>(string field, TEnum value, Violations violations)
        where TEnum : struct, System.Enum
    {
        if (!System.Enum.IsDefined(value))
            violations.Add(field, "must be a value of the contract");
    }

    private static void Distinct(IEnumerable<string> ids, int most, Func<int, string> field, Violations violations)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, id) in ids.Take(most).Index())
        {
            violations.Id(field(i), id);
            if (id.Length > 0 && !seen.Add(id))
                violations.Add(field(i), "must be distinct: an earlier one is the same");
        }
    }
}
