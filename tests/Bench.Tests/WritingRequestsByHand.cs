using Pennypost.Bench.Load;
using Pennypost.Credits.V1;

namespace Bench.Tests;

/// <summary>The client writes protobuf by hand, so that it takes little beside the server: it must be what the generated code would write.</summary>
public sealed class WritingRequestsByHand
{
    [Theory]
    [InlineData(0)]
    [InlineData(123_456_789)]
    public void A_hold_reads_as_one(long number)
    {
        var holds = new Requests.Holds("p7", PoolChoice.Hot, "h8");
        var bytes = new byte[Requests.MaxBytes];
        var request = PlaceHoldRequest.Parser.ParseFrom(bytes, 0, holds.Write(bytes, number));

        Assert.Equal(new PlaceHoldRequest { PoolId = $"p7-{number / PoolChoice.Hot.RequestsPerEpoch}-0", HoldId = $"h8_{number}", AccountId = "account-1" }, request);
    }

    [Fact]
    public void A_pool_reads_as_one()
    {
        var pools = new Requests.Pools("p7", PoolChoice.Uniform(100));
        var bytes = new byte[Requests.MaxBytes];
        var request = CreatePoolRequest.Parser.ParseFrom(bytes, 0, pools.Write(bytes, 205));

        Assert.Equal(new CreatePoolRequest { PoolId = "p7-2-5", PlanId = "sales_navigator_core", OpeningBalance = Pennypost.Ledger.Pool.MaxBalance }, request);
    }

    [Fact]
    public void Every_pool_that_a_hold_asks_for_is_opened()
    {
        var choice = PoolChoice.Zipf(50, 2);
        var bytes = new byte[Requests.MaxBytes];
        var (pools, holds) = (new Requests.Pools("p", choice), new Requests.Holds("p", choice, "h"));
        var many = choice.RequestsPerEpoch + 1_000;
        var opened = new HashSet<string>();
        for (var pool = 0; pool < pools.Count(many); pool++) opened.Add(CreatePoolRequest.Parser.ParseFrom(bytes, 0, pools.Write(bytes, pool)).PoolId);

        for (var hold = many - 2_000; hold <= many; hold++) Assert.Contains(PlaceHoldRequest.Parser.ParseFrom(bytes, 0, holds.Write(bytes, hold)).PoolId, opened);
    }

    [Fact]
    public void A_message_of_a_stream_reads_as_commands_in_order()
    {
        var request = TransactRequest.Parser.ParseFrom(Streams.Message(new Requests.Holds("p", PoolChoice.Hot, "h"), 0));

        Assert.Equal(Enumerable.Range(0, request.Commands.Count).Select(number => (long)number), request.Commands.Select(command => command.CommandNumber));
        Assert.All(request.Commands, command => Assert.Equal($"h_{command.CommandNumber}", command.PlaceHold.HoldId));
    }

    [Fact]
    public void Answers_of_a_stream_are_counted_and_an_error_is_none()
    {
        var response = new TransactResponse();
        foreach (var number in (long[])[0, 1, 300]) response.Answers.Add(new TransactAnswer { CommandNumber = number, PlaceHold = new PlaceHoldResponse { Available = 1 } });
        Assert.Equal(3, Streams.Answers(Google.Protobuf.MessageExtensions.ToByteArray(response)));

        response.Answers.Add(new TransactAnswer { CommandNumber = 301, Error = Google.Protobuf.ByteString.CopyFromUtf8("no") });
        Assert.Throws<InvalidOperationException>(() => Streams.Answers(Google.Protobuf.MessageExtensions.ToByteArray(response)));
    }
}
