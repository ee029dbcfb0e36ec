using System.Collections.Concurrent;
using System.Text;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Pennypost.Dispatcher.Operators;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>F66: what operators do by hand is recorded before it takes effect, for good, and names nobody but them.</summary>
public sealed class AuditingOperators
{
    private const string Profile = "canary-profile";
    private const string Address = "canary@example.com";

    /// <summary>The connection and the sender that each test begins with are on record too, before everything else.</summary>
    private const int SetUp = 2;

    [Fact]
    public async Task F66_Has_every_act_with_who_what_on_what_and_why()
    {
        await using var installation = await StartAsync();
        var told = new ConcurrentQueue<EventEnvelope>();
        await using var listening = installation.Topic.Subscribe(new EventGroup("tests", "operator"), (happened, _) =>
        {
            if (((OperatorAct)happened.Data).Number > SetUp)
                told.Enqueue(happened);
            return Task.CompletedTask;
        });
        await ActAsync(installation);

        var acts = await AllAsync(installation);
        Assert.Equal(
            [
                "1 PauseAccount olga service ann [clearing up] Done",
                "2 ResumeAccount eve service ann+safety [] Done",
                "3 ResetBreaker olga service ann SalesNavigator [] Done",
                "4 SuppressProspect key:k12ab key:k12ab p_ [] Done",
                "5 SuppressProspect service service e_ [] Done",
                "6 UnsuppressProspect service service p_ [] Done",
                "7 RetryMessages olga service [again] Done 1: Skipped/ProspectSuppressed of  by  from  100",
                "8 ReplayErrors service service ERROR_QUEUE_COMMANDS at most 100 [] Done",
                "9 ResolveMessage olga service m-1/1 not sent [] Refused MESSAGE_NOT_IN_DOUBT",
                "10 EraseProspect olga service p_+suppress [] Done",
                "11 PauseAccount olga service nobody [] Refused ACCOUNT_NOT_FOUND",
            ],
            Enumerable.Reverse(acts).Select(Line));
        // Every kind is there: a new one has to be put here, or into RecordingWhatIsSetUp.
        Assert.Equal(Enum.GetValues<OperatorActKind>().Skip(1).Where(kind => kind < OperatorActKind.PutAccount), acts.Select(act => act.Kind).Distinct().Order());
        Assert.All(acts, act => Assert.True(act.EndTime >= act.ActTime));

        // Told twice each: before it took effect, and how it ended.
        for (var look = 0; look < 250 && told.Count < 2 * acts.Count; look++)
            await Task.Delay(20);
        Assert.Equal(acts.Reverse(), told.Where(happened => happened.Type == "operator.act_ended").Select(happened => (OperatorAct)happened.Data));
        Assert.Equal(
            Enumerable.Range(1 + SetUp, acts.Count).Select(number => ((long)number, OperatorActState.Begun)),
            told.Where(happened => happened.Type == "operator.act").Select(happened => ((OperatorAct)happened.Data).Number is var number ? (number, ((OperatorAct)happened.Data).State) : default));
        Assert.Equal(Enumerable.Range(1 + (2 * SetUp), 2 * acts.Count).Select(number => $"operator:acme:acts:{number}"), told.Select(happened => happened.EventId));
    }

    [Fact]
    public async Task F66_Lists_the_newest_first_in_pages_by_actor_and_kind_for_its_tenant_alone()
    {
        await using var installation = await StartAsync();
        await ActAsync(installation);

        var all = await AllAsync(installation);
        Assert.Equal(all, await AllAsync(installation, pageSize: 3));
        Assert.Equal(all.Where(act => act.Actor == "olga"), await AllAsync(installation, actor: "olga", pageSize: 2));
        Assert.Equal(all.Where(act => act.Kind == OperatorActKind.PauseAccount), await AllAsync(installation, kind: OperatorActKind.PauseAccount));
        Assert.Single(await AllAsync(installation, "eve", OperatorActKind.ResumeAccount));
        Assert.Empty((await installation.Dispatcher.ListOperatorActsAsync(new(), Installation.As("another"))).Acts);
        // What came meanwhile does not shift the pages that are still to come.
        var first = await installation.Dispatcher.ListOperatorActsAsync(new() { PageSize = 4 }, Installation.As());
        await installation.Dispatcher.PauseAccountAsync(new() { AccountId = "ann" }, Installation.As());
        Assert.Equal(all.Skip(4).Take(4), (await installation.Dispatcher.ListOperatorActsAsync(new() { PageSize = 4, PageToken = first.NextPageToken }, Installation.As())).Acts);

        var refused = await FaultAsync(() => installation.Dispatcher.ListOperatorActsAsync(new() { PageSize = 501, PageToken = "-1", Actor = new string('a', 201), Kind = (OperatorActKind)99 }, Installation.As()).ResponseAsync);
        Assert.Equal(["actor", "kind", "page_size", "page_token"], refused.Violations.Select(violation => violation.Field).Order());
    }

    [Fact]
    public async Task F66_Records_before_it_acts_and_leaves_open_what_was_cut_short()
    {
        await using var installation = await StartAsync();
        var acts = installation.Services.GetRequiredService<OperatorActs>();
        var act = new OperatorAct { Kind = OperatorActKind.PauseAccount, AccountId = "ann" };

        await Assert.ThrowsAsync<TimeoutException>(() => acts.RecordAsync<bool>(Caller.Service(Installation.Tenant), act, async who =>
        {
            // Whatever it does now, it is on record.
            var begun = Assert.Single(await AllAsync(installation));
            Assert.Equal(("service", OperatorActState.Begun, 1L + SetUp), (who, begun.State, begun.Number));
            throw new TimeoutException();
        }, default));
        Assert.Equal((OperatorActState.Begun, null), Assert.Single(await AllAsync(installation)) is var left ? (left.State, left.EndTime) : default);

        // What cannot be recorded is not done.
        using var leaving = new CancellationTokenSource();
        await leaving.CancelAsync();
        var done = false;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => acts.RecordAsync(Caller.Service(Installation.Tenant), act, _ => Task.FromResult(done = true), leaving.Token));
        Assert.False(done);
    }

    [Fact]
    public async Task F66_Counts_each_once_however_many_act_at_once()
    {
        await using var installation = await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(n => installation.Dispatcher.PauseAccountAsync(new() { AccountId = "ann", Actor = $"actor-{n}" }, Installation.As()).ResponseAsync));

        var acts = await AllAsync(installation, pageSize: 7);
        Assert.Equal(Enumerable.Range(1 + SetUp, 50).Reverse().Select(number => (long)number), acts.Select(act => act.Number));
        Assert.Equal(50, acts.Select(act => act.Actor).Distinct().Count());
        Assert.All(acts, act => Assert.Equal(OperatorActState.Done, act.State));
        // Nothing is left of what only an open act needs.
        Assert.Empty((await installation.Store.RecordsAsync(OperatorActs.Partition(Installation.Tenant), "open/", 100, null, default)).Records);
    }

    /// <summary>F66, F85: the audit keeps that somebody was erased and what was done to them before, and nothing that names them.</summary>
    [Fact]
    public async Task F66_Stays_whole_when_a_person_is_erased_and_never_names_them()
    {
        await using var installation = await StartAsync();
        await ActAsync(installation);
        var before = await AllAsync(installation);
        await installation.Dispatcher.EraseProspectAsync(new() { Profile = Profile }, Installation.As());

        Assert.Equal(before, (await AllAsync(installation)).Skip(1));
        var partition = OperatorActs.Partition(Installation.Tenant);
        Assert.IsType<JournalVerification.Intact>(await installation.Store.VerifyAsync(partition, default));
        var kept = (await installation.Store.ReadJournalAsync(partition, 1, 500, default)).Entries.Select(entry => entry.Payload.ToArray())
            .Concat((await installation.Store.RecordsAsync(partition, "", 500, null, default)).Records.Select(record => record.Value));
        Assert.All(kept, bytes => Assert.DoesNotContain("canary", Encoding.Latin1.GetString(bytes), StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task F66_Names_everything_that_is_wrong_with_an_act_and_records_none()
    {
        await using var installation = await StartAsync();
        var (long_actor, why) = (new string('a', 201), $"asked for by {Address}\n" + new string('w', 500));
        var calls = new (string Fields, Func<Task> Call)[]
        {
            ("account_id", () => installation.Dispatcher.PauseAccountAsync(new() { Actor = long_actor, Why = why }, Installation.As()).ResponseAsync),
            ("account_id", () => installation.Dispatcher.ResumeAccountAsync(new() { Actor = long_actor, Why = why }, Installation.As()).ResponseAsync),
            ("account_id product", () => installation.Dispatcher.ResetBreakerAsync(new() { Actor = long_actor, Why = why }, Installation.As()).ResponseAsync),
            ("profile", () => installation.Dispatcher.SuppressProspectAsync(new() { Actor = long_actor, Why = why }, Installation.As()).ResponseAsync),
            ("profile", () => installation.Dispatcher.EraseProspectAsync(new() { Actor = long_actor, Why = why }, Installation.As()).ResponseAsync),
            ("page_size", () => installation.Dispatcher.RetryMessagesAsync(new() { PageSize = -1, Actor = long_actor, Why = why }, Installation.As()).ResponseAsync),
            ("queue", () => installation.Dispatcher.ReplayErrorsAsync(new() { Actor = long_actor, Why = why }, Installation.As()).ResponseAsync),
            ("attempt message_id", () => installation.Dispatcher.ResolveMessageAsync(new() { Actor = long_actor, Why = why }, Installation.As()).ResponseAsync),
        };
        foreach (var (fields, call) in calls)
        {
            var refused = await FaultAsync(call);
            Assert.Equal(fields.Split(' ').Append("actor").Append("why").Order(), refused.Violations.Select(violation => violation.Field).Distinct().Order());
            Assert.Equal(3, refused.Violations.Count(violation => violation.Field == "why"));
            Assert.DoesNotContain(refused.Violations, violation => violation.Description.Contains("canary", StringComparison.Ordinal));
        }

        await installation.Dispatcher.RetryMessagesAsync(new() { ValidateOnly = true }, Installation.As());
        Assert.Empty(await AllAsync(installation));
    }

    private static async Task<Installation> StartAsync()
    {
        var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        await installation.SenderAsync("ann", 3);
        return installation;
    }

    /// <summary>One of each kind, and some that are refused.</summary>
    private static async Task ActAsync(Installation installation)
    {
        var dispatcher = installation.Dispatcher;
        var byKey = Installation.As();
        byKey.Add("pennypost-key", "k12ab");
        await dispatcher.PauseAccountAsync(new() { AccountId = "ann", Actor = "olga", Why = "clearing up" }, Installation.As());
        await dispatcher.ResumeAccountAsync(new() { AccountId = "ann", Actor = "eve" }, Installation.As());
        await dispatcher.ResetBreakerAsync(new() { AccountId = "ann", Product = Product.SalesNavigator, Actor = "olga" }, Installation.As());
        await dispatcher.AcceptAsync(Installation.Message("m-1", Profile), Installation.As());
        await dispatcher.SuppressProspectAsync(new() { Profile = Profile }, byKey);
        await dispatcher.SuppressProspectAsync(new() { Email = Address }, Installation.As());
        await dispatcher.SuppressProspectAsync(new() { Profile = Profile, Unsuppress = true }, Installation.As());
        await dispatcher.RetryMessagesAsync(new() { State = MessageState.Skipped, Reason = Reason.ProspectSuppressed, Actor = "olga", Why = "again" }, Installation.As());
        await dispatcher.ReplayErrorsAsync(new() { Queue = Pennypost.Dispatcher.V1.ErrorQueue.Commands }, Installation.As());
        await FaultAsync(() => dispatcher.ResolveMessageAsync(new() { MessageId = "m-1", Attempt = 1, Actor = "olga" }, Installation.As()).ResponseAsync, ErrorReason.MessageNotInDoubt);
        await dispatcher.EraseProspectAsync(new() { Profile = Profile, Suppress = true, Actor = "olga" }, Installation.As());
        await FaultAsync(() => dispatcher.PauseAccountAsync(new() { AccountId = "nobody", Actor = "olga" }, Installation.As()).ResponseAsync, ErrorReason.AccountNotFound);
    }

    private static async Task<RpcFault> FaultAsync(Func<Task> call, ErrorReason reason = ErrorReason.InvalidRequest)
    {
        var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(call));
        Assert.Equal(reason, fault.ErrorReason);
        return fault;
    }

    private static async Task<IReadOnlyList<OperatorAct>> AllAsync(Installation installation, string actor = "", OperatorActKind kind = default, int pageSize = 0)
    {
        var (acts, token) = (new List<OperatorAct>(), "");
        do
        {
            var page = await installation.Dispatcher.ListOperatorActsAsync(new() { PageSize = pageSize, PageToken = token, Actor = actor, Kind = kind }, Installation.As());
            acts.AddRange(page.Acts.Where(act => act.Number > SetUp));
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        return acts;
    }

    private static string Line(OperatorAct act)
    {
        var on = act.Kind switch
        {
            OperatorActKind.ResetBreaker => $" {act.AccountId} {act.Product}",
            OperatorActKind.ReplayErrors => $" {act.ErrorQueue} at most {act.Limit}",
            OperatorActKind.ResolveMessage => $" {act.MessageId}/{act.Attempt} {(act.Sent ? "sent" : "not sent")}",
            OperatorActKind.RetryMessages => "",
            // Keyed hashes: by their first letters.
            _ => $" {act.AccountId}{(act.ProspectId + act.EmailId) switch { "" => "", var hash => hash[..2] }}{(act.OverrideSafety ? "+safety" : "")}{(act.Suppress ? "+suppress" : "")}",
        };
        var selection = act.Selection is { } chosen ? $" {act.Touched}: {chosen.State}/{chosen.Reason} of {chosen.CampaignId} by {chosen.AccountId} from {chosen.PageToken} {chosen.PageSize}" : "";
        return $"{act.Number - SetUp} {act.Kind} {act.Actor} {act.Credential}{on} [{act.Why}] {act.State}{(act.Refusal.Length > 0 ? " " + act.Refusal : "")}{selection}";
    }
}
