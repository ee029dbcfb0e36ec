using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Acts;

/// <summary>Keeps back webhook posts that a fault makes late or lets another overtake. Their time is the sandbox's, so that moving the clock brings them.</summary>
internal static class Holding
{
    /// <summary>Holds a post that waits to be sent, if the fault is one that holds.</summary>
    public static void Hold(World world, HookPost post, string accountId, FaultStep step)
    {
        // The post that overtakes one must not itself stand back: both would wait for a third.
        var givesWay = step.Kind == FaultKind.Reordered && !world.GivingWay.ContainsKey(post.HookId);
        if (step.Kind != FaultKind.Late && !givesWay)
            return;
        world.Posts.Put(post with { State = PostState.Held, GivesWay = givesWay });
        world.Dues.Put(new()
        {
            Id = DueId(post.Id),
            At = world.Now.AddMilliseconds(step.DelayMs),
            Kind = DueKind.ReleasePost,
            AccountId = accountId,
            PostId = post.Id,
        });
    }

    /// <summary>A post is done with: what stood back for it may go. Not before, because posts are sent side by side and arrive in any order.</summary>
    public static void Overtake(World world, HookPost done)
    {
        if (world.GivingWay.TryGetValue(done.HookId, out var id) && world.Posts.Find(id)!.Sequence < done.Sequence)
            Release(world, id);
    }

    public static void Release(World world, string postId)
    {
        world.Dues.Remove(DueId(postId));
        if (world.Posts.Find(postId) is { State: PostState.Held } post)
            world.Posts.Put(post with { State = PostState.Pending });
    }

    private static string DueId(string postId) => "post:" + postId;
}
