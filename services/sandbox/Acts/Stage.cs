using Microsoft.Extensions.Options;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Storage;

namespace Pennypost.Sandbox.Acts;

/// <summary>
/// Where everything happens, one act at a time: first whatever has become due, then the act, then the store's transaction, then the answer.
/// An act that fails half-way leaves nothing behind.
/// </summary>
internal sealed class Stage : IDisposable
{
    private readonly Lock gate = new();
    private readonly SandboxOptions options;
    private readonly TimeProvider time;
    private readonly WorldFile file;
    private World world;

    public Stage(IOptions<SandboxOptions> options, TimeProvider time)
    {
        this.options = options.Value;
        this.time = time;
        file = new(this.options.Path);
        try
        {
            world = Open();
            if (world.Clock.Find("clock") is { } clock)
            {
                if (clock.Seed != this.options.Seed)
                    throw new InvalidOperationException($"The world in '{this.options.Path}' was made from another seed than Sandbox:Seed; its ids would mean nothing.");
            }
            else
            {
                world.Clock.Put(new(TimeSpan.Zero, Real(), this.options.Seed));
                file.Store(world);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Rung after an act that queued a post for a webhook.</summary>
    public SemaphoreSlim PostsQueued { get; } = new(0, 1);

    public SandboxOptions Options => options;

    /// <summary>Real time, for what runs beside the world: webhook tries.</summary>
    public DateTimeOffset Real() => Whole(time.GetUtcNow());

    public T Do<T>(Func<World, T> act)
    {
        lock (gate)
        {
            try
            {
                var before = world.LastPost;
                Happenings.BringTo(world, Real() + Setting.Offset, options);
                var answer = act(world);
                file.Store(world);
                if (world.LastPost != before && PostsQueued.CurrentCount == 0)
                    PostsQueued.Release();
                return answer;
            }
            catch
            {
                // Memory may be ahead of what was stored: what was stored is the truth.
                world = Open();
                throw;
            }
        }
    }

    /// <summary>
    /// Moves the clock forward to an offset from real time. What becomes due on the way happens in order; if it is more than one act may do, the clock
    /// stands where it stopped and the same call goes on from there.
    /// </summary>
    public ClockMove MoveClock(TimeSpan offset) => Do<ClockMove>(w =>
    {
        var setting = Setting;
        if (offset < setting.Offset)
            return new ClockMove.Backward(w.Now, setting.Offset);
        var target = Real() + offset;
        var happened = Happenings.BringTo(w, target, options);
        var reached = w.Now >= target;
        var now = reached ? offset : w.Now - Real();
        w.Clock.Put(setting with { Offset = now > setting.Offset ? now : setting.Offset, Latest = w.Now });
        return new ClockMove.Moved(w.Now, Setting.Offset, happened, reached);
    });

    public void Dispose()
    {
        file.Dispose();
        PostsQueued.Dispose();
    }

    private ClockSetting Setting => world.Clock.Find("clock")!;

    private World Open()
    {
        var opened = new World(options.Seed);
        file.Load(opened);
        opened.Now = opened.Clock.Find("clock")?.Latest ?? Real();
        return opened;
    }

    private static DateTimeOffset Whole(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}

/// <summary>What came of moving the clock.</summary>
internal abstract record ClockMove
{
    private ClockMove()
    {
    }

    /// <summary><paramref name="Reached"/> is false when so much became due that the move has to be asked for again.</summary>
    public sealed record Moved(DateTimeOffset Now, TimeSpan Offset, int Happened, bool Reached) : ClockMove;

    /// <summary>Refused: time does not run backward.</summary>
    public sealed record Backward(DateTimeOffset Now, TimeSpan Offset) : ClockMove;
}
