using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Topology;

/// <summary>Ports of loopback that nobody listens on.</summary>
public static class Ports
{
    /// <summary>
    /// Below those that the system gives to outgoing connections, which would take a port between its choice and its use; and so low that a Redis Cluster's second port, ten thousand above, is one too.
    /// </summary>
    private const int First = 12_000;
    private const int Last = 22_000;
    private const int Tries = 2_000;

    // What was given is not given again: a server may take seconds until it listens, and its port looks free so long.
    private static readonly ConcurrentDictionary<int, bool> _given = [];

    /// <summary>So many, all different, and none that this process was given before: they are held until all are found.</summary>
    public static int[] Free(int count)
    {
        var held = new Dictionary<int, TcpListener>();
        try
        {
            for (var tries = 0; held.Count < count; tries++)
            {
                if (tries == Tries)
                    throw new InvalidOperationException($"There are no {count} free ports from {First} to {Last}.");
                var port = Random.Shared.Next(First, Last);
                if (!_given.TryAdd(port, true))
                    continue;
                if (Listen(port) is { } listener)
                    held[port] = listener;
            }

            return [.. held.Keys];
        }
        finally
        {
            foreach (var listener in held.Values)
                listener.Stop();
        }
    }

    private static TcpListener? Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null;
        }
    }
}
