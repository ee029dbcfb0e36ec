using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Store;

namespace Pennypost.Credits;

/// <summary>The commands of one stream that are on their way. One lane per shard that has any: within it answers keep their order, and a slow shard holds up no other.</summary>
internal sealed class TransactLanes(HoldCalls calls, StateStore store, FaultDomain faults, ExceptionAnswers exceptions, string tenant, string method)
{
    // None of these channels holds more than the stream's window lets in.
    private readonly Channel<TransactAnswer> answers = Channel.CreateUnbounded<TransactAnswer>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<Begun>?[] lanes = new Channel<Begun>?[store.Shards];
    private readonly List<Task> pumps = [];

    /// <summary>What is ready.</summary>
    public ChannelReader<TransactAnswer> Answers => answers.Reader;

    /// <summary>How many were begun.</summary>
    public long Commands { get; private set; }

    /// <summary>Hands one command to the store, behind those before it. One at a time.</summary>
    public async ValueTask BeginAsync(TransactCommand command)
    {
        Commands++;
        if (HoldCall.Of(command) is not { } call)
        {
            var violations = new Violations();
            violations.Add("command", "is required: one of place_hold, capture_hold, release_hold, refund_hold");
            Answer(Error(command.CommandNumber, faults.Invalid(violations)));
            return;
        }

        // What is wrong is answered in its place too, unless it names no pool.
        if (await RefusalAsync(call) is { } refusal)
        {
            var error = Error(command.CommandNumber, refusal);
            if (Ids.IsId(call.PoolId)) LaneOf(call).TryWrite(new Begun(command.CommandNumber, call, null, error));
            else Answer(error);
            return;
        }

        // Once begun it is decided, whatever becomes of the stream.
        LaneOf(call).TryWrite(new Begun(command.CommandNumber, call, calls.DecideAsync(call, tenant, CancellationToken.None), null));
    }

    /// <summary>Nothing more is begun: waits for the answers to what was.</summary>
    public async Task CompleteAsync()
    {
        foreach (var lane in lanes) lane?.Writer.Complete();
        await Task.WhenAll(pumps);
    }

    /// <summary>No more answers come.</summary>
    public void Close() => answers.Writer.TryComplete();

    private async ValueTask<RpcException?> RefusalAsync(HoldCall call)
    {
        try
        {
            var violations = await calls.CheckAsync(call, CancellationToken.None);
            if (!violations.Any) return null;
            var fault = RpcFault.From(faults.Invalid(violations));
            return (fault with { Violations = [.. fault.Violations.Select(violation => violation with { Field = $"{call.Name}.{violation.Field}" })] }).ToException();
        }
        catch (Exception exception)
        {
            return exceptions.Of(exception, method);
        }
    }

    private ChannelWriter<Begun> LaneOf(HoldCall call)
    {
        ref var lane = ref lanes[store.ShardOf(PoolBook.Partition(tenant, call.PoolId))];
        if (lane is null)
        {
            lane = Channel.CreateUnbounded<Begun>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
            pumps.Add(PumpAsync(lane.Reader));
        }

        return lane.Writer;
    }

    private async Task PumpAsync(ChannelReader<Begun> lane)
    {
        await foreach (var begun in lane.ReadAllAsync())
            Answer(begun.Ready ?? await AnswerAsync(begun));
    }

    private async Task<TransactAnswer> AnswerAsync(Begun begun)
    {
        try
        {
            var answer = new TransactAnswer { CommandNumber = begun.Number };
            return begun.Call.Tell(await begun.Decided!, faults, answer) is { } refusal ? Error(begun.Number, refusal) : answer;
        }
        catch (Exception exception)
        {
            return Error(begun.Number, exceptions.Of(exception, method));
        }
    }

    private void Answer(TransactAnswer answer) => answers.Writer.TryWrite(answer);

    // As it would stand in the trailer of a call.
    private static TransactAnswer Error(long number, RpcException refusal) =>
        new() { CommandNumber = number, Error = UnsafeByteOperations.UnsafeWrap(refusal.Trailers.GetValueBytes(RpcFault.DetailsTrailer)!) };

    /// <summary>A command on its way: either it is being decided, or its answer is known.</summary>
    private readonly record struct Begun(long Number, HoldCall Call, Task<Booked>? Decided, TransactAnswer? Ready);
}
