using Pennypost.Sandbox.Acts;
using Pennypost.Sandbox.Api;
using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Controls;

/// <summary>Creating accounts and members, and what LinkedIn, the provider and the bank do to an account.</summary>
internal static class AccountControls
{
    public static void Map(RouteGroupBuilder sandbox)
    {
        sandbox.MapPost("/world", (HttpContext http, Control control) =>
            control.ActAsync(http, (w, b) => Populating.Load(w, b, control.Options), Control.MostBytes));
        sandbox.MapPost("/accounts", (HttpContext http, Control control) => control.ActAsync(http, (w, b) =>
            Populating.Put(w, b, control.Options, [WorldDocument.ParseAccount(b)], [], keep: false)));
        sandbox.MapPost("/prospects", (HttpContext http, Control control) => control.ActAsync(http, (w, b) =>
            Populating.Put(w, b, control.Options, [], [WorldDocument.ParseProspect(b, w.Seed)], keep: false)));
        MapState(sandbox, "restrict", AccountState.Restricted);
        MapState(sandbox, "disconnect", AccountState.Disconnected);
        MapState(sandbox, "reconnect", AccountState.Ok);
        sandbox.MapPost("/top-up", (HttpContext http, Control control) => control.ActAsync(http, (w, b) => Change(w, b, (account, product) =>
        {
            var amount = (int?)b.Number("amount", 1, 100_000, required: true);
            return () => CreditMoves.TopUp(w, account, product, amount!.Value);
        })));
        sandbox.MapPost("/balance", (HttpContext http, Control control) => control.ActAsync(http, (w, b) => Change(w, b, (account, product) =>
        {
            var balance = (int?)b.Number("balance", 0, 1_000_000, required: true);
            return () => CreditMoves.Set(w, account, product, balance!.Value);
        })));
        sandbox.MapPost("/grant-late", (HttpContext http, Control control) => control.ActAsync(http, (w, b) => Change(w, b, (account, product) =>
        {
            var delay = b.Seconds("delay_seconds", most: 90L * 24 * 3600);
            if (delay is null && !b.Has("delay_seconds"))
                b.Violations.Add(Violation.Required("delay_seconds"));
            return () => w.Accounts.Put(account.With(account.For(product)! with { GrantDelay = delay!.Value }));
        })));
    }

    private static void MapState(RouteGroupBuilder sandbox, string name, AccountState state) =>
        sandbox.MapPost("/" + name, (HttpContext http, Control control) => control.ActAsync(http, (world, body) =>
        {
            var account = Control.Account(world, body);
            body.RefuseUnknown();
            if (body.Violations.Count > 0 || account is null)
                return Answer.Invalid(body.Violations);
            Standstill.Become(world, account, state, control.Options);
            return Answer.Ok(new { account_id = account.Id, state });
        }));

    /// <summary><paramref name="plan"/> reads what else it needs from the body and returns what to do once the body is known to be good.</summary>
    private static Answer Change(World world, JsonBody body, Func<Account, Product, Action> plan)
    {
        var account = Control.Account(world, body);
        if (body.Choice<Product>("product") is not { } product)
        {
            product = Product.Premium;
            if (!body.Has("product"))
                body.Violations.Add(Violation.Required("product"));
        }
        else if (account is not null && account.For(product) is null)
        {
            body.Refuse("product", "is none that the account subscribes to");
        }

        // Read with a stand-in too, so that one answer names every mistake; the act itself runs only on a real account.
        var act = plan(account!, product);
        body.RefuseUnknown();
        if (body.Violations.Count > 0)
            return Answer.Invalid(body.Violations);
        act();
        var after = world.Accounts.Find(account!.Id)!.For(product)!;
        return Answer.Ok(new
        {
            account_id = account.Id,
            product,
            balance = after.Balance,
            next_renewal = Shapes.Time(after.NextRenewal),
            grant_delay_seconds = (long)after.GrantDelay.TotalSeconds,
        });
    }
}
