using Pennypost.Sandbox.Acts;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Api;

/// <summary>Reactions to posts and comments on them. The sandbox keeps no posts: every id is one.</summary>
internal static class PostEndpoints
{
    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapPost("/posts/reaction", React);
        v1.MapPost("/posts/{postId}/comments", Comment);
    }

    private static async Task React(HttpContext http, Calls calls)
    {
        const string Endpoint = "posts.reaction";
        if (await JsonBody.ReadAsync(http) is not { } body)
        {
            await calls.RefuseAsync(http, Endpoint, null, Answer.Error(ErrorType.MalformedRequest, "The body must be a JSON object."));
            return;
        }

        var accountId = body.Text("account_id", required: true) ?? "";
        var postId = body.Text("post_id", required: true) ?? "";
        if (body.Text("reaction_type") is not (null or "like"))
            body.Refuse("reaction_type", "must be like: the sandbox knows no other");
        body.RefuseUnknown();
        await ActAsync(http, calls, Endpoint, accountId, body, EngagementKind.Like, postId, "", new { @object = "ReactionAdded" });
    }

    private static async Task Comment(HttpContext http, Calls calls, string postId)
    {
        const string Endpoint = "posts.comment";
        if (await JsonBody.ReadAsync(http) is not { } body)
        {
            await calls.RefuseAsync(http, Endpoint, null, Answer.Error(ErrorType.MalformedRequest, "The body must be a JSON object."));
            return;
        }

        var accountId = body.Text("account_id", required: true) ?? "";
        var text = body.Text("text", mostLength: 10_000, required: true) ?? "";
        body.RefuseUnknown();
        await ActAsync(http, calls, Endpoint, accountId, body, EngagementKind.Comment, postId, text, new { @object = "CommentSent" });
    }

    private static Task ActAsync(HttpContext http, Calls calls, string endpoint, string accountId, JsonBody body, EngagementKind kind, string subject, string text, object done) =>
        body.Violations.Count > 0
            ? calls.RefuseAsync(http, endpoint, accountId, Answer.Invalid(body.Violations))
            : calls.AnswerAsync(http, endpoint, accountId, world =>
            {
                if (Recipients.Account(world, accountId) is not { } account)
                    return Recipients.NoAccount();
                if (Accounts.Stopped(account) is { } stopped)
                    return Answer.Error(stopped);
                return Engaging.Do(world, account, kind, subject, text, calls.Options) is { } refusal ? Answer.Error(refusal) : Answer.Created(done);
            });
}
