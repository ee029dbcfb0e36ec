using Pennypost.Hosting;
using Pennypost.Store;

namespace Pennypost.Credits;

/// <summary>The calls on holds: checked, decided and committed, told. One by one here; in bulk by <see cref="TransactStream"/>.</summary>
internal sealed class HoldCalls(PoolBook book, StateStore store, FaultDomain faults, TimeProvider time)
{
    /// <summary>A call that comes alone.</summary>
    public async Task<TResponse> CallAsync<TResponse>(HoldCall<TResponse> call, string tenant, CancellationToken ct) where TResponse : class
    {
        if (await CheckAsync(call, ct) is { Any: true } violations) throw faults.Invalid(violations);
        return call.Tell(await DecideAsync(call, tenant, ct), faults).OrThrow();
    }

    /// <summary>Decides a call that was checked. When it returns, the command is in its place behind those before it.</summary>
    public Task<Booked> DecideAsync(HoldCall call, string tenant, CancellationToken ct)
    {
        var partition = PoolBook.Partition(tenant, call.PoolId);
        var key = KeptDocument.HoldKey(call.HoldId);
        return call.IsNew ? book.DecideNewAsync(partition, key, call.At, call.Asked, ct) : book.DecideKnownAsync(partition, key, call.At, call.Asked, ct);
    }

    /// <summary>What is wrong with a call.</summary>
    public async ValueTask<Violations> CheckAsync(HoldCall call, CancellationToken ct)
    {
        if (call.HasTime) return await CheckAsync(call.Parse, ct);
        var violations = new Violations();
        call.Parse(default, violations);
        return violations;
    }

    /// <summary>
    /// What is wrong with a request whose times are compared with now. The installation's clock is never behind this machine's, so what is not too new for this one is fine;
    /// only what is refused by it is looked at again by the installation's.
    /// </summary>
    public async ValueTask<Violations> CheckAsync(Action<DateTimeOffset, Violations> parse, CancellationToken ct)
    {
        var violations = new Violations();
        parse(time.GetUtcNow(), violations);
        if (violations.Any)
        {
            violations = new Violations();
            parse(await store.NowAsync(ct), violations);
        }

        return violations;
    }
}
