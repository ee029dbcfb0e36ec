using Microsoft.Extensions.Options;
using Pennypost.Hosting;
using Pennypost.Router.Planning;

namespace Pennypost.Router;

/// <summary>The router: a leaf that keeps nothing and calls nobody, so that any number of it may run.</summary>
public static class RouterHost
{
    /// <summary>Adds the router's parts.</summary>
    public static WebApplicationBuilder AddRouter(this WebApplicationBuilder builder)
    {
        builder.AddPennypostHosting("router").RequireServiceToken();
        builder.Services.AddOptionsWithValidateOnStart<RouterOptions>().BindConfiguration(RouterOptions.Section).ValidateDataAnnotations();
        builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<RouterOptions>>().Value.ToPolicy());
        builder.Services.AddSingleton<RouteMeter>();
        builder.Services.AddSingleton<PlanCalls>();
        builder.Services.AddSingleton<Errors>();
        return builder;
    }

    /// <summary>Maps the router's calls.</summary>
    public static WebApplication MapRouter(this WebApplication app)
    {
        app.MapPennypostHosting();
        app.MapGrpcService<RouterEdge>();
        return app;
    }
}
