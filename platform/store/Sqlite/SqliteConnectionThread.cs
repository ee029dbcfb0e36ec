using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Pennypost.Store.Sqlite;

/// <summary>
/// One connection and the one thread that uses it. SQLite blocks while it writes to disk and allows one writer: a thread of its own keeps that off the thread pool,
/// and all commits that wait go into one transaction, so that shards share the disk's flush.
/// </summary>
internal sealed class SqliteConnectionThread : IDisposable
{
    private const int MaxWaiting = 10_000;
    private const int MaxTogether = 64;

    /// <summary>SQLITE_FULL.</summary>
    private const int DiskFull = 13;

    private readonly BlockingCollection<Job> _jobs = new(MaxWaiting);
    private readonly Dictionary<string, SqliteCommand> _statements = [];
    private readonly SqliteConnection _connection;
    private readonly Thread _thread;
    private readonly long _busyTimeoutMs;
    private bool _isReady;

    public SqliteConnectionThread(string path, TimeSpan busyTimeout)
    {
        SQLitePCL.Batteries_V2.Init();
        // No pool: closing the store closes the file. The library's own waiting for a lock, in steps of 150 ms, ends at once: SQLite's has finer steps.
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ToString());
        _busyTimeoutMs = (long)busyTimeout.TotalMilliseconds;
        _thread = new Thread(Run) { IsBackground = true, Name = "pennypost-sqlite" };
        _thread.Start();
    }

    public SqliteConnection Connection => _connection;

    /// <summary>Runs work that only reads, or that must stand alone.</summary>
    public Task<T> RunAsync<T>(bool writes, Func<SqliteConnectionThread, T> work)
    {
        var job = new Job<T>(writes, work);
        bool taken;
        try
        {
            taken = _jobs.TryAdd(job);
        }
        catch (InvalidOperationException exception)
        {
            throw new BackendException("The store is closed.", outcomeUnknown: false, exception);
        }

        return taken ? job.Task : throw new BackendException($"More than {MaxWaiting} calls wait for the file already.", outcomeUnknown: false, null);
    }

    /// <summary>A prepared statement with its parameters set: kept, because preparing costs more than running.</summary>
    public SqliteCommand Statement(string sql, params ReadOnlySpan<object?> values)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = _connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this adapter.
            statement.CommandText = sql;
#pragma warning restore CA2100
            for (var index = 0; index < values.Length; index++)
                statement.Parameters.Add(new SqliteParameter { ParameterName = "$" + (index + 1) });
            _statements.Add(sql, statement);
        }

        for (var index = 0; index < values.Length; index++)
            statement.Parameters[index].Value = values[index] ?? DBNull.Value;
        return statement;
    }

    public void Execute(string sql, params ReadOnlySpan<object?> values) => Statement(sql, values).ExecuteNonQuery();

    private void Run()
    {
        var together = new List<Job>();
        foreach (var first in _jobs.GetConsumingEnumerable())
        {
            together.Clear();
            together.Add(first);
            if (!first.Writes)
            {
                first.Run(this);
                first.Publish();
                continue;
            }

            Job? next = null;
            while (together.Count < MaxTogether && _jobs.TryTake(out next) && next.Writes)
                together.Add(next);
            Write(together);
            if (next is { Writes: false })
            {
                next.Run(this);
                next.Publish();
            }
        }

        foreach (var statement in _statements.Values)
            statement.Dispose();
        _connection.Dispose();
    }

    private void Write(List<Job> jobs)
    {
        try
        {
            OpenIfNeeded();
            Execute("BEGIN IMMEDIATE");
        }
        catch (Exception exception)
        {
            // Another process holds the file for longer than the busy time-out, or it cannot be written: nothing was done.
            jobs.ForEach(job => job.Fail(new BackendException("The file cannot be written now.", outcomeUnknown: false, exception)));
            return;
        }

        foreach (var job in jobs)
        {
            if (job.Run(this))
                continue;
            // One of them broke: nothing of the transaction may stay. Each is told that nothing was done.
            Rollback();
            var error = job.Error as StoreException ?? (Exception)new BackendException("The transaction was rolled back.", outcomeUnknown: false, job.Error);
            jobs.ForEach(other => other.Fail(error));
            return;
        }

        try
        {
            Execute("COMMIT");
        }
        catch (Exception exception)
        {
            Rollback();
            // A full disk had no room for the log's last frame, without which there is no commit. After any other failure nobody knows.
            var unknown = exception is not SqliteException { SqliteErrorCode: DiskFull };
            jobs.ForEach(job => job.Fail(new BackendException("The transaction's end failed.", unknown, exception)));
            return;
        }

        jobs.ForEach(job => job.Publish());
    }

    private void Rollback()
    {
        try
        {
            Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // It was rolled back by SQLite itself.
        }
    }

    private void OpenIfNeeded()
    {
        if (_isReady)
            return;
        if (_connection.State != System.Data.ConnectionState.Open)
            _connection.Open();
        Execute($"PRAGMA busy_timeout = {_busyTimeoutMs}");
        Execute("PRAGMA journal_mode = WAL");
        // FULL: an answer is given only after the log is on the disk.
        Execute("PRAGMA synchronous = FULL");
        Execute("PRAGMA cache_size = -65536");
        _isReady = true;
    }

    public void Dispose()
    {
        _jobs.CompleteAdding();
        _thread.Join();
        _jobs.Dispose();
    }

    private abstract class Job(bool writes)
    {
        public bool Writes { get; } = writes;
        public Exception? Error { get; protected set; }

        public abstract bool Run(SqliteConnectionThread connection);

        /// <summary>Tells the caller: for writes only once they are on the disk.</summary>
        public abstract void Publish();

        public abstract void Fail(Exception exception);
    }

    private sealed class Job<T>(bool writes, Func<SqliteConnectionThread, T> work) : Job(writes)
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Task => _done.Task;

        public override bool Run(SqliteConnectionThread connection)
        {
            try
            {
                connection.OpenIfNeeded();
                _result = work(connection);
                return true;
            }
            catch (Exception exception)
            {
                Error = exception;
                return false;
            }
        }

        public override void Publish()
        {
            if (Error is null)
                _done.TrySetResult(_result!);
            else if (Error is SqliteException)
                _done.TrySetException(new BackendException("The file cannot be read.", outcomeUnknown: false, Error));
            else
                _done.TrySetException(Error);
        }

        public override void Fail(Exception exception) => _done.TrySetException(exception);
    }
}
