using System.Net;
using System.Net.Sockets;

namespace Topology;

/// <summary>Ports of loopback that nobody listens on.</summary>
public static class Ports
{
    /// <summary>So many, all different: they are held until all are found.</summary>
    public static int[] Free(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            listeners.ForEach(listener => listener.Start());
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Stop());
        }
    }
}
