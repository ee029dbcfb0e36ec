using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

public sealed class SharingAStore
{
    [Fact]
    public async Task Two_processes_that_are_handed_the_same_message_a_thousand_times_send_it_once_X8()
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-shared-");
        try
        {
            await using var installation = await Installation.StartAsync(withDispatcher: false);
            var store = Path.Combine(folder.FullName, "dispatcher.db");
            await using var one = await ChildDispatcher.StartAsync(installation, store, "");
            await using var two = await ChildDispatcher.StartAsync(installation, store, "");
            installation.Receiver = one.Client;
            await installation.SenderAsync("ann", 3, one.Client);
            await installation.ControlAsync("prospects", """{"id":"vip"}""");
            var request = Installation.Message("m-1", "vip", Priority.High);

            var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(async n =>
                (await (n % 2 == 0 ? one : two).Client.AcceptAsync(request, Installation.As(), DateTime.UtcNow.AddSeconds(30))).Message));
            var sent = await installation.UntilAsync("m-1", Installation.IsSettled, two.Client);

            Assert.Single(answers.Select(answer => (answer.MessageId, answer.ProspectId, answer.CreateTime, answer.ExpireTime)).Distinct());
            Assert.Equal((MessageState.Sent, 1L), (sent.State, sent.CreditsSpent));
            Assert.Single(sent.Events, happened => happened.Kind == MessageEventKind.Accepted);
            Assert.Equal(1, (await installation.LookAsync("deliveries?member_id=vip")).GetProperty("deliveries").GetArrayLength());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
