using System.Collections.Concurrent;

namespace Pennypost.Dispatcher.Messages;

/// <summary>Wakes those in this process who watch a message, when it changes. What other instances do is seen by looking again.</summary>
internal sealed class Doorbells
{
    private readonly ConcurrentDictionary<(string Tenant, string MessageId), Bell> _bells = new();

    /// <summary>Listens from now on, until disposed.</summary>
    public Bell Listen(string tenant, string messageId)
    {
        while (true)
        {
            var bell = _bells.GetOrAdd((tenant, messageId), key => new Bell(this, key));
            if (bell.TryJoin())
                return bell;
        }
    }

    public void Ring(string tenant, string messageId)
    {
        if (_bells.TryGetValue((tenant, messageId), out var bell))
            bell.Ring();
    }

    internal sealed class Bell(Doorbells owner, (string, string) key) : IDisposable
    {
        private readonly Lock _sync = new();
        private TaskCompletionSource _rung = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _listeners;

        /// <summary>The next ring: take it before looking, and wait for it afterwards.</summary>
        public Task Next
        {
            get
            {
                lock (_sync)
                    return _rung.Task;
            }
        }

        internal bool TryJoin()
        {
            lock (_sync)
            {
                if (_listeners < 0)
                    return false;
                _listeners++;
                return true;
            }
        }

        internal void Ring()
        {
            TaskCompletionSource rung;
            lock (_sync)
                (rung, _rung) = (_rung, new(TaskCreationOptions.RunContinuationsAsynchronously));
            rung.TrySetResult();
        }

        public void Dispose()
        {
            lock (_sync)
            {
                if (--_listeners > 0)
                    return;
                _listeners = -1;
            }

            owner._bells.TryRemove(new(key, this));
        }
    }
}
