using Pennypost.Delivery;
using Pennypost.Dispatcher.Adapters;
using Pennypost.Dispatcher.Email;
using Pennypost.Dispatcher.Provider;
using Shown = Pennypost.Types.V1;

namespace Dispatcher.Tests.Email;

/// <summary>docs/adapters.md says what answers mean, and nothing else: its tables are compared with the code's.</summary>
public sealed class ReadingTheAdaptersPage
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs", "adapters.md"));

    private static readonly SmtpEnd[] Columns = [SmtpEnd.TryLater, SmtpEnd.Refused, SmtpEnd.NotOffered, SmtpEnd.Lost];

    [Fact]
    public void Finds_what_every_word_of_a_mail_server_means_F22()
    {
        var rows = Rows("E-mail");
        Assert.Equal(Enum.GetValues<SmtpStage>().Select(stage => stage.ToString()), rows.Select(cells => cells[0].Split('`')[1]));
        foreach (var (stage, cells) in Enum.GetValues<SmtpStage>().Zip(rows))
            Assert.Equal(Columns.Select(end => SmtpReplies.Table.TryGetValue((stage, end), out var meaning) ? Words(meaning) : ""), cells[1..].Select(cell => cell.Trim('*')));
        Assert.Contains($"waits {SmtpReplies.AfterTryLater.TotalMinutes} minutes", Page, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromHours(1), Pennypost.Delivery.Accounts.Signals.AfterMailboxRefused);
    }

    /// <summary>F39: only the server's word on the whole letter says that it was sent, and from the letter's first byte on silence is doubt.</summary>
    [Fact]
    public void Takes_nothing_for_sent_or_for_doubtful_before_the_letter_F22()
    {
        foreach (var stage in Enum.GetValues<SmtpStage>())
            foreach (var end in Enum.GetValues<SmtpEnd>())
            {
                var reply = SmtpReplies.Classify(stage, end, 0, "id");
                Assert.Equal(stage == SmtpStage.Letter && end == SmtpEnd.Accepted, reply is ProviderReply.Accepted);
                Assert.Equal(stage == SmtpStage.Letter && end is SmtpEnd.Lost or SmtpEnd.NotOffered && stage == SmtpStage.Letter, reply is ProviderReply.Unknown);
            }
    }

    [Theory]
    [InlineData(250, SmtpEnd.Accepted)]
    [InlineData(354, SmtpEnd.Lost)]
    [InlineData(421, SmtpEnd.TryLater)]
    [InlineData(450, SmtpEnd.TryLater)]
    [InlineData(499, SmtpEnd.TryLater)]
    [InlineData(500, SmtpEnd.Refused)]
    [InlineData(554, SmtpEnd.Refused)]
    [InlineData(600, SmtpEnd.Lost)]
    [InlineData(0, SmtpEnd.Lost)]
    public void Goes_by_the_first_digit_F22(int status, SmtpEnd end) => Assert.Equal(end, SmtpReplies.EndOf(status));

    [Fact]
    public void Finds_what_every_error_of_the_provider_means_F71()
    {
        var told = Rows("Unipile's errors").SelectMany(cells => cells[2].Split('`', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(type => (type, cells[0].Split(':')[0], cells[1])));
        Assert.Equal(
            ErrorTypes.Table.Select(row => (row.Key, Words(row.Value.Meaning), row.Value.Meaning == ErrorMeaning.Refused ? Words(row.Value.Kind) : "")).Order(),
            told.Order());
    }

    [Fact]
    public void Finds_who_carries_which_channel_F22_F71()
    {
        IChannelAdapter[] adapters = [new LinkedInAdapter(null!, null!, null!, null!, null!), new EmailAdapter(null!, null!, null!, null!, null!)];
        var rows = Page.Split("\n## ").Single(section => section.StartsWith("The port\n", StringComparison.Ordinal)).Split("\n\n").Last(block => block.StartsWith('|')).Split('\n').Skip(2).Where(line => line.StartsWith('|'));
        Assert.Equal(
            adapters.Select(adapter => $"`{adapter.GetType().Name}` | {string.Join(", ", adapter.Channels.Select(channel => $"`{Name(channel)}`"))}"),
            rows.Select(line => string.Join(" | ", line.Trim('|').Split('|', StringSplitOptions.TrimEntries)[..2])));
        // Every channel has somebody who carries it, and only one, but for those that Unipile documents no endpoint for (F19, F21).
        Channel[] nobodys = [Channel.Unspecified, Channel.GroupMessageRequest, Channel.CoworkerMessageRequest, Channel.OpenToWorkMessage];
        Assert.Equal(Enum.GetValues<Channel>().Except(nobodys).Order(), adapters.SelectMany(adapter => adapter.Channels).Order());
        Assert.All(nobodys[1..], channel => Assert.Contains($"`{Name(channel)}`", Page, StringComparison.Ordinal));
        Assert.Throws<InvalidOperationException>(() => new ChannelAdapters([.. adapters, adapters[1]]));
    }

    private static string Name(Channel channel) =>
        Shown.ContentReflection.Descriptor.EnumTypes.Single(type => type.Name == "Channel").FindValueByNumber((int)channel).Name["CHANNEL_".Length..];

    private static string Words(SmtpReplies.Meaning meaning) => meaning switch
    {
        SmtpReplies.Meaning.Unknown => "in doubt",
        SmtpReplies.Meaning.NotSent => "not sent",
        SmtpReplies.Meaning.TryLater => "try later",
        SmtpReplies.Meaning.MailboxRefused => "mailbox refused",
        SmtpReplies.Meaning.RecipientRefused => "recipient refused",
        SmtpReplies.Meaning.LetterRefused => "letter refused",
        _ => "sent",
    };

    private static string Words(ErrorMeaning meaning) => meaning switch
    {
        ErrorMeaning.OutOfCredits => "out of credits",
        ErrorMeaning.Refused => "refused for good",
        ErrorMeaning.Restricted => "the account is restricted",
        ErrorMeaning.Disconnected => "the account is disconnected",
        ErrorMeaning.ActionLimited => "LinkedIn's limit for the action",
        ErrorMeaning.AccountLimited => "the whole account slows down",
        ErrorMeaning.NotSent => "not sent, tried again soon",
        _ => "in doubt",
    };

    private static string Words(RefusalKind kind) => kind switch
    {
        RefusalKind.InmailNotAllowed => "the recipient takes no InMail",
        RefusalKind.Recipient => "the recipient",
        RefusalKind.NotConnected => "not connected",
        RefusalKind.AlreadyConnected => "already connected",
        RefusalKind.InvitationPending => "an invitation is pending",
        RefusalKind.ReinviteLocked => "no other invitation yet",
        RefusalKind.Content => "the text",
        _ => "anything else",
    };

    private static List<string[]> Rows(string heading) =>
        [.. Page.Split("\n## ").Single(section => section.StartsWith(heading + "\n", StringComparison.Ordinal)).Split('\n').Where(line => line.StartsWith('|')).Skip(2)
            .Select(line => line[1..^1].Split('|', StringSplitOptions.TrimEntries))];
}
