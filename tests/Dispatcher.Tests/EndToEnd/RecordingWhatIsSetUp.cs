using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>F66: what is set up is on record as what operators do is: here, and where another service keeps it and tells of it.</summary>
public sealed class RecordingWhatIsSetUp
{
    private const string Key = "key:k12ab";

    [Fact]
    public async Task F66_Has_who_put_which_sender_connection_policy_and_alert_settings()
    {
        await using var installation = await StartAsync();
        var dispatcher = installation.Dispatcher;
        await installation.SenderAsync("ann", 3);
        await dispatcher.PutPolicyAsync(new() { Policy = new() { Name = "careful" } }, ByKey());
        await dispatcher.PutPolicyAsync(new() { Policy = new() { Name = "careful" }, ValidateOnly = true }, ByKey());
        await dispatcher.PutAlertSettingsAsync(new() { Settings = new() { LowCredits = 7 } }, ByKey());
        await FaultAsync(() => dispatcher.PutAccountAsync(new() { Account = new() { AccountId = "bob", ConnectionId = "nowhere" } }, ByKey()).ResponseAsync, ErrorReason.ConnectionNotFound);
        await FaultAsync(() => dispatcher.PutPolicyAsync(new() { Policy = new() { Name = "careful", Etag = "old" } }, ByKey()).ResponseAsync, ErrorReason.LostRace);
        // What is malformed was no act.
        await FaultAsync(() => dispatcher.PutConnectionAsync(new() { Connection = new() { ConnectionId = "a b" } }, ByKey()).ResponseAsync, ErrorReason.InvalidRequest);

        Assert.Equal(
            [
                "1 PutConnection service sandbox Done",
                "2 PutAccount service ann Done",
                $"3 PutPolicy {Key} careful Done",
                $"4 PutAlertSettings {Key}  Done",
                $"5 PutAccount {Key} bob Refused CONNECTION_NOT_FOUND",
                $"6 PutPolicy {Key} careful Refused LOST_RACE",
            ],
            Enumerable.Reverse(await AllAsync(installation)).Select(act => $"{act.Number} {act.Kind} {act.Credential} {act.AccountId}{act.ConnectionId}{act.Policy} {act.State}{(act.Refusal.Length > 0 ? " " + act.Refusal : "")}"));
    }

    [Fact]
    public async Task F66_Never_keeps_a_secret_of_a_connection()
    {
        await using var installation = await StartAsync();
        await installation.Dispatcher.PutConnectionAsync(
            new() { Connection = new() { ConnectionId = "main", BaseUrl = "https://provider.example", ApiKey = "canary-api-key", WebhookSecret = "canary-webhook-secret" } }, ByKey());
        await installation.Dispatcher.PutConnectionAsync(
            new() { Connection = new() { ConnectionId = "mail", Smtp = new() { Host = "mail.example", User = "canary-user", Password = "canary-password", FromAddress = "canary@example.com", FromName = "canary", Unsubscribe = "https://canary.example/u" } } }, ByKey());

        var partition = OperatorActs.Partition(Installation.Tenant);
        var kept = (await installation.Store.ReadJournalAsync(partition, 1, 500, default)).Entries.Select(entry => entry.Payload.ToArray())
            .Concat((await installation.Store.RecordsAsync(partition, "", 500, null, default)).Records.Select(record => record.Value)).ToList();
        Assert.True(kept.Count >= 6);
        Assert.All(kept, bytes => Assert.DoesNotContain("canary", System.Text.Encoding.Latin1.GetString(bytes), StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task F66_Takes_what_another_service_tells_of_once_however_often_it_is_told()
    {
        await using var installation = await StartAsync();
        var begun = new OperatorAct { Kind = OperatorActKind.RevokeApiKey, KeyId = "k1", Actor = Key, Credential = Key, State = OperatorActState.Begun, ActTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch) };
        var ended = new OperatorAct(begun) { State = OperatorActState.Done, EndTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(1)) };
        var other = new OperatorAct(begun) { KeyId = "k2" };

        var numbers = new List<long>();
        foreach (var (id, act) in new[] { ("a1", begun), ("a1", begun), ("a2", other), ("a1", ended), ("a1", ended), ("a1", begun), ("a3", ended) })
            numbers.Add((await installation.Dispatcher.RecordOperatorActAsync(new() { ActId = id, Act = act }, Installation.As())).Number);

        Assert.Equal([1, 1, 2, 1, 1, 1, 3], numbers);
        Assert.Equal([(3L, "k1", OperatorActState.Done), (2L, "k2", OperatorActState.Begun), (1L, "k1", OperatorActState.Done)], (await AllAsync(installation)).Select(act => (act.Number, act.KeyId, act.State)));
        var partition = OperatorActs.Partition(Installation.Tenant);
        Assert.Equal(["operator.act", "operator.act", "operator.act_ended", "operator.act_ended"], (await installation.Store.ReadJournalAsync(partition, 1, 100, default)).Entries.Select(entry => entry.Type));
        Assert.IsType<JournalVerification.Intact>(await installation.Store.VerifyAsync(partition, default));
    }

    [Fact]
    public async Task F66_Is_listed_by_credential_and_by_time()
    {
        await using var installation = await StartAsync();
        await installation.SenderAsync("ann", 3);
        await installation.Dispatcher.PauseAccountAsync(new() { AccountId = "ann" }, ByKey());
        var all = await AllAsync(installation);
        var paused = all[0];

        Assert.Equal([paused], await AllAsync(installation, new() { Credential = Key }));
        Assert.Equal(all.Where(act => act.ActTime.CompareTo(paused.ActTime) >= 0), await AllAsync(installation, new() { FromTime = paused.ActTime }));
        Assert.Equal(all.Where(act => act.ActTime.CompareTo(paused.ActTime) < 0), await AllAsync(installation, new() { UntilTime = paused.ActTime }));
        Assert.Empty(await AllAsync(installation, new() { Credential = "key:k1" }));
    }

    private static Task<Installation> StartAsync() => Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });

    private static Metadata ByKey()
    {
        var headers = Installation.As();
        headers.Add("pennypost-key", "k12ab");
        return headers;
    }

    private static async Task FaultAsync(Func<Task> call, ErrorReason reason) =>
        Assert.Equal(reason, RpcFault.From(await Assert.ThrowsAsync<RpcException>(call)).ErrorReason);

    private static async Task<IReadOnlyList<OperatorAct>> AllAsync(Installation installation, ListOperatorActsRequest? wanted = null) =>
        [.. (await installation.Dispatcher.ListOperatorActsAsync(wanted ?? new(), Installation.As())).Acts];
}
