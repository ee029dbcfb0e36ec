using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Types.V1;
using static Pennypost.Credits.Tests.Service.CreditsApp;

namespace Pennypost.Credits.Tests.Service;

/// <summary>F5: a pool's holds, in pages.</summary>
public sealed class ListingHolds
{
    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task F5_Every_hold_is_listed_as_it_is_now(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await app.OpenAsync();
        for (var i = 0; i < 12; i++) await app.Place($"h{i}");
        await app.CaptureAsync("h1");
        await app.CaptureAsync("h2");
        await app.RefundAsync("h2");
        await app.Client.ReleaseHoldAsync(new ReleaseHoldRequest { PoolId = "p1", HoldId = "h3" }, As());
        // An id that is refused for good is no hold.
        await app.Client.ReleaseHoldAsync(new ReleaseHoldRequest { PoolId = "p1", HoldId = "never" }, As());
        await app.Client.PlaceHoldAsync(new PlaceHoldRequest { PoolId = "p1", HoldId = "brief", AccountId = "other", Ttl = Duration.FromTimeSpan(TimeSpan.FromMinutes(1)) }, As());
        await app.AdvanceAsync(TimeSpan.FromMinutes(2));

        var all = await AllAsync(app, new ListHoldsRequest { PoolId = "p1", PageSize = 5 });
        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"h{i}").Append("brief").Order(), all.Select(hold => hold.HoldId).Distinct().Order());
        foreach (var hold in all)
            Assert.Equal((await app.Client.GetHoldAsync(new GetHoldRequest { PoolId = "p1", HoldId = hold.HoldId }, As())).Hold, hold);

        Assert.Equal(["h1"], (await AllAsync(app, new ListHoldsRequest { PoolId = "p1", State = HoldState.Captured })).Select(hold => hold.HoldId));
        Assert.Equal(["h2"], (await AllAsync(app, new ListHoldsRequest { PoolId = "p1", State = HoldState.Refunded, PageSize = 1 })).Select(hold => hold.HoldId).Distinct());
        Assert.Equal(["brief"], (await AllAsync(app, new ListHoldsRequest { PoolId = "p1", AccountId = "other", State = HoldState.TimedOut })).Select(hold => hold.HoldId));
        await RefusedAsync(app.Client.ListHoldsAsync(new ListHoldsRequest { PoolId = "p1", PageToken = "a b" }, As()), "INVALID_REQUEST", StatusCode.InvalidArgument);
        await RefusedAsync(app.Client.ListHoldsAsync(new ListHoldsRequest { PoolId = "theirs" }, As()), "POOL_NOT_FOUND", StatusCode.NotFound);
    }

    private static async Task<List<Hold>> AllAsync(CreditsApp app, ListHoldsRequest request)
    {
        var holds = new List<Hold>();
        do
        {
            var page = await app.Client.ListHoldsAsync(request, As());
            holds.AddRange(page.Holds);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return holds;
    }
}
