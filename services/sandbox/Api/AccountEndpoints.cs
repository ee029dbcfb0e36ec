using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Api;

/// <summary>Connected accounts and their InMail balances.</summary>
internal static class AccountEndpoints
{
    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapGet("/accounts", List);
        v1.MapGet("/accounts/{accountId}", Get);
        v1.MapGet("/linkedin/inmail_balance", Balance);
    }

    private static Task List(HttpContext http, Calls calls)
    {
        var violations = new List<Violation>();
        var page = Page.Parse(http.Request, violations);
        return violations.Count > 0
            ? calls.RefuseAsync(http, "accounts.list", null, Answer.Invalid(violations))
            : calls.AnswerAsync(http, "accounts.list", null, world =>
                page!.Of("AccountList", world.Accounts.All, a => (a.CreatedAt.ToUnixTimeMilliseconds(), a.Id), a => Shapes.Account(world, a)));
    }

    private static Task Get(HttpContext http, Calls calls, string accountId) => calls.AnswerAsync(http, "accounts.get", accountId, world =>
        Recipients.Account(world, accountId) is { } account ? Answer.Ok(Shapes.Account(world, account)) : Recipients.NoAccount());

    /// <summary>No renewal date and no expiry: the provider knows neither. Null is no such subscription.</summary>
    private static Task Balance(HttpContext http, Calls calls)
    {
        var accountId = http.Request.Query["account_id"].ToString();
        return accountId.Length == 0
            ? calls.RefuseAsync(http, "linkedin.inmail_balance", null, Answer.Invalid([Violation.Required("account_id")]))
            : calls.AnswerAsync(http, "linkedin.inmail_balance", accountId, world =>
            {
                if (Recipients.Account(world, accountId) is not { } account)
                    return Recipients.NoAccount();
                if (Accounts.Stopped(account) is { } stopped)
                    return Answer.Error(stopped);
                return Answer.Ok(new
                {
                    @object = "LinkedinInmailBalance",
                    premium = account.For(Product.Premium)?.Balance,
                    recruiter = account.For(Product.Recruiter)?.Balance,
                    sales_navigator = account.For(Product.SalesNavigator)?.Balance,
                });
            });
    }
}
