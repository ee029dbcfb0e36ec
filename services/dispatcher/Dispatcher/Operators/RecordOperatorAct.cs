using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Operators;

/// <summary>Takes what was done by hand elsewhere into the tenant's list. It is on record there already: nothing of it is refused that has a kind and a state.</summary>
internal sealed class RecordOperatorAct(OperatorActs acts, Errors errors)
{
    public async Task<RecordOperatorActResponse> HandleAsync(string tenant, RecordOperatorActRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Id("act_id", request.ActId);
        if (violations.Required("act", request.Act))
        {
            if (request.Act.Kind == OperatorActKind.Unspecified)
                violations.Add("act.kind", "is required");
            if (request.Act.State == OperatorActState.Unspecified)
                violations.Add("act.state", "is required");
            violations.Required("act.act_time", request.Act.ActTime);
        }

        if (violations.Any)
            throw errors.Invalid(violations);
        return new RecordOperatorActResponse { Number = await acts.TakeAsync(tenant, request.ActId, request.Act, ct) };
    }
}
