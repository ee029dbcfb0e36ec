using System.Collections.Concurrent;
using Grpc.Core;
using Pennypost.Dispatcher;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>X4, F39: the process is killed at each gap between two commits, and started again.</summary>
public sealed class KillingTheProcess
{
    [Fact]
    public async Task At_any_gap_between_two_commits_sends_once_and_loses_neither_message_nor_credit_X4_F39()
    {
        var failures = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(CrashPoints.All, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (point, _) =>
        {
            var folder = Directory.CreateTempSubdirectory("pennypost-kill-");
            try
            {
                await CrashAtAsync(point, Path.Combine(folder.FullName, "dispatcher.db"));
            }
            catch (Exception exception)
            {
                failures.Add($"{point}: {exception.Message}");
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        Assert.True(failures.IsEmpty, string.Join("\n\n", failures));
    }

    /// <summary>Counts come behind the events, and stay as they are: what was counted before the crash and is handed out again is not counted twice.</summary>
    private static async Task UntilCountedAsync(ChildDispatcher dispatcher, string expected)
    {
        var (until, counted) = (DateTime.UtcNow.AddSeconds(20), "");
        while (counted != expected)
        {
            var rates = await dispatcher.Client.GetRatesAsync(new() { MatureAfter = new() }, Installation.As());
            counted = string.Join("; ", rates.Counts.Select(count => $"{count.Sent} {count.Replied} {count.CreditsSpent} {count.CreditsRefunded}"));
            Assert.True(DateTime.UtcNow < until, $"counted {counted}, expected {expected}");
            await Task.Delay(50);
        }
    }

    private static async Task CrashAtAsync(string point, string storeFile)
    {
        await using var installation = await Installation.StartAsync(withDispatcher: false);
        var replies = point is CrashPoints.AfterReply or CrashPoints.AfterRefund;
        var message = Installation.Message("m-1", "vip", Priority.High);
        await using (var doomed = await ChildDispatcher.StartAsync(installation, storeFile, point))
        {
            installation.Receiver = doomed.Client;
            await installation.SenderAsync("ann", 3, doomed.Client);
            await installation.ControlAsync("prospects", """{"id":"vip"}""");
            try
            {
                await doomed.Client.AcceptAsync(message, Installation.As(), DateTime.UtcNow.AddSeconds(20));
                if (replies)
                {
                    await installation.UntilAsync("m-1", Installation.IsSettled, doomed.Client);
                    await installation.ControlAsync("reply", """{"account_id":"ann","prospect_id":"vip","text":"Tell me more"}""");
                }
            }
            catch (RpcException) when (!replies)
            {
                // It died before its answer was on the wire: the work on a message begins beside it.
            }

            await doomed.UntilDeadAsync();
        }

        await using var heir = await ChildDispatcher.StartAsync(installation, storeFile, "");
        installation.Receiver = heir.Client;
        // The caller had no answer, or asks again all the same.
        await heir.Client.AcceptAsync(message, Installation.As(), DateTime.UtcNow.AddSeconds(20));
        var after = await installation.UntilAsync("m-1", one => Installation.IsSettled(one) && (!replies || one.CreditsRefunded == 1), heir.Client);

        Assert.Equal(MessageState.Sent, after.State);
        Assert.Equal((1, replies ? 1 : 0), ((int)after.CreditsSpent, (int)after.CreditsRefunded));
        var deliveries = await installation.LookAsync("deliveries?member_id=vip");
        Assert.Equal(1, deliveries.GetProperty("deliveries").GetArrayLength());
        var pool = (await installation.Credits.GetPoolAsync(new() { PoolId = "ann-pool" }, Installation.As())).Pool;
        Assert.Equal((replies ? 3 : 2, 0, 1, replies ? 1 : 0), ((int)pool.Balance.Available, (int)pool.Balance.Held, (int)pool.Balance.Spent, (int)pool.Balance.Refunded));
        var proof = await installation.Credits.VerifyJournalAsync(new() { PoolId = "ann-pool" }, Installation.As());
        Assert.True(proof.Valid, string.Join("; ", proof.Findings));
        await UntilCountedAsync(heir, $"1 {(replies ? 1 : 0)} 1 {(replies ? 1 : 0)}");
    }
}
