using System.Net;
using System.Net.Sockets;

namespace Topology;

/// <summary>What a line does with what passes.</summary>
public enum LineFault
{
    /// <summary>Nothing: it passes.</summary>
    None,

    /// <summary>Every chunk comes 50 to 150 ms late.</summary>
    Latency,

    /// <summary>New connections are refused, and those that are there end.</summary>
    Drop,

    /// <summary>Connections are reset in the middle of what they carry.</summary>
    Reset,

    /// <summary>The caller's half is closed towards the server; the answers still pass.</summary>
    HalfClose,

    /// <summary>Everything is taken, and nothing arrives.</summary>
    BlackHole,

    /// <summary>A few bytes at a time.</summary>
    SlowDrip,

    /// <summary>The request arrives and is carried out; one answer in five does not come back, and its connection with it.</summary>
    LostAnswers,
}

/// <summary>A TCP proxy between two processes, whose faults can be set while it runs.</summary>
public sealed class Line : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly IPEndPoint _target;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<Socket> _open = [];
    private readonly Lock _sync = new();
    private readonly Random _random;
    private readonly Task _accepting;
    private volatile LineFault _fault;

    /// <param name="target">The port behind it.</param>
    /// <param name="seed">What looks like chance comes from here.</param>
    public Line(int target, int seed = 1)
    {
        _target = new IPEndPoint(IPAddress.Loopback, target);
        _random = new Random(seed);
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where callers connect.</summary>
    public int Port { get; }

    /// <summary>How many connections it cut.</summary>
    public int Cut { get; private set; }

    /// <summary>Set it and everything that is open, and everything that comes, is treated so.</summary>
    public LineFault Fault
    {
        get => _fault;
        set
        {
            _fault = value;
            // What was held back by a black hole never arrives; what is healthy begins anew.
            if (value is LineFault.Drop or LineFault.Reset or LineFault.None)
                CutAll(value == LineFault.Reset);
            if (value == LineFault.HalfClose)
                lock (_sync)
                    foreach (var socket in _open)
                        Quietly(() => socket.Shutdown(SocketShutdown.Receive));
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket caller;
            try
            {
                caller = await _listener.AcceptSocketAsync(_stopping.Token);
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = CarryAsync(caller);
        }
    }

    private async Task CarryAsync(Socket caller)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        caller.NoDelay = true;
        using (caller)
        {
            try
            {
                if (_fault == LineFault.Drop)
                    return;
                await server.ConnectAsync(_target, _stopping.Token);
                lock (_sync)
                {
                    _open.Add(caller);
                    _open.Add(server);
                }

                await Task.WhenAny(PumpAsync(caller, server, answers: false), PumpAsync(server, caller, answers: true));
            }
            catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Both ends see that it ended.
            }
            finally
            {
                lock (_sync)
                {
                    _open.Remove(caller);
                    _open.Remove(server);
                }
            }
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool answers)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (true)
            {
                var read = await from.ReceiveAsync(buffer, _stopping.Token);
                if (read == 0)
                    return;
                switch (_fault)
                {
                    case LineFault.BlackHole:
                        continue;
                    case LineFault.Latency:
                        await Task.Delay(Next(50, 150), _stopping.Token);
                        break;
                    case LineFault.LostAnswers when answers && Next(0, 5) == 0:
                        Cut++;
                        return;
                    case LineFault.Reset:
                        Break(from);
                        Break(to);
                        return;
                    case LineFault.SlowDrip:
                        for (var sent = 0; sent < read; sent += 16)
                        {
                            await to.SendAsync(buffer.AsMemory(sent, Math.Min(16, read - sent)), _stopping.Token);
                            await Task.Delay(5, _stopping.Token);
                        }

                        continue;
                }

                await to.SendAsync(buffer.AsMemory(0, read), _stopping.Token);
            }
        }
        catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other direction ends with it.
        }
    }

    private int Next(int least, int beyond)
    {
        lock (_random)
            return _random.Next(least, beyond);
    }

    private void CutAll(bool reset)
    {
        Socket[] sockets;
        lock (_sync)
            sockets = [.. _open];
        foreach (var socket in sockets)
        {
            Cut++;
            if (reset)
                Break(socket);
            else
                Quietly(() => socket.Shutdown(SocketShutdown.Both));
        }
    }

    /// <summary>Without the courtesy of an end: the peer reads "connection reset".</summary>
    private static void Break(Socket socket) => Quietly(() =>
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    });

    private static void Quietly(Action act)
    {
        try
        {
            act();
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It ended by itself.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        CutAll(reset: false);
        _stopping.Dispose();
    }
}
