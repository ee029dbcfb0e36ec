using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Pennypost.Gateway.V1;
using Pennypost.Standalone;
using Pennypost.Store;
using Pennypost.Types.V1;
using Installation = Topology.Installation;

namespace Faults;

/// <summary>
/// A working day of many senders, each with 200 prospects, while every kind of call to the provider fails now and then and services, Redis and RabbitMQ are killed and stopped, at every named crash point among others.
/// Time jumps to what is due next, but never while something is under way: no clock of a real installation does.
/// </summary>
public static class DayOfFaults
{
    private const int Prospects = 200;
    private const int FaultsPerAccount = 4;
    private const int Credits = 20;
    private const int OpensAt = 8;
    private const int ClosesAt = 20;
    private static readonly TimeSpan _pace = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan _quiet = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _brokerLimit = TimeSpan.FromSeconds(240);
    private static readonly TimeSpan _wholeLimit = TimeSpan.FromHours(2);
    private static readonly TimeSpan _settledWithin = TimeSpan.FromMinutes(30);
    private const double SettledShare = 0.95;
    private static int _days;

    /// <summary>Four faults for each sender: 200 are the day of 50.</summary>
    public static Row Row { get; } = new(
        "DAY",
        "A day of 50 senders with 200 prospects each: faults on every kind of call to the provider, kills and stops of every process and at every named crash point",
        50 * FaultsPerAccount,
        new() { InboxPoll = TimeSpan.FromHours(1) },
        RunAsync)
    { InOneGo = true };

    /// <summary>What the provider does wrong, and how often: before and after the effect, in its own words, in a proxy's, or with no answer at all; and webhooks that come late, twice, in disorder or never.</summary>
    private static readonly object[] _faults =
    [
        new { endpoint = "*", kind = "http", status = 502, rate = 0.02 },
        new { endpoint = "*", kind = "http_after", status = 504, rate = 0.01 },
        new { endpoint = "*", kind = "error", rate = 0.01 },
        new { endpoint = "*", kind = "error_after", rate = 0.01 },
        new { endpoint = "*", kind = "drop_before", rate = 0.02 },
        new { endpoint = "*", kind = "drop_after", rate = 0.02 },
        new { endpoint = "*", kind = "delay_before", delay_ms = 1_500, rate = 0.01 },
        new { endpoint = "*", kind = "delay_after", delay_ms = 1_500, rate = 0.01 },
        new { endpoint = "chats.start", kind = "error", type = "too_many_requests", retry_after_seconds = 60, rate = 0.01 },
        new { endpoint = "event.message_received", kind = "lost", rate = 0.1 },
        new { endpoint = "event.message_received", kind = "twice", rate = 0.1 },
        new { endpoint = "event.message_received", kind = "late", delay_ms = 1_800_000, rate = 0.1 },
        new { endpoint = "event.message_received", kind = "reordered", rate = 0.1 },
        new { endpoint = "event.new_relation", kind = "twice", rate = 0.2 },
    ];

    private static async Task<Outcome> RunAsync(Installation installation, int faults, CancellationToken ct)
    {
        // Several days may use one installation after another.
        var prefix = $"day{Interlocked.Increment(ref _days)}";
        var accounts = Enumerable.Range(1, Math.Max(1, faults / FaultsPerAccount)).Select(n => $"{prefix}-{n}").ToArray();
        await installation.SendersAsync(Credits, accounts);
        await PaceAsync(installation, accounts);
        var specs = accounts.SelectMany(account => Enumerable.Range(1, Prospects).Select(number => Spec(account, number))).ToList();
        foreach (var some in accounts.SelectMany(account => Enumerable.Range(1, Prospects).Select(number => Person(account, number))).Chunk(500))
            await installation.ControlAsync("world", JsonSerializer.Serialize(new { keep_existing = true, prospects = some }));
        await HandOverAsync(installation, specs, ct);
        foreach (var fault in _faults)
            await installation.ControlAsync("faults", JsonSerializer.Serialize(fault));

        await using var dispatcher = installation.StoreOf("dispatcher");
        await using var credits = installation.StoreOf("credits");
        await using var gateway = installation.StoreOf("gateway");
        using var clock = new InstallationClock([dispatcher, credits, gateway], installation.Provider.BaseAddress!, Installation.ProviderKey);
        using var controls = new SandboxControls(installation.Provider.BaseAddress!, Installation.ProviderKey);
        var breaking = new Breaker(installation);
        var lapse = new TimeLapse(clock, controls, async (now, stopping) => breaking.IsSomebodyStopped || (await dispatcher.NextDueAsync(stopping) is { } due && due - now < _quiet))
        {
            LeastJump = _pace,
            RealLimit = _wholeLimit,
        };
        var morning = await clock.NowAsync(ct);
        using var evening = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var broken = breaking.BreakAsync(Spread(morning, faults), clock, evening.Token);
        await PassAsync(lapse, morning + TimeSpan.FromDays(1), ct);
        // A day that was over before its faults were made goes on a little.
        for (var hours = 1; !broken.IsCompleted && hours <= 24; hours++)
            await PassAsync(lapse, morning + TimeSpan.FromDays(1) + TimeSpan.FromHours(hours), ct);
        await evening.CancelAsync();
        var made = await broken;
        using (var healed = await installation.Provider.DeleteAsync(new Uri("/sandbox/v1/faults", UriKind.Relative), ct))
            healed.EnsureSuccessStatusCode();
        await PassAsync(lapse, await clock.NowAsync(ct) + TimeSpan.FromHours(3), ct);

        var messages = await ListAsync(installation, prefix, ct);
        var violations = new List<string>(await new MessageJudge(installation, accounts).FindAsync(messages));
        violations.AddRange(specs.Select(spec => spec.MessageId).Except(messages.Select(message => message.MessageId)).Select(id => $"{id} was taken and is not there"));
        violations.AddRange(messages.Where(message => message.State is MessageState.Accepted or MessageState.Ready or MessageState.Sending).Select(message => $"{message.MessageId} is {message.State} still"));
        var doubts = messages.SelectMany(Doubts).ToList();
        var soon = doubts.Count(doubt => doubt <= _settledWithin);
        if (soon < SettledShare * doubts.Count)
            violations.Add($"{soon} of {doubts.Count} doubts were settled within {_settledWithin.TotalMinutes:0} minutes");
        var sent = messages.Where(message => message.State == MessageState.Sent).ToList();
        if (sent.Count < 40 * accounts.Length)
            violations.Add($"only {sent.Count} of {messages.Count} messages were sent: that was no working day");
        return new Outcome
        {
            Faults = made,
            Acknowledged = messages.Count,
            Violations = violations,
            Remark = string.Create(
                CultureInfo.InvariantCulture,
                $"{accounts.Length} senders; {sent.Count} sent ({string.Join(", ", sent.GroupBy(message => message.Channel).OrderBy(same => same.Key).Select(same => $"{same.Count()} {same.Key}"))}), {messages.Count(message => message.State == MessageState.Waiting)} wait; {doubts.Count} in doubt, {soon} of them settled within {_settledWithin.TotalMinutes:0} minutes, {messages.Count(message => message.State == MessageState.Indeterminate)} left to an operator"),
        };
    }

    /// <summary>When each fault is made: those of an office hour one after the other, at its beginning. What a dead process had in hand comes back when its lease ends, a minute of real time for all of them together.</summary>
    private static IReadOnlyList<DateTimeOffset> Spread(DateTimeOffset morning, int faults)
    {
        var hours = Enumerable.Range(0, 24).Select(hour => morning.AddHours(hour)).Where(time => time.Hour is >= OpensAt and < ClosesAt).ToList();
        return [.. Enumerable.Range(0, faults).Select(fault => hours[fault * hours.Count / faults])];
    }

    /// <summary>Office hours, and a few minutes between two sends.</summary>
    private static async Task PaceAsync(Installation installation, IEnumerable<string> accounts)
    {
        var dispatcher = installation.DispatcherOf();
        foreach (var id in accounts)
        {
            var account = (await dispatcher.GetAccountAsync(new() { AccountId = id }, Installation.As(), DateTime.UtcNow + _limit)).Account;
            account.SendingWindow = new() { FromMinute = OpensAt * 60, ToMinute = ClosesAt * 60 };
            account.Spacing = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(_pace);
            await dispatcher.PutAccountAsync(new() { Account = account }, Installation.As(), DateTime.UtcNow + _limit);
        }
    }

    private static object Person(string account, int number) => new
    {
        id = $"{account}-{number}",
        degree = number % 4 == 0 ? "first" : "second",
        open_profile = number % 10 == 1,
        behaviour = new { reply_probability = number % 3 == 0 ? 1.0 : 0.0, reply_after_at_least_seconds = 60, reply_after_at_most_seconds = 7_200, accept_probability = number % 5 == 0 ? 1.0 : 0.0, accept_after_at_least_seconds = 60, accept_after_at_most_seconds = 7_200 },
    };

    /// <summary>A quarter relations, a quarter who are invited, of the rest one in five with an open profile: they are written to for free, and the others by InMail.</summary>
    private static MessageSpec Spec(string account, int number)
    {
        var profile = $"{account}-{number}";
        var isInvited = number % 4 == 2;
        return new()
        {
            MessageId = "m-" + profile,
            CampaignId = account[..account.IndexOf('-', StringComparison.Ordinal)],
            Prospect = new() { Profile = profile },
            Content = new() { Subject = "Hello", Body = $"Hello {profile}", Note = isInvited ? $"Note to {profile}" : "" },
            AccountIds = { account },
            Priority = isInvited ? Priority.Normal : Priority.High,
        };
    }

    /// <summary>Over the public API, a hundred at a time.</summary>
    private static async Task HandOverAsync(Installation installation, IReadOnlyList<MessageSpec> specs, CancellationToken ct)
    {
        using var channel = GrpcChannel.ForAddress(installation.GatewayGrpc);
        var client = new PennypostService.PennypostServiceClient(channel);
        var key = new Metadata { { "authorization", $"Bearer {await installation.ApiKeyAsync()}" } };
        foreach (var some in specs.Chunk(100))
        {
            var taken = await client.SendMessagesAsync(new() { Messages = { some } }, key, DateTime.UtcNow + _limit, ct);
            if (taken.Results.FirstOrDefault(result => result.Refusal is not null) is { } refused)
                throw new InvalidOperationException($"A message was refused: {refused.Refusal}");
        }
    }

    /// <summary>Whatever is broken at the moment: time that did not pass now passes later.</summary>
    private static async Task PassAsync(TimeLapse lapse, DateTimeOffset until, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                if (await lapse.ToAsync(until, ct) is { } left)
                    throw new TimeoutException($"{left} of the day were left when its real time was up.");
                return;
            }
            catch (StoreException)
            {
                await Task.Delay(100, ct);
            }
        }
    }

    private static async Task<IReadOnlyList<Message>> ListAsync(Installation installation, string campaign, CancellationToken ct)
    {
        var (messages, page, dispatcher) = (new List<Message>(), "", installation.DispatcherOf());
        do
        {
            var some = await Installation.PatientlyAsync(async () => await dispatcher.ListMessagesAsync(new() { PageSize = 500, PageToken = page, CampaignId = campaign }, Installation.As(), DateTime.UtcNow + _limit, ct));
            foreach (var message in some.Messages)
                messages.Add((await Installation.PatientlyAsync(async () => await dispatcher.GetMessageAsync(new() { MessageId = message.MessageId }, Installation.As(), DateTime.UtcNow + _limit, ct))).Message);
            page = some.NextPageToken;
        }
        while (page.Length > 0);
        return messages;
    }

    /// <summary>How long each doubt about a send lasted, on the installation's clock; for ever if it lasts.</summary>
    private static IEnumerable<TimeSpan> Doubts(Message message) => message.Events.Where(happened => happened.Kind == MessageEventKind.Indeterminate).Select(doubt =>
        message.Events.FirstOrDefault(happened => happened.Sequence > doubt.Sequence && happened.Attempt == doubt.Attempt && happened.Kind is MessageEventKind.Sent or MessageEventKind.AttemptNotSent or MessageEventKind.Failed) is { } settled
            ? settled.EventTime.ToDateTimeOffset() - doubt.EventTime.ToDateTimeOffset()
            : TimeSpan.MaxValue);

    /// <summary>Kills and stops, one after the other, each of another kind than the one before.</summary>
    private sealed class Breaker(Installation installation)
    {
        private static readonly string[] _creditsPoints = ["before-commit", "after-commit", "after-publish"];
        private readonly Random _chance = new(1);
        private volatile bool _somebodyStopped;

        /// <summary>Whoever sleeps must not find the clock hours ahead when it wakes: it believes what it knew, and a machine's clock does not jump.</summary>
        public bool IsSomebodyStopped => _somebodyStopped;

        /// <summary>Makes a fault at each of these times of the installation, unless the day ends before, and returns how many were made.</summary>
        public async Task<int> BreakAsync(IReadOnlyList<DateTimeOffset> times, InstallationClock clock, CancellationToken ct)
        {
            var made = 0;
            for (; made < times.Count && !ct.IsCancellationRequested; made++)
            {
                // What was just started again is to do some work before the next.
                do
                    await Task.Delay(TimeSpan.FromSeconds(1 + _chance.NextDouble()), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                while (!ct.IsCancellationRequested && !await HasComeAsync(clock, times[made]));
                switch (made % 8)
                {
                    case 0 or 2 or 4:
                        await CrashAsync(Any(installation.Dispatchers), CrashingAtPoints.Points[made / 2 % CrashingAtPoints.Points.Count]);
                        break;
                    case 1:
                        await CrashAsync(Any(installation.Credits), _creditsPoints[made / 8 % _creditsPoints.Length]);
                        break;
                    case 3:
                        await StopAsync(Any([.. installation.Dispatchers, .. installation.Credits, installation.Router, installation.Gateway!]));
                        break;
                    case 5:
                        await KillAsync(Any([installation.Router, installation.Gateway!]));
                        break;
                    case 6 when installation.Redis is { } redis:
                        redis.Kill();
                        await redis.RunAsync();
                        break;
                    case 7 when made % 40 == 7:
                        installation.Broker.Kill();
                        await installation.Broker.RestartAsync().WaitAsync(_brokerLimit, CancellationToken.None);
                        break;
                    default:
                        await KillAsync(Any([.. installation.Dispatchers, .. installation.Credits]));
                        break;
                }
            }

            return made;
        }

        /// <summary>Not while the clock cannot be read: Redis is among what is broken.</summary>
        private static async Task<bool> HasComeAsync(InstallationClock clock, DateTimeOffset time)
        {
            try
            {
                return await clock.NowAsync(CancellationToken.None) >= time;
            }
            catch (StoreException)
            {
                return false;
            }
        }

        private ServiceProcess Any(IReadOnlyList<ServiceProcess> services) => services[_chance.Next(services.Count)];

        private static async Task KillAsync(ServiceProcess service)
        {
            service.Kill();
            await service.StartAsync();
        }

        /// <summary>At the gap, or anywhere if it is not reached soon.</summary>
        private static async Task CrashAsync(ServiceProcess service, string point)
        {
            service.Kill();
            await service.StartAsync(("Hosting:CrashAt", point), ("Hosting:CrashAtNth", "1"));
            for (var look = 0; look < 100 && !service.HasExited; look++)
                await Task.Delay(50);
            service.Kill();
            await service.StartAsync(("Hosting:CrashAt", ""));
        }

        private async Task StopAsync(ServiceProcess service)
        {
            _somebodyStopped = true;
            service.Stop();
            await Task.Delay(TimeSpan.FromSeconds(0.5 + (5 * _chance.NextDouble())));
            service.Continue();
            await Task.Delay(TimeSpan.FromSeconds(1));
            _somebodyStopped = false;
        }
    }
}
