using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>F65: what somebody should look at is told once when it comes to hold and once when it does not, and is listed meanwhile.</summary>
public sealed class HearingAlerts
{
    [Fact]
    public async Task F65_Of_credits_that_run_low_of_a_breaker_and_of_a_lost_session()
    {
        await using var installation = await Installation.StartAsync();
        var told = new ConcurrentQueue<EventEnvelope>();
        await using var listening = installation.Topic.Subscribe(new EventGroup("tests", "alert"), (happened, _) =>
        {
            told.Enqueue(happened);
            return Task.CompletedTask;
        });
        await installation.SenderAsync("ann", 11);
        foreach (var prospect in new[] { "one", "two", "three" })
        {
            await installation.ControlAsync("prospects", $$"""{"id":"{{prospect}}"}""");
            await installation.Dispatcher.AcceptAsync(Installation.Message("m-" + prospect, prospect, Priority.High), Installation.As());
            await installation.UntilAsync("m-" + prospect, Installation.IsSettled);
        }

        await UntilAsync(installation, "LowCredits ann-pool");
        var low = Assert.Single(await ListAsync(installation));
        Assert.Equal((AlertKind.LowCredits, "ann-pool", "", 10L, 10L), (low.Kind, low.PoolId, low.AccountId, low.Figure, low.Threshold));
        Assert.Empty(await ListAsync(installation, "another"));

        // A fourth finds that the provider has none left.
        await installation.ControlAsync("balance", """{"account_id":"ann","product":"sales_navigator","balance":0}""");
        await installation.ControlAsync("prospects", """{"id":"four"}""");
        await installation.Dispatcher.AcceptAsync(Installation.Message("m-four", "four", Priority.High), Installation.As());
        await UntilAsync(installation, "BreakerOpen ann", "Drift ann-pool", "LowCredits ann-pool");
        await installation.ControlAsync("disconnect", """{"account_id":"ann"}""");
        await UntilAsync(installation, "AccountDisconnected ann", "BreakerOpen ann", "Drift ann-pool", "LowCredits ann-pool");

        await installation.ControlAsync("reconnect", """{"account_id":"ann"}""");
        await installation.ControlAsync("balance", """{"account_id":"ann","product":"sales_navigator","balance":40}""");
        // Looks at the balance find the credits, and then that the books are right again.
        for (var look = 0; look < 8 && (await ListAsync(installation)).Count > 0; look++)
        {
            await installation.AdvanceAsync(TimeSpan.FromHours(7));
            await Task.Delay(500);
        }

        // Raised and gone, in turn. Drift may come and go twice: a look between the two balances finds the books right.
        var heard = await ToldAsync(told, 8);
        Assert.Equal(
            ["AccountDisconnected ann", "BreakerOpen ann", "Drift ann-pool", "LowCredits ann-pool"],
            heard.Where(one => one.StartsWith("alert.raised ", StringComparison.Ordinal)).Select(one => one["alert.raised ".Length..]).Distinct());
        Assert.All(heard.CountBy(one => one.Split(' ', 2)[1]), alert => Assert.True(alert.Value % 2 == 0 && alert.Value <= (alert.Key == "Drift ann-pool" ? 4 : 2), string.Join(", ", heard)));
        Assert.Equal(told.Count, told.Select(happened => happened.EventId).Distinct().Count());
        Assert.All(told, happened => Assert.Equal(happened.Type == "alert.cleared", ((AlertEvent)happened.Data).Cleared));
    }

    [Fact]
    public async Task F65_Of_credits_that_will_be_forfeited_although_nothing_happens_to_their_pool()
    {
        await using var installation = await Installation.StartAsync();
        await installation.Dispatcher.PutAlertSettingsAsync(new() { Settings = new() { ForfeitWithin = Duration.FromTimeSpan(TimeSpan.FromHours(1)) } }, Installation.As());
        // As full as the plan allows: the next grant finds no room.
        await installation.SenderAsync("ann", 150);
        var pool = await PoolAsync(installation);
        var ahead = pool.RenewTime.ToDateTimeOffset() - await installation.Store.NowAsync(default);
        if (ahead < TimeSpan.FromHours(2))
        {
            // In the last hours of a month: the next one.
            await installation.AdvanceAsync(ahead + TimeSpan.FromMinutes(2));
            pool = await PoolAsync(installation);
            ahead = pool.RenewTime.ToDateTimeOffset() - await installation.Store.NowAsync(default);
        }

        await UntilAsync(installation);
        await installation.AdvanceAsync(ahead - TimeSpan.FromHours(1) - TimeSpan.FromMinutes(5));
        await Task.Delay(300);
        Assert.Empty(await ListAsync(installation));

        await installation.AdvanceAsync(TimeSpan.FromMinutes(6));
        await UntilAsync(installation, "ForfeitSoon ann-pool");
        var soon = Assert.Single(await ListAsync(installation));
        Assert.Equal((pool.ForfeitsAtRenewal, pool.RenewTime), (soon.Figure, soon.DueTime));

        await installation.AdvanceAsync(TimeSpan.FromHours(1) + TimeSpan.FromMinutes(2));
        await UntilAsync(installation);
    }

    [Fact]
    public async Task F65_By_settings_with_defaults_and_one_error_for_all_that_is_wrong()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        var usual = (await installation.Dispatcher.GetAlertSettingsAsync(new(), Installation.As())).Settings;
        Assert.Equal((10L, 1L, TimeSpan.FromDays(7), 3L), (usual.LowCredits, usual.ForfeitCredits, usual.ForfeitWithin.ToTimeSpan(), usual.DriftCredits));

        await installation.Dispatcher.PutAlertSettingsAsync(new() { Settings = new() { LowCredits = 25 } }, Installation.As());
        Assert.Equal((25L, 3L), (await installation.Dispatcher.GetAlertSettingsAsync(new(), Installation.As())).Settings is var put ? (put.LowCredits, put.DriftCredits) : default);
        Assert.Equal(usual, (await installation.Dispatcher.GetAlertSettingsAsync(new(), Installation.As("another"))).Settings);

        var wrong = new AlertSettings { LowCredits = -1, ForfeitCredits = 100_001, DriftCredits = -1, ForfeitWithin = Duration.FromTimeSpan(TimeSpan.FromMinutes(59)) };
        var refused = await FaultAsync(() => installation.Dispatcher.PutAlertSettingsAsync(new() { Settings = wrong }, Installation.As()).ResponseAsync);
        Assert.Equal(["settings.drift_credits", "settings.forfeit_credits", "settings.forfeit_within", "settings.low_credits"], refused.Violations.Select(violation => violation.Field).Order());
        var listed = await FaultAsync(() => installation.Dispatcher.ListAlertsAsync(new() { PageSize = 501, PageToken = "?" }, Installation.As()).ResponseAsync);
        Assert.Equal(["page_size", "page_token"], listed.Violations.Select(violation => violation.Field).Order());
    }

    private static async Task<RpcFault> FaultAsync(Func<Task> call)
    {
        var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(call));
        Assert.Equal(ErrorReason.InvalidRequest, fault.ErrorReason);
        return fault;
    }

    private static async Task<Pool> PoolAsync(Installation installation) => (await installation.Credits.GetPoolAsync(new() { PoolId = "ann-pool" }, Installation.As())).Pool;

    /// <summary>All pages, one sender or pool at a time.</summary>
    private static async Task<IReadOnlyList<Alert>> ListAsync(Installation installation, string tenant = Installation.Tenant)
    {
        var (alerts, token) = (new List<Alert>(), "");
        do
        {
            var page = await installation.Dispatcher.ListAlertsAsync(new() { PageSize = 1, PageToken = token }, Installation.As(tenant));
            alerts.AddRange(page.Alerts);
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        return alerts;
    }

    private static async Task UntilAsync(Installation installation, params string[] raised)
    {
        var until = DateTime.UtcNow.AddSeconds(20);
        while (true)
        {
            var now = (await ListAsync(installation)).Select(alert => $"{alert.Kind} {alert.AccountId}{alert.PoolId}").Order(StringComparer.Ordinal).ToList();
            if (now.SequenceEqual(raised))
                return;
            Assert.True(DateTime.UtcNow < until, string.Join(", ", now));
            await Task.Delay(20);
        }
    }

    private static async Task<IReadOnlyList<string>> ToldAsync(ConcurrentQueue<EventEnvelope> told, int atLeast)
    {
        for (var look = 0; look < 200 && (told.Count < atLeast || told.Count % 2 == 1); look++)
            await Task.Delay(20);
        return [.. told.Select(happened => $"{happened.Type} {((AlertEvent)happened.Data).Alert.Kind} {happened.Subject}").Order(StringComparer.Ordinal)];
    }
}
