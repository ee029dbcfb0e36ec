using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;

namespace Pennypost.Bench.Load;

/// <summary>
/// Holds in bulk: a few Transact streams, each with as many messages on their way as it may have. The client library carries bytes that are written and read by hand, so that it takes little beside the server.
/// </summary>
internal static class Streams
{
    private const int Count = 4;
    private const int CommandsPerMessage = 256;
    private const int MessagesInFlight = 4;

    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);

    private static readonly Method<byte[], byte[]> Transact = new(MethodType.DuplexStreaming, "pennypost.credits.v1.CreditsService", "Transact", Bytes, Bytes);

    /// <summary>A closed loop: a stream's next message goes when as many commands were answered.</summary>
    /// <returns>Answers, and the seconds they took. An answer that is an error ends the run.</returns>
    public static (long Operations, double Seconds) Loop(Target target, Requests requests, TimeSpan length)
    {
        var (next, answers, started) = (0L, 0L, Stopwatch.GetTimestamp());
        Task.WaitAll(Enumerable.Range(0, Count).Select(_ => Task.Run(OneAsync)));
        return (answers, Stopwatch.GetElapsedTime(started).TotalSeconds);

        async Task OneAsync()
        {
            using var channel = GrpcChannel.ForAddress(target.Address);
            using var stream = channel.CreateCallInvoker().AsyncDuplexStreamingCall(
                Transact, null, new CallOptions(new Metadata { { "authorization", "Bearer " + target.Token }, { "pennypost-tenant", target.Tenant } }));
            using var free = new SemaphoreSlim(MessagesInFlight * CommandsPerMessage);
            var reading = ReadAsync();
            do
            {
                await stream.RequestStream.WriteAsync(Message(requests, Interlocked.Add(ref next, CommandsPerMessage) - CommandsPerMessage));
                for (var command = 0; command < CommandsPerMessage; command++) await free.WaitAsync();
            }
            while (Stopwatch.GetElapsedTime(started) < length && !reading.IsCompleted);

            await stream.RequestStream.CompleteAsync();
            await reading;

            async Task ReadAsync()
            {
                try
                {
                    while (await stream.ResponseStream.MoveNext(CancellationToken.None))
                    {
                        var count = Answers(stream.ResponseStream.Current);
                        Interlocked.Add(ref answers, count);
                        free.Release(count);
                    }
                }
                catch
                {
                    // The writer must not wait for answers that never come; the failure itself is seen where the reading is awaited.
                    free.Release(MessagesInFlight * CommandsPerMessage);
                    throw;
                }
            }
        }
    }

    internal static byte[] Message(Requests requests, long first)
    {
        Span<byte> request = stackalloc byte[Requests.MaxBytes];
        var message = new byte[CommandsPerMessage * (Requests.MaxBytes / 2)];
        var at = 0;
        for (var number = first; number < first + CommandsPerMessage; number++)
        {
            var length = requests.Write(request, number);
            // commands = 1 { command_number = 1, place_hold = 2 }, each of a length that one or two bytes say.
            message[at++] = (1 << 3) | 2;
            at = Varint(message, at, 1 + VarintLength(number) + 1 + VarintLength(length) + length);
            message[at++] = 1 << 3;
            at = Varint(message, at, number);
            message[at++] = (2 << 3) | 2;
            at = Varint(message, at, length);
            request[..length].CopyTo(message.AsSpan(at));
            at += length;
        }

        return message[..at];
    }

    /// <summary>How many holds a message answers.</summary>
    internal static int Answers(ReadOnlySpan<byte> message)
    {
        var count = 0;
        for (var at = 0; at < message.Length; count++)
        {
            at++;
            var end = ReadVarint(message, ref at);
            end += at;
            // command_number = 1, left out where it is 0; then place_hold = 2, or else it is an error.
            if (message[at] == 1 << 3)
            {
                at++;
                ReadVarint(message, ref at);
            }

            if (message[at] != ((2 << 3) | 2)) throw new InvalidOperationException("A command of a stream was refused.");
            at = (int)end;
        }

        return count;
    }

    private static int Varint(byte[] into, int at, long number)
    {
        for (; number > 127; number >>= 7) into[at++] = (byte)((number & 127) | 128);
        into[at++] = (byte)number;
        return at;
    }

    private static int VarintLength(long number)
    {
        var length = 1;
        for (; number > 127; number >>= 7) length++;
        return length;
    }

    private static long ReadVarint(ReadOnlySpan<byte> from, ref int at)
    {
        var number = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var part = from[at++];
            number |= (long)(part & 127) << shift;
            if (part < 128) return number;
        }
    }
}
