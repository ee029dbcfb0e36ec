using Microsoft.Extensions.Logging.Abstractions;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Messages;
using Pennypost.Store;
using static Dispatcher.Tests.Messages.Given;
using Wire = Pennypost.Types.V1;

namespace Dispatcher.Tests.Messages;

public sealed class KeepingThem
{
    [Fact]
    public void Reads_back_what_was_written_in_every_state()
    {
        foreach (var state in Enum.GetValues<MessageState>())
        {
            var message = InState(state).Message with { Segment = "founders", Variant = "short" };
            var read = MessageStorage.Message(MessageStorage.Bytes(message))!;
            Assert.Equal(MessageStorage.Bytes(message), MessageStorage.Bytes(read));
            Assert.Equal(message.Attempts, read.Attempts);
            Assert.Equal(message.Events, read.Events);
            Assert.Equal((message.Segment, message.Variant), (read.Segment, read.Variant));
            Assert.Equal((message.State, message.Reason, message.WaitUntil, message.RetryTime), (read.State, read.Reason, read.WaitUntil, read.RetryTime));
        }
    }

    [Fact]
    public async Task Reads_prospects_back_with_unknown_still_unknown()
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-prospect-");
        var options = new StoreOptions { Path = folder.FullName };
        var partition = ProspectStorage.Partition("t", "p");
        var prospect = Learning.Decide(Sent().Prospect, new Profile { AccountId = "ann", RecipientId = "ACo1", OpenProfile = false }, Noon)! with
        {
            EraseTime = Noon,
            Forgotten = true,
            CompanyReplies = [new("k_1", Noon), new("k_2", Noon.AddHours(1))],
            Erasure = new() { Emails = ["e_1"], Companies = ["k_1"], WrittenToSince = true },
        };
        prospect = prospect with { Senders = prospect.Senders.SetItem("ann", prospect.ViewOf("ann") with { ConversationTime = Noon, AcceptedRequest = new("m-1", 1, Noon) }) };
        await using (var store = new StateStore("test", options, TimeProvider.System, NullLogger<StateStore>.Instance))
            await store.ExecuteAsync<Prospect, bool>(partition, ProspectStorage.Codec, RecordKeys.None, _ => new Decision<Prospect, bool>.Commit(prospect, true), 0, default);

        Prospect read;
        await using (var store = new StateStore("test", options, TimeProvider.System, NullLogger<StateStore>.Instance))
            read = (await store.ReadAsync(partition, ProspectStorage.Codec, [], 0, default)).Head!;
        folder.Delete(recursive: true);

        Assert.Equal(prospect.ViewOf("ann"), read.ViewOf("ann"));
        Assert.Null(read.ViewOf("ann").CanSendInmail);
        Assert.Equal(prospect.Unanswered, read.Unanswered);
        Assert.Equal((prospect.Claim, prospect.LastSendTime, prospect.InFlight), (read.Claim, read.LastSendTime, read.InFlight));
        Assert.Equal((prospect.EraseTime, prospect.Forgotten), (read.EraseTime, read.Forgotten));
        Assert.Equal(prospect.CompanyReplies, read.CompanyReplies);
        Assert.Equal(["e_1", "k_1", "True"], [.. read.Erasure!.Emails, .. read.Erasure.Companies, $"{read.Erasure.WrittenToSince}"]);
    }

    /// <summary>F79: what was accepted before messages had labels is the same message without them.</summary>
    [Fact]
    public void Counts_nothing_from_a_step_that_was_journaled_before_there_were_counts()
    {
        var message = Sent().Message;
        var counted = new JournaledEntry(ProspectStorage.Partition("t", "p"), 1, 3, 7, Noon, "message.sent", MessageStorage.Bytes(message with { Variant = "short" }, message.Events.Last(happened => happened.Kind == EventKind.Sent)));
        var before = counted with { Payload = MessageStorage.Bytes(message, message.Events.Last(happened => happened.Kind == EventKind.Sent) with { Counts = false }) };

        Assert.Equal(
            new(3, 7, Pennypost.Delivery.Rates.CountedKind.Sent, Pennypost.Delivery.Channel.Inmail, "", "short", Noon),
            MessageStorage.Counted(counted));
        Assert.Null(MessageStorage.Counted(before));
        Assert.Null(MessageStorage.Counted(counted with { Type = "message.waiting" }));
    }

    [Fact]
    public void Speaks_the_contracts_numbers()
    {
        Same<Pennypost.Delivery.Channel, Wire.Channel>();
        Same<Pennypost.Delivery.Priority, Wire.Priority>();
        Same<Pennypost.Delivery.Reason, Wire.Reason>();
        Same<MessageState, Wire.MessageState>();
        Same<AttemptState, Wire.AttemptState>();
        Same<EventKind, Wire.MessageEventKind>();
        Same<NetworkDistance, Pennypost.Types.V1.NetworkDistance>();
        Same<InvitationState, Pennypost.Types.V1.InvitationState>();

        static void Same<TDomain, TWire>()
            where TDomain : struct, Enum
            where TWire : struct, Enum =>
            Assert.Equal(
                Enum.GetValues<TWire>().Where(value => Convert.ToInt32(value) != 0).Select(value => (Convert.ToInt32(value), Name(value.ToString()))),
                Enum.GetValues<TDomain>().Where(value => Convert.ToInt32(value) != 0).Select(value => (Convert.ToInt32(value), Name(value.ToString()))));

        static string Name(string name) => name.ToUpperInvariant();
    }
}
