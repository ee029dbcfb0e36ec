using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Pennypost.Sandbox.Acts;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Api;

/// <summary>What every call of the provider's API goes through: it is counted, meets the fault that waits for it, acts, and is answered.</summary>
internal sealed class Calls(Stage stage, ApiPause pause, IOptions<SandboxOptions> options, IHostApplicationLifetime lifetime)
{
    private readonly byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes(options.Value.ApiKey));

    public SandboxOptions Options => options.Value;

    /// <summary>Null when the caller may come in.</summary>
    public Answer? CheckKey(HttpContext http)
    {
        if (!http.Request.Headers.TryGetValue("X-API-KEY", out var sent) || sent.ToString().Length == 0)
            return Answer.Error(ErrorType.MissingCredentials, "The header X-API-KEY is required.");
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(sent.ToString())), key)
            ? null
            : Answer.Error(ErrorType.InvalidCredentials, "The header X-API-KEY holds another key.");
    }

    /// <param name="endpoint">The endpoint's short name, by which calls are counted and faults ordered.</param>
    /// <param name="accountId">The account that the call names, if any.</param>
    public async Task AnswerAsync(HttpContext http, string endpoint, string? accountId, Func<World, Answer> act)
    {
        await pause.WaitAsync(http.RequestAborted);
        var fault = stage.Do(world => Faulting.MeetCall(world, endpoint, accountId, Options));
        switch (fault?.Kind)
        {
            case FaultKind.Error or FaultKind.Http:
                await stage.Do(world => Count(world, endpoint, accountId, Faulted(fault))).WriteAsync(http);
                return;
            case FaultKind.DropBefore:
                stage.Do(world => Count(world, endpoint, accountId, Faulted(fault)));
                http.Abort();
                return;
            case FaultKind.DelayBefore:
                // The provider goes on although the caller may have given up: that is what makes a time-out indeterminate.
                if (!await DelayAsync(fault))
                {
                    http.Abort();
                    return;
                }

                break;
            default:
                break;
        }

        var answer = stage.Do(world => Count(world, endpoint, accountId, act(world)));
        switch (fault?.Kind)
        {
            case FaultKind.DropAfter:
                http.Abort();
                return;
            case FaultKind.ErrorAfter or FaultKind.HttpAfter:
                answer = Faulted(fault);
                break;
            case FaultKind.DelayAfter:
                await DelayAsync(fault);
                break;
            default:
                break;
        }

        if (!http.RequestAborted.IsCancellationRequested)
            await answer.WriteAsync(http);
    }

    /// <summary>A chat belongs to an account, which is how a call that names only the chat is counted.</summary>
    public string? AccountOfChat(string chatId) => stage.Do(world => world.Chats.Find(chatId)?.AccountId);

    /// <summary>A call whose input is already known to be bad: counted like any other.</summary>
    public Task RefuseAsync(HttpContext http, string endpoint, string? accountId, Answer refusal) => AnswerAsync(http, endpoint, accountId, _ => refusal);

    /// <summary>False when the sandbox was told to stop while it waited.</summary>
    private async Task<bool> DelayAsync(FaultStep fault)
    {
        try
        {
            await Task.Delay(fault.DelayMs, lifetime.ApplicationStopping);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static Answer Faulted(FaultStep fault)
    {
        if (fault.Kind is FaultKind.Http or FaultKind.HttpAfter)
            return Answer.Proxy(fault.Status!.Value).RetryAfter(fault.RetryAfterSeconds);
        var type = ErrorType.All.GetValueOrDefault(fault.Type ?? "") ?? ErrorType.UnexpectedError;
        // The provider's own words, by which other systems recognise this error: ordered or not, it must read the same.
        var refusal = type == ErrorType.InsufficientCredits ? Refusal.InsufficientCredits : new(type, "A fault that was ordered through the sandbox's controls.");
        return Answer.Error(refusal).RetryAfter(fault.RetryAfterSeconds);
    }

    private static Answer Count(World world, string endpoint, string? accountId, Answer answer)
    {
        // Calls for accounts that do not exist are counted together, so that made-up ids cannot fill the store.
        var account = accountId is not null && world.Accounts.Find(accountId) is not null ? accountId : "";
        var count = world.Calls.Find(World.Pair(endpoint, account)) ?? new(endpoint, account, 0, 0);
        world.Calls.Put(count with { Calls = count.Calls + 1, Refused = count.Refused + (answer.IsRefusal ? 1 : 0) });
        return answer;
    }
}
