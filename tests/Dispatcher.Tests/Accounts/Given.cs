using System.Collections.Immutable;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Dispatcher.Tests.Accounts;

/// <summary>The account that most tests begin with: paid, Sales Navigator, no spacing, open all day. A Tuesday noon in May.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Noon = new(2026, 5, 12, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Renewal = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    public static Account Account(TimeSpan spacing = default, params Cap[] caps) => new()
    {
        Id = "ann",
        Settings = new AccountSettings
        {
            ConnectionId = "c1",
            Tier = Tier.SalesNavigator,
            InmailProduct = Product.SalesNavigator,
            Pools = [new AccountPool(Product.SalesNavigator, "pool")],
            Spacing = spacing,
            Caps = [.. caps],
        },
        CreateTime = Noon,
    };

    public static PermitAsk Ask(Channel channel, DateTimeOffset? now = null, string message = "m1", int attempt = 1, Priority priority = Priority.Normal, DateTimeOffset? real = null) => new()
    {
        MessageId = message,
        Attempt = attempt,
        Channel = channel,
        Priority = priority,
        Jitter = 0,
        Now = now ?? Noon,
        RealNow = real ?? now ?? Noon,
    };

    public static PermitAnswer.Refused Refused(this PermitDecision decision) => Assert.IsType<PermitAnswer.Refused>(decision.Answer);

    public static OpenPermit Granted(this PermitDecision decision) => Assert.IsType<PermitAnswer.Granted>(decision.Answer).Permit;

    public static PermitDecision Decide(this Account account, PermitAsk ask, OpenPermit? open = null) => Permits.Decide(account, ask, open);

    /// <summary>One send from permit to settling.</summary>
    public static Account Send(this Account account, Channel channel, DateTimeOffset at, string message, SendResult result = SendResult.Sent)
    {
        var decision = account.Decide(Ask(channel, at, message));
        return Permits.Settle(decision.Account, decision.Granted(), result, at, at).Account;
    }

    public static Breaker Open(DateTimeOffset since, DateTimeOffset? resume = null) =>
        Breakers.CreditError(Breaker.Closed(Product.SalesNavigator), 0, resume ?? Renewal, "m0", since).Change.Breaker;

    public static IReadOnlyList<BreakerCause> Causes(this ImmutableArray<BreakerEvent> events) => [.. events.Select(happened => happened.Cause)];
}
