using Grpc.Core;

namespace Pennypost.Gateway.Tests;

public sealed class NamingThePartition
{
    [Fact]
    public async Task Each_call_to_a_peer_says_which_message_account_or_pool_it_is_about()
    {
        var gateway = new RunningGateway();
        await gateway.InitializeAsync();
        var (api, key) = (gateway.Api, RunningGateway.As(gateway.Acme));

        await Answered(api.SendMessageAsync(new() { Message = RunningGateway.Message("m1") }, key));
        await Answered(api.GetMessageAsync(new() { MessageId = "m1" }, key));
        await Answered(api.SendMessagesAsync(new() { Messages = { RunningGateway.Message("m2"), RunningGateway.Message("m3") } }, key));
        await Answered(api.GetAccountAsync(new() { AccountId = "a1" }, key));
        await Answered(api.GetPoolAsync(new() { PoolId = "p1" }, key));
        await Answered(api.ListAccountsAsync(new(), key));
        await gateway.DisposeAsync();

        Assert.Equal(
            [("Accept", "acme/m1"), ("Accept", "acme/m2"), ("Accept", "acme/m3"), ("GetAccount", "acme/a1"), ("GetMessage", "acme/m1"), ("GetPool", "acme/p1"), ("ListAccounts", null)],
            gateway.Partitions.Where(call => call.Method != "RecordOperatorAct").Order());
    }

    // Whether there is such a thing is another test's question.
    private static async Task Answered<T>(AsyncUnaryCall<T> call)
    {
        try
        {
            await call;
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.NotFound)
        {
            // It was asked for, and that is noted.
        }
    }
}
