using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using Pennypost.Sandbox.Acts;
using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Webhooks;

/// <summary>
/// Posts what is queued to the webhooks: any 2xx is delivered, anything else is tried again after each configured delay and then dropped, as the
/// provider does (facts 1.5). Also lets things happen that become due while nobody calls.
/// </summary>
internal sealed class Postman(Stage stage, ILogger<Postman> logger) : BackgroundService
{
    /// <summary>Posts that are on their way at once.</summary>
    private const int MostAtOnce = 16;

    private readonly ConcurrentDictionary<string, Task> underWay = new();

    // Redirects are the receiver's mistake to make, not ours to follow.
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });

    public override void Dispose()
    {
        client.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        client.Timeout = TimeSpan.FromMilliseconds(stage.Options.WebhookTimeoutMs);
        while (!stoppingToken.IsCancellationRequested)
        {
            var sent = 0;
            try
            {
                foreach (var (post, hook) in Ready())
                {
                    underWay[post.Id] = Task.Run(() => TryAsync(post, hook, stoppingToken), CancellationToken.None);
                    sent++;
                }
            }
            catch (Exception problem)
            {
                // A store that cannot be written now may be writable again later: the loop must go on.
                Log.NothingHappens(logger, problem);
            }

            try
            {
                // Full, or nothing to do: wait for a new post, a finished one, or the next look at what is due.
                await stage.PostsQueued.WaitAsync(TimeSpan.FromMilliseconds(sent > 0 ? 1 : stage.Options.DuePollMs), stoppingToken);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        await Task.WhenAll(underWay.Values);
    }

    private List<(HookPost Post, Hook? Hook)> Ready()
    {
        var real = stage.Real();
        var room = MostAtOnce - underWay.Count;
        return stage.Do(world => world.PendingPosts
            .TakeWhile(p => p.NotBefore <= real)
            .Where(p => !underWay.ContainsKey(p.Id))
            .Take(room)
            .Select(p => world.Posts.Find(p.Id)!)
            .Select(p => (Post: p, Hook: world.Hooks.Find(p.HookId)))
            .ToList());
    }

    private async Task TryAsync(HookPost post, Hook? hook, CancellationToken stopping)
    {
        try
        {
            var problem = hook is null ? "the webhook was deleted" : await PostAsync(post, hook, stopping);
            stage.Do(world => Finish(world, post.Id, problem, retry: hook is not null));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Still pending in the store: the next start tries it again.
        }
        catch (Exception problem)
        {
            Log.PostNotBooked(logger, post.Id, problem);
        }
        finally
        {
            underWay.TryRemove(post.Id, out _);
        }
    }

    private async Task<string?> PostAsync(HookPost post, Hook hook, CancellationToken stopping)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, hook.RequestUrl) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(post.Body)) };
            foreach (var header in hook.Headers)
            {
                // A hook that was created through the API has no Content-Type unless one was set (facts 1.5).
                if (header.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
                    request.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(header.Value, out var type) ? type : null;
                else
                    request.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }

            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stopping);
            return response.IsSuccessStatusCode ? null : "answered " + (int)response.StatusCode;
        }
        catch (Exception problem) when (problem is HttpRequestException || (problem is TaskCanceledException && !stopping.IsCancellationRequested))
        {
            return problem is TaskCanceledException ? "no answer in time" : "no connection: " + problem.Message;
        }
    }

    private HookPost? Finish(World world, string postId, string? problem, bool retry)
    {
        if (world.Posts.Find(postId) is not { } post)
            return null;
        var tries = post.Tries + 1;
        var delays = stage.Options.RetryDelaysMs;
        post = post with { Tries = tries, LastProblem = problem };
        if (problem is null)
            post = post with { State = PostState.Delivered };
        else if (!retry || tries > delays.Count)
            post = post with { State = PostState.Dropped };
        else
            post = post with { NotBefore = stage.Real().AddMilliseconds(delays[tries - 1]) };
        world.Posts.Put(post);
        if (post.State != PostState.Pending)
            Holding.Overtake(world, post);
        if (post.State == PostState.Dropped)
            Log.PostDropped(logger, post.Id, post.Event, tries, problem!);
        Announcing.Prune(world, stage.Options);
        return post;
    }
}
