using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Router.V1;
using Pennypost.Types.V1;

namespace Pennypost.Router.Tests.Calls;

public sealed class RoutingAStream(RunningRouter router) : IClassFixture<RunningRouter>
{
    [Fact]
    public async Task Answers_in_order_each_with_its_own_correlation_id()
    {
        using var call = Open();
        const int Items = 500;

        // Written without waiting for answers: the reader below takes them as they come.
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < Items; i++)
            {
                var route = Requests.Stranger();
                if (i % 3 == 0)
                    route.Prospect.Suppressed = true;
                await call.RequestStream.WriteAsync(new RouteManyRequest { CorrelationId = $"c{i}", Route = route });
            }

            await call.RequestStream.CompleteAsync();
        });

        var answers = new List<RouteManyResponse>();
        await foreach (var answer in call.ResponseStream.ReadAllAsync())
            answers.Add(answer);
        await writing;

        Assert.Equal(Enumerable.Range(0, Items).Select(i => $"c{i}"), answers.Select(answer => answer.CorrelationId));
        Assert.All(
            answers.Index(),
            item => Assert.Equal(item.Index % 3 == 0 ? Outcome.Skip : Outcome.Send, item.Item.Decision.Outcome));
    }

    [Fact]
    public async Task Answers_a_malformed_request_with_what_is_wrong_with_it_and_goes_on_F73()
    {
        using var call = Open();
        foreach (var (id, route) in new[] { ("good", Requests.Stranger()), (new string('c', 65), Requests.Stranger().With(route => route.Now = null)), ("good again", Requests.Stranger()) })
            await call.RequestStream.WriteAsync(new RouteManyRequest { CorrelationId = id, Route = route });
        await call.RequestStream.CompleteAsync();

        var answers = new List<RouteManyResponse>();
        await foreach (var answer in call.ResponseStream.ReadAllAsync())
            answers.Add(answer);

        Assert.Equal(["good", new string('c', 65), "good again"], answers.Select(answer => answer.CorrelationId));
        Assert.Equal([true, false, true], answers.Select(answer => answer.Decision is not null));
        var fault = RpcFault.From(Google.Rpc.Status.Parser.ParseFrom(answers[1].Error))!;
        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.InvalidRequest), (fault.Code, fault.ErrorReason));
        Assert.Equal(["correlation_id", "route.now"], fault.Violations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task Ends_when_the_caller_has_no_more()
    {
        using var call = Open();
        await call.RequestStream.CompleteAsync();

        Assert.False(await call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    private AsyncDuplexStreamingCall<RouteManyRequest, RouteManyResponse> Open() =>
        router.Client.RouteMany(RunningRouter.Caller, DateTime.UtcNow.AddSeconds(30));
}
