using Google.Protobuf.WellKnownTypes;
using Pennypost.Delivery.Accounts;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts.Calls;

/// <summary>Accounts in the contract's words.</summary>
internal static class AccountMessages
{
    public static Shown.Account Message(AccountView view, EmptyPool? empty = null)
    {
        var (account, settings) = (view.Account, view.Account.Settings);
        var message = new Shown.Account
        {
            AccountId = account.Id,
            ConnectionId = settings.ConnectionId,
            EmailConnectionId = settings.EmailConnectionId,
            DisplayName = settings.DisplayName,
            Tier = (Shown.Tier)settings.Tier,
            InmailProduct = (Shown.Product)settings.InmailProduct,
            Spacing = Duration.FromTimeSpan(settings.Spacing),
            State = (Shown.AccountState)account.State,
            StatusText = account.StatusText(view.Now, empty),
            Reason = (Shown.Reason)ReasonOf(view, empty),
            CreateTime = Timestamp.FromDateTimeOffset(account.CreateTime),
            Etag = Etag(account),
            Safety = SafetyMessages.Settings(settings.Safety),
            SafetyState = SafetyMessages.State(view),
            Pools = { settings.Pools.Select(pool => new Shown.AccountPool { Product = (Shown.Product)pool.Product, PoolId = pool.PoolId }) },
            Caps = { settings.Caps.Select(cap => new Shown.Cap { Action = (Shown.Action)cap.Action, Window = (Shown.CapWindow)cap.Window, Limit = cap.Limit }) },
            Usage = { view.Usage.Select(Message) },
            Breakers = { account.Breakers.Select(breaker => Message(account.Id, breaker, view.Now)) },
        };
        if (settings.Window != SendingWindow.Always)
        {
            message.SendingWindow = new Shown.SendingWindow
            {
                TimeZone = settings.Window.TimeZone,
                FromMinute = settings.Window.FromMinute,
                ToMinute = settings.Window.ToMinute,
                Days = { settings.Window.Days },
            };
        }

        return message;
    }

    public static Shown.Breaker Message(string accountId, Breaker breaker, DateTimeOffset now)
    {
        breaker = Breakers.AsOf(breaker, now).Breaker;
        return new Shown.Breaker
        {
            AccountId = accountId,
            Product = (Shown.Product)breaker.Product,
            State = (Shown.BreakerState)breaker.State,
            OpenTime = Time(breaker.OpenTime),
            ResumeTime = Time(breaker.ResumeTime),
            Skipped = breaker.Skipped,
        };
    }

    /// <summary>Changes with every change of settings, and with nothing else.</summary>
    public static string Etag(Account account) => account.SettingsVersion.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Why it cannot send anything, or no InMail.</summary>
    public static Delivery.Reason ReasonOf(AccountView view, EmptyPool? empty) => view.Account.State switch
    {
        AccountState.Disconnected => Delivery.Reason.AccountDisconnected,
        AccountState.Restricted => Delivery.Reason.AccountRestricted,
        AccountState.Paused => Delivery.Reason.AccountPaused,
        _ when view.Account.SafetyLevel == SafetyLevel.Paused => Delivery.Reason.AccountUnsafe,
        _ when view.Breaker.State == BreakerState.Open || empty is not null => Delivery.Reason.AccountInmailCreditsExhausted,
        _ => Delivery.Reason.Unspecified,
    };

    private static Shown.CapUse Message(CapUse use) => new()
    {
        Action = (Shown.Action)use.Action,
        Window = (Shown.CapWindow)use.Window,
        Limit = use.Limit,
        HardLimit = use.HardLimit,
        Used = use.Used,
        Remaining = use.Remaining,
        ResetTime = Time(use.ResetTime),
    };

    private static Timestamp? Time(DateTimeOffset? time) => time is { } known ? Timestamp.FromDateTimeOffset(known) : null;
}
