using System.Diagnostics;
using Pennypost.Bench.Figures;

namespace Pennypost.Bench.Load;

/// <summary>The client: so many connections, each with a thread of its own. It has nothing in common with the product but the protocol.</summary>
internal static class Callers
{
    public const int Connections = 4;

    /// <summary>How many callers share a connection in a closed loop.</summary>
    public const int PerConnection = 64;

    /// <summary>Answers that take longer after the last request ought to have been sent are not waited for, and counted.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Answers that take no longer are of use to whoever waits for them.</summary>
    public static readonly TimeSpan InTime = TimeSpan.FromMilliseconds(250);

    /// <summary>A closed loop: each caller sends its next request as soon as it has an answer.</summary>
    /// <returns>Answers, and the seconds they took.</returns>
    public static (long Operations, double Seconds) Loop(Target target, Requests requests, TimeSpan length, long most = long.MaxValue)
    {
        var next = 0L;
        var answers = 0L;
        var started = Stopwatch.GetTimestamp();
        OnThreads(Connections, thread =>
        {
            using var connection = new GrpcConnection(target, requests);
            var (mine, free) = (0L, PerConnection);
            Send();
            connection.Flush();
            while (connection.InFlight > 0)
            {
                connection.Receive(_ =>
                {
                    mine++;
                    free++;
                    Send();
                });
                // A caller whose request found no room goes when there is some: large requests fill the window that a server opens first.
                Send();
                connection.Flush();
            }

            Interlocked.Add(ref answers, mine);

            void Send()
            {
                for (; free > 0 && connection.CanSend && Stopwatch.GetElapsedTime(started) < length; free--)
                {
                    var number = Interlocked.Increment(ref next) - 1;
                    if (number < most) connection.Write(number, 1);
                }
            }
        });
        return (answers, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>
    /// An open loop: requests are sent when they are meant to be, as far as the connection takes them, and each latency counts from then. What was not answered at the end is counted, with the time that it had.
    /// </summary>
    public static Latencies Arrive(Target target, Requests requests, double perSecond, TimeSpan length, int seed)
    {
        var all = new List<double>[Connections];
        var unanswered = 0;
        var late = 0;
        var next = 0L;
        var started = Stopwatch.GetTimestamp();
        OnThreads(Connections, thread =>
        {
            GrpcConnection.WaitExactly();
            using var connection = new GrpcConnection(target, requests);
            var arrivals = new Arrivals(perSecond / Connections, (seed * Connections) + thread);
            var latencies = all[thread] = new List<double>((int)(perSecond / Connections * length.TotalSeconds * 1.2) + 16);
            var due = Due();
            var end = At(length.TotalSeconds);
            var waited = 0;
            while (true)
            {
                var now = Stopwatch.GetTimestamp();
                while (due <= now && due < end)
                {
                    if (!connection.CanSend)
                    {
                        waited++;
                        break;
                    }

                    connection.Write(Interlocked.Increment(ref next) - 1, due);
                    due = Due();
                }

                connection.Flush();
                if (due >= end && (connection.InFlight == 0 || now > end + (Patience.TotalSeconds * Stopwatch.Frequency))) break;
                var free = connection.CanSend && due < end;
                if (connection.Wait(free ? TimeSpan.FromSeconds(Math.Max(0, (double)(due - Stopwatch.GetTimestamp()) / Stopwatch.Frequency)) : TimeSpan.FromMilliseconds(100)))
                    connection.Receive(stamp => latencies.Add(Stopwatch.GetElapsedTime(stamp).TotalMilliseconds));
            }

            Interlocked.Add(ref unanswered, connection.InFlight);
            Interlocked.Add(ref late, waited);
            for (var missing = 0; missing < connection.InFlight; missing++) latencies.Add(Patience.TotalMilliseconds + length.TotalMilliseconds);

            long Due() => At(arrivals.Advance());

            long At(double seconds) => started + (long)(seconds * Stopwatch.Frequency);
        });
        double[] times = [.. all.SelectMany(one => one)];
        return new Latencies(Quantiles.Of(times), unanswered, late, times.Count(time => time <= InTime.TotalMilliseconds));
    }

    /// <summary>Runs it on so many threads of their own, and says what the first of them failed with.</summary>
    public static void OnThreads(int count, Action<int> run)
    {
        Exception? failure = null;
        var threads = Enumerable.Range(0, count).Select(thread => new Thread(() =>
        {
            try
            {
                run(thread);
            }
            catch (Exception exception)
            {
                // Said once, by the thread that started them.
                Interlocked.CompareExchange(ref failure, exception, null);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (failure is not null) throw new InvalidOperationException("The load could not be made: " + failure.Message, failure);
    }
}

/// <summary>What an open loop found.</summary>
/// <param name="Times">All of them, in milliseconds.</param>
/// <param name="Unanswered">In <paramref name="Times"/> with the time that they had.</param>
/// <param name="HeldBack">How often a request could not be sent when it was meant to be, because the connection had as many in flight as it takes; the wait is in <paramref name="Times"/>.</param>
/// <param name="InTime">How many of <paramref name="Times"/> took no longer than <see cref="Callers.InTime"/>.</param>
internal sealed record Latencies(Quantiles Times, int Unanswered, int HeldBack, int InTime);
