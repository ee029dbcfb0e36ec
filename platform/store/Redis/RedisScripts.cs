using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Pennypost.Store.Redis;

/// <summary>A script called by its hash; where the server does not know it (restarted, failed over, flushed) it is sent as text, which also teaches it.</summary>
internal sealed class RedisScript
{
    private readonly string _text;
    private readonly byte[] _hash;

    private RedisScript(string name)
    {
        using var reader = new StreamReader(typeof(RedisScript).Assembly.GetManifestResourceStream(name + ".lua")!);
        _text = reader.ReadToEnd();
#pragma warning disable CA5350 // Redis names scripts by SHA-1; nothing rests on its strength.
        _hash = SHA1.HashData(Encoding.UTF8.GetBytes(_text));
#pragma warning restore CA5350
    }

    public static RedisScript Open { get; } = new("open");
    public static RedisScript Load { get; } = new("load");
    public static RedisScript Commit { get; } = new("commit");
    public static RedisScript Clock { get; } = new("clock");
    public static RedisScript Journal { get; } = new("journal");
    public static RedisScript Claim { get; } = new("claim");
    public static RedisScript Next { get; } = new("next");
    public static RedisScript Relay { get; } = new("relay");
    public static RedisScript Trim { get; } = new("trim");

    public async Task<RedisResult> CallAsync(IDatabase redis, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            // Never a replica: what is decided on must be what the primary has.
            return await redis.ScriptEvaluateAsync(_hash, keys, arguments, CommandFlags.DemandMaster).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            var all = new object[2 + keys.Length + arguments.Length];
            all[0] = _text;
            all[1] = keys.Length;
            for (var index = 0; index < keys.Length; index++)
                all[2 + index] = keys[index];
            for (var index = 0; index < arguments.Length; index++)
                all[2 + keys.Length + index] = arguments[index];
            return await redis.ExecuteAsync("EVAL", all, CommandFlags.DemandMaster).ConfigureAwait(false);
        }
    }
}
