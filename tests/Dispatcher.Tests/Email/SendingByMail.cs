using System.Net.Sockets;
using MimeKit;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Email;
using Pennypost.Dispatcher.Provider;
using Pennypost.Hosting;

namespace Dispatcher.Tests.Email;

/// <summary>F22: the adapter against a real mail server.</summary>
public sealed class SendingByMail
{
    private static readonly EmailOptions Fast = new() { AttemptSeconds = 2, TotalSeconds = 4, ConnectSeconds = 1.5, RetryDelayMs = 5, BreakAtLeastCalls = 1_000 };

    private static long Later => TimeProvider.System.GetTimestamp() + 60 * TimeProvider.System.TimestampFrequency;

    private static Letter Letter(string to = "bob@example.test") => new()
    {
        MessageId = "attempt-1@acme.test",
        ToAddress = to,
        ToName = "Bob Bähr",
        Subject = "Eine Frage, 質問",
        Text = "May I ask you one?\r\n.\r\nÜber den Punkt.",
        Date = new DateTimeOffset(2026, 11, 26, 10, 0, 0, TimeSpan.Zero),
    };

    private static async Task<ProviderReply> SendAsync(Mailbox mailbox, Letter letter, EmailOptions? options = null, long? deadline = null)
    {
        using var sender = new SmtpSender(options ?? Fast, TimeProvider.System);
        return await sender.SendAsync(mailbox, letter, deadline ?? Later, default);
    }

    private static async Task<MimeMessage> ReadAsync(TakenLetter taken) =>
        await MimeMessage.LoadAsync(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(taken.Letter)));

    [Fact]
    public async Task Arrives_as_it_was_written_F22()
    {
        await using var server = await SmtpServer.StartAsync();
        var mailbox = server.Mailbox() with { Unsubscribe = "https://acme.test/unsubscribe" };

        var reply = await SendAsync(mailbox, Letter());

        Assert.Equal("attempt-1@acme.test", Assert.IsType<ProviderReply.Accepted>(reply).MessageId);
        var taken = Assert.Single(await server.TakenAsync(1));
        Assert.Equal(("ann@acme.test", "bob@example.test"), (taken.From, Assert.Single(taken.To)));
        var letter = await ReadAsync(taken);
        Assert.Equal(("attempt-1@acme.test", "Eine Frage, 質問"), (letter.MessageId, letter.Subject));
        Assert.Equal("May I ask you one?\n.\nÜber den Punkt.", letter.TextBody!.ReplaceLineEndings("\n").TrimEnd());
        Assert.Equal(("Ann Árvai", "Bob Bähr"), (letter.From.Mailboxes.Single().Name, letter.To.Mailboxes.Single().Name));
        Assert.Equal("<https://acme.test/unsubscribe>", letter.Headers[HeaderId.ListUnsubscribe]);
    }

    [Fact]
    public async Task Has_no_header_for_leaving_where_nobody_can_leave_F22()
    {
        await using var server = await SmtpServer.StartAsync();
        await SendAsync(server.Mailbox(), Letter());
        Assert.Null((await ReadAsync(Assert.Single(await server.TakenAsync(1)))).Headers[HeaderId.ListUnsubscribe]);
    }

    [Theory]
    [InlineData("greylisted@example.test", "NotSent smtp_450_recipient after 15 min", 0)]
    [InlineData("gone@example.test", "Refused Recipient smtp_550_recipient", 0)]
    [InlineData("cut-at-recipient@example.test", "NotSent smtp_lost_recipient", 0)]
    [InlineData("refused-at-data@example.test", "Refused Content smtp_554_data", 0)]
    [InlineData("cut-at-data@example.test", "NotSent smtp_lost_data", 0)]
    [InlineData("full@example.test", "NotSent smtp_452_letter after 15 min", 0)]
    [InlineData("spam@example.test", "Refused Content smtp_554_letter", 0)]
    [InlineData("dropped@example.test", "Unknown smtp_lost_letter", 1)]
    [InlineData("silent@example.test", "Unknown smtp_lost_letter", 1)]
    public async Task Says_what_is_known_and_sends_once_F22_F39(string to, string reply, int letters)
    {
        await using var server = await SmtpServer.StartAsync();
        Assert.Equal(reply, Told(await SendAsync(server.Mailbox(), Letter(to))));
        Assert.Equal(letters, (await server.TakenAsync(letters)).Count);
    }

    [Theory]
    [InlineData("banned@acme.test", "MailboxRefused smtp_550_sender")]
    [InlineData("later@acme.test", "NotSent smtp_451_sender after 15 min")]
    public async Task Tells_a_refused_sender_from_a_refused_recipient_F22(string from, string reply)
    {
        await using var server = await SmtpServer.StartAsync();
        Assert.Equal(reply, Told(await SendAsync(server.Mailbox(from), Letter())));
        Assert.Empty(await server.TakenAsync(0));
    }

    [Theory]
    [InlineData("554", "MailboxRefused smtp_554_connect")]
    [InlineData("421", "NotSent smtp_421_connect after 15 min")]
    public async Task Believes_the_greeting_F22(string greeting, string reply)
    {
        await using var server = await SmtpServer.StartAsync("--greeting", greeting);
        Assert.Equal(reply, Told(await SendAsync(server.Mailbox(), Letter())));
    }

    [Fact]
    public async Task Goes_on_later_where_nobody_listens_F22()
    {
        var server = await SmtpServer.StartAsync();
        var mailbox = server.Mailbox();
        await server.DisposeAsync();
        Assert.Equal("NotSent smtp_lost_connect", Told(await SendAsync(mailbox, Letter())));
    }

    [Fact]
    public async Task Waits_for_no_greeting_for_ever_F22()
    {
        using var silent = new TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        await using var server = await SmtpServer.StartAsync();
        var mailbox = server.Mailbox() with { Port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port };
        var began = System.Diagnostics.Stopwatch.StartNew();
        var reply = Told(await SendAsync(mailbox, Letter(), new EmailOptions { AttemptSeconds = 1, TotalSeconds = 1.5, ConnectSeconds = 0.3, RetryDelayMs = 5 }));
        Assert.StartsWith("NotSent", reply, StringComparison.Ordinal);
        Assert.True(began.Elapsed < TimeSpan.FromSeconds(10), began.Elapsed.ToString());
    }

    [Theory]
    [InlineData("starttls", MailSecurity.StartTls)]
    [InlineData("implicit", MailSecurity.Tls)]
    public async Task Logs_in_over_an_encrypted_line_F22(string tls, MailSecurity security)
    {
        var (certificate, key) = SmtpServer.Certificate();
        await using var server = await SmtpServer.StartAsync("--tls", tls, "--certificate", certificate, "--key", key, "--user", "ann", "--password", "päss word");
        var mailbox = server.Mailbox(security: security) with { User = "ann", Password = new Secret("päss word") };

        Assert.IsType<ProviderReply.Accepted>(await SendAsync(mailbox, Letter(), Trusting(certificate)));
        var taken = Assert.Single(await server.TakenAsync(1));
        Assert.Equal((true, "ann"), (taken.Encrypted, taken.User));
        Assert.Equal("MailboxRefused smtp_535_login", Told(await SendAsync(mailbox with { Password = new Secret("wrong") }, Letter(), Trusting(certificate))));
        Assert.Equal("MailboxRefused smtp_not_offered_login", Told(await SendAsync(mailbox with { User = "" }, Letter(), Trusting(certificate))));
        // Nobody vouches for the server: neither letter nor password goes there.
        Assert.Equal("MailboxRefused smtp_not_offered_tls", Told(await SendAsync(mailbox, Letter())));
        Assert.Single(await server.TakenAsync(1));
    }

    [Fact]
    public async Task Never_goes_on_in_the_clear_where_encryption_is_asked_for_F22()
    {
        await using var server = await SmtpServer.StartAsync();
        Assert.Equal("MailboxRefused smtp_not_offered_tls", Told(await SendAsync(server.Mailbox(security: MailSecurity.StartTls), Letter())));
        Assert.Equal("MailboxRefused smtp_not_offered_login", Told(await SendAsync(server.Mailbox() with { User = "ann", Password = new Secret("secret") }, Letter())));
        Assert.Empty(await server.TakenAsync(0));
    }

    [Fact]
    public async Task Writes_addresses_in_every_script_F22()
    {
        await using var server = await SmtpServer.StartAsync();
        Assert.IsType<ProviderReply.Accepted>(await SendAsync(server.Mailbox(), Letter("用户@例子.test")));
        Assert.IsType<ProviderReply.Accepted>(await SendAsync(server.Mailbox(), Letter("bob@bücher.test")));
        Assert.Equal(["用户@例子.test", "bob@bücher.test"], (await server.TakenAsync(2)).Select(letter => letter.To.Single()));

        await using var plain = await SmtpServer.StartAsync("--no-utf8");
        Assert.Equal("Refused Recipient smtp_not_offered_recipient", Told(await SendAsync(plain.Mailbox(), Letter("用户@例子.test"))));
        Assert.IsType<ProviderReply.Accepted>(await SendAsync(plain.Mailbox(), Letter("bob@bücher.test")));
        Assert.Equal("bob@xn--bcher-kva.test", Assert.Single(await plain.TakenAsync(1)).To.Single());
    }

    [Fact]
    public async Task Lets_nobody_write_headers_F22()
    {
        await using var server = await SmtpServer.StartAsync();
        Letter[] hostile =
        [
            Letter() with { Subject = "Hello\r\nBcc: eve@example.test" },
            Letter() with { ToName = "Bob\nBcc: eve@example.test" },
            Letter() with { ToAddress = "bob@example.test\r\nRCPT TO:<eve@example.test>" },
            Letter() with { MessageId = "a@b>\r\nBcc: eve@example.test" },
        ];
        foreach (var letter in hostile)
            Assert.Equal("Refused Content header_injection", Told(await SendAsync(server.Mailbox(), letter)));
        Assert.Equal("Refused Content header_injection", Told(await SendAsync(server.Mailbox() with { FromName = "Ann\r\nBcc: eve@example.test" }, Letter())));
        Assert.Empty(await server.TakenAsync(0));
    }

    [Fact]
    public async Task Does_not_begin_after_its_deadline_F22_F39()
    {
        await using var server = await SmtpServer.StartAsync();
        Assert.IsType<ProviderReply.TooLate>(await SendAsync(server.Mailbox(), Letter(), deadline: TimeProvider.System.GetTimestamp()));
        Assert.Empty(await server.TakenAsync(0));
    }

    [Fact]
    public async Task Stops_calling_a_server_that_is_down_F22()
    {
        var server = await SmtpServer.StartAsync();
        var mailbox = server.Mailbox();
        await server.DisposeAsync();
        using var sender = new SmtpSender(new EmailOptions { AttemptSeconds = 1, TotalSeconds = 2, Retries = 0, BreakAtLeastCalls = 2, BreakSeconds = 30 }, TimeProvider.System);
        for (var call = 0; call < 2; call++)
            Assert.Equal("NotSent smtp_lost_connect", Told(await sender.SendAsync(mailbox, Letter(), Later, default)));
        Assert.Equal("NotSent circuit_open", Told(await sender.SendAsync(mailbox, Letter(), Later, default)));
        // Another tenant's is another circuit, whatever it calls its own.
        Assert.Equal("NotSent smtp_lost_connect", Told(await sender.SendAsync(mailbox with { Tenant = "other" }, Letter(), Later, default)));
    }

    [Fact]
    public void Stops_the_mailbox_alone_when_it_is_refused_F22()
    {
        Assert.Equal(new AccountSignal.MailboxRefused(), new ProviderReply.MailboxRefused("smtp_535_login").Signal);
        var now = new DateTimeOffset(2026, 11, 26, 10, 0, 0, TimeSpan.Zero);
        var account = new Account { Id = "ann", Settings = new AccountSettings { ConnectionId = "c", EmailConnectionId = "mail" } };
        var after = Signals.Apply(account, CappedAction.Email, new AccountSignal.MailboxRefused(), now);
        Assert.Equal((AccountState.Ok, "the mail server refuses its mailbox, tried again 2026-11-26T11:00:00Z"), (after.State, after.StatusText(now)));
        Assert.Equal(Pennypost.Delivery.Reason.MailboxRefused, Gates.Shut(after, Pennypost.Delivery.Channel.Email, 0, now)?.Reason);
        Assert.Null(Gates.Shut(after, Pennypost.Delivery.Channel.DirectMessage, 0, now));
        Assert.Null(Gates.Shut(after, Pennypost.Delivery.Channel.Email, 0, now.AddHours(1)));
    }

    private static EmailOptions Trusting(string certificate) => new() { AttemptSeconds = 4, TotalSeconds = 6, ConnectSeconds = 3, AuthoritiesPath = certificate };

    private static string Told(ProviderReply reply) => reply switch
    {
        ProviderReply.Refused refused => $"Refused {refused.Kind} {refused.Type}",
        ProviderReply.NotSent { RetryAfter: { } after } not => $"NotSent {not.Why} after {after.TotalMinutes} min",
        ProviderReply.NotSent not => $"NotSent {not.Why}",
        ProviderReply.MailboxRefused refused => $"MailboxRefused {refused.Type}",
        ProviderReply.Unknown unknown => $"Unknown {unknown.Why}",
        _ => reply.GetType().Name,
    };
}
