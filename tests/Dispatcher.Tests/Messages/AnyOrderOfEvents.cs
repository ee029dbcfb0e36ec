using FsCheck;
using FsCheck.Fluent;
using Pennypost.Delivery.Messages;
using static Dispatcher.Tests.Messages.Given;

namespace Dispatcher.Tests.Messages;

/// <summary>
/// Two messages to one prospect, several workers that are delivered the same work again and again, die between any two commits, and see provider answers late, twice or never: whatever the order, the provider is
/// called at most once for an attempt, no message is sent twice, and no send of ours is taken for one by hand.
/// </summary>
public sealed class AnyOrderOfEvents
{
    private enum Step
    {
        Open, Intend, Call, HearAnswer, RecoverAfterCrash, LookAndFind, LookAndMiss, LookInVain, Settle, Reply, HearReplyAgain, SeeOwn, Cancel, Suppress, Retry, TimePasses, MuchTimePasses,
    }

    [Fact]
    public void Calls_the_provider_once_for_an_attempt_and_sends_no_message_twice_F39_F42_F54_F84()
    {
        var steps = Gen.Elements([.. Enum.GetValues<Step>(), Step.Open, Step.Intend, Step.Call, Step.Intend, Step.Call]).Zip(Gen.Choose(1, 2)).ListOf();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(6_000).WithEndSize(120), Prop.ForAll(steps.ToArbitrary(), Holds));
    }

    private static bool Holds(IEnumerable<(Step Step, int Message)> steps)
    {
        var world = new World();
        foreach (var (step, message) in steps)
            world.Do(step, $"m-{message}");
        return world.IsSound();
    }

    /// <summary>The store as it stands, and a provider that keeps what it was sent.</summary>
    private sealed class World
    {
        private Prospect _prospect = Prospect.Unknown;
        private readonly Dictionary<string, Message> _messages = new(StringComparer.Ordinal);
        private readonly List<(string Message, int Attempt)> _calls = [];
        private readonly HashSet<(string Message, int Attempt)> _effects = [];

        /// <summary>The intent was committed and its worker is about to call; a crash forgets it.</summary>
        private readonly HashSet<(string Message, int Attempt)> _toCall = [];

        /// <summary>Seen at the provider, by webhook or by reading, and kept as ours.</summary>
        private readonly HashSet<(string Message, int Attempt)> _seen = [];

        private int _takenForByHand;
        private readonly Dictionary<string, int> _refunds = new(StringComparer.Ordinal);
        private DateTimeOffset _now = Noon;

        public World()
        {
            foreach (var id in new[] { "m-1", "m-2" })
                Keep(((AcceptAnswer.Accepted)Accepting.Decide(_prospect, null, Accept(id))).Change);
        }

        public void Do(Step step, string id)
        {
            var message = _messages[id];
            var number = message.Attempts.Count;
            switch (step)
            {
                case Step.Open:
                    if (Opening.Decide(_prospect, message, new(Inmail(), _now, _now), Rules) is OpenAnswer.Opened opened)
                        Keep(opened.Change);
                    break;
                case Step.Intend when number > 0:
                    // Whoever writes to one person twice does not do it in the same moment.
                    _now += TimeSpan.FromMilliseconds(1);
                    if (Intending.Decide(_prospect, message, new(number, _now, _now), Rules) is IntendAnswer.Intended intended)
                    {
                        Keep(intended.Change);
                        _toCall.Add((id, number));
                    }

                    break;
                case Step.Call when _toCall.Remove((id, number)):
                    _calls.Add((id, number));
                    _effects.Add((id, number));
                    break;
                case Step.HearAnswer when _effects.Contains((id, number)):
                    Conclude(message, number, new SendOutcome.Sent($"pm-{id}-{number}", $"chat-{id}-{number}"));
                    break;
                // Dead before the call, or after it: the same to whoever comes next. What was not called yet never is: its deadline is long past.
                case Step.RecoverAfterCrash when message.Current is { State: AttemptState.Intended }:
                    _toCall.Remove((id, number));
                    Conclude(message, number, new SendOutcome.Unknown());
                    break;
                case Step.LookAndFind when _effects.Contains((id, number)):
                    Verify(message, number, new Finding.Found($"pm-{id}-{number}", $"chat-{id}-{number}"));
                    break;
                case Step.LookAndMiss when !_effects.Contains((id, number)):
                    Verify(message, number, new Finding.Absent());
                    break;
                case Step.LookInVain:
                    Verify(message, number, new Finding.Unreadable());
                    break;
                case Step.Settle when number > 0:
                    foreach (var attempt in message.Attempts)
                        Keep(Settling.Settled(_prospect, _messages[id], attempt.Number, _now));
                    if (_messages[id].Refund is not null)
                        _refunds[id] = _refunds.GetValueOrDefault(id) + 1;
                    Keep(Settling.Refunded(_prospect, _messages[id], cameBack: true, _now));
                    break;
                case Step.Reply or Step.HearReplyAgain when _effects.Any(effect => effect.Message == id):
                    var answered = _effects.First(effect => effect.Message == id);
                    Keep(Replying.Decide(_prospect, _messages, new("ann", $"chat-{id}-{answered.Attempt}", _now, _now), Rules));
                    break;
                // One whose id the provider has told is known by it; any other must be known otherwise.
                case Step.SeeOwn when _effects.Contains((id, number)) && message.AttemptOf(number)!.ProviderMessageId.Length == 0 && !_seen.Contains((id, number)):
                    See((id, number), message.AttemptOf(number)!.IntentTime!.Value);
                    break;
                case Step.Cancel:
                    Keep((Ending.Cancel(_prospect, message, _now) as CancelAnswer.Cancelled)?.Change);
                    break;
                case Step.Suppress:
                    Keep(Ending.Suppress(_prospect, _messages.Values, unsuppress: id == "m-2", _now));
                    break;
                case Step.Retry:
                    Keep(Retrying.Decide(_prospect, message, new() { Filter = new(), Reroute = id == "m-2", ExpireTime = _now.AddDays(1), Now = _now }, Rules) switch
                    {
                        RetryAnswer.Requeued requeued => requeued.Change,
                        RetryAnswer.Woken woken => woken.Change,
                        _ => null,
                    });
                    break;
                case Step.TimePasses:
                    _now += TimeSpan.FromMinutes(1);
                    break;
                case Step.MuchTimePasses:
                    _now += TimeSpan.FromDays(2);
                    break;
            }
        }

        public bool IsSound() =>
            _calls.Count == _calls.Distinct().Count()
            && _effects.GroupBy(effect => effect.Message).All(group => group.Count() == 1)
            && _refunds.Values.All(count => count == 1)
            && _takenForByHand == 0
            && _messages.Values.All(message => message.CreditsSpent <= 1 && message.CreditsRefunded <= message.Attempts.Count(attempt => attempt.State == AttemptState.Sent))
            // What reached somebody is never told as not sent once it was seen, and what is told as sent did reach them.
            && _messages.Values.All(message => message.State != MessageState.Sent || _effects.Any(effect => effect.Message == message.Id))
            && _messages.Values.All(message => message.Attempts.Count(attempt => !attempt.IsOver) <= 1)
            && _messages.Values.All(message => message.IsOver || Obligations.Due(message, Rules) is not null)
            && _messages.Values.Count(message => message.Current is not null) <= 1;

        private void Conclude(Message message, int number, SendOutcome outcome) =>
            Keep((Concluding.Decide(_prospect, message, new(number, outcome, false, _now), Rules) as ConcludeAnswer.Concluded)?.Change);

        private void See((string Message, int Attempt) own, DateTimeOffset time)
        {
            var seen = new Observe { Id = "hand_" + own, AccountId = "ann", ChatId = $"chat-{own.Message}-{own.Attempt}", Channel = Pennypost.Delivery.Channel.Inmail, PoolId = "pool", Time = time, Now = _now };
            switch (Observing.Decide(_prospect, seen, Rules))
            {
                case ObserveAnswer.Ours ours:
                    Keep(ours.Change);
                    _seen.Add(own);
                    break;
                case ObserveAnswer.ByHand:
                    _takenForByHand++;
                    break;
            }
        }

        private void Verify(Message message, int number, Finding finding) => Keep(Verifying.Decide(_prospect, message, new(number, finding, _now, _now), Rules) switch
        {
            VerifyAnswer.ProvedSent sent => sent.Change,
            VerifyAnswer.ProvedNotSent notSent => notSent.Change,
            VerifyAnswer.StillUnknown unknown => unknown.Change,
            _ => null,
        });

        private void Keep(Change? change)
        {
            if (change is null)
                return;
            _prospect = change.Prospect;
            foreach (var message in change.Messages)
                _messages[message.Id] = message;
        }
    }
}
