using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using Pennypost.Hosting;
using Pennypost.Router.V1;
using Pennypost.Routing;

namespace Pennypost.Bench.Deciding;

/// <summary>What the router does for one question, step by step, each alone. BenchmarkDotNet derives a class from this one.</summary>
public class Steps
{
    private RouteRequest request = null!;
    private byte[] requestBytes = null!;
    private RouteQuestion question = null!;
    private RouteQuestion unseen = null!;
    private Decision decision = null!;
    private Types.V1.Decision answer = null!;

    /// <summary>How many candidates the question leads to.</summary>
    [Params(1, 10, 100)]
    public int Candidates { get; set; }

    [GlobalSetup]
    public void Ask()
    {
        request = Questions.Of(Candidates);
        requestBytes = request.ToByteArray();
        question = Questions.Asked(Candidates);
        unseen = Questions.Asked(Candidates, known: false);
        decision = Decide();
        answer = Router.Wire.Answer(decision, question.Prospect);
    }

    [Benchmark(Description = StepBench.Decide)]
    public Decision Decide() => Routing.Route.Decide(question, Questions.Policy);

    [Benchmark(Description = "Decide, no fact known")]
    public Decision DecideUnseen() => Routing.Route.Decide(unseen, Questions.Policy);

    [Benchmark(Description = StepBench.Sentence)]
    public string Explain() => Explanation.Of(decision, Questions.Policy);

    [Benchmark(Description = "the request from its bytes")]
    public RouteRequest Read() => RouteRequest.Parser.ParseFrom(requestBytes);

    [Benchmark(Description = "the request checked")]
    public int Check()
    {
        var violations = new Violations();
        Router.Parse.Route(request, "", Questions.Policy, violations);
        return violations.Count;
    }

    [Benchmark(Description = "the request as a question")]
    public RouteQuestion Translate() => Router.Wire.Question(request);

    [Benchmark(Description = "the decision as an answer")]
    public Types.V1.Decision Answer() => Router.Wire.Answer(decision, question.Prospect);

    [Benchmark(Description = "the answer as bytes")]
    public byte[] Write() => answer.ToByteArray();
}
