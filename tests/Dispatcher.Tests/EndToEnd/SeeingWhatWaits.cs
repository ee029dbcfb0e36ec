using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Dispatcher.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

public sealed class SeeingWhatWaits
{
    [Fact]
    public async Task By_reason_sender_prospect_priority_and_due_time_F63()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        await installation.SenderAsync("ann", 1);
        await installation.SenderAsync("ben", 1);
        var now = DateTimeOffset.UtcNow;
        for (var n = 0; n < 9; n++)
        {
            var request = Installation.Message($"m-{n}", n < 6 ? "vip" : "other", n % 3 == 0 ? Priority.High : Priority.Normal);
            request.Message.NotBefore = Timestamp.FromDateTimeOffset(now.AddDays(1 + n));
            request.Message.AccountIds.Add(n % 2 == 0 ? "ann" : "ben");
            await installation.Dispatcher.AcceptAsync(request, Installation.As());
        }

        var suppressed = await installation.Dispatcher.SuppressProspectAsync(new() { Profile = "other" }, Installation.As());
        var vip = (await installation.GetAsync("m-0")).ProspectId;

        Assert.Equal(["m-6", "m-7", "m-8"], await ListAsync(installation, new() { Reason = Reason.ProspectSuppressed }));
        Assert.Equal(["m-0", "m-2", "m-4", "m-6", "m-8"], await ListAsync(installation, new() { AccountId = "ann" }));
        Assert.Equal(["m-0", "m-3", "m-6"], await ListAsync(installation, new() { Priority = Priority.High }));
        Assert.Equal(["m-0", "m-1"], await ListAsync(installation, new() { DueBefore = Timestamp.FromDateTimeOffset(now.AddDays(2.5)) }));
        Assert.Equal(["m-0", "m-1", "m-2", "m-3", "m-4", "m-5"], await ListAsync(installation, new() { ProspectId = vip, PageSize = 2 }));
        Assert.Equal(["m-6", "m-8"], await ListAsync(installation, new() { ProspectId = suppressed.ProspectId, AccountId = "ann" }));
        Assert.Empty(await ListAsync(installation, new() { ProspectId = "p_nobody" }));
        var forged = RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () =>
            await installation.Dispatcher.ListMessagesAsync(new() { ProspectId = vip, PageToken = "_" }, Installation.As())));
        Assert.Equal((ErrorReason.InvalidRequest, "page_token"), (forged.ErrorReason, forged.Violations.Single().Field));
    }

    [Fact]
    public async Task As_counts_by_reason_with_the_earliest_due_time_F63()
    {
        await using var installation = await Installation.StartAsync();
        await installation.SenderAsync("ann", 0);
        foreach (var prospect in new[] { "one", "two" })
        {
            await installation.ControlAsync("prospects", $$"""{"id":"{{prospect}}"}""");
            await installation.Dispatcher.AcceptAsync(Installation.Message("m-" + prospect, prospect, Priority.High), Installation.As());
            await installation.UntilAsync("m-" + prospect, message => message.State == MessageState.Waiting);
        }

        var later = Installation.Message("m-later", "three");
        later.Message.NotBefore = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(2));
        await installation.Dispatcher.AcceptAsync(later, Installation.As());

        var (counts, token, read) = (new List<BacklogCount>(), "", 0);
        do
        {
            var page = await installation.Dispatcher.GetBacklogAsync(new() { PageSize = 2, PageToken = token }, Installation.As());
            counts.AddRange(page.Counts);
            (token, read) = (page.NextPageToken, read + page.Read);
        }
        while (token.Length > 0);

        Assert.Equal(3, read);
        Assert.Equal(2, counts.Where(count => count.Reason == Reason.AccountInmailCreditsExhausted).Sum(count => count.Count));
        var own = counts.Single(count => count.Reason == Reason.Unspecified);
        Assert.Equal((MessageState.Waiting, 1), (own.State, own.Count));
        // As it is kept: whole milliseconds.
        Assert.Equal(later.Message.NotBefore.Seconds, own.EarliestDueTime.Seconds);
    }

    [Fact]
    public async Task Behind_breakers_lists_those_that_are_not_closed_F32_F63()
    {
        await using var installation = await Installation.StartAsync();
        // The books have credits, the provider has none: the first InMail opens the breaker.
        await installation.SenderAsync("ann", 1);
        await installation.SenderAsync("ben", 1);
        await installation.ControlAsync("accounts", """{"id":"ann","subscriptions":[{"plan":"sales_navigator","balance":0}]}""");
        await installation.ControlAsync("prospects", """{"id":"vip"}""");
        var request = Installation.Message("m-1", "vip", Priority.High);
        request.Message.AccountIds.Add("ann");
        Assert.Empty((await installation.Dispatcher.ListBreakersAsync(new(), Installation.As())).Breakers);

        await installation.Dispatcher.AcceptAsync(request, Installation.As());
        await installation.UntilAsync("m-1", message => message.State == MessageState.Waiting);
        // F63, F64: the next one is not even tried, and counts.
        await installation.ControlAsync("prospects", """{"id":"second"}""");
        var next = Installation.Message("m-2", "second", Priority.High);
        next.Message.AccountIds.Add("ann");
        await installation.Dispatcher.AcceptAsync(next, Installation.As());
        await installation.UntilAsync("m-2", message => message.State == MessageState.Waiting);
        for (var look = 0; look < 100 && (await installation.Dispatcher.ListBreakersAsync(new(), Installation.As())).Breakers.All(breaker => breaker.Skipped == 0); look++)
            await Task.Delay(50);

        var (breakers, token) = (new List<Breaker>(), "");
        do
        {
            var page = await installation.Dispatcher.ListBreakersAsync(new() { PageSize = 1, PageToken = token }, Installation.As());
            breakers.AddRange(page.Breakers);
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        var open = Assert.Single(breakers);
        Assert.Equal(("ann", Product.SalesNavigator, BreakerState.Open, true), (open.AccountId, open.Product, open.State, open.Skipped > 0));
        await installation.Dispatcher.ResetBreakerAsync(new() { AccountId = "ann", Product = Product.SalesNavigator, Actor = "test" }, Installation.As());
        Assert.Empty((await installation.Dispatcher.ListBreakersAsync(new(), Installation.As())).Breakers);
    }

    private static async Task<IReadOnlyList<string>> ListAsync(Installation installation, ListMessagesRequest request)
    {
        var ids = new List<string>();
        do
        {
            var page = await installation.Dispatcher.ListMessagesAsync(request, Installation.As());
            ids.AddRange(page.Messages.Select(message => message.MessageId));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        return [.. ids.Order(StringComparer.Ordinal)];
    }
}
