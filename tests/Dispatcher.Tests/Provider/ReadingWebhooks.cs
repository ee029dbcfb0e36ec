using System.Text;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Provider;

namespace Dispatcher.Tests.Provider;

public sealed class ReadingWebhooks
{
    private const string Message = """
        {"event":"message_received","account_id":"ann","account_type":"LINKEDIN","account_info":{"type":"LINKEDIN","feature":"classic","user_id":"ACoANN"},"chat_id":"c1","message_id":"m1",
         "message":"Hello","timestamp":"2026-05-12T12:00:00.000Z","webhook_name":"w","sender":{"attendee_id":"a1","attendee_name":"Bob","attendee_provider_id":"ACoBOB","attendee_profile_url":"https://www.linkedin.com/in/bob-b/"},
         "attendees":[],"attachments":[]}
        """;

    [Fact]
    public void Reads_a_reply()
    {
        var reply = Assert.IsType<ProviderEvent.MessageReceived>(Read(Message));
        Assert.Equal(
            new ProviderEvent.MessageReceived("ann", "m1", "c1", "ACoBOB", "bob-b", false, null, "Hello", new DateTimeOffset(2026, 5, 12, 12, 0, 0, TimeSpan.Zero)), reply);
    }

    /// <summary>F54: own sends come as received messages.</summary>
    [Fact]
    public void Knows_its_own_messages() =>
        Assert.True(Assert.IsType<ProviderEvent.MessageReceived>(Read(Message.Replace("ACoBOB", "ACoANN", StringComparison.Ordinal))).IsOwn);

    [Fact]
    public void Reads_a_new_relation() => Assert.Equal(
        new ProviderEvent.NewRelation("ann", "ACoBOB", "bob-b"),
        Read("""{"event":"new_relation","account_id":"ann","user_provider_id":"ACoBOB","user_public_identifier":"bob-b","user_full_name":"Bob"}"""));

    /// <summary>F48.</summary>
    [Theory]
    [InlineData("OK", AccountState.Ok)]
    [InlineData("RECONNECTED", AccountState.Ok)]
    [InlineData("CREATION_SUCCESS", AccountState.Ok)]
    [InlineData("SYNC_SUCCESS", AccountState.Ok)]
    [InlineData("CREDENTIALS", AccountState.Disconnected)]
    [InlineData("ERROR", AccountState.Disconnected)]
    [InlineData("STOPPED", AccountState.Disconnected)]
    [InlineData("DELETED", AccountState.Disconnected)]
    [InlineData("CONNECTING", null)]
    [InlineData("SOMETHING_NEW", null)]
    public void Reads_an_accounts_status(string status, AccountState? state) => Assert.Equal(
        new ProviderEvent.AccountStatus("ann", status, state),
        Read($$$"""{"AccountStatus":{"account_id":"ann","account_type":"LINKEDIN","message":"{{{status}}}"}}"""));

    [Theory]
    [InlineData("message_read")]
    [InlineData("message_reaction")]
    [InlineData("message_delivered")]
    [InlineData("tomorrow")]
    public void Leaves_what_concerns_nobody(string kind) => Assert.Equal(new ProviderEvent.Other(kind), Read($$"""{"event":"{{kind}}"}"""));

    [Theory]
    [InlineData("", "body")]
    [InlineData("not json", "body")]
    [InlineData("[]", "body")]
    [InlineData("{}", "body.event")]
    [InlineData("""{"event":7}""", "body.event")]
    [InlineData("""{"AccountStatus":{}}""", "body.AccountStatus.message body.AccountStatus.account_id")]
    [InlineData("""{"event":"new_relation","account_id":"no id!"}""", "body.account_id body.user_provider_id")]
    [InlineData("""{"event":"message_received","sender":3,"account_info":[]}""", "body.sender.attendee_provider_id body.account_info.user_id body.account_id body.message_id body.chat_id")]
    public void Names_everything_that_is_wrong(string body, string fields)
    {
        var malformed = Assert.IsType<ParsedEvent.Malformed>(ProviderEvents.Parse(Encoding.UTF8.GetBytes(body)));
        Assert.Equal(fields.Split(' '), malformed.Violations.All.Select(violation => violation.Field));
    }

    [Fact]
    public void Refuses_what_is_too_large_or_too_deep()
    {
        Assert.IsType<ParsedEvent.Malformed>(ProviderEvents.Parse(new byte[ProviderEvents.MaxBytes + 1]));
        Assert.IsType<ParsedEvent.Malformed>(ProviderEvents.Parse(Encoding.UTF8.GetBytes(new string('[', 5_000))));
    }

    private static ProviderEvent Read(string body) => Assert.IsType<ParsedEvent.Read>(ProviderEvents.Parse(Encoding.UTF8.GetBytes(body))).Event;
}
