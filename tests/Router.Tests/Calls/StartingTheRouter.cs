using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pennypost.Routing;

namespace Pennypost.Router.Tests.Calls;

public sealed class StartingTheRouter
{
    [Fact]
    public async Task Takes_the_default_policy_unless_told_otherwise()
    {
        await using var app = RunningRouter.Build();

        Assert.Equal(RoutingPolicy.Default, app.Services.GetRequiredService<RoutingPolicy>());
    }

    [Fact]
    public async Task Takes_its_settings()
    {
        await using var app = RunningRouter.Build(("Router:InvitationPatienceDays", "3"), ("Router:ProfileLifeDays", "1.5"));

        var policy = app.Services.GetRequiredService<RoutingPolicy>();
        Assert.Equal(TimeSpan.FromDays(3), policy.InvitationPatience);
        Assert.Equal(TimeSpan.FromDays(1.5), policy.OpenProfileLife);
    }

    [Fact]
    public async Task Stops_at_a_setting_out_of_range_and_names_it()
    {
        await using var app = RunningRouter.Build(("Router:InvitationPatienceDays", "0"));

        var stopped = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());
        Assert.Contains("InvitationPatienceDays", stopped.Message, StringComparison.Ordinal);
    }
}
