using System.Globalization;
using System.Text;
using Pennypost.Dispatcher.V1;
using RabbitMQ.Client;

namespace Installation.Tests;

/// <summary>What clients/python/README.md says about the queue is what works, word by word but for the broker's port; and its program keeps what it promises.</summary>
public sealed class FollowingTheQueueGuide(InstallationToFollowIn place) : IClassFixture<InstallationToFollowIn>
{
    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(30);
    private const string Program = "/usr/bin/python3 clients/python/queue_messages.py";

    [Fact]
    public async Task F68_every_command_works_as_it_stands_and_again_sends_nothing_twice()
    {
        string[] people = ["ada-lovelace", "mary-shelley", "emmy-noether", "sophie-germain"];
        await place.PeopleAsync(people);
        var blocks = Blocks("bash");
        // ./test installed it.
        Assert.Equal("sudo apt-get install -y python3-pika\n", blocks[0]);
        var settings = blocks[1].Replace("127.0.0.1:5672", place.Broker, StringComparison.Ordinal);
        Assert.Equal(3, blocks.Count);

        using var first = new Shell($"set -e\n{settings}{blocks[2]}", place.Clone);
        Assert.True(await first.EndAsync() == 0 && first.Errors.Count == 0, first.ToString());
        // The guide's own example of what is printed, though lines of the account and the pool may stand between.
        Assert.Equal(Assert.Single(Blocks("")).Trim().Split('\n'), first.Output.Where(line => line.StartsWith("message from-the-queue-1:", StringComparison.Ordinal)).Take(5));
        Assert.All(new[] { 1, 3 }, number => Assert.Contains($"message from-a-file-{number}: sent, inmail, from ada-sales", first.Output));
        Assert.Contains("message from-a-file-2: sent, connection request, from ada-sales", first.Output);

        using var again = new Shell($"{settings}{blocks[2].Replace("--tenant", "--seconds 5 --tenant", StringComparison.Ordinal)}", place.Clone);
        Assert.Equal(1, await again.EndAsync());
        Assert.Contains("message from-the-queue-1: queued", again.Output);
        Assert.Contains("message from-a-file-2: its end was not heard of in time (it may wait, have ended before, or be set aside)", again.Errors);
        Assert.DoesNotContain(again.Output, line => line.Contains(": sent", StringComparison.Ordinal));
        foreach (var person in people)
            Assert.Equal(1, await place.DeliveredAsync(person));
    }

    [Fact]
    public async Task F68_a_message_to_a_relation_is_sent_as_one_and_costs_no_credit()
    {
        using var program = Run("--message-id to-a-relation --profile friend-1 --body 'Hello, old friend.'");

        Assert.True(await program.EndAsync() == 0, program.ToString());
        Assert.Contains("message to-a-relation: sent, direct message, from ada-sales", program.Output);
        Assert.Equal(0, (await place.Installation.UntilAsync("to-a-relation", Topology.Installation.IsSettled, _settling)).CreditsSpent);
        Assert.Equal(1, await place.DeliveredAsync("friend-1"));
    }

    [Fact]
    public async Task F70_a_reply_and_the_credit_that_it_brings_back_are_seen()
    {
        using var program = Run("--message-id to-be-answered --profile stranger-1 --priority high --body 'Hello, one question?' --wait-for-refund");
        await program.SaysAsync("message to-be-answered: sent, inmail, from ada-sales");
        await place.Installation.ControlAsync("reply", """{"account_id":"ada-sales","prospect_id":"stranger-1","text":"Tell me more"}""");

        Assert.True(await program.EndAsync() == 0, program.ToString());
        Assert.Contains(program.Output, line => line.StartsWith("message to-be-answered: replied", StringComparison.Ordinal));
        Assert.Contains(program.Output, line => line.StartsWith("message to-be-answered: refunded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task F70_a_broker_that_is_away_is_waited_for()
    {
        place.Installation.Broker.Kill();
        using var program = Run("--message-id to-nobody-yet --profile stranger-2 --priority high --body 'Hello, are you there?' --seconds 120");
        await program.ComplainsAsync("trying again");
        await place.Installation.Broker.RestartAsync();

        await EndsSentOnceAsync(program, "to-nobody-yet", "stranger-2");
    }

    [Fact]
    public async Task F70_nothing_is_lost_or_sent_twice_when_the_broker_dies_between_command_and_events()
    {
        var dispatcher = place.Installation.Dispatchers[0];
        dispatcher.Stop();
        try
        {
            using var program = Run("--message-id across-a-crash --profile stranger-3 --priority high --body 'Hello, did you get this?' --seconds 120");
            await program.SaysAsync("message across-a-crash: queued");
            place.Installation.Broker.Kill();
            await program.ComplainsAsync("trying again");
            await place.Installation.Broker.RestartAsync();
            dispatcher.Continue();

            await EndsSentOnceAsync(program, "across-a-crash", "stranger-3");
        }
        finally
        {
            dispatcher.Continue();
        }
    }

    [Fact]
    public async Task F70_a_second_run_hears_what_one_that_was_killed_did_not()
    {
        const string Arguments = "--message-id taken-over --profile stranger-4 --priority high --body 'Hello, who reads this?'";
        var dispatcher = place.Installation.Dispatchers[0];
        dispatcher.Stop();
        try
        {
            using var killed = Run(Arguments);
            await killed.SaysAsync("message taken-over: queued");
        }
        finally
        {
            dispatcher.Continue();
        }

        using var second = Run(Arguments);
        await EndsSentOnceAsync(second, "taken-over", "stranger-4");
    }

    /// <summary>A command whose confirm is lost with its connection was taken all the same, and so was an event whose acknowledgement is lost.</summary>
    [Fact]
    public async Task F70_answers_of_the_broker_may_be_lost_and_every_message_is_sent_once()
    {
        await using var line = new Line(int.Parse(place.Broker.Split(':')[1], CultureInfo.InvariantCulture)) { Fault = LineFault.LostAnswers };
        var rows = Enumerable.Range(1, 5).Select(number => string.Create(CultureInfo.InvariantCulture, $"echo unconfirmed-{number},person-{number},high,Hello"));
        await place.Installation.PeopleAsync("person", 5);
        using var program = Run($"--broker 127.0.0.1:{line.Port} --seconds 120 --csv <(echo messageId,profile,priority,body; {string.Join("; ", rows)})");
        await Eventually.TrueAsync(() => line.Cut >= 3 || program.HasEnded, TimeSpan.FromSeconds(60), "three answers are lost");
        Assert.True(line.Cut > 0, "no answer was lost");
        line.Fault = LineFault.None;

        Assert.True(await program.EndAsync() == 0, program.ToString());
        for (var number = 1; number <= 5; number++)
        {
            var (message, person) = (string.Create(CultureInfo.InvariantCulture, $"unconfirmed-{number}"), string.Create(CultureInfo.InvariantCulture, $"person-{number}"));
            Assert.Single(program.Output, line => line == $"message {message}: sent, inmail, from ada-sales");
            await SentOnceAsync(message, person);
        }
    }

    [Fact]
    public async Task F70_a_broker_that_does_not_answer_is_given_up_and_called_again()
    {
        await using var line = new Line(int.Parse(place.Broker.Split(':')[1], CultureInfo.InvariantCulture)) { Fault = LineFault.BlackHole };
        using var program = Run($"--broker 127.0.0.1:{line.Port} --message-id into-silence --profile stranger-6 --priority high --body Hello");
        await program.ComplainsAsync("the broker does not answer; trying again");
        line.Fault = LineFault.None;

        await EndsSentOnceAsync(program, "into-silence", "stranger-6");
    }

    [Fact]
    public async Task F70_an_event_that_is_told_twice_is_printed_once_and_then_never_again()
    {
        var broker = place.Broker.Split(':');
        var factory = new ConnectionFactory { HostName = broker[0], Port = int.Parse(broker[1], CultureInfo.InvariantCulture), UserName = "dispatcher", Password = RabbitServer.Password };
        await using (var connection = await factory.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)))
        {
            var told = """{"eventId":"account:acme:eve:1","tenant":"acme","type":"breaker.changed","subject":"eve","sequence":1,"time":"2026-11-26T09:00:00Z","data":{"eventTime":"2026-11-26T09:00:00Z","state":"BREAKER_STATE_OPEN"}}""";
            for (var time = 0; time < 2; time++)
                await channel.BasicPublishAsync("pennypost.events", "acme.breaker.changed", mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes(told));
        }

        using var first = Run("--message-id beside-a-breaker --profile stranger-7 --priority high --body Hello");
        Assert.True(await first.EndAsync() == 0, first.ToString());
        Assert.Single(first.Output, line => line == "breaker eve: changed, open");
        using var second = Run("--message-id after-a-breaker --profile stranger-8 --priority high --body Hello");
        Assert.True(await second.EndAsync() == 0, second.ToString());
        Assert.DoesNotContain("breaker eve: changed, open", second.Output);
    }

    [Fact]
    public async Task What_can_never_be_accepted_is_set_aside_and_not_heard_of()
    {
        using var program = Run("--message-id 'no id at all' --profile stranger-5 --body 'Hello' --seconds 4");

        Assert.Equal(1, await program.EndAsync());
        Assert.Equal(["message no id at all: queued"], program.Output.Where(line => line.Contains("no id at all", StringComparison.Ordinal)));
        Assert.Contains("be set aside", Assert.Single(program.Errors), StringComparison.Ordinal);
        Assert.Equal(0, await place.DeliveredAsync("stranger-5"));
        var aside = await place.Installation.DispatcherOf().ReplayErrorsAsync(new() { Queue = ErrorQueue.Commands, Limit = 1 }, Topology.Installation.As(), DateTime.UtcNow.AddSeconds(20));
        Assert.Equal(1, aside.Replayed);
    }

    [Theory]
    [InlineData("", "it needs a messageId, a profile, and a body or a note")]
    [InlineData("--message-id a --profile b --body c --priority urgent", "argument --priority: invalid choice: 'urgent'")]
    [InlineData("--message-id a --profile b --body c --seconds 0", "--seconds must be more than 0")]
    [InlineData("--message-id a --profile b --body c --broker nowhere", "--broker or PENNYPOST_BROKER must be host:port")]
    [InlineData("--message-id a --profile b --body c --password-file none", "No such file or directory: 'none'")]
    [InlineData("--message-id a --csv clients/python/messages.csv", "give one message or a --csv, not both")]
    [InlineData("--csv clients/python/README.md", "message 1: no such column")]
    [InlineData("--csv <(echo messageId,profile,body)", "has no messages")]
    [InlineData("--csv <(echo messageId,profile,body; echo a,b,c; echo a,d,e)", "message 2: the messageId a is there already")]
    [InlineData("--csv <(echo messageId,profile,body; echo a,,c)", "message 1: it needs a messageId, a profile, and a body or a note")]
    [InlineData("--csv <(echo messageId,profile,body; echo a,b,c,d)", "message 1: no such column: what follows the last")]
    [InlineData("--message-id a --profile b --body c --password-file <(echo wrong)", "the broker refuses tenant-acme")]
    [InlineData("--message-id a --profile b --body c --tenant nobody", "the broker refuses tenant-nobody")]
    public async Task Broken_arguments_and_a_refusal_end_it_with_2_and_one_line(string arguments, string line)
    {
        using var program = Run(arguments);

        Assert.Equal(2, await program.EndAsync());
        Assert.Empty(program.Output);
        Assert.Contains(line, Assert.Single(program.Errors), StringComparison.Ordinal);
    }

    private Shell Run(string arguments) =>
        new($"{Program} --tenant acme {arguments}", place.Clone, ("PENNYPOST_BROKER", place.Broker), ("PENNYPOST_BROKER_PASSWORD", RabbitServer.Password));

    private async Task EndsSentOnceAsync(Shell program, string messageId, string person)
    {
        Assert.True(await program.EndAsync() == 0, program.ToString());
        var told = program.Output.Where(line => line.StartsWith($"message {messageId}:", StringComparison.Ordinal)).ToList();
        Assert.Equal(told.Distinct(), told);
        Assert.Equal([$"message {messageId}: queued", $"message {messageId}: accepted"], told.Take(2));
        Assert.Contains($"message {messageId}: sent, inmail, from ada-sales", told);
        await SentOnceAsync(messageId, person);
    }

    private async Task SentOnceAsync(string messageId, string person)
    {
        // Whoever would send it again had the time to.
        await place.Installation.UntilAsync(messageId, Topology.Installation.IsSettled, _settling);
        Assert.Equal(1, await place.DeliveredAsync(person));
    }

    private static IReadOnlyList<string> Blocks(string kind) => Guide.Blocks(File.ReadAllText(Repository.PathOf("clients", "python", "README.md")).Split("\n## Over the queue\n")[1], kind);
}
