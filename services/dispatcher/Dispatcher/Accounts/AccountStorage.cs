using System.Collections.Immutable;
using Google.Protobuf;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Stored;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>How an account is kept: one partition each, its open permits and its breakers' history as records.</summary>
internal static class AccountStorage
{
    public const string Kind = "account";
    public const string HistoryKey = "breaker_history";

    public static PartitionId Partition(string tenant, string accountId) => new(Kind, tenant, accountId);

    public static string PermitKey(string messageId, int attempt) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"permit/{messageId}_{attempt}");

    public static HeadCodec<Account> Codec { get; } = HeadCodec.Mapped(StoredAccount.Parser, Read, Write);

    public static byte[] Bytes(OpenPermit permit) => new StoredPermit
    {
        MessageId = permit.MessageId,
        Attempt = permit.Attempt,
        Action = (int)permit.Action,
        ChargeMs = Ms(permit.ChargeTime),
        CreditProduct = (int)permit.CreditProduct,
    }.ToByteArray();

    public static OpenPermit? Permit(byte[]? bytes)
    {
        if (bytes is null)
            return null;
        var stored = StoredPermit.Parser.ParseFrom(bytes);
        return new OpenPermit
        {
            MessageId = stored.MessageId,
            Attempt = stored.Attempt,
            Action = (CappedAction)stored.Action,
            ChargeTime = Time(stored.ChargeMs),
            CreditProduct = (Product)stored.CreditProduct,
        };
    }

    public static byte[] Bytes(ImmutableArray<BreakerEvent> history) => new StoredBreakerHistory
    {
        Events =
        {
            history.Select(happened => new StoredBreakerEvent
            {
                TimeMs = Ms(happened.Time),
                Product = (int)happened.Product,
                State = (int)happened.State,
                Cause = (int)happened.Cause,
                MessageId = happened.MessageId,
                Actor = happened.Actor,
            }),
        },
    }.ToByteArray();

    public static ImmutableArray<BreakerEvent> History(byte[]? bytes) => bytes is null ? [] :
    [
        .. StoredBreakerHistory.Parser.ParseFrom(bytes).Events.Select(stored => new BreakerEvent(
            Time(stored.TimeMs), (Product)stored.Product, (BreakerState)stored.State, (BreakerCause)stored.Cause, stored.MessageId, stored.Actor)),
    ];

    private static StoredAccount Write(Account account)
    {
        var settings = account.Settings;
        var stored = new StoredAccount
        {
            Format = 1,
            AccountId = account.Id,
            Settings = new StoredSettings
            {
                ConnectionId = settings.ConnectionId,
                EmailConnectionId = settings.EmailConnectionId,
                DisplayName = settings.DisplayName,
                Tier = (int)settings.Tier,
                InmailProduct = (int)settings.InmailProduct,
                TimeZone = settings.Window.TimeZone,
                FromMinute = settings.Window.FromMinute,
                ToMinute = settings.Window.ToMinute,
                SpacingMs = (long)settings.Spacing.TotalMilliseconds,
                Safety = SafetyStorage.Write(settings.Safety),
                Days = { settings.Window.Days },
                Pools = { settings.Pools.Select(pool => new StoredPool { Product = (int)pool.Product, PoolId = pool.PoolId }) },
                Caps = { settings.Caps.Select(cap => new StoredCap { Action = (int)cap.Action, Window = (int)cap.Window, Limit = cap.Limit }) },
            },
            SettingsVersion = account.SettingsVersion,
            CreateMs = Ms(account.CreateTime),
            Paused = account.Paused,
            Condition = (int)account.Condition,
            ConditionMs = Ms(account.ConditionTime),
            OwnProviderId = account.OwnProviderId,
            LastSendMs = Ms(account.LastSend),
            LastSendOwner = account.LastSendOwner,
            Pending = SafetyStorage.WritePending(account),
            Tallies = { account.Tallies.Select(SafetyStorage.Write) },
            Signs = { account.Signs.Select(sign => new StoredSign { Kind = (int)sign.Kind, TimeMs = Ms(sign.Time) }) },
            SafetyOverride = account.SafetyOverride is { } word ? SafetyStorage.Write(word) : null,
            RampRestarts = { account.RampRestarts.Select(SafetyStorage.Write) },
            Breakers = { account.Breakers.Select(Write) },
            Charges = { account.Charges.All.Select(Write) },
            CoolDowns = { account.CoolDowns.Select(cool => new StoredCoolDown { Action = (int)cool.Action, UntilMs = Ms(cool.Until), Reason = (int)cool.Reason }) },
            Slots = { account.Slots.Select(slot => new StoredSlot { Owner = slot.Owner, AtMs = Ms(slot.At), Action = (int)slot.Action, Rank = slot.Rank }) },
            OpenCredits = { account.OpenCredits.Select(open => new StoredOpenCredit { Product = (int)open.Product, Count = open.Count }) },
            Settled = { account.Settled },
            Alerts = { account.Alerts.Select(AlertMessages.Write) },
        };
        if (account.Lease is { } lease)
            stored.Lease = new StoredLease { MessageId = lease.MessageId, Attempt = lease.Attempt, UntilRealMs = Ms(lease.UntilReal) };
        if (account.Inbox is { } inbox)
        {
            stored.Inbox = new StoredInbox
            {
                MessagesUntilMs = Ms(inbox.MessagesUntil),
                BacklogNewestMs = Ms(inbox.Backlog?.Newest),
                BacklogBeforeMs = Ms(inbox.Backlog?.Before),
                RelationsUntilMs = Ms(inbox.RelationsUntil),
                InvitationsUntilMs = Ms(inbox.InvitationsUntil),
                NextRelationsMs = Ms(inbox.NextRelations),
                NextLookMs = Ms(inbox.NextLook),
                Failures = inbox.Failures,
                BalanceWanted = inbox.BalanceWanted,
                ReadMs = Ms(inbox.ReadTime),
            };
        }

        return stored;
    }

    private static Account Read(StoredAccount stored) => SafetyStorage.Read(stored, new Account
    {
        Id = stored.AccountId,
        Settings = new AccountSettings
        {
            ConnectionId = stored.Settings.ConnectionId,
            EmailConnectionId = stored.Settings.EmailConnectionId,
            DisplayName = stored.Settings.DisplayName,
            Tier = (Tier)stored.Settings.Tier,
            InmailProduct = (Product)stored.Settings.InmailProduct,
            Window = new SendingWindow(stored.Settings.TimeZone, [.. stored.Settings.Days], stored.Settings.FromMinute, stored.Settings.ToMinute),
            Spacing = TimeSpan.FromMilliseconds(stored.Settings.SpacingMs),
            Safety = SafetyStorage.Read(stored.Settings.Safety),
            Pools = [.. stored.Settings.Pools.Select(pool => new AccountPool((Product)pool.Product, pool.PoolId))],
            Caps = [.. stored.Settings.Caps.Select(cap => new Cap((CappedAction)cap.Action, (CapWindow)cap.Window, cap.Limit))],
        },
        SettingsVersion = stored.SettingsVersion,
        CreateTime = Time(stored.CreateMs),
        Paused = stored.Paused,
        Condition = (AccountState)stored.Condition,
        ConditionTime = Time(stored.ConditionMs),
        OwnProviderId = stored.OwnProviderId,
        LastSend = MaybeTime(stored.LastSendMs),
        Breakers = [.. stored.Breakers.Select(Read)],
        Charges = new Charges([.. stored.Charges.Select(Read)]),
        CoolDowns = [.. stored.CoolDowns.Select(cool => new CoolDown((CappedAction)cool.Action, Time(cool.UntilMs), (Reason)cool.Reason))],
        Slots = [.. stored.Slots.Select(slot => new Slot(slot.Owner, Time(slot.AtMs), (CappedAction)slot.Action, slot.Rank))],
        Lease = stored.Lease is { } lease ? new WriteLease(lease.MessageId, lease.Attempt, Time(lease.UntilRealMs)) : null,
        OpenCredits = [.. stored.OpenCredits.Select(open => new OpenCredit((Product)open.Product, open.Count))],
        Settled = [.. stored.Settled],
        Alerts = [.. stored.Alerts.Select(AlertMessages.Read)],
        Inbox = stored.Inbox is { } inbox ? Read(inbox) : null,
    });

    private static Inbox Read(StoredInbox stored) => new()
    {
        MessagesUntil = Time(stored.MessagesUntilMs),
        Backlog = stored.BacklogBeforeMs == 0 ? null : new(Time(stored.BacklogNewestMs), Time(stored.BacklogBeforeMs)),
        RelationsUntil = Time(stored.RelationsUntilMs),
        InvitationsUntil = Time(stored.InvitationsUntilMs),
        NextRelations = Time(stored.NextRelationsMs),
        NextLook = MaybeTime(stored.NextLookMs),
        Failures = stored.Failures,
        BalanceWanted = stored.BalanceWanted,
        ReadTime = MaybeTime(stored.ReadMs),
    };

    private static StoredBreaker Write(Breaker breaker) => new()
    {
        Product = (int)breaker.Product,
        State = (int)breaker.State,
        OpenMs = Ms(breaker.OpenTime),
        ResumeMs = Ms(breaker.ResumeTime),
        Confirmed = breaker.Confirmed,
        ProbeFromMs = Ms(breaker.ProbeFrom),
        ProbeMessageId = breaker.Probe?.MessageId ?? "",
        ProbeAttempt = breaker.Probe?.Attempt ?? 0,
        ReadsFromMs = Ms(breaker.ReadsFrom),
        RefundExpected = breaker.RefundExpected,
        Skipped = breaker.Skipped,
    };

    private static Breaker Read(StoredBreaker stored) => new()
    {
        Product = (Product)stored.Product,
        State = (BreakerState)stored.State,
        OpenTime = MaybeTime(stored.OpenMs),
        ResumeTime = MaybeTime(stored.ResumeMs),
        Confirmed = stored.Confirmed,
        ProbeFrom = MaybeTime(stored.ProbeFromMs),
        Probe = stored.ProbeMessageId.Length > 0 ? new Probe(stored.ProbeMessageId, stored.ProbeAttempt) : null,
        ReadsFrom = MaybeTime(stored.ReadsFromMs),
        RefundExpected = stored.RefundExpected,
        Skipped = stored.Skipped,
    };

    private static StoredCharges Write(ActionCharges charges)
    {
        var stored = new StoredCharges { Action = (int)charges.Action, Month = charges.Month, InMonth = charges.InMonth };
        var before = 0L;
        foreach (var time in charges.Times)
        {
            stored.TimeStepsMs.Add(Ms(time) - before);
            before = Ms(time);
        }

        return stored;
    }

    private static ActionCharges Read(StoredCharges stored)
    {
        var times = ImmutableArray.CreateBuilder<DateTimeOffset>(stored.TimeStepsMs.Count);
        var ms = 0L;
        foreach (var step in stored.TimeStepsMs)
            times.Add(Time(ms += step));
        return new ActionCharges((CappedAction)stored.Action, times.ToImmutable(), stored.Month, stored.InMonth);
    }

    public static long Ms(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds() ?? 0;

    public static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    public static DateTimeOffset? MaybeTime(long ms) => ms == 0 ? null : Time(ms);
}
