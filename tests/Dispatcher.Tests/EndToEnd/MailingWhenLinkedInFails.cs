using Dispatcher.Tests.Email;
using Grpc.Core;
using Pennypost.Dispatcher.Email;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>F22: LinkedIn does not carry the message, and a letter does, once.</summary>
public sealed class MailingWhenLinkedInFails
{
    private const string Password = "the-mailboxs-password";

    private static readonly Dictionary<string, string?> Quick = new()
    {
        ["Dispatcher:RecoverAfter"] = "00:00:03",
        ["Dispatcher:SettlingTime"] = "00:00:03",
        ["Dispatcher:WriteLease"] = "00:00:03",
        ["Dispatcher:ClockMargin"] = "00:00:00.200",
        ["Dispatcher:VerifyEvery"] = "00:00:00.300",
        ["Dispatcher:WorkLease"] = "00:00:02",
        ["Dispatcher:Provider:AttemptSeconds"] = "0.9",
        ["Dispatcher:Email:ConnectSeconds"] = "1",
    };

    [Fact]
    public async Task Goes_out_once_after_invitation_and_InMail_have_failed_F22()
    {
        await using var server = await SmtpServer.StartAsync();
        await using var installation = await Installation.StartAsync(settings: new(Quick) { ["Router:Email"] = "AfterInMail" });
        await SenderAsync(installation, server.Mailbox());
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("faults", """{"endpoint":"users.invite","kind":"error","type":"cannot_invite_attendee"}""");
        await installation.ControlAsync("faults", """{"endpoint":"chats.start","kind":"error","type":"not_allowed_inmail"}""");

        await installation.Dispatcher.AcceptAsync(Letter("m-1", "vip", note: "Shall we meet?"), Installation.As());
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);

        Assert.Equal(
            [(Channel.ConnectionRequest, AttemptState.NotSent), (Channel.Inmail, AttemptState.NotSent), (Channel.Email, AttemptState.Sent)],
            sent.Attempts.Select(attempt => (attempt.Channel, attempt.State)));
        Assert.Equal((MessageState.Sent, Channel.Email, "ann", 0L), (sent.State, sent.Channel, sent.AccountId, sent.CreditsSpent));
        var letter = Assert.Single(await server.TakenAsync(1));
        Assert.Equal("vip@example.test", Assert.Single(letter.To));
        Assert.Contains(sent.Attempts[^1].ProviderMessageId, letter.Letter, StringComparison.Ordinal);
        Assert.Empty((await installation.LookAsync("deliveries")).GetProperty("deliveries").EnumerateArray());
        var pool = (await installation.Credits.GetPoolAsync(new() { PoolId = "ann-pool" }, Installation.As())).Pool;
        Assert.Equal((2, 0, 0), (pool.Balance.Available, pool.Balance.Held, pool.Balance.Spent));

        // The same request again: the same answer, and no second letter.
        Assert.True((await installation.Dispatcher.AcceptAsync(Letter("m-1", "vip", note: "Shall we meet?"), Installation.As())).Existed);
        var account = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;
        Assert.Equal(1, account.Usage.Single(use => use.Action == Pennypost.Types.V1.Action.Email).Used);
        Assert.Single(await server.TakenAsync(1));
    }

    [Fact]
    public async Task Spends_no_credit_where_a_letter_will_do_and_keeps_its_cap_F22()
    {
        await using var server = await SmtpServer.StartAsync();
        await using var installation = await Installation.StartAsync(settings: Quick);
        await SenderAsync(installation, server.Mailbox(), cap: 1);
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.ControlAsync("prospects", """{"id":"next"}""");

        await installation.Dispatcher.AcceptAsync(Letter("m-1", "vip"), Installation.As());
        Assert.Equal(Channel.Email, (await installation.UntilAsync("m-1", Installation.IsSettled)).Channel);
        await installation.Dispatcher.AcceptAsync(Letter("m-2", "next"), Installation.As());
        var waits = await installation.UntilAsync("m-2", message => message.State == MessageState.Waiting);

        Assert.Equal(Reason.DailyCap, waits.Reason);
        Assert.Single(await server.TakenAsync(1));
        // Who is on the list by address is written to by nobody, on any channel.
        await installation.Dispatcher.SuppressProspectAsync(new() { Email = "NEXT@example.test" }, Installation.As());
        Assert.Equal((MessageState.Skipped, Reason.ProspectSuppressed), await installation.UntilAsync("m-2", Installation.IsOver) is var ended ? (ended.State, ended.Reason) : default);
    }

    [Fact]
    public async Task Is_never_sent_again_while_nobody_knows_whether_it_arrived_F22_F39()
    {
        await using var server = await SmtpServer.StartAsync();
        await using var installation = await Installation.StartAsync(settings: Quick);
        await SenderAsync(installation, server.Mailbox());
        await installation.ControlAsync("prospects", """{"id":"dropped"}""");

        await installation.Dispatcher.AcceptAsync(Letter("m-1", "dropped"), Installation.As());
        await installation.UntilAsync("m-1", message => message.State == MessageState.Indeterminate);
        var early = await Assert.ThrowsAsync<RpcException>(() => ResolveAsync(installation, sent: false));
        await Task.Delay(TimeSpan.FromSeconds(4));

        Assert.Equal(ErrorReason.MessageNotInDoubt, RpcFault.From(early).ErrorReason);
        Assert.Single(await server.TakenAsync(1));
        var listed = await installation.Dispatcher.ListMessagesAsync(new() { State = MessageState.Indeterminate }, Installation.As());
        Assert.Equal("m-1", Assert.Single(listed.Messages).MessageId);

        // An operator looked, and found it.
        await ResolveAsync(installation, sent: true);
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);
        Assert.Equal((MessageState.Sent, Channel.Email), (sent.State, sent.Channel));
        Assert.Equal(MessageState.Sent, (await ResolveAsync(installation, sent: true)).State);
        Assert.Equal(ErrorReason.MessageNotInDoubt, RpcFault.From(await Assert.ThrowsAsync<RpcException>(() => ResolveAsync(installation, sent: false))).ErrorReason);
        Assert.Single(await server.TakenAsync(1));
    }

    [Fact]
    public async Task Goes_again_when_an_operator_says_that_it_did_not_arrive_F22()
    {
        await using var server = await SmtpServer.StartAsync();
        await using var installation = await Installation.StartAsync(settings: Quick);
        await SenderAsync(installation, server.Mailbox());
        await installation.ControlAsync("prospects", """{"id":"dropped"}""");
        await installation.Dispatcher.AcceptAsync(Letter("m-1", "dropped"), Installation.As());
        await installation.UntilAsync("m-1", message => message.State == MessageState.Indeterminate);
        await Task.Delay(TimeSpan.FromSeconds(3.5));

        await ResolveAsync(installation, sent: false);
        var again = await installation.UntilAsync("m-1", message => message.Attempts is [.., { Number: 2, State: AttemptState.Indeterminate }]);

        Assert.Equal([AttemptState.NotSent, AttemptState.Indeterminate], again.Attempts.Select(attempt => attempt.State));
        // Two attempts, two letters: each under an id of its own, as an operator asked for.
        var letters = await server.TakenAsync(2);
        Assert.Equal(2, letters.Count);
        Assert.NotEqual(IdOf(letters[0]), IdOf(letters[1]));
    }

    [Fact]
    public async Task Is_taken_as_sent_where_the_installation_says_so_F22()
    {
        await using var server = await SmtpServer.StartAsync();
        await using var installation = await Installation.StartAsync(settings: new(Quick) { ["Dispatcher:Email:InDoubt"] = "TakeAsSent" });
        await SenderAsync(installation, server.Mailbox());
        await installation.ControlAsync("prospects", """{"id":"dropped"}""");
        await installation.Dispatcher.AcceptAsync(Letter("m-1", "dropped"), Installation.As());

        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);

        Assert.Equal(MessageState.Sent, sent.State);
        Assert.Contains(sent.Events, happened => happened.Kind == MessageEventKind.Indeterminate);
        Assert.Equal(sent.Attempts[0].ProviderMessageId, IdOf(Assert.Single(await server.TakenAsync(1))));
    }

    [Fact]
    public async Task Ends_where_the_address_takes_no_mail_F22()
    {
        await using var server = await SmtpServer.StartAsync();
        await using var installation = await Installation.StartAsync(settings: Quick);
        await SenderAsync(installation, server.Mailbox());
        await installation.ControlAsync("prospects", """{"id":"gone"}""");
        await installation.Dispatcher.AcceptAsync(OnlyMail("m-1", "gone"), Installation.As());

        var failed = await installation.UntilAsync("m-1", Installation.IsSettled);

        Assert.Equal((MessageState.Failed, Reason.InvalidRecipient, "smtp_550_recipient"), (failed.State, failed.Reason, failed.Attempts[0].ProviderType));
    }

    [Fact]
    public async Task Waits_for_a_mailbox_to_be_mended_and_shows_no_password_F22()
    {
        await using var server = await SmtpServer.StartAsync("--user", "ann", "--password", Password);
        await using var installation = await Installation.StartAsync(settings: Quick);
        var mailbox = server.Mailbox() with { User = "ann" };
        await SenderAsync(installation, mailbox, "not-the-password");
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        await installation.Dispatcher.AcceptAsync(OnlyMail("m-1", "vip"), Installation.As());

        var waits = await installation.UntilAsync("m-1", message => message.State == MessageState.Waiting);
        var account = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;
        Assert.Equal((Reason.MailboxRefused, AccountState.Ok), (waits.Reason, account.State));
        Assert.StartsWith("the mail server refuses its mailbox", account.StatusText, StringComparison.Ordinal);
        Assert.Equal(0, account.Usage.Single(use => use.Action == Pennypost.Types.V1.Action.Email).Used);

        await PutMailboxAsync(installation, mailbox, Password);
        var shown = await installation.Dispatcher.GetConnectionAsync(new() { ConnectionId = "mail" }, Installation.As());
        Assert.True(shown.Connection.Smtp.HasPassword);
        Assert.DoesNotContain(Password, shown.ToString(), StringComparison.Ordinal);
        await installation.AdvanceAsync(TimeSpan.FromHours(1.1));
        Assert.Equal(Channel.Email, (await installation.UntilAsync("m-1", Installation.IsSettled)).Channel);
    }

    [Fact]
    public async Task Names_everything_that_is_wrong_with_a_mailbox_or_a_letter_F22()
    {
        await using var installation = await Installation.StartAsync(settings: Quick);
        var mailbox = new Connection
        {
            ConnectionId = "mail",
            BaseUrl = "https://api.example.test",
            Smtp = new()
            {
                Host = "mail server",
                Port = 70_000,
                Security = SmtpSecurity.None,
                Password = "x",
                FromAddress = "Ann <ann@acme.test>",
                FromName = "Ann\r\nBcc: eve",
                Unsubscribe = "http://acme.test",
            },
        };
        Assert.Equal(
            [
                "connection.smtp", "connection.smtp.from_address", "connection.smtp.from_name", "connection.smtp.host", "connection.smtp.password", "connection.smtp.port", "connection.smtp.security",
                "connection.smtp.unsubscribe",
            ],
            await ViolationsAsync(() => installation.Dispatcher.PutConnectionAsync(new() { Connection = mailbox }, Installation.As()).ResponseAsync));

        var letter = Letter("m-1", "vip");
        (letter.Message.Content.Subject, letter.Message.Prospect.FirstName, letter.Message.Prospect.Email) = ("Hello\r\nBcc: eve@example.test", "A\nB", "a,b@example.test");
        Assert.Equal(
            ["message.content.subject", "message.prospect.email", "message.prospect.first_name"],
            await ViolationsAsync(() => installation.Dispatcher.AcceptAsync(letter, Installation.As()).ResponseAsync));
    }

    [Fact]
    public async Task Keeps_an_address_only_to_write_to_it_F22()
    {
        await using var installation = await Installation.StartAsync(settings: Quick);
        await SenderAsync(installation, new() { Tenant = "acme", ConnectionId = "mail", Host = "127.0.0.1", Port = 9, Security = MailSecurity.None, FromAddress = "ann@acme.test" });
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        var parsed = Pennypost.Dispatcher.Messages.Parse.Message(Letter("m-1", "vip").Message, idRequired: true, DateTimeOffset.UtcNow, new Violations());
        Assert.Equal("vip@example.test", parsed!.Content.EmailAddress);
        var without = Letter("m-2", "vip").Message;
        (without.Content.Email, without.Content.Body) = ("", "Hello");
        Assert.Equal("", Pennypost.Dispatcher.Messages.Parse.Message(without, idRequired: true, DateTimeOffset.UtcNow, new Violations())!.Content.EmailAddress);
    }

    private static async Task<string[]> ViolationsAsync(Func<Task> call) =>
        [.. RpcFault.From(await Assert.ThrowsAsync<RpcException>(call)).Violations.Select(violation => violation.Field).Distinct().Order(StringComparer.Ordinal)];

    private static async Task<Message> ResolveAsync(Installation installation, bool sent) =>
        (await installation.Dispatcher.ResolveMessageAsync(new() { MessageId = "m-1", Attempt = 1, Sent = sent, Actor = "olga" }, Installation.As())).Message;

    private static string IdOf(TakenLetter letter) =>
        letter.Letter.Split('\n').Single(line => line.StartsWith("Message-Id:", StringComparison.OrdinalIgnoreCase))["Message-Id:".Length..].Trim().Trim('<', '>');

    private static Pennypost.Dispatcher.V1.AcceptRequest Letter(string id, string profile, string note = "")
    {
        var request = Installation.Message(id, profile, Priority.High, note: note);
        request.Message.Content.Email = $"Hello {profile}, this is {id}, by e-mail.";
        request.Message.Prospect.Email = $"{profile}@example.test";
        return request;
    }

    private static Pennypost.Dispatcher.V1.AcceptRequest OnlyMail(string id, string profile)
    {
        var request = Letter(id, profile);
        request.Message.Content.Body = "";
        return request;
    }

    /// <summary>The sender of <see cref="Installation.SenderAsync"/>, with two credits and a mailbox.</summary>
    private static async Task SenderAsync(Installation installation, Mailbox mailbox, string password = "", int? cap = null)
    {
        await installation.SenderAsync("ann", 2);
        await PutMailboxAsync(installation, mailbox, password);
        var account = (await installation.Dispatcher.GetAccountAsync(new() { AccountId = "ann" }, Installation.As())).Account;
        account.EmailConnectionId = "mail";
        if (cap is { } limit)
            account.Caps.Add(new Cap { Action = Pennypost.Types.V1.Action.Email, Window = CapWindow.Day, Limit = limit });
        await installation.Dispatcher.PutAccountAsync(new() { Account = account }, Installation.As());
    }

    internal static async Task PutMailboxAsync(Installation installation, Mailbox mailbox, string password) => await installation.Dispatcher.PutConnectionAsync(new()
    {
        Connection = new()
        {
            ConnectionId = mailbox.ConnectionId,
            Smtp = new()
            {
                Host = mailbox.Host,
                Port = mailbox.Port,
                Security = (SmtpSecurity)mailbox.Security,
                User = mailbox.User,
                Password = password,
                FromAddress = mailbox.FromAddress,
                FromName = mailbox.FromName,
            },
        },
    }, Installation.As());
}
