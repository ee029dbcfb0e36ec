using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Sandbox.Tests;

/// <summary>What the tables of rules start from: a paid sender and a quiet, closed, second-degree member.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    public static Account Account(int? salesNavigator = 5, int? premium = null, int? recruiter = null)
    {
        var subscriptions = new (Product Product, int? Balance)[] { (Product.SalesNavigator, salesNavigator), (Product.Premium, premium), (Product.Recruiter, recruiter) }
            .Where(s => s.Balance is not null)
            .Select(s => Subscription(s.Product, s.Balance!.Value))
            .ToList();
        return new()
        {
            Id = "ann",
            Name = "Ann",
            PublicIdentifier = "ann",
            CreatedAt = Noon,
            Subscriptions = subscriptions,
            Limits = SeatLimits.For(subscriptions.Count > 0),
            Rules = new(),
        };
    }

    public static Subscription Subscription(Product product, int balance, int grant = 50, int cap = 150, int day = 1) => new()
    {
        Product = product,
        Plan = "test",
        MonthlyGrant = grant,
        Cap = cap,
        Balance = balance,
        RenewalDay = day,
        NextRenewal = Credits.NextRenewal(day, Noon),
    };

    public static Prospect Prospect() => new()
    {
        Id = "bob",
        PublicIdentifier = "bob",
        FirstName = "Bob",
        LastName = "Bell",
        Behaviour = new(),
    };

    public static Standing Standing(Account? account = null, Prospect? prospect = null, Degree degree = Degree.Second, Use? use = null) => new()
    {
        Account = account ?? Account(),
        Prospect = prospect ?? Prospect(),
        Degree = degree,
        Use = use ?? new(),
        Now = Noon,
    };

    public static Invitation Invitation(InvitationState state, int endedDaysAgo = 0) => new()
    {
        Id = "i",
        Sequence = 1,
        AccountId = "ann",
        MemberId = "bob",
        SentAt = Noon.AddDays(-60),
        State = state,
        EndedAt = state == InvitationState.Pending ? null : Noon.AddDays(-endedDaysAgo),
    };
}
