using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<LintContentResponse> LintContent(LintContentRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await dispatcher.LintContentAsync(
            new Dispatcher.V1.LintContentRequest { Content = request.Content, SendTime = request.SendTime, Tier = request.Tier }, OnBehalf.Of(context));
        return new LintContentResponse { Findings = { answer.Findings } };
    }
}
