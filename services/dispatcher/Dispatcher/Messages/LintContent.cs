using Pennypost.Hosting;
using Pennypost.Router.V1;

namespace Pennypost.Dispatcher.Messages;

/// <summary>Hands texts to the router, which knows what is wrong with them; what is wrong with the request it says too, under the same names.</summary>
internal sealed class LintContent(RouterService.RouterServiceClient router)
{
    public async Task<V1.LintContentResponse> HandleAsync(string tenant, V1.LintContentRequest request, CancellationToken ct)
    {
        var answer = await router.LintContentAsync(new() { Content = request.Content, SendTime = request.SendTime, Tier = request.Tier }, OnBehalf.Of(tenant, ct));
        return new() { Findings = { answer.Findings } };
    }
}
