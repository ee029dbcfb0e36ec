using System.Globalization;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;
using StackExchange.Redis;

namespace Pennypost.Bench.Servers;

/// <summary>
/// What most would write on Redis: one Lua script per command, which checks the balance and the id, keeps the hold and appends to a stream. Behind the same front, with the same durability.
/// It has no lots, renewals, expiry or hash chain.
/// </summary>
internal sealed class LuaPerCommand(IDatabase redis, byte[] hold) : CreditsService.CreditsServiceBase
{
    public static async Task<int> ServeAsync(string store, CancellationToken ct)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(store);
        using var script = new StreamReader(typeof(LuaPerCommand).Assembly.GetManifestResourceStream("hold.lua")!);
        var hold = await connection.GetServers()[0].ScriptLoadAsync(await script.ReadToEndAsync(ct));
        var builder = Front.BehindOurFront<LuaPerCommand>();
        builder.Services.AddSingleton(connection.GetDatabase());
        builder.Services.AddSingleton(hold);
        return await Front.ServeAsync(builder, app => app.MapGrpcService<LuaPerCommand>(), ct);
    }

    public override async Task<CreatePoolResponse> CreatePool(CreatePoolRequest request, ServerCallContext context)
    {
        await redis.HashSetAsync(Key(context, request.PoolId), [new("available", request.OpeningBalance), new("held", 0), new("version", 1)]);
        return new CreatePoolResponse();
    }

    public override async Task<PlaceHoldResponse> PlaceHold(PlaceHoldRequest request, ServerCallContext context)
    {
        if (!Ids.IsId(request.PoolId) || !Ids.IsId(request.HoldId, Ids.MaxHoldLength) || !Ids.IsId(request.AccountId)) throw new RpcException(new Status(StatusCode.InvalidArgument, "ids"));
        var pool = Key(context, request.PoolId);
        var now = TimeProvider.System.GetUtcNow();
        var reply = (long[])(await redis.ScriptEvaluateAsync(hold, [pool, pool.Append(":holds"), pool.Append(":journal")], [request.HoldId, request.AccountId, now.ToUnixTimeMilliseconds()]))!;
        return reply[0] switch
        {
            0 or 1 => Placed(request, now, reply[1], reply[3]),
            2 => throw new RpcException(new Status(StatusCode.AlreadyExists, "hold_id")),
            3 => throw new RpcException(new Status(StatusCode.FailedPrecondition, "no credit")),
            _ => throw new RpcException(new Status(StatusCode.NotFound, "pool")),
        };
    }

    /// <summary>In bulk too it is one script per command; those of a message are on their way together.</summary>
    public override async Task Transact(IAsyncStreamReader<TransactRequest> requestStream, IServerStreamWriter<TransactResponse> responseStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            var commands = requestStream.Current.Commands;
            var placed = await Task.WhenAll(commands.Select(command => PlaceHold(command.PlaceHold, context)));
            var response = new TransactResponse();
            foreach (var (index, command) in commands.Index()) response.Answers.Add(new TransactAnswer { CommandNumber = command.CommandNumber, PlaceHold = placed[index] });
            await responseStream.WriteAsync(response, context.CancellationToken);
        }
    }

    internal static PlaceHoldResponse Placed(PlaceHoldRequest request, DateTimeOffset now, long available, long version) => new()
    {
        Hold = new Hold
        {
            HoldId = request.HoldId,
            PoolId = request.PoolId,
            AccountId = request.AccountId,
            State = HoldState.Held,
            LotId = "1",
            CreateTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now),
        },
        Available = available,
        PoolVersion = version,
    };

    private static RedisKey Key(ServerCallContext context, string pool) => string.Create(CultureInfo.InvariantCulture, $"{{{context.Caller().Tenant}:{pool}}}");
}
