using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Pennypost.Dispatcher.V1;
using Pennypost.Types.V1;

namespace Faults;

/// <summary>
/// Messages over every channel that an installation has, each handed over under its id until some dispatcher has taken it: InMails that cost a credit and are sometimes answered, invitations, and messages to
/// relations. The sandbox's count of what every recipient really got is the judge.
/// </summary>
public sealed class MessageLoad : IAsyncDisposable
{
    /// <summary>Messages per account, and as many again that come another way: half of them are InMails, of which it may send 30 a day, and every one takes a look-up.</summary>
    private const int PerAccount = 20;

    private const int Callers = 4;

    private static readonly TimeSpan _callLimit = TimeSpan.FromSeconds(3);

    private readonly Installation _installation;
    private readonly IReadOnlyList<DispatcherService.DispatcherServiceClient> _instances;
    private readonly ConcurrentQueue<string> _accepted = new();
    private readonly CancellationTokenSource _ending = new();
    private static int _loads;
    private readonly string _prefix;
    private readonly int _most;
    private readonly string[] _accounts;
    private Task _feeding = Task.CompletedTask;

    private MessageLoad(Installation installation, string prefix, int most)
    {
        (_installation, _prefix, _most) = (installation, prefix, most);
        _accounts = [.. Enumerable.Range(1, Math.Max(4, (most + PerAccount - 1) / PerAccount)).Select(n => string.Create(CultureInfo.InvariantCulture, $"{prefix}-seat-{n}"))];
        _instances = [.. Enumerable.Range(0, installation.Shape.DispatcherInstances).Select(installation.DispatcherOf)];
    }

    /// <summary>Messages that some dispatcher said it took.</summary>
    public IReadOnlyCollection<string> Accepted => _accepted;

    /// <summary>Makes senders and people, and begins to hand messages over.</summary>
    /// <param name="installation">Where.</param>
    /// <param name="most">At most so many messages.</param>
    /// <param name="pause">Between two.</param>
    public static async Task<MessageLoad> StartAsync(Installation installation, int most, TimeSpan pause)
    {
        var load = new MessageLoad(installation, $"p{Interlocked.Increment(ref _loads)}", most);
        // Enough for a load of every size, and under the plan's cap, above which a refund would be forfeited.
        await installation.SendersAsync(140, load._accounts);
        foreach (var some in Enumerable.Range(1, most).Chunk(500))
            await installation.ControlAsync("world", JsonSerializer.Serialize(new { keep_existing = true, prospects = some.Select(load.Person) }));
        load._feeding = load.FeedAsync(pause);
        return load;
    }

    private object Person(int number) => new
    {
        id = Name(number),
        degree = number % 4 == 0 ? "first" : "second",
        // One in three answers within a second: then a credit comes back.
        behaviour = new { reply_probability = number % 3 == 0 ? 1.0 : 0.0, reply_after_at_least_seconds = 0, reply_after_at_most_seconds = 1, accept_probability = 0.0 },
    };

    /// <summary>A person of this load: several loads may use one installation after another.</summary>
    public string Name(int number, string kind = "") =>
        string.Create(CultureInfo.InvariantCulture, $"{_prefix}-{(kind.Length == 0 ? "" : kind + "-")}{number}");

    /// <summary>More people, who are written to some other way than by this load.</summary>
    public Task PeopleAsync(string kind, int count) => _installation.PeopleAsync($"{_prefix}-{kind}", count);

    /// <summary>Several callers: one who waits for an instance that does not answer must not hold up the others.</summary>
    private Task FeedAsync(TimeSpan pause)
    {
        var last = 0;
        return Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            for (var number = Interlocked.Increment(ref last); number <= _most && !_ending.IsCancellationRequested; number = Interlocked.Increment(ref last))
            {
                await AcceptAsync(number);
                await Task.Delay(pause * Callers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }));
    }

    /// <summary>A message of some kind, for one of the senders in turn.</summary>
    public MessageSpec Spec(int number, string profile)
    {
        var spec = Installation.Message("m-" + profile, profile, number % 4 == 1 ? Priority.Normal : Priority.High, number % 4 == 1 ? $"Note to {profile}" : null);
        // Each sender gets every kind: in step with the kinds, one would get all InMails, and its cap is 30 a day.
        spec.AccountIds.Add(_accounts[number / 4 % _accounts.Length]);
        return spec;
    }

    /// <summary>One that costs a credit, for one of this load's own senders in turn: those of an earlier load may have used up their day.</summary>
    public MessageSpec Inmail(int number, string profile) => Spec(4 * number + 2, profile);

    private async Task AcceptAsync(int number)
    {
        var spec = Spec(number, Name(number));
        for (var turn = number; ; turn++)
        {
            try
            {
                await _instances[turn % _instances.Count].AcceptAsync(new() { Message = spec }, Installation.As(), DateTime.UtcNow + _callLimit);
                _accepted.Enqueue(spec.MessageId);
                return;
            }
            catch (RpcException unanswered) when (unanswered.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Aborted or StatusCode.ResourceExhausted or StatusCode.Internal or StatusCode.Cancelled)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>Waits until so many more messages were taken.</summary>
    public Task MoreAsync(int more, TimeSpan limit)
    {
        var from = _accepted.Count;
        return Eventually.TrueAsync(() => _accepted.Count >= from + more || _feeding.IsCompleted, limit, $"{more} more messages are taken");
    }

    /// <summary>Takes over messages that came another way.</summary>
    public void Expect(string messageId) => _accepted.Enqueue(messageId);

    /// <summary>Ends the feeding, waits until every message has come to its end, and judges. Returns also how many sends were in doubt and settled by themselves.</summary>
    public async Task<(IReadOnlyList<string> Violations, int InDoubt)> CheckAsync(TimeSpan limit)
    {
        await _ending.CancelAsync();
        await _feeding;
        var violations = new List<string>();
        var messages = new List<Message>();
        var until = DateTime.UtcNow + limit;
        foreach (var id in _accepted)
        {
            try
            {
                var left = until - DateTime.UtcNow;
                messages.Add(await _installation.UntilAsync(id, Installation.IsSettled, left > TimeSpan.FromSeconds(2) ? left : TimeSpan.FromSeconds(2)));
            }
            catch (TimeoutException late)
            {
                violations.Add(late.Message);
                if (violations.Count > 20)
                    return (violations, 0);
            }
        }

        violations.AddRange(await new MessageJudge(_installation, _accounts).FindAsync(messages));
        return (violations, messages.Sum(message => message.Events.Count(happened => happened.Kind == MessageEventKind.Indeterminate)));
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _ending.Dispose();
    }
}
