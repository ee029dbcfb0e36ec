using Grpc.Core;
using Microsoft.Extensions.Options;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Policies;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Work;

/// <summary>
/// Finds the candidate that carries a message: routes it, fetches the facts that could change the answer (each sender looks at most once), and tries the eligible candidates in order until one is sent, the message
/// waits, or none is left.
/// </summary>
internal sealed class CandidateSearch(
    Prospects prospects, Routes routes, Facts facts, AttemptRun attempts, Demands demands, CreditPools pools, SenderAccounts accounts, TenantPolicies policies, GateMeter gates, IOptions<InboxOptions> inbox)
{
    /// <summary>Candidates and routings in one search: 100 senders have at most 600 candidates, and nobody is tried twice.</summary>
    private const int MaxTurns = 64;

    /// <summary>How long a free candidate may have to wait before a credit is spent in its stead.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromDays(7);

    private static readonly TimeSpan _unknownWait = TimeSpan.FromHours(6);

    /// <summary>While the provider does not answer: every look that it does not answer takes one of the day's, so not every minute.</summary>
    private static readonly TimeSpan _awayWait = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _untoldWait = TimeSpan.FromHours(24);
    private static readonly TimeSpan _dependencyWait = TimeSpan.FromSeconds(5);

    /// <summary>Why a candidate was not it.</summary>
    /// <param name="Reason">Which gate.</param>
    /// <param name="WaitUntil">When it may pass.</param>
    /// <param name="PoolId">Whose credits it would take.</param>
    /// <param name="AccountId">Who would have sent.</param>
    /// <param name="Closed">The channel is closed for this message: there is nothing to wait for.</param>
    private sealed record Refusal(Reason Reason, DateTimeOffset? WaitUntil, string PoolId, string AccountId, bool Closed = false);

    /// <summary>What one search has found out so far.</summary>
    private sealed class Course
    {
        public HashSet<(string AccountId, Wire.Channel Channel)> Excluded { get; } = [];

        public HashSet<(string AccountId, Product Product)> LookedAt { get; } = [];

        /// <summary>Senders for whom the provider did not answer: it may in a moment, and then everything may be known.</summary>
        public HashSet<string> Away { get; } = [];

        public List<Refusal> Refusals { get; } = [];

        /// <summary>A sender lacked a credit, and the policy takes no other's in its stead (F25).</summary>
        public bool NoOtherCredit { get; set; }

        /// <summary>A free candidate only waits: nothing is spent in its stead, and no e-mail goes, which is for when LinkedIn fails.</summary>
        public bool FreeOneWaits { get; set; }

        public bool Final { get; set; }
    }

    public async Task SendAsync(MessageInHand at, CancellationToken ct)
    {
        try
        {
            var senders = await routes.SendersAsync(at.Tenant, at.Message.AccountIds, ct);
            await SearchAsync(at, senders, new Course(), ct);
        }
        catch (RpcException unanswered) when (!ct.IsCancellationRequested && unanswered.StatusCode is not StatusCode.InvalidArgument)
        {
            // Router or credits do not answer: nothing was sent, and nothing is lost by waiting.
            await prospects.WaitAsync(at, Reason.DependencyUnavailable, at.Now + _dependencyWait, "", ct);
        }
    }

    /// <summary>After a resumed attempt that was not sent: wait, or true to route the message again.</summary>
    public async Task<bool> AfterAsync(MessageInHand at, Attempt attempt, AttemptResult.NotSent result, CancellationToken ct)
    {
        if (result.Effect == RefusalEffect.NextCandidate || result.RouteAgain)
        {
            await SendAsync(await prospects.FindAsync(at.Tenant, at.ProspectId, at.Message.Id, ct) ?? at, ct);
            return false;
        }

        if (await EndsAsync(at, result, ct))
            return false;
        var course = new Course();
        course.Refusals.Add(new(result.Reason, result.WaitUntil, attempt.PoolId, attempt.AccountId));
        await RestAsync(at, null, course, ct);
        return false;
    }

    private async Task SearchAsync(MessageInHand at, IReadOnlyList<SenderInHand> senders, Course course, CancellationToken ct)
    {
        if (senders.Count == 0)
        {
            await prospects.EndAsync(at, Reason.NoRoute, ct);
            return;
        }

        Wire.Decision? decision = null;
        for (var turn = 0; turn < MaxTurns; turn++)
        {
            decision ??= await routes.RouteAsync(at.Tenant, at.Prospect, at.Message, at.Content, senders, course.Final, explain: false, at.Now, ct);
            var next = decision.Candidates.FirstOrDefault(judged => judged.Verdict is Wire.Verdict.Eligible or Wire.Verdict.NeedsFacts
                && !course.Excluded.Contains((judged.AccountId, judged.Channel)) && !(course.FreeOneWaits && (judged.CreditCost > 0 || judged.Channel == Wire.Channel.Email))
                && !(course.NoOtherCredit && judged.CreditCost > 0));
            if (next is null)
            {
                await RestAsync(at, decision, course, ct);
                return;
            }

            var sender = senders.First(one => one.Account.Id == next.AccountId);
            var candidate = Routes.Candidate(next, sender);
            var view = at.Prospect.ViewOf(next.AccountId);
            if (next.Verdict == Wire.Verdict.NeedsFacts || !Sends.IsAddressed(candidate, view))
            {
                switch (await LookAsync(at, sender, next, candidate, course, ct))
                {
                    case Looked.NoSuchProfile:
                        await prospects.EndAsync(at, Reason.InvalidRecipient, ct);
                        return;
                    case Looked.Known:
                        at = await prospects.FindAsync(at.Tenant, at.ProspectId, at.Message.Id, ct) ?? at;
                        break;
                }

                decision = null;
                continue;
            }

            var (again, refusal) = await TryAsync(at, sender, candidate, decision.DecideTime.ToDateTimeOffset(), ct);
            if (refusal is null || await EndsAsync(at, refusal, ct))
                return;
            course.Refusals.Add(new(refusal.Reason, refusal.WaitUntil, candidate.PoolId, candidate.AccountId, Closed: again));
            course.Excluded.Add((next.AccountId, next.Channel));
            if (refusal.Effect != RefusalEffect.NextCandidate && !again)
            {
                await RestAsync(at, decision, course, ct);
                return;
            }

            if (RefusalEffects.IsWantOfCredit(refusal.Reason) && await ExhaustedAsync(at, decision, refusal, course, ct))
                return;

            // A mailbox that is refused waits for a person, and nobody knows how long.
            course.FreeOneWaits |= next.CreditCost == 0 && !again && refusal.Reason != Reason.MailboxRefused && refusal.WaitUntil <= at.Now + _patience;
            at = await prospects.FindAsync(at.Tenant, at.ProspectId, at.Message.Id, ct) ?? at;
            if (again)
                decision = null;
        }

        await RestAsync(at, decision, course, ct);
    }

    /// <summary>One look per sender and subscription. What is not to be had is decided without.</summary>
    private async Task<Looked> LookAsync(MessageInHand at, SenderInHand sender, Wire.Candidate judged, Candidate candidate, Course course, CancellationToken ct)
    {
        var product = judged.Verdict == Wire.Verdict.NeedsFacts || !Sends.HasIdsOfItsOwn(candidate.Product) ? Product.Unspecified : candidate.Product;
        // What stands on no profile is not looked for on one: every look is one of the day's.
        var onProfile = judged.Verdict != Wire.Verdict.NeedsFacts || judged.Facts.Any(fact => Facts.IsOnProfile(fact.Kind));
        var looked = onProfile && course.LookedAt.Add((judged.AccountId, product))
            ? await facts.LookAsync(at.Tenant, at.ProspectId, at.Content.PublicIdentifier, sender.Account, product, ct)
            : new Looked.NotAllowed();
        if (looked is Looked.NoAnswer)
            course.Away.Add(judged.AccountId);
        var inVain = looked is Looked.NotAllowed or Looked.NoAnswer;
        if (inVain && judged.Verdict == Wire.Verdict.NeedsFacts)
        {
            if (course.Final)
                course.Excluded.Add((judged.AccountId, judged.Channel));
            course.Final = true;
        }
        else if (inVain)
        {
            course.Excluded.Add((judged.AccountId, judged.Channel));
            course.Refusals.Add(course.Away.Contains(judged.AccountId)
                ? new(Reason.ProviderUnavailable, at.Now + (_awayWait * (1 + (0.2 * Random.Shared.NextDouble()))), "", judged.AccountId)
                : new(Reason.FactUnknown, at.Now + _unknownWait, "", judged.AccountId));
        }

        return looked;
    }

    /// <summary>Opens an attempt at the candidate and runs it. No refusal: this worker is done with the message.</summary>
    private async Task<(bool RouteAgain, AttemptResult.NotSent? Refusal)> TryAsync(MessageInHand at, SenderInHand sender, Candidate candidate, DateTimeOffset decideTime, CancellationToken ct)
    {
        if (Gates.Shut(sender.Account.Account, candidate.Channel, Random.Shared.NextDouble(), at.Now) is { } shut)
        {
            gates.Refused(GateMeter.Account, shut.Reason);
            return (false, new AttemptResult.NotSent(shut.Reason, shut.WaitUntil, RefusalEffects.Of(shut.Effect), RouteAgain: false));
        }

        switch (await prospects.OpenAsync(at, candidate, decideTime, ct))
        {
            case OpenAnswer.Opened opened:
                return await attempts.RunAsync(at, opened.Attempt, resumed: false, ct) is AttemptResult.NotSent notSent ? (notSent.RouteAgain, notSent) : (false, null);
            case OpenAnswer.Refused refused:
                gates.Refused(GateMeter.Prospect, refused.Reason);
                return (false, new AttemptResult.NotSent(refused.Reason, refused.WaitUntil, RefusalEffects.Of(refused.Reason), RouteAgain: false));
            case OpenAnswer.Ended ended:
                gates.Refused(GateMeter.Prospect, ended.Change.Messages[0].Reason);
                return (false, null);
            default:
                return (false, null);
        }
    }

    /// <summary>What the router did not know: the credit was gone when it came to it. What follows is the policy's to say, as where the router finds it so (F25); true if nothing more is tried.</summary>
    private async Task<bool> ExhaustedAsync(MessageInHand at, Wire.Decision decision, AttemptResult.NotSent refusal, Course course, CancellationToken ct)
    {
        switch ((await policies.OfAsync(at.Tenant, at.Message.Policy, ct))?.OnExhaustion)
        {
            case Wire.OnExhaustion.Fail when !decision.Candidates.Any(judged => judged.Verdict == Wire.Verdict.Waits):
                await prospects.EndAsync(at, refusal.Reason, ct);
                return true;
            // What waits may stand before the credit: the router, which knows of the want when it is asked again, tells.
            case Wire.OnExhaustion.Fail or Wire.OnExhaustion.Wait:
                await RestAsync(at, decision, course, ct);
                return true;
            case Wire.OnExhaustion.NextChannel:
                course.NoOtherCredit = true;
                return false;
            default:
                return false;
        }
    }

    /// <summary>Some refusals are the message's end although they would pass: the account's own rule says so.</summary>
    private async Task<bool> EndsAsync(MessageInHand at, AttemptResult.NotSent refusal, CancellationToken ct)
    {
        if (refusal.Effect != RefusalEffect.End)
            return false;
        await prospects.EndAsync(at, refusal.Reason, ct);
        return true;
    }

    /// <summary>No candidate carries the message now: it waits for the first that may, or ends.</summary>
    private async Task RestAsync(MessageInHand at, Wire.Decision? decision, Course course, CancellationToken ct)
    {
        var waits = course.Refusals.Where(refusal => !refusal.Closed && RefusalEffects.Passes(refusal.Reason)).ToList();
        if (decision is not null)
            waits.AddRange(decision.Candidates.Where(judged => judged.Verdict == Wire.Verdict.Waits)
                .Select(judged => new Refusal((Reason)judged.Reason, judged.WaitUntil?.ToDateTimeOffset(), judged.PoolId, judged.AccountId)));
        if (waits.Count == 0)
        {
            var reason = course.Refusals.Count > 0 ? course.Refusals[0].Reason : (Reason)(decision?.Reason ?? Wire.Reason.NoRoute);
            await prospects.EndAsync(at, reason == Reason.Unspecified ? Reason.NoRoute : reason, ct);
            return;
        }

        // Waiting for a credit stays waiting for a credit, whatever the candidates after it said: only so is it found when credits come.
        var forCredit = waits.Find(wait => RefusalEffects.IsForCredit(wait.Reason));
        var first = waits.MinBy(wait => wait.WaitUntil ?? at.Now + _untoldWait)!;
        var pool = forCredit is null ? "" : forCredit.PoolId.Length > 0 ? forCredit.PoolId : PoolOf(decision, forCredit.Reason);
        var until = first.WaitUntil ?? at.Now + _untoldWait;
        var stood = at.Message.DemandPool;
        // Its turn came, and its sender needs a moment: it must not go back behind those who waited with it.
        var hasTurn = forCredit is null && stood.Length > 0 && waits.Exists(wait => wait.PoolId == stood && wait.WaitUntil is not null && RefusalEffects.KeepsTurn(wait.Reason))
            && await demands.KeepTurnAsync(at.Tenant, stood, at.Message.Id, until, ct);
        if (stood.Length > 0 && !hasTurn && stood != pool)
            await demands.LeaveAsync(at.Tenant, stood, at.Message.Id, spent: false, ct);
        if (pool.Length > 0)
            await demands.WaitForCreditAsync(at.Tenant, pool, at.Message.Id, at.Message.Priority, ct);
        var standsIn = hasTurn ? stood : pool;
        if (!await prospects.WaitAsync(at, (forCredit ?? first).Reason, until, standsIn, ct))
        {
            // It ended meanwhile, or somebody else has it: nobody would take it out.
            if (standsIn.Length > 0)
                await demands.LeaveAsync(at.Tenant, standsIn, at.Message.Id, spent: false, ct);
            return;
        }

        // The router judged by the open breaker, so that nobody asked the account.
        if (decision?.Candidates.FirstOrDefault(judged => judged is { Verdict: Wire.Verdict.Waits, Reason: Wire.Reason.BreakerOpen }) is { } spared)
            await accounts.SkippedAsync(at.Tenant, spared.AccountId, at.ProspectId, at.Message.Id, ct);
        // Credits may have come between the judgement and the wait: then nobody will wake it for them.
        if (pool.Length > 0 && forCredit!.Reason != Reason.BreakerOpen && await pools.HasCreditForAsync(at.Tenant, pool, at.Message.Id, at.Message.Priority, ct))
            await prospects.WakeAsync(at.Tenant, at.ProspectId, at.Message.Id, at.Now + _dependencyWait, ct);
        // The books say that there is none; the provider may know of more, and what it says wakes who waits. Asked by then, so that nobody misses it.
        if (forCredit is { Reason: Reason.AccountInmailCreditsExhausted } && pool.Length > 0 && await demands.IsBalanceReadDueAsync(at.Tenant, pool, at.Now - inbox.Value.BalanceAfterRefusal, ct))
            await accounts.WantBalanceAsync(at.Tenant, forCredit.AccountId, ct);
    }

    private static string PoolOf(Wire.Decision? decision, Reason reason) =>
        decision?.Candidates.FirstOrDefault(judged => (Reason)judged.Reason == reason && judged.PoolId.Length > 0)?.PoolId ?? "";
}
