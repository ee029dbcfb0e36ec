using System.Diagnostics;

namespace Pennypost.Ledger;

/// <summary>
/// The rules of InMail credits: from a pool, what it keeps under the command's id, and a command with its time, to what becomes of them. No clock, no storage, no
/// exceptions for what may be refused. The same inputs lead to the same decision, always.
/// </summary>
public static class LedgerRules
{
    /// <summary>Decides one command. Whatever time has brought is booked first.</summary>
    /// <param name="pool">The pool as stored; null if there is none.</param>
    /// <param name="kept">The record stored under the command's own id (hold, top-up or reconcile id); null if there is none.</param>
    /// <param name="command">What is asked, and when.</param>
    public static Decision Decide(Pool? pool, Kept? kept, Command command)
    {
        if (command is Command.OpenPool open)
        {
            return PoolOpening.Decide(pool, open);
        }

        if (pool is null)
        {
            return new Decision(null, null, [], new Answer.NoSuchPool());
        }

        var draft = new Draft(pool);
        Passing.Until(draft, command.Now);
        return command switch
        {
            Command.LetTimePass => draft.Close(null, new Answer.TimePassed()),
            Command.PlaceHold place => Placing.Decide(draft, (Kept.Hold?)kept, place),
            Command.CaptureHold capture => Settling.Capture(draft, (Kept.Hold?)kept, capture),
            Command.ReleaseHold release => Settling.Release(draft, (Kept.Hold?)kept, release),
            Command.RefundHold refund => Refunding.Decide(draft, (Kept.Hold?)kept, refund),
            Command.ImportSend send => Importing.Decide(draft, (Kept.Hold?)kept, send),
            Command.ChangePlan change => PlanChanging.Change(draft, (Kept.PlanChange?)kept, change),
            Command.CancelPlan cancel => PlanChanging.Cancel(draft, (Kept.PlanChange?)kept, cancel),
            Command.ChangeTerms terms => PlanChanging.ChangeTerms(draft, terms),
            Command.VoidLot voided => Voiding.Decide(draft, voided),
            Command.PutSeat seat => LimitSetting.PutSeat(draft, seat),
            Command.PutBudget budget => LimitSetting.PutBudget(draft, budget),
            Command.TopUp topUp => ToppingUp.Decide(draft, (Kept.TopUp?)kept, topUp),
            Command.Reconcile reconcile => Reconciling.Decide(draft, (Kept.Reconciliation?)kept, reconcile),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>The pool at a moment, past renewals, expiries and time-outs booked, and the lines that this adds. For reading, and for looking ahead.</summary>
    public static Decision At(Pool pool, DateTimeOffset moment) => Decide(pool, null, new Command.LetTimePass { Now = moment });
}
