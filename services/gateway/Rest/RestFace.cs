using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Pennypost.Gateway.Admin;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Pennypost.Gateway.Rest;

/// <summary>
/// REST with JSON, from the annotations of the public services: every rpc's route is read from the descriptors at the start, and its request goes
/// the way of every call. There is no second implementation.
/// </summary>
internal sealed class RestFace(PublicApi api, AdminApi admin, CallPipeline pipeline, IOptionsMonitor<HostingOptions> hosting)
{
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    /// <summary>Adds a route per annotated rpc.</summary>
    public void Map(WebApplication app)
    {
        PennypostService.BindService(new Routes(this, app, PennypostService.Descriptor), api);
        AdminService.BindService(new Routes(this, app, AdminService.Descriptor), admin);
    }

    private async Task UnaryAsync<TRequest, TResponse>(HttpContext http, HttpBinding binding, IMethod rpc, UnaryServerMethod<TRequest, TResponse> handler)
        where TRequest : class, IMessage, new() where TResponse : class, IMessage
    {
        var settings = hosting.CurrentValue;
        using var call = new RestCall(http, rpc.FullName, TimeSpan.FromSeconds(settings.MaxUnarySeconds));
        try
        {
            var request = new TRequest();
            // Whoever has no key learns nothing about requests: read only inside.
            var answer = await pipeline.UnaryAsync<RequestOnTheWire, TResponse>(async (wire, context) =>
            {
                request = await RestRequest.ReadAsync<TRequest>(wire.Http, binding, settings.MaxReceiveMessageBytes, context);
                return await handler(request, context);
            }, new RequestOnTheWire(http), call);
            await AnswerAsync(http, request, answer);
        }
        catch (RpcException exception)
        {
            var fault = RpcFault.From(exception);
            await HttpFault.WriteAsync(http, fault, EntityTags.Status(http.Request, fault));
        }
    }

    private static async Task AnswerAsync(HttpContext http, IMessage request, IMessage answer)
    {
        if (EntityTags.Of(request, answer) is { } tag)
        {
            http.Response.Headers.ETag = tag.ToString();
            // A browser may keep it, and asks before it uses it.
            http.Response.Headers.CacheControl = "private, no-cache";
            if (EntityTags.IsKnown(http.Request, tag))
            {
                http.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }
        var body = Encoding.UTF8.GetBytes(Json.Format(answer));
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    private Task ServerStreamingAsync<TRequest, TResponse>(HttpContext http, HttpBinding binding, IMethod rpc, ServerStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class, IMessage, new() where TResponse : class, IMessage, new() => StreamAsync<TResponse>(http, rpc, (answers, call) =>
            pipeline.ServerStreamingAsync<RequestOnTheWire, TResponse>(async (wire, writer, context) =>
            {
                var request = await RestRequest.ReadAsync<TRequest>(wire.Http, binding, hosting.CurrentValue.MaxReceiveMessageBytes, context);
                Resume(request, wire.Http);
                await handler(request, writer, context);
            }, new RequestOnTheWire(http), answers, call));

    private Task DuplexStreamingAsync<TRequest, TResponse>(HttpContext http, HttpBinding binding, IMethod rpc, DuplexStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class, IMessage, new() where TResponse : class, IMessage, new() => StreamAsync<TResponse>(http, rpc, (answers, call) =>
        {
            var lines = new RequestLines<TRequest>(http, hosting.CurrentValue.MaxReceiveMessageBytes, call);
            return pipeline.DuplexStreamingAsync<TRequest, TResponse>(async (requests, writer, context) =>
            {
                lines.Begin(binding);
                await handler(requests, writer, context);
            }, lines, answers, call);
        });

    private async Task StreamAsync<TResponse>(HttpContext http, IMethod rpc, Func<StreamedAnswers<TResponse>, RestCall, Task> tell)
        where TResponse : class, IMessage, new()
    {
        using var call = new RestCall(http, rpc.FullName, TimeSpan.FromSeconds(hosting.CurrentValue.MaxStreamSeconds));
        await using var answers = new StreamedAnswers<TResponse>(http, StreamFormat.Of(http.Request.Headers.Accept.ToString(), new TResponse().Descriptor, Json));
        try
        {
            await tell(answers, call);
            await answers.CompleteAsync();
        }
        catch (RpcException exception)
        {
            if (http.RequestAborted.IsCancellationRequested) return;
            if (answers.HasStarted) await answers.FailAsync(RpcFault.From(exception));
            else await HttpFault.WriteAsync(http, RpcFault.From(exception));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left; there is nobody to tell.
        }
    }

    // A browser's EventSource takes a stream up again by this header.
    private static void Resume(IMessage request, HttpContext http)
    {
        if (request.Descriptor.FindFieldByName("resume_token") is not { FieldType: FieldType.String } field) return;
        if (http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last && (string)field.Accessor.GetValue(request) == "") field.Accessor.SetValue(request, last);
    }

    // The pipeline wants a request object; what it is made of is read behind authentication.
    private sealed record RequestOnTheWire(HttpContext Http);

    private sealed class Routes(RestFace face, WebApplication app, ServiceDescriptor service) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            Route(method, typeof(TRequest), typeof(TResponse), handler!, nameof(UnaryAsync));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            Route(method, typeof(TRequest), typeof(TResponse), handler!, nameof(ServerStreamingAsync));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            Route(method, typeof(TRequest), typeof(TResponse), handler!, nameof(DuplexStreamingAsync));

        // The binder knows only that these are classes; that they are messages the generated code guarantees. Bound once, at the start.
        private void Route(IMethod method, Type request, Type response, Delegate handler, string way)
        {
            if (HttpBinding.Of(service.FindMethodByName(method.Name)) is not { } binding) return;
            var run = typeof(RestFace).GetMethod(way, System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!.MakeGenericMethod(request, response);
            var invoke = (Func<HttpContext, Task>)typeof(Routes).GetMethod(nameof(Bind), System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!
                .MakeGenericMethod(handler.GetType()).Invoke(null, [face, run, binding, method, handler])!;
            app.MapMethods(binding.RoutePattern, [binding.Verb], new RequestDelegate(invoke)).WithDisplayName($"{binding.Verb} {binding.Template}");
        }

        private static Func<HttpContext, Task> Bind<THandler>(RestFace face, System.Reflection.MethodInfo run, HttpBinding binding, IMethod method, THandler handler)
        {
            var call = run.CreateDelegate<Func<HttpContext, HttpBinding, IMethod, THandler, Task>>(face);
            return http => call(http, binding, method, handler);
        }
    }
}
