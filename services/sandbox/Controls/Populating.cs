using Pennypost.Sandbox.Acts;
using Pennypost.Sandbox.Api;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Controls;

/// <summary>Puts accounts and members into the world: all of a document, or, when anything in it is wrong, nothing.</summary>
internal static class Populating
{
    /// <summary>Members that one document may list.</summary>
    private const int MostProspects = 50_000;

    /// <summary>A world document: accounts, prospects, and how many more prospects to make up.</summary>
    public static Answer Load(World world, JsonBody body, SandboxOptions options)
    {
        var keep = body.Flag("keep_existing") ?? false;
        var accounts = body.Objects("accounts", options.MaxAccounts).Select(WorldDocument.ParseAccount).ToList();
        var prospects = body.Objects("prospects", MostProspects).Select(p => WorldDocument.ParseProspect(p, world.Seed)).ToList();
        if (body.Object("generate") is { } generate)
        {
            var count = (int)(generate.Number("prospects", 1, MostProspects, required: true) ?? 0);
            var prefix = generate.OptionalId("prefix") ?? "prospect-";
            if (prefix.Length > 56)
                generate.Refuse("prefix", "has more than 56 characters");
            generate.RefuseUnknown();
            prospects.AddRange(Generator.Many(world.Seed, prefix, count));
        }

        body.RefuseUnknown();
        return Put(world, body, options, accounts, prospects, keep);
    }

    public static Answer Put(
        World world, JsonBody body, SandboxOptions options, IReadOnlyList<WorldDocument.AccountSpec> accounts, IReadOnlyList<Prospect> prospects, bool keep)
    {
        foreach (var twice in accounts.GroupBy(a => a.Id).Where(g => g.Count() > 1))
            body.Refuse("accounts", "names an id twice: " + twice.Key);
        foreach (var twice in prospects.GroupBy(p => p.Id).Where(g => g.Count() > 1))
            body.Refuse("prospects", "names an id twice: " + twice.Key);
        foreach (var twice in prospects.GroupBy(p => p.PublicIdentifier, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
            body.Refuse("prospects", "names a public_identifier twice: " + twice.Key);
        foreach (var prospect in prospects.Where(p => world.ByPublicIdentifier(p.PublicIdentifier) is { } other && other.Id != p.Id))
            body.Refuse("prospects", "names a public_identifier that another prospect has: " + prospect.PublicIdentifier);
        if (world.Accounts.Count + accounts.Count(a => world.Accounts.Find(a.Id) is null) > options.MaxAccounts)
            body.Refuse("accounts", $"would be more than {options.MaxAccounts} (Sandbox:MaxAccounts)");
        if (world.Prospects.Count + prospects.Count(p => world.Prospects.Find(p.Id) is null) > options.MaxProspects)
            body.Refuse("prospects", $"would be more than {options.MaxProspects} (Sandbox:MaxProspects)");
        if (body.Violations.Count > 0)
            return Answer.Invalid(body.Violations);

        foreach (var account in accounts.Where(a => !keep || world.Accounts.Find(a.Id) is null))
            Put(world, account, options);
        foreach (var prospect in prospects.Where(p => !keep || world.Prospects.Find(p.Id) is null))
            world.Prospects.Put(prospect);
        return Answer.Ok(new { accounts = world.Accounts.Count, prospects = world.Prospects.Count });
    }

    private static void Put(World world, WorldDocument.AccountSpec spec, SandboxOptions options)
    {
        var before = world.Accounts.Find(spec.Id);
        var createdAt = before?.CreatedAt ?? world.Now;
        var account = new Account
        {
            Id = spec.Id,
            Name = spec.Name,
            PublicIdentifier = spec.PublicIdentifier,
            State = before?.State ?? AccountState.Ok,
            CreatedAt = createdAt,
            Subscriptions = [.. spec.Subscriptions.Select(s => Subscribe(s, before, createdAt, world.Now))],
            Limits = spec.Limits,
            Rules = spec.Rules,
        };
        // The opening balance is an entry like any other, so that every balance is the sum of its entries.
        var opening = account.Subscriptions;
        world.Accounts.Put(account with { Subscriptions = [.. opening.Select(s => s with { Balance = before?.For(s.Product)?.Balance ?? 0 })] });
        foreach (var subscription in opening)
        {
            var current = world.Accounts.Find(spec.Id)!;
            if (current.For(subscription.Product)!.Balance != subscription.Balance)
                CreditMoves.Set(world, current, subscription.Product, subscription.Balance);
            CreditMoves.ScheduleRenewal(world, account, subscription);
        }

        if (before is null)
            Announcing.AccountStatus(world, account, "CREATION_SUCCESS", options);
    }

    private static Subscription Subscribe(WorldDocument.SubscriptionSpec spec, Account? before, DateTimeOffset createdAt, DateTimeOffset now)
    {
        // Sales Navigator renews on the 1st; the others on the day of the month on which the subscription began.
        var day = spec.RenewalDay ?? (spec.Plan.Product == Product.SalesNavigator ? 1 : createdAt.Day);
        return new()
        {
            Product = spec.Plan.Product,
            Plan = spec.Plan.Name,
            MonthlyGrant = spec.MonthlyGrant,
            Cap = spec.Cap,
            Balance = spec.Balance ?? before?.For(spec.Plan.Product)?.Balance ?? spec.MonthlyGrant,
            RenewalDay = day,
            NextRenewal = Credits.NextRenewal(day, now),
            GrantDelay = before?.For(spec.Plan.Product)?.GrantDelay ?? TimeSpan.Zero,
        };
    }
}
