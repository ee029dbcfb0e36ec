using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Dispatcher.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>Who belongs together: colleagues of one company, and one person on two profiles.</summary>
public sealed class KnowingPeople
{
    [Fact]
    public async Task Of_one_company_stops_what_was_to_stop_when_one_replies_and_nothing_else_F56()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        await installation.ControlAsync("prospects", """{"id":"one","degree":"first"}""");
        await installation.Dispatcher.AcceptAsync(Message("m-one", "one", "ACME, Inc.", stops: false, later: false), Installation.As());
        await installation.UntilAsync("m-one", Installation.IsSettled);
        await installation.Dispatcher.AcceptAsync(Message("m-two", "two", "Acme Inc", stops: true), Installation.As());
        await installation.Dispatcher.AcceptAsync(Message("m-three", "three", "acme inc.", stops: true), Installation.As());
        await installation.Dispatcher.AcceptAsync(Message("m-keeps", "two", "Acme Inc", stops: false), Installation.As());
        await installation.Dispatcher.AcceptAsync(Message("m-other", "other", "Other", stops: true), Installation.As());

        await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"one","text":"Talk to my colleague"}""");
        foreach (var id in new[] { "m-two", "m-three" })
        {
            var stopped = await installation.UntilAsync(id, Installation.IsOver);
            Assert.Equal((MessageState.Skipped, Reason.CompanyReplied), (stopped.State, stopped.Reason));
        }

        Assert.Equal(MessageState.Waiting, (await installation.GetAsync("m-keeps")).State);
        Assert.Equal(MessageState.Waiting, (await installation.GetAsync("m-other")).State);
        await installation.Dispatcher.AcceptAsync(Message("m-after", "two", "Acme Inc", stops: true), Installation.As());
        Assert.Equal(MessageState.Waiting, (await installation.GetAsync("m-after")).State);

        // Released as after the prospect's own reply.
        Assert.Equal(RetryOutcome.Left, (await RetryAsync(installation)).Single(result => result.MessageIds.Contains("m-two")).Outcome);
        await installation.Dispatcher.SuppressProspectAsync(new() { Profile = "two", Unsuppress = true }, Installation.As());
        Assert.Equal(RetryOutcome.Requeued, (await RetryAsync(installation)).Single(result => result.MessageIds.Contains("m-two")).Outcome);
    }

    [Fact]
    public async Task By_their_address_writes_to_nobody_under_two_profiles_F60()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        foreach (var prospect in new[] { "ada", "ada-renamed" })
            await installation.ControlAsync("prospects", $$"""{"id":"{{prospect}}","degree":"first"}""");

        await installation.Dispatcher.AcceptAsync(WithEmail("m-1", "ada", "Ada@Example.com"), Installation.As());
        var second = await installation.Dispatcher.AcceptAsync(WithEmail("m-2", "ada-renamed", " ada@example.com "), Installation.As());
        var sent = await installation.UntilAsync("m-1", Installation.IsSettled);
        var again = await installation.Dispatcher.RetryMessagesAsync(new(), Installation.As());

        Assert.Equal(MessageState.Sent, sent.State);
        Assert.Equal((MessageState.Skipped, Reason.DuplicateProspect), (second.Message.State, second.Message.Reason));
        Assert.NotEqual(sent.ProspectId, second.Message.ProspectId);
        Assert.Equal((RetryOutcome.Left, Reason.DuplicateProspect), again.Results.Select(result => (result.Outcome, result.Reason)).Single());
        Assert.True((await installation.Dispatcher.AcceptAsync(WithEmail("m-2", "ada-renamed", " ada@example.com "), Installation.As())).Existed);
    }

    [Fact]
    public async Task By_an_address_that_only_was_looked_at_takes_it_from_nobody_F60_F72()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        await installation.SenderAsync("ann", 1);
        var look = WithEmail("m-1", "ada-renamed", "ada@example.com");
        look.ValidateOnly = true;

        await installation.Dispatcher.AcceptAsync(look, Installation.As());
        var first = await installation.Dispatcher.AcceptAsync(WithEmail("m-2", "ada", "ada@example.com"), Installation.As());

        Assert.Equal(MessageState.Accepted, first.Message.State);
        Assert.Equal((MessageState.Skipped, Reason.DuplicateProspect), (await installation.Dispatcher.AcceptAsync(look, Installation.As())).Message is var would ? (would.State, would.Reason) : default);
    }

    [Fact]
    public async Task On_the_suppression_list_by_address_or_profile_writes_to_neither_and_lists_both_F60()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 1);
        foreach (var prospect in new[] { "ada", "bob" })
            await installation.ControlAsync("prospects", $$"""{"id":"{{prospect}}","degree":"first"}""");
        var unknown = await installation.Dispatcher.SuppressProspectAsync(new() { Email = "ada@example.com" }, Installation.As());
        await installation.Dispatcher.SuppressProspectAsync(new() { Profile = "bob" }, Installation.As());

        var ada = (await installation.Dispatcher.AcceptAsync(WithEmail("m-1", "ada", "ADA@example.com"), Installation.As())).Message;
        var withoutIt = await installation.Dispatcher.AcceptAsync(Installation.Message("m-2", "ada"), Installation.As());
        var skipped = await installation.UntilAsync("m-2", Installation.IsOver);
        var listed = await ListAsync(installation);

        Assert.Equal(("", true), (unknown.ProspectId, unknown.Suppressed));
        Assert.Equal((MessageState.Skipped, Reason.ProspectSuppressed), (ada.State, ada.Reason));
        Assert.Equal(Reason.ProspectSuppressed, skipped.Reason);
        Assert.Equal([(ada.ProspectId, true)], listed.Where(entry => entry.ByEmail).Select(entry => (entry.ProspectId, entry.SuppressTime is not null)));
        Assert.Single(listed, entry => !entry.ByEmail);

        await installation.Dispatcher.SuppressProspectAsync(new() { Email = "ada@example.com", Unsuppress = true }, Installation.As());
        await installation.Dispatcher.AcceptAsync(WithEmail("m-3", "ada", "ada@example.com"), Installation.As());
        Assert.Equal(MessageState.Sent, (await installation.UntilAsync("m-3", Installation.IsOver)).State);
        Assert.Single(await ListAsync(installation));
    }

    [Fact]
    public async Task Malformed_names_every_violation_F56_F60()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        var request = Message("m-1", "ada", " - ", stops: true);
        request.Message.Prospect.Email = "ada at example.com";

        var accept = await FaultAsync(() => installation.Dispatcher.AcceptAsync(request, Installation.As()).ResponseAsync);
        var both = await FaultAsync(() => installation.Dispatcher.SuppressProspectAsync(new() { Profile = "not a profile", Email = "@" }, Installation.As()).ResponseAsync);
        var neither = await FaultAsync(() => installation.Dispatcher.SuppressProspectAsync(new(), Installation.As()).ResponseAsync);
        var list = await FaultAsync(() => installation.Dispatcher.ListSuppressedAsync(new() { PageSize = 501, PageToken = "?" }, Installation.As()).ResponseAsync);

        Assert.Equal(["message.prospect.company", "message.prospect.email"], Fields(accept));
        Assert.Equal(["email", "profile"], Fields(both));
        Assert.Equal(["profile"], Fields(neither));
        Assert.Equal(["page_size", "page_token"], Fields(list));
        Assert.All(new[] { accept, both, neither, list }, fault => Assert.Equal(ErrorReason.InvalidRequest, fault.ErrorReason));
    }

    private static IEnumerable<string> Fields(RpcFault fault) => fault.Violations.Select(violation => violation.Field).Distinct().Order(StringComparer.Ordinal);

    private static async Task<RpcFault> FaultAsync<T>(Func<Task<T>> call) => RpcFault.From(await Assert.ThrowsAsync<RpcException>(call));

    private static async Task<IReadOnlyList<RetriedMessages>> RetryAsync(Installation installation) =>
        [.. (await installation.Dispatcher.RetryMessagesAsync(new() { State = MessageState.Skipped }, Installation.As())).Results];

    private static async Task<IReadOnlyList<Suppression>> ListAsync(Installation installation)
    {
        var (entries, token) = (new List<Suppression>(), "");
        do
        {
            var page = await installation.Dispatcher.ListSuppressedAsync(new() { PageSize = 1, PageToken = token }, Installation.As());
            entries.AddRange(page.Suppressions);
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        return entries;
    }

    private static AcceptRequest WithEmail(string id, string profile, string email)
    {
        var request = Installation.Message(id, profile);
        request.Message.Prospect.Email = email;
        return request;
    }

    private static AcceptRequest Message(string id, string profile, string company, bool stops, bool later = true)
    {
        var request = Installation.Message(id, profile);
        request.Message.Prospect.Company = company;
        request.Message.StopWithCompany = stops;
        if (later)
            request.Message.NotBefore = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(2));
        return request;
    }
}
