namespace Pennypost.Standalone.Demo;

/// <summary>The installation that the demo is shown on: standalone, or four services elsewhere.</summary>
/// <param name="Rest">The public REST address.</param>
/// <param name="Grpc">The public gRPC address.</param>
/// <param name="Sandbox">The sandbox provider.</param>
/// <param name="Tenant">Whose demo it is.</param>
/// <param name="ApiKey">The tenant's key.</param>
/// <param name="ProviderKey">The sandbox's <c>X-API-KEY</c>.</param>
/// <param name="WebhookSecret">What its webhooks carry.</param>
/// <param name="Clock">What is moved while ten days pass.</param>
/// <param name="RealLimit">How long all of it may take by the wall clock; what is left of the ten days then is left out.</param>
internal sealed record DemoPlace(Uri Rest, Uri Grpc, Uri Sandbox, string Tenant, string ApiKey, string ProviderKey, string WebhookSecret, InstallationClock Clock, TimeSpan RealLimit);
