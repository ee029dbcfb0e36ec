using System.Diagnostics;
using Pennypost.Sandbox.Acts;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Api;

/// <summary>Profiles, relations and invitations.</summary>
internal static class UserEndpoints
{
    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapPost("/users/invite", Invite);
        v1.MapGet("/users/invite/sent", ListInvitations);
        v1.MapDelete("/users/invite/sent/{invitationId}", Withdraw);
        v1.MapGet("/users/relations", ListRelations);
        v1.MapGet("/users/{identifier}", GetProfile);
    }

    private static async Task Invite(HttpContext http, Calls calls)
    {
        const string Endpoint = "users.invite";
        if (await JsonBody.ReadAsync(http) is not { } body)
        {
            await calls.RefuseAsync(http, Endpoint, null, Answer.Error(ErrorType.MalformedRequest, "The body must be a JSON object."));
            return;
        }

        var accountId = body.Text("account_id", required: true) ?? "";
        var recipient = body.Text("provider_id", required: true) ?? "";
        var note = body.Text("message", mostLength: 10_000);
        _ = body.Text("user_email");
        body.RefuseUnknown();
        if (body.Violations.Count > 0)
        {
            await calls.RefuseAsync(http, Endpoint, accountId, Answer.Invalid(body.Violations));
            return;
        }

        await calls.AnswerAsync(http, Endpoint, accountId, world =>
        {
            if (Recipients.Account(world, accountId) is not { } account)
                return Recipients.NoAccount();
            if (Accounts.Stopped(account) is { } stopped)
                return Answer.Error(stopped);
            if (Recipients.ByScopedId(world, account, recipient) is not { } prospect)
                return Recipients.InvalidRecipient();
            return Inviting.Invite(world, account, prospect, note, calls.Options) switch
            {
                Inviting.Outcome.Sent { UsagePercent: { } usage } sent =>
                    Answer.Ok(new { @object = "UserInvitationSent", invitation_id = sent.Invitation.Id, usage }),
                Inviting.Outcome.Sent sent => Answer.Ok(new { @object = "UserInvitationSent", invitation_id = sent.Invitation.Id }),
                Inviting.Outcome.Refused refused => Answer.Error(refused.Refusal),
                _ => throw new UnreachableException(),
            };
        });
    }

    private static Task ListInvitations(HttpContext http, Calls calls) => ForAccount(http, calls, "users.invite.list", (world, account, page) =>
        page.Of(
            "InvitationList",
            world.InvitationsOf(account.Id).Where(i => i.State == InvitationState.Pending),
            i => (i.Sequence, i.Id),
            i => Shapes.Invitation(world, i)));

    private static Task Withdraw(HttpContext http, Calls calls, string invitationId)
    {
        var accountId = http.Request.Query["account_id"].ToString();
        return calls.AnswerAsync(http, "users.invite.withdraw", accountId, world =>
        {
            if (Recipients.Account(world, accountId) is not { } account)
                return Recipients.NoAccount();
            if (Accounts.Stopped(account) is { } stopped)
                return Answer.Error(stopped);
            if (world.Invitations.Find(invitationId) is not { State: InvitationState.Pending } invitation || invitation.AccountId != accountId)
                return Answer.Error(ErrorType.ResourceNotFound, "Invitation not found.");
            Inviting.End(world, invitation, InvitationState.Withdrawn);
            return Answer.Ok(new { @object = "UserInvitationCancelled" });
        });
    }

    private static Task ListRelations(HttpContext http, Calls calls) => ForAccount(http, calls, "users.relations", (world, account, page) =>
        page.Of(
            "UserRelationsList",
            world.Prospects.All.Where(p => p.Reach != Reach.Gone && world.DegreeBetween(account, p) == Degree.First),
            p => (Since(world, account, p).ToUnixTimeMilliseconds(), p.Id),
            p => Shapes.Relation(world, account, p, Since(world, account, p))));

    private static Task GetProfile(HttpContext http, Calls calls, string identifier)
    {
        var violations = new List<Violation>();
        var accountId = http.Request.Query["account_id"].ToString();
        if (accountId.Length == 0)
            violations.Add(Violation.Required("account_id"));
        var product = Shapes.ApiProduct(http.Request.Query["linkedin_api"].ToString());
        if (product is null)
            violations.Add(new("linkedin_api", "must be classic, sales_navigator or recruiter"));
        var notify = http.Request.Query["notify"].ToString();
        if (notify is not ("" or "true" or "false"))
            violations.Add(new("notify", "must be true or false"));
        const string Endpoint = "users.profile";
        return violations.Count > 0
            ? calls.RefuseAsync(http, Endpoint, accountId, Answer.Invalid(violations))
            : calls.AnswerAsync(http, Endpoint, accountId, world =>
            {
                if (Recipients.Account(world, accountId) is not { } account)
                    return Recipients.NoAccount();
                if (Accounts.Visit(account, Use.Of(world.DaysOf(account.Id), world.Now)) is { } refusal)
                    return Answer.Error(refusal);
                if (product != Product.Premium && account.For(product!.Value) is null)
                    return Answer.Error(ErrorType.FeatureNotSubscribed, "The account has no subscription to this product.");
                var day = world.Today(account.Id);
                world.Days.Put(day with { Profiles = day.Profiles + 1 });
                if (identifier == account.PublicIdentifier || identifier == "me")
                    return Answer.Ok(Own(world, account));
                var foreign = ScopedId.LooksLikeOne(identifier) && Recipients.ByScopedId(world, account, identifier) is null;
                if (foreign)
                    return Recipients.InvalidRecipient();
                var found = Recipients.ByIdentifier(world, account, identifier, calls.Options);
                if (notify == "true" && found is { Reach: not Reach.Gone } && Engaging.Do(world, account, EngagementKind.View, found.Id, "", calls.Options) is { } unseen)
                    return Answer.Error(unseen);
                return found is { Reach: not Reach.Gone } prospect
                    ? Answer.Ok(Shapes.Profile(world, account, prospect, product!.Value))
                    : Answer.Error(ErrorType.ResourceNotFound, "Profile not found.");
            });
    }

    private static object Own(World world, Account account) => new
    {
        @object = "UserProfile",
        provider = "LINKEDIN",
        provider_id = world.OwnIdOf(account),
        public_identifier = account.PublicIdentifier,
        network_distance = "SELF",
        is_self = true,
    };

    private static DateTimeOffset Since(World world, Account account, Prospect prospect) =>
        world.Relations.Find(World.Pair(account.Id, prospect.Id))?.Since ?? account.CreatedAt;

    private static Task ForAccount(HttpContext http, Calls calls, string endpoint, Func<World, Account, Page, Answer> act)
    {
        var violations = new List<Violation>();
        var page = Page.Parse(http.Request, violations);
        var accountId = http.Request.Query["account_id"].ToString();
        if (accountId.Length == 0)
            violations.Add(Violation.Required("account_id"));
        return violations.Count > 0
            ? calls.RefuseAsync(http, endpoint, accountId, Answer.Invalid(violations))
            : calls.AnswerAsync(http, endpoint, accountId, world =>
            {
                if (Recipients.Account(world, accountId) is not { } account)
                    return Recipients.NoAccount();
                return Accounts.Stopped(account) is { } stopped ? Answer.Error(stopped) : act(world, account, page!);
            });
    }
}
