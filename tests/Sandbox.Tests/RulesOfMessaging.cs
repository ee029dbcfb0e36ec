using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Sandbox.Tests;

/// <summary>What LinkedIn lets through and at what price, row by row.</summary>
public sealed class RulesOfMessaging
{
    public static TheoryData<string, string> Openings => new()
    {
        // The free ways.
        { "first degree, no InMail asked for", "Message 0" },
        { "first degree, InMail asked for", "Message 0" },
        { "first degree, no credits", "Message 0" },
        // F18: free, with its own monthly allowance.
        { "open profile", "OpenProfileInmail 0" },
        { "open profile, no credits", "OpenProfileInmail 0" },
        { "open profile, InMail switched off", "OpenProfileInmail 0" },
        { "open profile, 799 this month", "OpenProfileInmail 0" },
        { "open profile, 800 this month", "limit_exceeded" },
        { "open profile, no credits, seat needs a balance", "insufficient_credits" },
        { "open profile, classic, no subscription", "OpenProfileInmail 0" },
        // F34: the two faces of a recipient who refuses InMails.
        { "InMail switched off", "not_allowed_inmail" },
        { "InMail switched off, says insufficient credits", "insufficient_credits" },
        // What costs a credit.
        { "closed", "Inmail 1" },
        { "closed, third degree", "Inmail 1" },
        { "closed, no credits", "insufficient_credits" },
        { "closed, product not subscribed", "feature_not_subscribed" },
        { "closed, no InMail asked for", "no_connection_with_recipient" },
        // F23: no second InMail until they reply, by plan's rule.
        { "unanswered InMail", "cannot_resend_yet" },
        { "unanswered InMail, seat allows a second", "Inmail 1" },
        { "unanswered InMail, first degree by now", "Message 0" },
        // F30: lengths.
        { "subject 200, body 1,900", "Inmail 1" },
        { "subject 201", "too_many_characters" },
        { "body 1,901", "too_many_characters" },
        // Limits and states.
        { "49 InMails today", "Inmail 1" },
        { "50 InMails today", "too_many_requests" },
        { "first degree, 150 messages today", "too_many_requests" },
        { "blocked", "blocked_recipient" },
        { "gone", "user_unreachable" },
        { "restricted", "account_restricted" },
        { "disconnected", "disconnected_account" },
    };

    [Theory]
    [MemberData(nameof(Openings))]
    public void Decide_an_opening(string given, string expected)
    {
        var (account, prospect, use, degree) = (Given.Account(), Given.Prospect(), new Use(), Degree.Second);
        var opening = new Messaging.Opening { Api = Product.SalesNavigator, Inmail = false, Text = "Hello" };
        var unanswered = false;
        foreach (var fact in given.Split(", "))
        {
            switch (fact)
            {
                case "first degree" or "first degree by now": degree = Degree.First; break;
                case "third degree": degree = Degree.Third; break;
                case "no InMail asked for": opening = opening with { Api = Product.Premium }; break;
                case "InMail asked for": opening = opening with { Inmail = true }; break;
                case "no credits": account = account.With(account.Subscriptions[0] with { Balance = 0 }); break;
                case "open profile": prospect = prospect with { OpenProfile = true }; break;
                case "InMail switched off": prospect = prospect with { Inmail = InmailDoor.Off }; break;
                case "says insufficient credits": prospect = prospect with { Inmail = InmailDoor.OffSaysInsufficientCredits }; break;
                case "799 this month": use = use with { OpenProfileInmailsThisMonth = 799 }; break;
                case "800 this month": use = use with { OpenProfileInmailsThisMonth = 800 }; break;
                case "seat needs a balance": account = account with { Rules = account.Rules with { OpenProfileNeedsBalance = true } }; break;
                case "classic": opening = opening with { Api = Product.Premium, Inmail = true }; break;
                case "no subscription": account = account with { Subscriptions = [] }; break;
                case "closed": break;
                case "product not subscribed": opening = opening with { Api = Product.Recruiter }; break;
                case "unanswered InMail": unanswered = true; break;
                case "seat allows a second": account = account with { Rules = account.Rules with { SecondInmailAllowed = true } }; break;
                case "subject 200": opening = opening with { Subject = new('s', 200) }; break;
                case "subject 201": opening = opening with { Subject = new('s', 201) }; break;
                case "body 1,900": opening = opening with { Text = new('t', 1_900) }; break;
                case "body 1,901": opening = opening with { Text = new('t', 1_901) }; break;
                case "49 InMails today": use = use with { InmailsToday = 49 }; break;
                case "50 InMails today": use = use with { InmailsToday = 50 }; break;
                case "150 messages today": use = use with { MessagesToday = 150 }; break;
                case "blocked": prospect = prospect with { Reach = Reach.Blocked }; break;
                case "gone": prospect = prospect with { Reach = Reach.Gone }; break;
                case "restricted": account = account with { State = AccountState.Restricted }; break;
                case "disconnected": account = account with { State = AccountState.Disconnected }; break;
                default: throw new ArgumentException("Unknown fact: " + fact);
            }
        }

        var verdict = Messaging.Open(Given.Standing(account, prospect, degree, use) with { HasUnansweredInmail = unanswered }, opening);
        Assert.Equal(expected, Say(verdict));
    }

    [Theory]
    [InlineData(Degree.First, false, false, "Message 0")]
    [InlineData(Degree.Second, true, true, "Thread 0")] // F20: a replied thread is a free window.
    [InlineData(Degree.Second, true, false, "cannot_resend_yet")]
    [InlineData(Degree.First, true, false, "Message 0")]
    [InlineData(Degree.Second, false, false, "no_connection_with_recipient")]
    [InlineData(Degree.Second, false, true, "Thread 0")]
    public void Decide_what_goes_on_in_a_chat(Degree degree, bool inmail, bool answered, string expected)
    {
        var chat = new Chat
        {
            Id = "c",
            Sequence = 1,
            AccountId = "ann",
            MemberId = "bob",
            LastAt = Given.Noon,
            Answered = answered,
            Inmail = inmail ? new() { Product = Product.SalesNavigator, Cost = 1, SentAt = Given.Noon } : null,
        };
        Assert.Equal(expected, Say(Messaging.Continue(Given.Standing(degree: degree), chat, "Hello")));
    }

    private static string Say(Messaging.Verdict verdict) => verdict switch
    {
        Messaging.Verdict.Goes goes => goes.Channel + " " + goes.Cost,
        Messaging.Verdict.Refused refused => refused.Refusal.Type.Name,
        _ => "?",
    };
}
