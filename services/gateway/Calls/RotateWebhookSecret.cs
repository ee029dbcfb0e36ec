using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Gateway.WebhooksOut;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    private static readonly TimeSpan UsualOverlap = TimeSpan.FromHours(24);

    public override async Task<RotateWebhookSecretResponse> RotateWebhookSecret(RotateWebhookSecretRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("webhook_id", request.WebhookId);
            if (request.Overlap is { } asked && (asked.Nanos != 0 || asked.Seconds is < 0 or > 7 * 86_400)) violations.Add("overlap", "must be 0 s to 7 days in whole seconds");
        });
        var secret = Signatures.NewSecret();
        var overlap = request.Overlap is null ? UsualOverlap : TimeSpan.FromSeconds(request.Overlap.Seconds);
        var act = new OperatorAct { Kind = OperatorActKind.RotateWebhookSecret, WebhookId = request.WebhookId, Overlap = Duration.FromTimeSpan(overlap) };
        return await acts.RecordAsync(context, act, async () =>
        {
            var until = await webhooks.RotateAsync(context.Caller().Tenant, request.WebhookId, secret, overlap, context.CancellationToken) ?? throw Errors.WebhookNotFound(request.WebhookId);
            return new RotateWebhookSecretResponse { Secret = secret.Reveal(), OverlapUntil = Timestamp.FromDateTimeOffset(until) };
        });
    }
}
