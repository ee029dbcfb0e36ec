using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Pennypost.Sandbox.Acts;
using Pennypost.Sandbox.Api;
using Pennypost.Sandbox.Controls;
using Pennypost.Sandbox.Rules;
using Pennypost.Sandbox.Webhooks;

namespace Pennypost.Sandbox;

/// <summary>
/// The sandbox provider: an HTTP server that speaks the provider's v1 API, keeps LinkedIn's rules, and counts what every recipient really got.
/// What can be called and controlled is in this folder's README.
/// </summary>
public static class SandboxHost
{
    /// <summary>Adds the sandbox. Configuration: <c>Sandbox</c>; a folder named by <c>Sandbox:SecretsPath</c> has a file per setting, such as <c>Sandbox__ApiKey</c>.</summary>
    public static WebApplicationBuilder AddSandbox(this WebApplicationBuilder builder)
    {
        if (builder.Configuration[$"{SandboxOptions.Section}:SecretsPath"] is { Length: > 0 } secrets)
            builder.Configuration.AddKeyPerFile(Path.GetFullPath(secrets), optional: false);
        builder.Services.AddOptionsWithValidateOnStart<SandboxOptions>()
            .BindConfiguration(SandboxOptions.Section)
            .ValidateDataAnnotations()
            .Validate(
                o => o.RetryDelaysMs is { Count: <= 5 } delays && delays.All(d => d is >= 0 and <= 3_600_000),
                "Sandbox:WebhookRetryDelaysMs must hold at most 5 delays from 0 to 3600000 ms.")
            .Validate(o => o.WorldFile is null || File.Exists(o.WorldFile), "Sandbox:WorldFile names a file that does not exist.");
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<Stage>();
        builder.Services.AddSingleton<ApiPause>();
        builder.Services.AddSingleton<Calls>();
        builder.Services.AddSingleton<Control>();
        builder.Services.AddHostedService<Opening>();
        builder.Services.AddHostedService<Postman>();
        return builder;
    }

    public static WebApplication MapSandbox(this WebApplication app)
    {
        app.Use(GuardAsync);
        var v1 = app.MapGroup("/api/v1");
        ChatEndpoints.Map(v1);
        UserEndpoints.Map(v1);
        PostEndpoints.Map(v1);
        AccountEndpoints.Map(v1);
        WebhookEndpoints.Map(v1);
        var sandbox = app.MapGroup("/sandbox/v1");
        AccountControls.Map(sandbox);
        PeopleControls.Map(sandbox);
        ClockControls.Map(sandbox);
        FaultControls.Map(sandbox);
        JudgeControls.Map(sandbox);
        app.MapGet("/health", () => "ok");
        app.MapFallback((HttpContext http) => Answer.Error(ErrorType.ResourceNotFound, "No such endpoint.").WriteAsync(http));
        return app;
    }

    /// <summary>Asks for the key, and turns a bug into the provider's own answer for one.</summary>
    private static async Task GuardAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path != "/health" && http.RequestServices.GetRequiredService<Calls>().CheckKey(http) is { } refusal)
        {
            await refusal.WriteAsync(http);
            return;
        }

        try
        {
            await next(http);
        }
        catch (Exception problem) when (!http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted)
        {
            Log.CallFailed(http.RequestServices.GetRequiredService<ILogger<Calls>>(), http.Request.Path, problem);
            await Answer.Error(ErrorType.UnexpectedError, null).WriteAsync(http);
        }
    }

    /// <summary>Opens the world before the first call, and fills an empty one from the configured document.</summary>
    private sealed class Opening(Stage stage, IOptions<SandboxOptions> options, ILogger<Opening> logger) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            if (options.Value.WorldFile is { } path && stage.Do(world => world.Accounts.Count == 0 && world.Prospects.Count == 0))
            {
                using var document = System.Text.Json.JsonDocument.Parse(await File.ReadAllBytesAsync(path, cancellationToken));
                var answer = stage.Do(world => Populating.Load(world, new(document.RootElement, []), options.Value));
                if (answer.IsRefusal)
                    throw new InvalidOperationException($"Sandbox:WorldFile '{path}' is refused: {answer}");
            }

            stage.Do(world =>
            {
                Log.WorldOpened(logger, options.Value.Path, world.Accounts.Count, world.Prospects.Count, world.DeliveryLog.Count, world.Now);
                return true;
            });
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
