using Pennypost.Sandbox.Api;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Controls;

/// <summary>Accounts and members as a caller describes them. Everything that is wrong is collected in the body's violations.</summary>
internal static class WorldDocument
{
    /// <summary>An account, with credits as asked; null for a balance means: what is there already, or one month's grant.</summary>
    public sealed record AccountSpec
    {
        public required string Id { get; init; }

        public required string Name { get; init; }

        public required string PublicIdentifier { get; init; }

        public required IReadOnlyList<SubscriptionSpec> Subscriptions { get; init; }

        public required SeatLimits Limits { get; init; }

        public required SeatRules Rules { get; init; }
    }

    /// <summary>One product's credits as asked for. The balance is null to keep it, the day null for the product's own.</summary>
    public sealed record SubscriptionSpec(Credits.Plan Plan, int MonthlyGrant, int Cap, int? Balance, int? RenewalDay);

    public static AccountSpec ParseAccount(JsonBody body)
    {
        var id = body.Id("id");
        var subscriptions = new List<SubscriptionSpec>();
        foreach (var item in body.Objects("subscriptions", most: 3))
            ParseSubscription(item, subscriptions);
        if (subscriptions.DistinctBy(s => s.Plan.Product).Count() != subscriptions.Count)
            body.Refuse("subscriptions", "may hold each product once");
        var spec = new AccountSpec
        {
            Id = id,
            Name = body.Text("name", mostLength: 200) ?? id,
            PublicIdentifier = body.OptionalId("public_identifier") ?? id,
            Subscriptions = subscriptions,
            Limits = ParseLimits(body.Object("limits"), SeatLimits.For(subscriptions.Count > 0)),
            Rules = ParseRules(body.Object("rules")),
        };
        body.RefuseUnknown();
        return spec;
    }

    public static Prospect ParseProspect(JsonBody body, string seed)
    {
        var id = body.Id("id");
        // Whatever is not said is ordinary and quiet: no replies, no accepts, nothing hidden. "invent": true draws it from the seed instead.
        var like = body.Flag("invent") == true
            ? Generator.One(seed, id)
            : new() { Id = id, PublicIdentifier = id, FirstName = id, LastName = "Prospect", Degree = Degree.Second, Behaviour = new() };
        var degrees = new Dictionary<string, Degree>();
        if (body.Object("degrees") is { } perAccount)
        {
            foreach (var account in perAccount.Names())
            {
                if (perAccount.Choice<Degree>(account) is { } degree)
                    degrees[account] = degree;
            }
        }

        var prospect = like with
        {
            PublicIdentifier = body.Text("public_identifier", mostLength: 200) is { Length: > 0 } identifier ? identifier : like.PublicIdentifier,
            FirstName = body.Text("first_name", mostLength: 100) ?? like.FirstName,
            LastName = body.Text("last_name", mostLength: 100) ?? like.LastName,
            Headline = body.Text("headline", mostLength: 300) ?? like.Headline,
            Company = body.Text("company", mostLength: 200) ?? like.Company,
            Location = body.Text("location", mostLength: 200) ?? like.Location,
            OpenProfile = body.Flag("open_profile") ?? like.OpenProfile,
            Premium = body.Flag("premium") ?? like.Premium,
            OpenToWork = body.Flag("open_to_work") ?? like.OpenToWork,
            Inmail = body.Choice<InmailDoor>("inmail") ?? like.Inmail,
            Reach = body.Choice<Reach>("reach") ?? like.Reach,
            Degree = body.Choice<Degree>("degree") ?? like.Degree,
            Degrees = degrees,
            Behaviour = ParseBehaviour(body, like.Behaviour),
            HiddenFields = body.Has("hidden_fields") ? body.Texts("hidden_fields", most: 20) : like.HiddenFields,
            ThrottledSections = body.Has("throttled_sections") ? body.Texts("throttled_sections", most: 20) : like.ThrottledSections,
        };
        body.RefuseUnknown();
        return prospect;
    }

    private static void ParseSubscription(JsonBody body, List<SubscriptionSpec> into)
    {
        var name = body.Text("plan", required: true);
        var plan = Credits.Plans.FirstOrDefault(p => p.Name == name);
        if (plan is null)
        {
            if (name is { Length: > 0 })
                body.Refuse("plan", "must be one of " + string.Join(", ", Credits.Plans.Select(p => p.Name)));
            plan = Credits.Plans[0];
        }

        var grant = (int)(body.Number("monthly_grant", 0, 100_000) ?? plan.MonthlyGrant);
        var cap = (int)(body.Number("cap", 0, 1_000_000) ?? plan.Cap);
        var day = (int?)body.Number("renewal_day", 1, 31);
        if (plan.Product == Product.SalesNavigator && day is not (null or 1))
            body.Refuse("renewal_day", "of Sales Navigator is always 1");
        into.Add(new(plan, grant, cap, (int?)body.Number("balance", 0, 1_000_000), day));
        body.RefuseUnknown();
    }

    private static SeatLimits ParseLimits(JsonBody? body, SeatLimits usual)
    {
        if (body is null)
            return usual;
        int? Limit(string name, int? otherwise) => (int?)body.Number(name, 0, 1_000_000) ?? otherwise;
        var limits = new SeatLimits
        {
            InvitationsPerWeek = Limit("invitations_per_week", usual.InvitationsPerWeek),
            NotesPerMonth = Limit("notes_per_month", usual.NotesPerMonth),
            NoteLength = Limit("note_length", usual.NoteLength) ?? usual.NoteLength,
            MessagesPerDay = Limit("messages_per_day", usual.MessagesPerDay),
            InmailsPerDay = Limit("inmails_per_day", usual.InmailsPerDay),
            OpenProfileInmailsPerMonth = Limit("open_profile_inmails_per_month", usual.OpenProfileInmailsPerMonth),
            ProfilesPerDay = Limit("profiles_per_day", usual.ProfilesPerDay),
        };
        body.RefuseUnknown();
        return limits;
    }

    private static SeatRules ParseRules(JsonBody? body)
    {
        var usual = new SeatRules();
        if (body is null)
            return usual;
        var error = body.Text("invitation_limit_error") ?? usual.InvitationLimitError;
        if (error is not ("limit_exceeded" or "cannot_resend_yet"))
            body.Refuse("invitation_limit_error", "must be limit_exceeded or cannot_resend_yet");
        var rules = new SeatRules
        {
            SecondInmailAllowed = body.Flag("second_inmail_allowed") ?? usual.SecondInmailAllowed,
            OpenProfileNeedsBalance = body.Flag("open_profile_needs_balance") ?? usual.OpenProfileNeedsBalance,
            InvitationLimitError = error,
            RefundWindowDays = (int)(body.Number("refund_window_days", 0, 365) ?? usual.RefundWindowDays),
            RefundLagSeconds = (int)(body.Number("refund_lag_seconds", 0, 365 * 24 * 3600) ?? usual.RefundLagSeconds),
            ReinviteLockDays = (int)(body.Number("reinvite_lock_days", 0, 365) ?? usual.ReinviteLockDays),
            TextsAltered = body.Flag("texts_altered") ?? usual.TextsAltered,
        };
        body.RefuseUnknown();
        return rules;
    }

    private static Behaviour ParseBehaviour(JsonBody body, Behaviour like)
    {
        if (body.Object("behaviour") is not { } own)
            return like;
        var behaviour = new Behaviour
        {
            ReplyProbability = own.Share("reply_probability") ?? like.ReplyProbability,
            DeclineProbability = own.Share("decline_probability") ?? like.DeclineProbability,
            ReplyAfterAtLeast = own.Seconds("reply_after_at_least_seconds") ?? like.ReplyAfterAtLeast,
            ReplyAfterAtMost = own.Seconds("reply_after_at_most_seconds") ?? like.ReplyAfterAtMost,
            AcceptProbability = own.Share("accept_probability") ?? like.AcceptProbability,
            AcceptAfterAtLeast = own.Seconds("accept_after_at_least_seconds") ?? like.AcceptAfterAtLeast,
            AcceptAfterAtMost = own.Seconds("accept_after_at_most_seconds") ?? like.AcceptAfterAtMost,
            NoticedWithin = own.Seconds("noticed_within_seconds") ?? like.NoticedWithin,
        };
        if (behaviour.ReplyAfterAtMost < behaviour.ReplyAfterAtLeast)
            own.Refuse("reply_after_at_most_seconds", "must not be less than reply_after_at_least_seconds");
        if (behaviour.AcceptAfterAtMost < behaviour.AcceptAfterAtLeast)
            own.Refuse("accept_after_at_most_seconds", "must not be less than accept_after_at_least_seconds");
        own.RefuseUnknown();
        return behaviour;
    }
}
