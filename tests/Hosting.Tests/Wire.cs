using System.Net;
using System.Net.Sockets;

namespace Pennypost.Hosting.Tests;

/// <summary>A wire between two services that a test can cut, clog or take away.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ended = new();
    private readonly List<Socket> sockets = [];
    private readonly Task accepting;
    private readonly int to;
    private volatile bool swallowing;
    private volatile bool refusing;

    public Wire(int to)
    {
        this.to = to;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Resets every connection; new ones are let through.</summary>
    public void Cut()
    {
        lock (sockets)
        {
            foreach (var socket in sockets)
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
            }
            sockets.Clear();
        }
    }

    /// <summary>What is sent goes nowhere, and nobody is told.</summary>
    public void Swallow() => swallowing = true;

    /// <summary>Every connection is reset, new ones too.</summary>
    public void Refuse()
    {
        refusing = true;
        Cut();
    }

    /// <summary>New connections work again. Those that lost bytes do not.</summary>
    public void Mend() => (swallowing, refusing) = (false, false);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var from = await listener.AcceptSocketAsync(ended.Token);
                if (refusing)
                {
                    from.LingerState = new LingerOption(true, 0);
                    from.Dispose();
                    continue;
                }
                var other = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await other.ConnectAsync(IPAddress.Loopback, to, ended.Token);
                lock (sockets) sockets.AddRange([from, other]);
                _ = Task.WhenAll(CarryAsync(from, other), CarryAsync(other, from));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task CarryAsync(Socket from, Socket other)
    {
        var (buffer, lost) = (new byte[16 * 1024], false);
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, ended.Token)) > 0)
            {
                lost |= swallowing;
                if (!lost) await other.SendAsync(buffer.AsMemory(0, read), ended.Token);
            }
            if (!lost) other.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut, or over.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await accepting;
        listener.Stop();
        Cut();
        ended.Dispose();
    }
}
