using BenchmarkDotNet.Jobs;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Pennypost.Bench.Deciding;
using Pennypost.Bench.Servers;
using Pennypost.Router.V1;

namespace Bench.Tests;

/// <summary>B6: what the router is held against sends the same bytes, and everything that is compared answers. Nothing is said of how fast.</summary>
public sealed class MeasuringTheRouter
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.2);

    public static TheoryData<string> Servers => ["route-bytes", "route-messages", "route-front", "router"];

    public static TheoryData<int> Sizes => [.. Questions.Sizes];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_question_leads_to_as_many_candidates_as_it_says(int size)
    {
        Assert.Equal(size, Questions.Answer(Questions.Of(size)).Candidates.Count);
        Assert.Equal(size, Questions.Answer(Questions.Of(size, known: false)).Candidates.Count);
        Assert.Equal(Pennypost.Types.V1.Outcome.Send, Questions.Answer(Questions.Of(size)).Outcome);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Echoes_and_router_answer_the_same_bytes(string name)
    {
        await using var contender = await Contender.AloneAsync(name);
        using var channel = GrpcChannel.ForAddress(contender.Server.Address);
        var client = new RouterService.RouterServiceClient(channel);
        var headers = new Metadata { { "authorization", "Bearer " + Front.Token }, { "pennypost-tenant", "bench" } };
        using var stream = client.RouteMany(headers, DateTime.UtcNow.AddSeconds(30));
        foreach (var size in Questions.Sizes)
        {
            var answer = await client.RouteAsync(Questions.Of(size), headers, DateTime.UtcNow.AddSeconds(30));
            Assert.Equal(new RouteResponse { Decision = Questions.Answer(Questions.Of(size)) }.ToByteArray(), answer.ToByteArray());

            await stream.RequestStream.WriteAsync(Questions.Item(size));
            Assert.True(await stream.ResponseStream.MoveNext());
            Assert.Equal(Questions.AnswerToItem(Questions.Item(size)).ToByteArray(), stream.ResponseStream.Current.ToByteArray());
        }

        await stream.RequestStream.CompleteAsync();
        Assert.False(await stream.ResponseStream.MoveNext());
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Calls_and_items_of_streams_are_all_answered_and_cost_something(string name)
    {
        await using var contender = await Contender.AloneAsync(name);
        foreach (var size in Questions.Sizes)
        {
            Assert.All([RouterBench.Unary(contender, size)(Moment), RouterBench.Streamed(contender, size)(Moment)], sample => Assert.True(sample.Operations > 0 && sample.ServerCpu > 0));
        }
    }

    [Fact]
    public async Task What_was_answered_in_an_open_loop_is_all_that_was_sent()
    {
        await using var router = await Contender.AloneAsync("router");
        var found = router.Arrive(new Routes(Questions.Of(100).ToByteArray()), 200, TimeSpan.FromSeconds(1));

        Assert.Equal(0, found.Unanswered);
        Assert.InRange(found.Times.Count, 120, 290);
    }

    [Fact]
    public void Every_step_is_measured_for_every_size()
    {
        var steps = StepBench.Measure(Job.Dry);

        Assert.Equal(8 * Questions.Sizes.Count, steps.Count);
        Assert.All(steps, step => Assert.True(step.Nanos.Median > 0, $"{step.Name} took no time."));
        Assert.Equal(Questions.Sizes, steps.Where(step => step.Name == StepBench.Decide).Select(step => step.Candidates).Order());
    }

    [Fact]
    public void Decide_allocates_at_most_a_kibibyte_for_ten_candidates()
    {
        var question = Questions.Asked(10);
        Pennypost.Routing.Route.Decide(question, Questions.Policy);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var time = 0; time < 100; time++) Pennypost.Routing.Route.Decide(question, Questions.Policy);

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 1, 1_024);
    }
}
