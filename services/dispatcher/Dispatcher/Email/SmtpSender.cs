using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using MimeKit.Text;
using Pennypost.Dispatcher.Provider;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Pennypost.Dispatcher.Email;

/// <summary>One e-mail.</summary>
public sealed record Letter
{
    /// <summary>Its Message-ID, without the angle brackets: the same whenever the same attempt sends.</summary>
    public required string MessageId { get; init; }

    /// <summary>Whom it is for.</summary>
    public required string ToAddress { get; init; }

    /// <summary>Their name; may be empty.</summary>
    public string ToName { get; init; } = "";

    /// <summary>One line.</summary>
    public required string Subject { get; init; }

    /// <summary>Plain text.</summary>
    public required string Text { get; init; }

    /// <summary>When it is sent.</summary>
    public required DateTimeOffset Date { get; init; }
}

/// <summary>What a mail server said to somebody who came without a letter.</summary>
internal abstract record MailGreeting
{
    private MailGreeting() { }

    /// <summary>How it went, and at which stage it ended.</summary>
    public sealed record Ended(SmtpStage Stage, SmtpEnd End, int Status) : MailGreeting;

    /// <summary>It was not called: it fails too often, or too many calls are under way.</summary>
    public sealed record NotCalled(string Why) : MailGreeting;

    /// <summary>It did not come to an end in time.</summary>
    public sealed record TimedOut : MailGreeting;
}

/// <summary>
/// Hands e-mails to mail servers (MailKit), one connection each. SMTP has neither idempotency keys nor a way to ask what was taken: a call is made again only while the server has not heard of the letter, and an
/// answer that is lost after that is <see cref="ProviderReply.Unknown"/>. What an end of the conversation means stands in <see cref="SmtpReplies"/>.
/// </summary>
public sealed class SmtpSender : IDisposable
{
    private const int MostLines = 1_000;
    private static readonly TimeSpan _goodbye = TimeSpan.FromSeconds(1);
    private readonly EmailOptions _options;
    private readonly TimeProvider _time;
    private readonly ProviderMeter? _meter;
    private readonly X509Certificate2Collection? _authorities;
    private readonly ConcurrentDictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <param name="options">Limits, and whom to trust.</param>
    /// <param name="time">Real time; deadlines are its timestamps.</param>
    public SmtpSender(EmailOptions options, TimeProvider time)
        : this(options, time, null)
    {
    }

    internal SmtpSender(EmailOptions options, TimeProvider time, ProviderMeter? meter)
    {
        (_options, _time, _meter) = (options, time, meter);
        meter?.Watch(ProviderMeter.Mail, () => _lines.Values.Select(line => line.State));
        if (options.AuthoritiesPath is { } path)
            (_authorities = []).ImportFromPemFile(path);
    }

    /// <summary>Sends once: one letter at most leaves for one call, and none begins to after the deadline.</summary>
    /// <param name="mailbox">From where.</param>
    /// <param name="letter">What.</param>
    /// <param name="deadline">The latest timestamp of the <see cref="TimeProvider"/> at which the letter may begin to leave.</param>
    /// <param name="ct">Ends the waiting. After the letter began to leave the answer is unknown.</param>
    public async Task<ProviderReply> SendAsync(Mailbox mailbox, Letter letter, long deadline, CancellationToken ct)
    {
        // Refused where messages and mailboxes come in; should one ever get past that, it ends here.
        if (new[] { letter.Subject, letter.ToName, letter.ToAddress, letter.MessageId, mailbox.FromName, mailbox.FromAddress, mailbox.Unsubscribe }.Any(text => text.Any(char.IsControl)))
            return new ProviderReply.Refused("header_injection", RefusalKind.Content);
        using var span = Traces.Call(Endpoints.Letter);
        var line = LineOf(mailbox);
        try
        {
            using var turn = await line.Turns.AcquireAsync(1, ct);
            if (!turn.IsAcquired)
                return Spared("too_many_calls");
            var ended = await line.Sends.ExecuteAsync(static async (call, token) => await call.Sender.TryAsync(call.Mailbox, call.Letter, call.Deadline, token), new Call(this, mailbox, letter, deadline), ct);
            span.Answered(ended.Result);
            return ended.TooLate ? new ProviderReply.TooLate() : SmtpReplies.Classify(ended.Stage, ended.End, ended.Status, letter.MessageId);
        }
        catch (BrokenCircuitException)
        {
            return Spared("circuit_open");
        }
        catch (TimeoutRejectedException)
        {
            // Time ran out between two attempts; an attempt under way answers for itself.
            return new ProviderReply.NotSent("no_time_left");
        }
        catch (OperationCanceledException)
        {
            return new ProviderReply.NotSent("cancelled");
        }
    }

    /// <summary>Connects, logs in, and leaves: no letter is begun. Asked once, for whoever wants to know what comes of it.</summary>
    internal async Task<MailGreeting> GreetAsync(Mailbox mailbox, CancellationToken ct)
    {
        using var span = Traces.Call(Endpoints.Login);
        var line = LineOf(mailbox);
        try
        {
            using var turn = await line.Turns.AcquireAsync(1, ct);
            if (!turn.IsAcquired)
                return NotGreeted("too_many_calls");
            var begun = _time.GetTimestamp();
            var ended = await line.Once.ExecuteAsync(static async (call, token) => await call.Sender.IntroduceAsync(call.Mailbox, token), (Sender: this, Mailbox: mailbox), ct);
            _meter?.Asked(Endpoints.Login, ended.Result, _time.GetElapsedTime(begun));
            span.Answered(ended.Result);
            return new MailGreeting.Ended(ended.Stage, ended.End, ended.Status);
        }
        catch (BrokenCircuitException)
        {
            return NotGreeted("circuit_open");
        }
        catch (Exception late) when (late is TimeoutRejectedException or OperationCanceledException)
        {
            return new MailGreeting.TimedOut();
        }
    }

    private MailGreeting.NotCalled NotGreeted(string cause)
    {
        _meter?.Saved(cause);
        return new MailGreeting.NotCalled(cause);
    }

    private async Task<Ended> IntroduceAsync(Mailbox mailbox, CancellationToken ct)
    {
        using var conversation = Begin(long.MaxValue);
        try
        {
            await IntroduceAsync(conversation, mailbox, ct);
            await GoodbyeAsync(conversation);
            return new Ended(SmtpStage.Login, SmtpEnd.Accepted, 250);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (EndOf(exception, conversation.Stage) is { } ended)
        {
            return ended;
        }
    }

    /// <summary>Up to where a letter could begin.</summary>
    private async Task IntroduceAsync(Conversation conversation, Mailbox mailbox, CancellationToken ct)
    {
        await ConnectAsync(conversation, mailbox, ct);
        if (mailbox.User.Length == 0)
            return;
        conversation.Stage = SmtpStage.Login;
        await conversation.AuthenticateAsync(Encoding.UTF8, mailbox.User, mailbox.Password?.Reveal() ?? "", ct);
    }

    private Conversation Begin(long deadline)
    {
        var conversation = new Conversation(() => _time.GetTimestamp() >= deadline) { CheckCertificateRevocation = false, Timeout = (int)_options.CallLimit.TotalMilliseconds };
        if (_authorities is not null)
            conversation.ServerCertificateValidationCallback = (_, certificate, presented, errors) => IsTrusted(certificate, presented, errors);
        return conversation;
    }

    private ProviderReply.NotSent Spared(string cause)
    {
        _meter?.Saved(cause);
        return new ProviderReply.NotSent(cause);
    }

    private async Task<Ended> TryAsync(Mailbox mailbox, Letter letter, long deadline, CancellationToken ct)
    {
        var begun = _time.GetTimestamp();
        var ended = await ConverseAsync(mailbox, letter, deadline, ct);
        _meter?.Asked(Endpoints.Letter, ended.Result, _time.GetElapsedTime(begun));
        return ended;
    }

    /// <summary>One conversation. It never throws for what a server does: what is known is in the answer.</summary>
    private async Task<Ended> ConverseAsync(Mailbox mailbox, Letter letter, long deadline, CancellationToken ct)
    {
        using var conversation = Begin(deadline);
        try
        {
            var message = MessageOf(mailbox, letter);
            await IntroduceAsync(conversation, mailbox, ct);

            // So that the letter leaves only after the server has asked for it, and never in one breath with what it may refuse.
            conversation.Capabilities &= ~(SmtpCapabilities.Chunking | SmtpCapabilities.BinaryMime | SmtpCapabilities.Pipelining);
            var takesUtf8 = conversation.Capabilities.HasFlag(SmtpCapabilities.UTF8);
            if (!takesUtf8 && (NeedsUtf8(mailbox.FromAddress) || NeedsUtf8(letter.ToAddress)))
                return new Ended(NeedsUtf8(mailbox.FromAddress) ? SmtpStage.Sender : SmtpStage.Recipient, SmtpEnd.NotOffered, 0);
            var format = FormatOptions.Default.Clone();
            format.International = NeedsUtf8(letter.ToAddress) || NeedsUtf8(mailbox.FromAddress);
            conversation.Stage = SmtpStage.Sender;
            await conversation.SendAsync(format, message, ct);
            await GoodbyeAsync(conversation);
            return new Ended(SmtpStage.Letter, SmtpEnd.Accepted, 250);
        }
        catch (TooLateException)
        {
            return new Ended(conversation.Stage, SmtpEnd.Lost, 0) { TooLate = true };
        }
        catch (Exception exception) when (EndOf(exception, conversation.Stage) is { } ended)
        {
            return ended;
        }
    }

    private async Task ConnectAsync(Conversation conversation, Mailbox mailbox, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(_options.ConnectSeconds));
        await conversation.ConnectAsync(mailbox.Host, mailbox.PortOrDefault, mailbox.Security switch
        {
            MailSecurity.StartTls => SecureSocketOptions.StartTls,
            MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
            _ => SecureSocketOptions.None,
        }, limit.Token);
    }

    /// <summary>What it sent is known by now: that the server does not say goodbye changes nothing.</summary>
    private static async Task GoodbyeAsync(SmtpClient client)
    {
        using var limit = new CancellationTokenSource(_goodbye);
        try
        {
            await client.DisconnectAsync(quit: true, limit.Token);
        }
        catch (Exception gone) when (gone is OperationCanceledException or TimeoutException or IOException or SocketException or ProtocolException or CommandException)
        {
            // It is closed with the client.
        }
    }

    private static MimeMessage MessageOf(Mailbox mailbox, Letter letter)
    {
        var message = new MimeMessage
        {
            MessageId = letter.MessageId,
            Date = letter.Date,
            Subject = letter.Subject,
            Body = new TextPart(TextFormat.Plain) { Text = letter.Text },
        };
        message.From.Add(AddressOf(mailbox.FromName, mailbox.FromAddress));
        message.To.Add(AddressOf(letter.ToName, letter.ToAddress));
        if (mailbox.Unsubscribe.Length > 0)
            message.Headers.Add(HeaderId.ListUnsubscribe, $"<{mailbox.Unsubscribe}>");
        return message;
    }

    /// <summary>A domain in another script has a form that every server understands; what stands before the @ has not.</summary>
    private static MailboxAddress AddressOf(string name, string address) =>
        new(Encoding.UTF8, name, NeedsUtf8(address) ? address : MailboxAddress.EncodeAddrspec(address));

    private static bool NeedsUtf8(string address) => address.AsSpan(0, Math.Max(0, address.LastIndexOf('@'))).ContainsAnyExceptInRange('\0', '\x7f');

    /// <summary>Null for what no server can have done.</summary>
    private static Ended? EndOf(Exception exception, SmtpStage stage) => exception switch
    {
        SmtpCommandException { ErrorCode: SmtpErrorCode.SenderNotAccepted } refused => Answered(SmtpStage.Sender, refused),
        SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted } refused => Answered(SmtpStage.Recipient, refused),
        SmtpCommandException refused => Answered(stage, refused),
        AuthenticationException { InnerException: SmtpCommandException refused } => Answered(SmtpStage.Login, refused),
        AuthenticationException => new(SmtpStage.Login, SmtpEnd.Refused, 0),
        ServiceNotAuthenticatedException => new(SmtpStage.Login, SmtpEnd.NotOffered, 0),
        // The certificate is judged here; everything else that breaks a handshake may pass.
        SslHandshakeException { InnerException: System.Security.Authentication.AuthenticationException } => new(SmtpStage.Tls, SmtpEnd.NotOffered, 0),
        SslHandshakeException => new(SmtpStage.Tls, SmtpEnd.Lost, 0),
        NotSupportedException => new(stage == SmtpStage.Connect ? SmtpStage.Tls : stage, SmtpEnd.NotOffered, 0),
        ParseException => new(SmtpStage.Recipient, SmtpEnd.NotOffered, 0),
        SocketException { SocketErrorCode: SocketError.HostNotFound } => new(stage, SmtpEnd.NotOffered, 0),
        // The library's own clock and ours go off at once: whichever is first.
        IOException or SocketException or ProtocolException or OperationCanceledException or TimeoutException or ServiceNotConnectedException or ObjectDisposedException => new(stage, SmtpEnd.Lost, 0),
        _ => null,
    };

    private static Ended Answered(SmtpStage stage, SmtpCommandException refused) => new(stage, SmtpReplies.EndOf((int)refused.StatusCode) switch
    {
        // A yes where the library saw a no says nothing.
        SmtpEnd.Accepted => SmtpEnd.Lost,
        var end => end,
    }, (int)refused.StatusCode);

    private bool IsTrusted(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities!);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        if (presented is not null)
            foreach (var between in presented.ChainElements)
                chain.ChainPolicy.ExtraStore.Add(between.Certificate);
        using var own = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(own);
    }

    private Line LineOf(Mailbox mailbox)
    {
        if (_lines.Count > MostLines)
            _lines.Clear();
        return _lines.GetOrAdd($"{mailbox.Tenant} {mailbox.ConnectionId} {mailbox.Host}:{mailbox.PortOrDefault} {mailbox.User}", _ => new Line(_options, _time, _meter));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var line in _lines.Values)
            line.Dispose();
    }

    private sealed record Call(SmtpSender Sender, Mailbox Mailbox, Letter Letter, long Deadline);

    /// <summary>How one conversation ended.</summary>
    private sealed record Ended(SmtpStage Stage, SmtpEnd End, int Status)
    {
        public bool TooLate { get; init; }

        /// <summary>As meters and traces say it.</summary>
        public string Result => (TooLate, End) switch
        {
            (true, _) => CallResults.TooLate,
            (_, SmtpEnd.Accepted) => CallResults.Ok,
            (_, SmtpEnd.TryLater) => CallResults.Limited,
            (_, SmtpEnd.Lost) => Stage < SmtpStage.Letter ? CallResults.NotWritten : CallResults.Lost,
            _ => CallResults.Refused,
        };

        /// <summary>The server itself is in trouble, or the way to it.</summary>
        public static bool IsOutage(Ended? ended) => ended is { TooLate: false, End: SmtpEnd.Lost };
    }

    /// <summary>Calls of one mailbox. They are made again only while the server has not heard of the letter.</summary>
    private sealed class Line(EmailOptions options, TimeProvider time, ProviderMeter? meter)
        : CallLine<Ended>(options, time, Ended.IsOutage, state => meter?.Changed(ProviderMeter.Mail, state))
    {
        private ResiliencePipeline<Ended>? _sends;

        public ResiliencePipeline<Ended> Sends => _sends ??= Again(ended => Ended.IsOutage(ended) && ended!.Stage < SmtpStage.Sender);
    }

    /// <summary>MailKit's client, which tells how far it has come. As its own protocol log it keeps nothing of what it sees.</summary>
    private sealed class Conversation : SmtpClient
    {
        private readonly Func<bool> _tooLate;

        public Conversation(Func<bool> tooLate)
            : this(tooLate, new Stages())
        {
        }

        private Conversation(Func<bool> tooLate, Stages stages)
            : base(stages)
        {
            _tooLate = tooLate;
            stages.Of = this;
        }

        public SmtpStage Stage { get; set; }

        protected override void OnSenderAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) => Stage = SmtpStage.Recipient;

        protected override void OnRecipientAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
        {
            // The last moment at which nothing has left: the way here may have taken long, and the worker may have slept.
            if (_tooLate())
                throw new TooLateException();
            Stage = SmtpStage.Data;
        }

        /// <summary>354 after DATA: the server asks for the letter, and from the next byte on it may have it.</summary>
        private sealed class Stages : IProtocolLogger
        {
            public Conversation? Of { get; set; }

            public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

            public void LogConnect(Uri uri)
            {
            }

            public void LogClient(byte[] buffer, int offset, int count)
            {
            }

            public void LogServer(byte[] buffer, int offset, int count)
            {
                if (count > 0 && buffer[offset] == '3' && Of is { Stage: SmtpStage.Data } conversation)
                    conversation.Stage = SmtpStage.Letter;
            }

            public void Dispose()
            {
            }
        }
    }
}
