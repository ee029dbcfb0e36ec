using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Pipelines.Sockets.Unofficial;

namespace Pennypost.Standins.Tests.Pipes;

public sealed class PipingASocket
{
    private static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte[]> ReadToEnd(PipeReader reader)
    {
        while (true)
        {
            var result = await Eventually.Ends(reader.ReadAsync().AsTask());
            if (result.IsCompleted)
            {
                var all = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return all;
            }
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    [Theory]
    [InlineData(SocketConnectionOptions.None)]
    [InlineData(SocketConnectionOptions.ZeroLengthReads)]
    [InlineData(SocketConnectionOptions.InlineReads | SocketConnectionOptions.InlineWrites)]
    public async Task Carries_bytes_both_ways_and_counts_them(SocketConnectionOptions options)
    {
        using var pair = await SocketPair.ConnectAsync();
        using var near = SocketConnection.Create(pair.Near, null, null, options, "near");
        using var far = SocketConnection.Create(pair.Far, null, null, options);

        for (var i = 0; i < 50; i++)
        {
            var sent = Pattern(1 + (i * 97));
            await near.Output.WriteAsync(sent);
            var result = await Eventually.Ends(far.Input.ReadAtLeastAsync(sent.Length).AsTask());
            Assert.Equal(sent, result.Buffer.ToArray());
            await far.Output.WriteAsync(sent);
            far.Input.AdvanceTo(result.Buffer.End);
            var back = await Eventually.Ends(near.Input.ReadAtLeastAsync(sent.Length).AsTask());
            Assert.Equal(sent, back.Buffer.ToArray());
            near.Input.AdvanceTo(back.Buffer.End);
        }

        var total = Enumerable.Range(0, 50).Sum(i => 1 + (i * 97));
        // The peer may have the last bytes before the sending loop comes back from the socket and counts them.
        await Eventually.Holds(() => near.BytesSent == total, "all bytes are counted as sent");
        Assert.Equal(total, near.BytesRead);
        Assert.Equal(total, ((IMeasuredDuplexPipe)far).TotalBytesReceived);
        await Eventually.Holds(() => near.GetCounters().BytesWaitingToBeSent == 0, "nothing waits to be sent");
        Assert.Equal(0, near.GetCounters().BytesWaitingToBeRead);
        Assert.Equal(PipeShutdownKind.None, near.ShutdownKind);
        Assert.Equal("near", near.ToString());
    }

    /// <summary>Many segments against small buffers and a reader that takes a few bytes at a time: the socket takes what it is given in parts.</summary>
    [Fact]
    public async Task Sends_everything_in_order_where_the_socket_takes_only_parts()
    {
        using var pair = await SocketPair.ConnectAsync(bufferBytes: 4_096);
        var pipes = new PipeOptions(pauseWriterThreshold: 4 << 20, resumeWriterThreshold: 2 << 20, minimumSegmentSize: 512, useSynchronizationContext: false);
        using var near = SocketConnection.Create(pair.Near, pipes, null);
        var sent = Pattern(3_000_000);

        var writing = Task.Run(async () =>
        {
            // Small segments make long lists for each call.
            for (var at = 0; at < sent.Length; at += 300)
            {
                var part = sent.AsMemory(at, Math.Min(300, sent.Length - at));
                part.CopyTo(near.Output.GetMemory(part.Length));
                near.Output.Advance(part.Length);
                if (at % 30_000 == 0) await near.Output.FlushAsync();
            }
            await near.Output.CompleteAsync();
        });
        var received = new MemoryStream();
        var buffer = new byte[1_777];
        while (true)
        {
            var count = await Eventually.Ends(pair.Far.ReceiveAsync(buffer.AsMemory()).AsTask());
            if (count == 0) break;
            received.Write(buffer, 0, count);
        }
        await Eventually.Ends(writing);

        Assert.Equal(sent, received.ToArray());
        await Eventually.Holds(() => near.BytesSent == sent.Length, "all bytes are counted as sent");
    }

    [Fact]
    public async Task Ends_orderly_when_the_other_end_does()
    {
        using var pair = await SocketPair.ConnectAsync();
        using var near = SocketConnection.Create(pair.Near);
        var sent = Pattern(100_000);
        await pair.Far.SendAsync(sent);
        pair.Far.Shutdown(SocketShutdown.Send);

        Assert.Equal(sent, await ReadToEnd(near.Input));
        Assert.Equal(PipeShutdownKind.ReadEndOfStream, near.ShutdownKind);
    }

    [Fact]
    public async Task Aborts_a_read_under_way_when_it_is_disposed()
    {
        using var pair = await SocketPair.ConnectAsync();
        var near = SocketConnection.Create(pair.Near);
        var reading = near.Input.ReadAsync().AsTask();
        await Eventually.Holds(() => near.GetCounters().BytesAvailableOnSocket == 0, "the connection works");
        near.Dispose();

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => Eventually.Ends(reading));
        Assert.Equal(PipeShutdownKind.PipeDisposed, near.ShutdownKind);
        Assert.Equal(-1, near.GetCounters().BytesAvailableOnSocket);
        near.Dispose();
    }

    [Fact]
    public async Task Never_takes_an_abort_for_an_orderly_end()
    {
        for (var i = 0; i < 50; i++)
        {
            using var pair = await SocketPair.ConnectAsync();
            var near = SocketConnection.Create(pair.Near);
            var reading = near.Input.ReadAsync().AsTask();
            if (i % 2 == 0) await Task.Yield();
            near.Dispose();

            await Assert.ThrowsAsync<ConnectionAbortedException>(() => Eventually.Ends(reading));
        }
    }

    [Fact]
    public async Task Says_that_the_other_end_reset_the_connection()
    {
        using var pair = await SocketPair.ConnectAsync();
        using var near = SocketConnection.Create(pair.Near);
        var reading = near.Input.ReadAsync().AsTask();
        pair.Far.LingerState = new LingerOption(true, 0);
        pair.Far.Close();

        await Assert.ThrowsAsync<ConnectionResetException>(() => Eventually.Ends(reading));
        Assert.Equal(PipeShutdownKind.ReadSocketError, near.ShutdownKind);
        Assert.Equal(SocketError.ConnectionReset, near.SocketError);
    }

    [Fact]
    public async Task Lets_nobody_write_after_it_was_disposed()
    {
        using var pair = await SocketPair.ConnectAsync();
        var near = SocketConnection.Create(pair.Near);
        near.Dispose();

        await Eventually.Holds(() => Refuses(() => near.Output.GetMemory(1)), "a write is refused");
        Assert.Throws<InvalidOperationException>(() => { near.Output.GetSpan(1); });
    }

    [Fact]
    public async Task Lets_a_writer_go_that_waited_for_a_reader_when_it_is_disposed()
    {
        using var pair = await SocketPair.ConnectAsync(bufferBytes: 4_096);
        var near = SocketConnection.Create(pair.Near, new PipeOptions(pauseWriterThreshold: 65_536, resumeWriterThreshold: 32_768, useSynchronizationContext: false), null);
        var writing = Task.Run(async () =>
        {
            while (true)
            {
                if ((await near.Output.WriteAsync(new byte[1_000_000])).IsCompleted) return;
            }
        });
        await Eventually.Holds(() => near.GetCounters().BytesWaitingToBeSent > 65_536, "the writer waits for the reader");
        near.Dispose();

        // It is told by the flush's result or by the next write, whichever comes first.
        try
        {
            await Eventually.Ends(writing);
        }
        catch (InvalidOperationException)
        {
        }
        Assert.True(Refuses(() => near.Output.GetMemory(1)));
    }

    [Fact]
    public async Task Lets_a_receiver_go_that_waited_for_its_consumer_when_it_is_disposed()
    {
        using var pair = await SocketPair.ConnectAsync();
        var near = SocketConnection.Create(pair.Near, null, new PipeOptions(pauseWriterThreshold: 4_096, resumeWriterThreshold: 2_048, useSynchronizationContext: false));
        await pair.Far.SendAsync(Pattern(200_000));
        await Eventually.Holds(() => near.GetCounters().BytesWaitingToBeRead >= 4_096, "the receiver waits for the consumer");
        near.Dispose();

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => Eventually.Ends(ReadToEnd(near.Input)));
    }

    [Fact]
    public async Task Stops_receiving_when_the_consumer_completes()
    {
        using var pair = await SocketPair.ConnectAsync();
        using var near = SocketConnection.Create(pair.Near);
        await near.Input.CompleteAsync();

        Assert.Equal(PipeShutdownKind.InputReaderCompleted, near.ShutdownKind);
        Assert.Equal(0, await Eventually.Ends(near.Socket.ReceiveAsync(new byte[1])));
        // The other direction goes on.
        await near.Output.WriteAsync(Pattern(10));
        Assert.Equal(10, await Eventually.Ends(pair.Far.ReceiveAsync(new byte[100])));
    }

    [Fact]
    public async Task Keeps_the_first_reason_for_its_end()
    {
        using var pair = await SocketPair.ConnectAsync();
        var near = SocketConnection.Create(pair.Near);

        Assert.False(near.TrySetProtocolShutdown(PipeShutdownKind.ReadEndOfStream));
        Assert.True(near.TrySetProtocolShutdown(PipeShutdownKind.ProtocolExitClient));
        Assert.False(near.TrySetProtocolShutdown(PipeShutdownKind.ProtocolExitServer));
        near.Dispose();
        Assert.Equal(PipeShutdownKind.ProtocolExitClient, near.ShutdownKind);
    }

    [Fact]
    public async Task Pipes_a_stream_as_it_pipes_a_socket()
    {
        using var pair = await SocketPair.ConnectAsync();
        var near = StreamConnection.GetDuplex(new NetworkStream(pair.Near, ownsSocket: true), name: "near");
        var far = StreamConnection.GetDuplex(new NetworkStream(pair.Far, ownsSocket: true));
        var sent = Pattern(500_000);
        var writing = near.Output.WriteAsync(sent).AsTask();
        var result = await Eventually.Ends(far.Input.ReadAtLeastAsync(1).AsTask());
        var received = new MemoryStream();
        while (received.Length < sent.Length)
        {
            foreach (var segment in result.Buffer) received.Write(segment.Span);
            far.Input.AdvanceTo(result.Buffer.End);
            if (received.Length < sent.Length) result = await Eventually.Ends(far.Input.ReadAsync().AsTask());
        }
        await Eventually.Ends(writing);

        Assert.Equal(sent, received.ToArray());
        await Eventually.Holds(() => ((IMeasuredDuplexPipe)near).TotalBytesSent == sent.Length, "all bytes are counted as sent");
        Assert.Equal(sent.Length, ((IMeasuredDuplexPipe)far).TotalBytesReceived);
        var reading = far.Input.ReadAsync().AsTask();
        ((IDisposable)far).Dispose();
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => Eventually.Ends(reading));
        ((IDisposable)near).Dispose();
    }

    private static bool Refuses(Action write)
    {
        try
        {
            write();
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }
}
