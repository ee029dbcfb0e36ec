using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Data.Sqlite;
using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Storage;

/// <summary>
/// The world on disk: one row per record. What one act changed is written in one transaction before anybody is answered, so that a killed process
/// has forgotten nothing that it did. (The file survives the death of the process; against power loss it is only as good as the last checkpoint.)
/// </summary>
internal sealed class WorldFile : IDisposable
{
    /// <summary>How records and answers are written: names in snake case, as the provider writes them.</summary>
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        RespectRequiredConstructorParameters = true,
    };

    private const int Busy = 5;

    private readonly SqliteConnection connection;

    public WorldFile(string path)
    {
        SQLitePCL.Batteries_V2.Init();
        connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 2 }.ToString());
        try
        {
            Prepare();
        }
        catch (SqliteException problem) when (problem.SqliteErrorCode == Busy)
        {
            connection.Dispose();
            throw new InvalidOperationException($"The world in '{path}' (Sandbox:Path) is open in another process.", problem);
        }
    }

    public void Load(World world)
    {
        foreach (var table in world.Tables)
        {
            using var select = connection.CreateCommand();
            select.CommandText = "SELECT json FROM record WHERE kind = $kind ORDER BY id";
            select.Parameters.AddWithValue("$kind", table.Kind);
            var rows = new List<object>();
            using (var reader = select.ExecuteReader())
            {
                while (reader.Read())
                    rows.Add(JsonSerializer.Deserialize(reader.GetString(0), table.RowType, Json)!);
            }

            // Indexes hold things in the order in which they happened, which the order of ids is not.
            foreach (var row in rows.OrderBy(HappenedAt))
                table.Load(row);
        }
    }

    public void Store(World world)
    {
        var changes = world.Tables.SelectMany(table => table.TakeChanges().Select(change => (table, change.Id, change.Row))).ToList();
        if (changes.Count == 0)
            return;
        using var transaction = connection.BeginTransaction();
        const string Upsert = "INSERT INTO record (kind, id, json) VALUES ($kind, $id, $json) ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json";
        using var put = Command(Upsert, transaction, "$kind", "$id", "$json");
        using var delete = Command("DELETE FROM record WHERE kind = $kind AND id = $id", transaction, "$kind", "$id");
        foreach (var (table, id, row) in changes)
        {
            var command = row is null ? delete : put;
            command.Parameters["$kind"].Value = table.Kind;
            command.Parameters["$id"].Value = id;
            if (row is not null)
                command.Parameters["$json"].Value = JsonSerializer.Serialize(row, table.RowType, Json);
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    public void Dispose() => connection.Dispose();

    private void Prepare()
    {
        connection.Open();
        // NORMAL with a write-ahead log: a commit is in the operating system's hands, which is what kill -9 cannot take back.
        // EXCLUSIVE: two sandboxes on one file would each believe that the world is theirs.
        Execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
        Execute("CREATE TABLE IF NOT EXISTS record (kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;");
    }

    private static long HappenedAt(object row) => row switch
    {
        Message message => message.Sequence,
        Invitation invitation => invitation.Sequence,
        Chat chat => chat.Sequence,
        // The others are read by key, or their ids are numbers.
        _ => 0,
    };

    private SqliteCommand Command(string sql, SqliteTransaction transaction, params string[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        foreach (var name in parameters)
            command.Parameters.Add(name, SqliteType.Text);
        return command;
    }

    private void Execute(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
