using System.Diagnostics;
using Grpc.Core;
using Npgsql;
using NpgsqlTypes;
using Pennypost.Credits.V1;
using Pennypost.Hosting;

namespace Pennypost.Bench.Servers;

/// <summary>
/// What most teams would write: PostgreSQL, the pool's row locked with SELECT ... FOR UPDATE in a function that takes a credit, keeps the hold and appends to a journal, one transaction per command.
/// Behind the same front, with the same durability (fsync and synchronous_commit on). It has no lots, renewals, expiry or hash chain.
/// </summary>
internal sealed class PostgresFunction(NpgsqlDataSource database) : CreditsService.CreditsServiceBase
{
    private static readonly TimeSpan Starting = TimeSpan.FromSeconds(30);

    public static async Task<int> ServeAsync(string store, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(store);
        using var script = new StreamReader(typeof(PostgresFunction).Assembly.GetManifestResourceStream("reserve.sql")!);
        await using (var tables = database.CreateCommand(await script.ReadToEndAsync(ct)))
        {
            for (var started = Stopwatch.GetTimestamp(); ; await Task.Delay(50, ct))
            {
                try
                {
                    await tables.ExecuteNonQueryAsync(ct);
                    break;
                }
                catch (NpgsqlException exception) when (exception is not PostgresException { SqlState: not "57P03" } && Stopwatch.GetElapsedTime(started) < Starting)
                {
                    // It does not listen yet, or is still starting.
                }
            }
        }

        var builder = Front.BehindOurFront<PostgresFunction>();
        builder.Services.AddSingleton(database);
        return await Front.ServeAsync(builder, app => app.MapGrpcService<PostgresFunction>(), ct);
    }

    public override async Task<CreatePoolResponse> CreatePool(CreatePoolRequest request, ServerCallContext context)
    {
        await using var command = database.CreateCommand("INSERT INTO pools VALUES ($1, $2, $3, 0, 1)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = context.Caller().Tenant });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.PoolId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = request.OpeningBalance });
        await command.ExecuteNonQueryAsync(context.CancellationToken);
        return new CreatePoolResponse();
    }

    public override async Task<PlaceHoldResponse> PlaceHold(PlaceHoldRequest request, ServerCallContext context)
    {
        if (!Ids.IsId(request.PoolId) || !Ids.IsId(request.HoldId, Ids.MaxHoldLength) || !Ids.IsId(request.AccountId)) throw new RpcException(new Status(StatusCode.InvalidArgument, "ids"));
        await using var command = database.CreateCommand("SELECT outcome, left_over, as_of FROM reserve($1, $2, $3, $4)");
        foreach (var text in (ReadOnlySpan<string>)[context.Caller().Tenant, request.PoolId, request.HoldId, request.AccountId])
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text, NpgsqlDbType = NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(context.CancellationToken);
        await reader.ReadAsync(context.CancellationToken);
        return reader.GetInt32(0) switch
        {
            0 or 1 => LuaPerCommand.Placed(request, TimeProvider.System.GetUtcNow(), reader.GetInt64(1), reader.GetInt64(2)),
            2 => throw new RpcException(new Status(StatusCode.AlreadyExists, "hold_id")),
            3 => throw new RpcException(new Status(StatusCode.FailedPrecondition, "no credit")),
            _ => throw new RpcException(new Status(StatusCode.NotFound, "pool")),
        };
    }
}
