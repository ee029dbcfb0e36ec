using Grpc.Core;
using Pennypost.Gateway.Events;
using Pennypost.Gateway.V1;
using Pennypost.Gateway.WebhooksOut;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PutWebhookResponse> PutWebhook(PutWebhookRequest request, ServerCallContext context)
    {
        Check(context, violations => Shape(violations, request.Webhook));
        var secret = Signatures.NewSecret();
        var act = new OperatorAct { Kind = OperatorActKind.PutWebhook, WebhookId = request.Webhook.WebhookId };
        return await acts.RecordAsync(context, act, async () => await webhooks.PutAsync(context.Caller().Tenant, request.Webhook, secret, context.CancellationToken) switch
        {
            WebhookPut.Kept kept => new PutWebhookResponse { Webhook = kept.Webhook.Shown, Secret = kept.IsNew ? secret.Reveal() : "" },
            WebhookPut.TooMany => throw Errors.TooManyWebhooks(WebhookBook.MaxWebhooks),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
    }

    private void Shape(Violations violations, Webhook? webhook)
    {
        if (!violations.Required("webhook", webhook)) return;
        violations.Id("webhook.webhook_id", webhook!.WebhookId);
        violations.Length("webhook.url", webhook.Url, 1, 2_000);
        if (webhook.Url.Length is > 0 and <= 2_000 && Addresses.Violation(webhook.Url, delivering.Value.AllowLoopback) is { } wrong) violations.Add("webhook.url", wrong);
        if (webhook.Filter is { } filter) EventFilters.Shape(violations, "webhook.filter.", filter.Types_, filter.Subjects);
        violations.Length("webhook.display_name", webhook.DisplayName, 0, 200);
    }
}
