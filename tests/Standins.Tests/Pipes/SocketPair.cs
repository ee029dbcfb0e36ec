using System.Net;
using System.Net.Sockets;

namespace Pennypost.Standins.Tests.Pipes;

/// <summary>Two connected sockets on loopback.</summary>
internal sealed class SocketPair : IDisposable
{
    private SocketPair(Socket near, Socket far) => (Near, Far) = (near, far);

    public Socket Near { get; }
    public Socket Far { get; }

    /// <summary>With buffers of that many bytes, so that a send has to wait for the other end; 0 for the system's own size.</summary>
    public static async Task<SocketPair> ConnectAsync(int bufferBytes = 0)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (bufferBytes > 0) listener.ReceiveBufferSize = bufferBytes;
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (bufferBytes > 0) near.SendBufferSize = bufferBytes;
        var accepting = listener.AcceptAsync();
        await near.ConnectAsync(listener.LocalEndPoint!);
        return new SocketPair(near, await accepting);
    }

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }
}
