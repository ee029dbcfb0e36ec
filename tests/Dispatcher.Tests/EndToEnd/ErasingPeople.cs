using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pennypost.Dispatcher;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Types.V1;
using StackExchange.Redis;
using Topology;

namespace Dispatcher.Tests.EndToEnd;

public sealed class ErasingPeople
{
    private const string Profile = "canary-profile";

    [Theory]
    [InlineData("sqlite")]
    [InlineData("redis")]
    public async Task Leaves_nothing_personal_in_any_stored_value_and_every_journal_verifies_F85(string keeping)
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-erase-");
        var redis = keeping == "redis" ? await RedisServer.SharedAsync() : null;
        var prefix = Guid.NewGuid().ToString("N");
        Dictionary<string, string?> settings = redis is null
            ? new() { ["Store:Path"] = folder.FullName }
            : new() { ["Store:Backend"] = "Redis", ["Store:ConnectionString"] = redis.ConnectionString, ["Store:Prefix"] = prefix };
        async Task<IReadOnlyList<byte[]>> ValuesAsync() => redis is null ? InSqlite(Path.Combine(folder.FullName, "dispatcher.db")) : await InRedisAsync(redis, prefix);

        await using (var installation = await Installation.StartAsync(settings: settings))
        {
            var prospectId = await WriteAndHearAsync(installation);
            var partition = ProspectStorage.Partition(Installation.Tenant, prospectId);
            var head = (await installation.Store.ReadAsync(partition, ProspectStorage.Codec, [], 0, default)).Head!;
            var attempt = (await installation.GetAsync("m-1")).Attempts[^1];
            string[] kept =
            [
                Profile, "Canary-First", "Canary-Last", "Canary-Company", "Canary-Title", "Canary-Subject", "Canary-Body", "Canary-Later", "Canary-Note",
                attempt.ChatId, attempt.ProviderMessageId, head.ViewOf("ann").RecipientId, head.ViewOf("ann").InmailRecipientId,
            ];
            string[] canaries = [.. kept, "canary@example.com"];
            Assert.All(kept, canary => Assert.NotEmpty(canary));
            Assert.Equal(kept, Found(await ValuesAsync(), canaries));

            var led = new Dictionary<string, string?>();
            foreach (var key in Keys(head, attempt))
                led[key] = await new Lookups(installation.Store).ProspectOfAsync(Installation.Tenant, key, default);

            var erased = await installation.Dispatcher.EraseProspectAsync(new() { Profile = "https://www.linkedin.com/in/Canary-Profile/" }, Installation.As());
            var again = await installation.Dispatcher.EraseProspectAsync(new() { ProspectId = prospectId }, Installation.As());

            Assert.Equal((prospectId, false, false), (erased.ProspectId, erased.Pending, erased.Suppressed));
            Assert.Equal(erased, again);
            Assert.Empty(Found(await ValuesAsync(), canaries));
            Assert.IsType<JournalVerification.Intact>(await installation.Store.VerifyAsync(partition, default));
            var (sent, later) = (await installation.GetAsync("m-1"), await installation.GetAsync("m-2"));
            Assert.Equal((MessageState.Sent, "ann", 1L, 1L), (sent.State, sent.AccountId, sent.CreditsSpent, sent.CreditsRefunded));
            Assert.Equal((MessageState.Skipped, Reason.ProspectErased), (later.State, later.Reason));
            Assert.Equal(2, (await installation.Dispatcher.ListMessagesAsync(new() { ProspectId = prospectId }, Installation.As())).Messages.Count);

            // Nothing leads to them any more, and a reply that comes now leaves nothing behind.
            var (keys, lookups) = (Keys(head, attempt), new Lookups(installation.Store));
            Assert.All(keys, key => Assert.Equal(prospectId, led[key]));
            await installation.ControlAsync("reply", $$"""{"account_id":"ann","prospect_id":"{{Profile}}","text":"Canary-Reply"}""");
            await UntilDeliveredAsync(installation, 3);
            foreach (var key in keys)
                Assert.Null(await lookups.ProspectOfAsync(Installation.Tenant, key, default));
            Assert.Empty(Found(await ValuesAsync(), [.. canaries, "Canary-Reply"]));

            // What names nobody still keeps the same words from going twice, under an old id or a new one.
            Assert.True((await installation.Dispatcher.AcceptAsync(First(), Installation.As())).Existed);
            var others = First();
            others.Message.Prospect.FirstName = "Somebody";
            Assert.True((await installation.Dispatcher.AcceptAsync(others, Installation.As())).Existed);
            others.Message.Prospect.Profile = "somebody";
            var taken = RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () => await installation.Dispatcher.AcceptAsync(others, Installation.As())));
            Assert.Equal((ErrorReason.MessageIdReused, "prospect.profile"), (taken.ErrorReason, taken.Metadata["field"]));
            var copy = First();
            copy.Message.MessageId = "m-3";
            await installation.Dispatcher.AcceptAsync(copy, Installation.As());
            Assert.Equal(Reason.Duplicate, (await installation.UntilAsync("m-3", Installation.IsOver)).Reason);
            Assert.Equal(1, (await installation.LookAsync($"deliveries?member_id={Profile}")).GetProperty("deliveries").GetArrayLength());
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Puts_them_on_the_suppression_list_if_asked_to_by_every_address_of_theirs_F60_F85()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        var first = First();
        first.Message.NotBefore = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(1));
        await installation.Dispatcher.AcceptAsync(first, Installation.As());

        var erased = await installation.Dispatcher.EraseProspectAsync(new() { Profile = Profile, Suppress = true }, Installation.As());
        var other = Installation.Message("m-2", "renamed");
        other.Message.Prospect.Email = "CANARY@example.com";
        await installation.Dispatcher.AcceptAsync(other, Installation.As());
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-3", Profile), Installation.As());

        Assert.True(erased.Suppressed);
        Assert.Equal(Reason.ProspectSuppressed, (await installation.UntilAsync("m-2", Installation.IsOver)).Reason);
        Assert.Equal(Reason.ProspectSuppressed, (await installation.UntilAsync("m-3", Installation.IsOver)).Reason);
    }

    [Fact]
    public async Task Waits_for_a_send_in_doubt_and_then_finishes_by_itself_F39_F85()
    {
        await using var installation = await Installation.StartAsync(settings: new()
        {
            ["Dispatcher:SettlingTime"] = "00:00:03",
            ["Dispatcher:WriteLease"] = "00:00:03",
            ["Dispatcher:ClockMargin"] = "00:00:00.500",
            ["Dispatcher:VerifyEvery"] = "00:00:00.200",
            ["Dispatcher:Provider:AttemptSeconds"] = "1",
        });
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", $$"""{"id":"{{Profile}}"}""");
        await installation.ControlAsync("faults", """{"endpoint":"chats.start","kind":"drop_after","times":1}""");
        await installation.ControlAsync("faults", """{"endpoint":"messages.list","kind":"error","type":"service_unavailable","times":100000}""");
        await installation.Dispatcher.AcceptAsync(First(), Installation.As());
        await installation.UntilAsync("m-1", message => message.State == MessageState.Indeterminate);

        var erased = await installation.Dispatcher.EraseProspectAsync(new() { Profile = Profile }, Installation.As());
        await installation.HealAsync();
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);
        await installation.AdvanceAsync(TimeSpan.FromMinutes(1));
        await installation.UntilAsync("m-1", message => message.Attempts.All(attempt => attempt.ProviderMessageId.Length == 0 && attempt.ChatId.Length == 0));

        Assert.True(erased.Pending);
        Assert.Equal(MessageState.Sent, sent.State);
        Assert.False((await installation.Dispatcher.EraseProspectAsync(new() { Profile = Profile }, Installation.As())).Pending);
    }

    /// <summary>The look-ups of address and company were made before it was known that the message had been there.</summary>
    [Fact]
    public async Task A_replayed_accept_brings_back_no_look_up_of_theirs_F85()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        await installation.SenderAsync("ann", 1);
        await installation.Dispatcher.AcceptAsync(First(), Installation.As());
        Assert.Equal((true, 1), await LeadAsync(installation));
        await installation.Dispatcher.EraseProspectAsync(new() { Profile = Profile }, Installation.As());

        var replay = await installation.Dispatcher.AcceptAsync(First(), Installation.As());

        Assert.True(replay.Existed);
        Assert.Equal((false, 0), await LeadAsync(installation));
    }

    /// <summary>The erasure waits for a send in doubt; a message that is accepted meanwhile brings the same address and company again, and keeps them.</summary>
    [Fact]
    public async Task Takes_nothing_from_a_message_that_was_accepted_meanwhile_F85()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        await installation.SenderAsync("ann", 1);
        await installation.Dispatcher.AcceptAsync(First(), Installation.As());
        var prospects = installation.Services.GetRequiredService<Prospects>();
        var at = (await prospects.FindAsync(Installation.Tenant, (await installation.GetAsync("m-1")).ProspectId, "m-1", default))!;
        await prospects.OpenAsync(at, new() { AccountId = "ann", Channel = Pennypost.Delivery.Channel.DirectMessage }, at.Now, default);
        await prospects.IntendAsync(at, 1, default);
        Assert.True((await installation.Dispatcher.EraseProspectAsync(new() { Profile = Profile }, Installation.As())).Pending);
        // What is accepted in the very millisecond of the erasure goes with it.
        var erased = await installation.Store.NowAsync(default);
        while (await installation.Store.NowAsync(default) <= erased)
            await Task.Yield();
        var second = First();
        second.Message.MessageId = "m-2";
        second.Message.Content.Body = "Other words";
        await installation.Dispatcher.AcceptAsync(second, Installation.As());

        await prospects.ConcludeAsync(at, 1, new Pennypost.Delivery.Messages.SendOutcome.NotSent(Pennypost.Delivery.Reason.ProviderUnavailable, "", false), settled: true, null, default);
        await installation.Services.GetRequiredService<EraseProspect>().GoOnAsync(Installation.Tenant, at.ProspectId, default);

        Assert.Equal((true, 1), await LeadAsync(installation));
        Assert.Equal(MessageState.Accepted, (await installation.GetAsync("m-2")).State);
        Assert.Equal((MessageState.Skipped, Reason.ProspectErased), (await installation.GetAsync("m-1")) is var first ? (first.State, first.Reason) : default);
        var head = await prospects.FindAsync(Installation.Tenant, at.ProspectId, default);
        Assert.Equal((1, null, false), (head.Emails.Count, head.Erasure, head.Forgotten));
    }

    /// <summary>Whether the address leads to somebody, and how many stop with the company.</summary>
    private static async Task<(bool Address, int Colleagues)> LeadAsync(Installation installation)
    {
        var identifiers = installation.Services.GetRequiredService<Identifiers>();
        var owner = await new Lookups(installation.Store).ProspectOfAsync(Installation.Tenant, identifiers.Email(Installation.Tenant, "canary@example.com"), default);
        var company = new PartitionId(Companies.Kind, Installation.Tenant, identifiers.Company(Installation.Tenant, "Canary-Company"));
        return (owner is not null, (await installation.Store.RecordsAsync(company, "p/", 10, null, default)).Records.Count);
    }

    [Fact]
    public async Task Somebody_whom_nobody_knows_is_no_error_and_both_or_neither_name_is_F85()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });

        Assert.False((await installation.Dispatcher.EraseProspectAsync(new() { Profile = "nobody" }, Installation.As())).Pending);
        foreach (var request in new EraseProspectRequest[] { new(), new() { Profile = "nobody", ProspectId = "p_1" }, new() { ProspectId = "no id" }, new() { ProspectId = "grace-hopper" } })
        {
            var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () => await installation.Dispatcher.EraseProspectAsync(request, Installation.As())));
            Assert.Equal(ErrorReason.InvalidRequest, fault.ErrorReason);
        }

        // One that nobody has; a name in its place would stay in the audit for good.
        Assert.False((await installation.Dispatcher.EraseProspectAsync(new() { ProspectId = "p_" + new string('a', 26) }, Installation.As())).Pending);
        Assert.Equal(2, (await installation.Dispatcher.ListOperatorActsAsync(new(), Installation.As())).Acts.Count);
    }

    /// <summary>An InMail that is answered, and a message that waits for its time.</summary>
    private static async Task<string> WriteAndHearAsync(Installation installation)
    {
        await installation.SenderAsync("ann", 2);
        await installation.ControlAsync("prospects", $$"""{"id":"{{Profile}}"}""");
        await installation.Dispatcher.AcceptAsync(First(), Installation.As());
        await installation.UntilAsync("m-1", Installation.IsSettled);
        await installation.ControlAsync("reply", $$"""{"account_id":"ann","prospect_id":"{{Profile}}","text":"Who are you?"}""");
        await installation.UntilAsync("m-1", message => message.CreditsRefunded == 1);
        var later = Installation.Message("m-2", Profile, body: "Canary-Later", note: "Canary-Note");
        later.Message.NotBefore = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(2));
        return (await installation.Dispatcher.AcceptAsync(later, Installation.As())).Message.ProspectId;
    }

    private static AcceptRequest First()
    {
        var request = Installation.Message("m-1", Profile, Priority.High, "Canary-Body");
        request.Message.Content.Subject = "Canary-Subject";
        request.Message.Prospect = new()
        {
            Profile = Profile,
            FirstName = "Canary-First",
            LastName = "Canary-Last",
            Company = "Canary-Company",
            Title = "Canary-Title",
            Email = "canary@example.com",
        };
        request.Message.StopWithCompany = true;
        return request;
    }

    /// <summary>Under which the person was found: as two subscriptions see them, by the thread, by the address.</summary>
    private static string[] Keys(Pennypost.Delivery.Messages.Prospect head, Attempt attempt)
    {
        var identifiers = new Identifiers(Options.Create(new DispatcherOptions { IdentifierKey = Installation.IdentifierKey }));
        var view = head.ViewOf("ann");
        return
        [
            identifiers.Attendee(Installation.Tenant, "ann", view.RecipientId),
            identifiers.Attendee(Installation.Tenant, "ann", view.InmailRecipientId),
            identifiers.Chat(Installation.Tenant, "ann", attempt.ChatId),
            identifiers.Email(Installation.Tenant, "canary@example.com"),
        ];
    }

    private static async Task UntilDeliveredAsync(Installation installation, int posts)
    {
        var until = DateTime.UtcNow.AddSeconds(15);
        while (true)
        {
            var items = (await installation.LookAsync("webhook-posts?after=0")).GetProperty("posts").EnumerateArray().ToList();
            if (items.Count >= posts && items.TrueForAll(item => item.GetProperty("state").GetString() == "delivered"))
                return;
            Assert.True(DateTime.UtcNow < until, string.Join("\n", items));
            await Task.Delay(20);
        }
    }

    private static IReadOnlyList<string> Found(IReadOnlyList<byte[]> values, IEnumerable<string> canaries) =>
        [.. canaries.Where(canary => values.Any(value => value.AsSpan().IndexOf(Encoding.UTF8.GetBytes(canary)) >= 0))];

    private static List<byte[]> InSqlite(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        var values = new List<byte[]>();
        foreach (var table in Rows("SELECT name FROM sqlite_master WHERE type = 'table'").Select(row => Encoding.UTF8.GetString(row)).ToList())
            values.AddRange(Rows($"SELECT * FROM {table}"));
        return values;

        IEnumerable<byte[]> Rows(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var rows = command.ExecuteReader();
            while (rows.Read())
                for (var column = 0; column < rows.FieldCount; column++)
                    yield return rows.GetValue(column) as byte[] ?? Encoding.UTF8.GetBytes($"{rows.GetValue(column)}");
        }
    }

    private static async Task<IReadOnlyList<byte[]>> InRedisAsync(RedisServer redis, string prefix)
    {
        await using var connection = await redis.ConnectAsync();
        var (database, values) = (connection.GetDatabase(), new List<byte[]>());
        await foreach (var key in connection.GetServer(redis.ConnectionString).KeysAsync(pattern: $"*{prefix}*"))
        {
            values.Add(key!);
            IEnumerable<RedisValue> found = await database.KeyTypeAsync(key) switch
            {
                RedisType.String => [await database.StringGetAsync(key)],
                RedisType.Hash => (await database.HashGetAllAsync(key)).SelectMany(entry => new[] { entry.Name, entry.Value }),
                RedisType.Stream => (await database.StreamRangeAsync(key)).SelectMany(entry => entry.Values.SelectMany(pair => new[] { pair.Name, pair.Value })),
                RedisType.SortedSet => await database.SortedSetRangeByRankAsync(key),
                RedisType.Set => await database.SetMembersAsync(key),
                RedisType.List => await database.ListRangeAsync(key),
                var type => throw new InvalidOperationException($"A key of type {type} is not searched."),
            };
            values.AddRange(found.Select(value => (byte[])value!));
        }

        return values;
    }
}
