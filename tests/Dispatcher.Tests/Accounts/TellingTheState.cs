using Dispatcher.Tests.EndToEnd;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Accounts.Calls;
using Pennypost.Dispatcher.V1;
using Pennypost.Store;
using Pennypost.Transport;
using static Pennypost.Delivery.Accounts.AccountStateCause;
using Shown = Pennypost.Types.V1;

namespace Dispatcher.Tests.Accounts;

/// <summary>F48, F62: what stops an account, and what holds its InMails up, is told as it happens, with the line for people and with what changed it.</summary>
public sealed class TellingTheState
{
    private static readonly DateTimeOffset _december = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly AccountStanding _ok = new(AccountState.Ok, BreakerState.Closed, false, null);
    private static readonly AccountStanding _paused = new(AccountState.Paused, BreakerState.Unspecified, false, null);
    private static readonly AccountStanding _exhausted = new(AccountState.Ok, BreakerState.Open, true, _december);

    public static TheoryData<string, AccountStanding?, AccountStanding, AccountStateCause, AccountStateCause?> Commits => new()
    {
        { "nothing changed", _ok, _ok, RefusedCall, null },
        { "it was put", null, _ok, Put, Put },
        { "an operator paused it", _ok, _paused, Operator, Operator },
        { "a send was refused for want of credits", _ok, _exhausted, Unspecified, AccountStateCause.Breaker },
        { "a send was settled that also closed the breaker", _exhausted, _ok, RefusedCall, AccountStateCause.Breaker },
        { "the balance was read, and the renewal moved", _exhausted, _exhausted with { ResumeTime = _december.AddDays(1) }, Unspecified, AccountStateCause.Breaker },
        { "an operator resumed it, and its credits are exhausted", _paused, _exhausted, Operator, Operator },
        { "it was put with another product", _exhausted, _ok, Put, Put },
    };

    [Theory]
    [MemberData(nameof(Commits))]
    public void With_what_changed_it(string commit, AccountStanding? before, AccountStanding after, AccountStateCause about, AccountStateCause? cause)
    {
        Assert.NotEmpty(commit);
        Assert.Equal(cause, AccountStanding.Changed(before, after, about));
    }

    /// <summary>A breaker shows nowhere behind what stops everything: nobody is told of it there.</summary>
    [Fact]
    public void And_not_of_a_breaker_behind_a_pause()
    {
        var paused = Given.Account() with { Paused = true };
        var open = Breakers.CreditError(paused.BreakerOf(paused.Settings.InmailProduct), 0, _december, "m1", Given.Noon).Change.Breaker;
        Assert.Equal(AccountStanding.Of(paused), AccountStanding.Of(paused.With(open)));
        Assert.Equal(BreakerState.Open, AccountStanding.Of(paused.With(open) with { Paused = false }).Breaker);
    }

    [Fact]
    public async Task From_the_first_put_over_exhausted_credits_and_a_lost_session_to_an_operators_pause()
    {
        await using var accounts = await (await RunningAccounts.StartAsync(balance: 0)).WithAnnAsync();
        // The same again is no news.
        await accounts.Get<PutAccount>().HandleAsync(RunningAccounts.Caller, new PutAccountRequest { Account = RunningAccounts.Ann() }, default);
        await accounts.ClassifyAsync("m1");
        var shown = await accounts.AccountAsync();
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m2", Pennypost.Delivery.Channel.DirectMessage));
        await accounts.SettleAsync("m2", SendResult.NotSent, new AccountSignal.Disconnected());
        await accounts.Store.AdvanceClockAsync(TimeSpan.FromMinutes(16), default);
        await accounts.DoWhatIsDueAsync();
        await accounts.Accounts.SeenAsync(RunningAccounts.Tenant, "ann", AccountState.Restricted, "", Webhook, default);
        await accounts.Accounts.SeenAsync(RunningAccounts.Tenant, "ann", AccountState.Ok, "", Webhook, default);
        for (var again = 0; again < 2; again++)
            await accounts.Get<PauseAccount>().HandleAsync(RunningAccounts.Caller, new PauseAccountRequest { AccountId = "ann", Actor = "olga" }, default);
        await accounts.Get<PauseAccount>().HandleAsync(RunningAccounts.Caller, new ResumeAccountRequest { AccountId = "ann" }, default);

        var exhausted = shown.StatusText;
        Assert.StartsWith("credits exhausted, resumes 20", exhausted, StringComparison.Ordinal);
        Assert.Equal(
            [
                "Unspecified > Ok, Put: Unspecified, ok",
                $"Ok > Ok, Breaker: AccountInmailCreditsExhausted, {exhausted}",
                "Ok > Disconnected, RefusedCall: AccountDisconnected, disconnected: reconnect it at the provider",
                $"Disconnected > Ok, Poll: AccountInmailCreditsExhausted, {exhausted}",
                "Ok > Restricted, Webhook: AccountRestricted, restricted by LinkedIn",
                $"Restricted > Ok, Webhook: AccountInmailCreditsExhausted, {exhausted}",
                "Ok > Paused, Operator olga: AccountPaused, paused",
                $"Paused > Ok, Operator service: AccountInmailCreditsExhausted, {exhausted}",
            ],
            (await ToldAsync(accounts.Store)).Select(Line));
    }

    /// <summary>A journal from before the entry was an event has the state's number there: it is told with what it knew, and holds nothing up.</summary>
    [Fact]
    public async Task Also_what_an_older_version_had_journaled_as_a_number()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Work"] = "false" });
        var told = new System.Collections.Concurrent.ConcurrentQueue<EventEnvelope>();
        await using var listening = installation.Topic.Subscribe(new EventGroup("tests", "account"), (happened, _) =>
        {
            told.Enqueue(happened);
            return Task.CompletedTask;
        });
        await installation.SenderAsync("ann", 3);
        await installation.Store.ExecuteAsync<Account, bool>(AccountStorage.Partition(Installation.Tenant, "ann"), AccountStorage.Codec, RecordKeys.None, view => new Decision<Account, bool>.Commit(view.Head!, true)
        {
            Entries = [new JournalEntry(AccountStateMessages.StateChanged, BitConverter.GetBytes((int)AccountState.Disconnected)), new JournalEntry("account.nobody_knows", [1])],
        }, 0, default);
        await installation.Dispatcher.PauseAccountAsync(new() { AccountId = "ann", Actor = "olga" }, Installation.As());

        for (var look = 0; look < 250 && told.Count < 3; look++)
            await Task.Delay(20);
        Assert.Equal(
            ["Unspecified > Ok, Put: Unspecified, ok", "Unspecified > Disconnected, Unspecified: Unspecified, ", "Ok > Paused, Operator olga: AccountPaused, paused"],
            told.Select(happened => Line((Shown.AccountStateEvent)happened.Data)));
        Assert.All(told, happened => Assert.Equal((Installation.Tenant, "account.state", "ann", "ann"), (happened.Tenant, happened.Type, happened.Subject, ((Shown.AccountStateEvent)happened.Data).AccountId)));
        Assert.All(told, happened => Assert.Equal(happened.Time, ((Shown.AccountStateEvent)happened.Data).EventTime.ToDateTimeOffset()));
    }

    private static string Line(Shown.AccountStateEvent told) =>
        $"{told.PreviousState} > {told.State}, {told.Cause}{(told.Actor.Length > 0 ? " " + told.Actor : "")}: {told.Reason}, {told.StatusText}";

    private static async Task<IReadOnlyList<Shown.AccountStateEvent>> ToldAsync(StateStore store) =>
        [.. (await store.ReadJournalAsync(AccountStorage.Partition(RunningAccounts.Tenant, "ann"), 1, 100, default)).Entries.Where(entry => entry.Type == AccountStateMessages.StateChanged).Select(AccountStateMessages.Event)];
}
