using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;
using Topology;

namespace Pennypost.Credits.Tests.Service;

/// <summary>A client of Transact: numbers its commands, reads while it writes, and keeps the answers in the order in which they came.</summary>
internal sealed class BulkStream : IDisposable
{
    private readonly AsyncDuplexStreamingCall<TransactRequest, TransactResponse> call;
    private readonly List<TransactAnswer> answers = [];
    private readonly Task reading;
    private long next;

    public BulkStream(CreditsApp app, CallOptions? options = null)
    {
        call = app.Client.Transact(options ?? CreditsApp.As());
        reading = ReadAsync();
    }

    /// <summary>Waits until at least so many answers have come, or the stream has failed.</summary>
    public async Task AnsweredAsync(int count)
    {
        await Eventually.TrueAsync(() => Answered >= count || reading.IsCompleted, $"{count} answers");
        if (Answered < count) await reading;
    }

    /// <summary>Sends the commands in one message. Their numbers go on from the last one's.</summary>
    public async Task SendAsync(params IEnumerable<TransactCommand> commands)
    {
        var request = new TransactRequest();
        foreach (var command in commands)
        {
            var numbered = command.Clone();
            numbered.CommandNumber = next++;
            request.Commands.Add(numbered);
        }

        await call.RequestStream.WriteAsync(request);
    }

    /// <summary>Completes this side; every command was answered once, and the stream ended well. By number.</summary>
    public async Task<IReadOnlyList<TransactAnswer>> CompleteAsync()
    {
        await call.RequestStream.CompleteAsync();
        await reading;
        Assert.Equal(Enumerable.Range(0, (int)next).Select(number => (long)number), answers.Select(answer => answer.CommandNumber).Order());
        return [.. answers.OrderBy(answer => answer.CommandNumber)];
    }

    /// <summary>The stream ends, or has ended, with this reason. The answers that came before it, as they came.</summary>
    public async Task<IReadOnlyList<TransactAnswer>> EndedAsync(string reason, StatusCode code)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => reading);
        WasToldWhy = RpcFault.HasDetails(exception);
        var fault = RpcFault.From(exception);
        Assert.True((reason, code) == (fault.Reason, fault.Code), $"Ended with {fault.Reason} ({fault.Code}) of {fault.Domain}, not with {reason}: {fault.Message}");
        return answers;
    }

    /// <summary>Whether the stream ended by the service's word, not by a connection that closed.</summary>
    public bool WasToldWhy { get; private set; }

    /// <summary>The answers in the order in which they came.</summary>
    public IReadOnlyList<TransactAnswer> AsTheyCame => answers;

    public void Dispose() => call.Dispose();

    public static TransactCommand Place(string holdId, string poolId = "p1", string account = "acc") =>
        new() { PlaceHold = new PlaceHoldRequest { PoolId = poolId, HoldId = holdId, AccountId = account } };

    public static TransactCommand Capture(string holdId, DateTimeOffset sentAt, string poolId = "p1") =>
        new() { CaptureHold = new CaptureHoldRequest { PoolId = poolId, HoldId = holdId, SendTime = Timestamp.FromDateTimeOffset(sentAt) } };

    public static TransactCommand Release(string holdId, string poolId = "p1") =>
        new() { ReleaseHold = new ReleaseHoldRequest { PoolId = poolId, HoldId = holdId } };

    public static TransactCommand Refund(string holdId, DateTimeOffset repliedAt, string poolId = "p1") =>
        new() { RefundHold = new RefundHoldRequest { PoolId = poolId, HoldId = holdId, ReplyTime = Timestamp.FromDateTimeOffset(repliedAt), Trigger = RefundTrigger.Reply } };

    /// <summary>An answer in one word: what was done, or the reason why not.</summary>
    public static string Told(TransactAnswer answer) => answer.AnswerCase switch
    {
        TransactAnswer.AnswerOneofCase.PlaceHold => "placed",
        TransactAnswer.AnswerOneofCase.CaptureHold => "captured",
        TransactAnswer.AnswerOneofCase.ReleaseHold => "released",
        TransactAnswer.AnswerOneofCase.RefundHold => answer.RefundHold.Result.ToString(),
        _ => Fault(answer).Reason,
    };

    public static RpcFault Fault(TransactAnswer answer) => RpcFault.From(Google.Rpc.Status.Parser.ParseFrom(answer.Error))!;

    private int Answered
    {
        get
        {
            lock (answers) return answers.Count;
        }
    }

    private async Task ReadAsync()
    {
        await foreach (var response in call.ResponseStream.ReadAllAsync())
        {
            Assert.InRange(response.Answers.Count, 1, 1_024);
            lock (answers) answers.AddRange(response.Answers);
        }
    }
}
