using Google.Protobuf.WellKnownTypes;
using Pennypost.Router.V1;
using Pennypost.Types.V1;

namespace Pennypost.Examples.Planning;

/// <summary>
/// 10,000 prospects and 20 Sales Navigator seats. What the seeds say is taken from them: 50 credits a month and 150 at most, $8 to $12 for an
/// extra one, 150 messages a week, 200 invitations a week, 800 InMails to open profiles a month, two answers in ten InMails, 25 to 35 % of
/// invitations accepted. They say nothing of how many prospects are what; the shares below are this example's own.
/// </summary>
internal static class Campaign
{
    public const int Prospects = 10_000;
    public const int Senders = 20;
    public const int Days = 7;

    public const double OpenProfile = 0.15;
    public const double Connected = 0.08;
    public const double Replied = 0.02;
    public const double OpenToWork = 0.05;
    public const double InvitedInVain = 0.30;
    public const double HighPriority = 0.10;

    private static readonly Timestamp _now = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));

    /// <summary>Twenty seats whose balances differ as those of a team do: some are empty, some are about to lose what the next grant brings.</summary>
    public static PlanTerms Terms(RoutingPolicy policy)
    {
        var terms = new PlanTerms
        {
            Content = new Content
            {
                Subject = "Your talk on routing",
                Body = "I liked your talk on routing. May I ask how your team measures it?",
                Note = "I liked your talk on routing. Shall we connect?",
            },
            Now = _now,
            Days = Days,
            Policy = policy,
            Explain = true,
        };
        for (var number = 0; number < Senders; number++)
        {
            var available = number * 150 / (Senders - 1);
            terms.Senders.Add(new PlanSender
            {
                AccountId = $"seat-{number:00}",
                Tier = Tier.SalesNavigator,
                State = AccountState.Ok,
                PoolId = $"pool-{number:00}",
                SecondInmailAllowed = true,
                Allowances =
                {
                    Allowance([Channel.DirectMessage, Channel.RepliedThread], (7, 150)),
                    Allowance([Channel.ConnectionRequest], (1, 80), (7, 200)),
                    Allowance([Channel.OpenProfileInmail], (30, 800)),
                    Allowance([Channel.Inmail], (1, 30)),
                },
            });
            terms.Pools.Add(new PlanPool { PoolId = $"pool-{number:00}", Available = available, ForfeitsAtRenewal = Math.Max(0, available + 50 - 150), PriceMicros = 10_000_000 });
        }

        return terms;
    }

    /// <summary>The prospects, each as all seats know it, and as the one seat does that had to do with it before. The same ones each time.</summary>
    public static IReadOnlyList<PlanProspect> People()
    {
        var random = new Random(20_261_123);
        return [.. Enumerable.Range(0, Prospects).Select(number => Person(number, random))];
    }

    private static PlanProspect Person(int number, Random random)
    {
        var common = new ProspectView { NetworkDistance = NetworkDistance.ThirdDegree, OpenProfile = random.NextDouble() < OpenProfile, CanSendInmail = random.NextDouble() < 0.9, Invitation = InvitationState.None, OpenToWork = random.NextDouble() < OpenToWork };
        var prospect = new PlanProspect
        {
            ProspectId = $"prospect-{number:00000}",
            Priority = random.NextDouble() < HighPriority ? Priority.High : Priority.Normal,
            // From 20 to 1,100 dollars for a conversation, most of them towards the lower end.
            ValueMicros = (long)(20 * Math.Exp(4 * Math.Pow(random.NextDouble(), 1.5))) * 1_000_000,
            Common = common,
        };
        var known = common.Clone();
        known.AccountId = $"seat-{random.Next(Senders):00}";
        var what = random.NextDouble();
        if (what < Connected)
            known.NetworkDistance = NetworkDistance.FirstDegree;
        else if (what < Connected + Replied)
            known.RepliedThread = true;
        else if (what < Connected + Replied + InvitedInVain)
            (known.Invitation, known.InvitationSendTime) = (InvitationState.Pending, Timestamp.FromDateTimeOffset(_now.ToDateTimeOffset().AddDays(-20)));
        else
            return prospect;
        prospect.Views.Add(known);
        return prospect;
    }

    private static Allowance Allowance(Channel[] channels, params (int Days, long Limit)[] windows)
    {
        var allowance = new Allowance();
        allowance.Channels.AddRange(channels);
        allowance.Windows.AddRange(windows.Select(window => new AllowanceWindow { Days = window.Days, Limit = window.Limit }));
        return allowance;
    }
}
