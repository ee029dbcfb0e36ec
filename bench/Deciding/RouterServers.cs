using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Pennypost.Bench.Servers;
using Pennypost.Hosting;
using Pennypost.Router;
using Pennypost.Router.V1;
using Pennypost.Routing;

namespace Pennypost.Bench.Deciding;

/// <summary>The router as it is run, and what it is held against: echoes that send the same bytes and decide nothing.</summary>
internal static class RouterServers
{
    /// <summary>The product as it is run, but for e-mail, which is off so that a sender has five channels.</summary>
    public static Task<int> RouterAsync(CancellationToken ct)
    {
        var builder = Front.Ours();
        builder.Configuration[$"{RouterOptions.Section}:{nameof(RouterOptions.Email)}"] = nameof(EmailPlace.Never);
        builder.AddRouter();
        var app = builder.Build();
        app.MapRouter();
        return Front.UntilInputEndsAsync(app, PennypostHosting.GrpcAddress, ct);
    }

    /// <summary>The control: the framework alone. It reads no message and writes none, only their bytes.</summary>
    public static Task<int> BytesAsync(CancellationToken ct)
    {
        var builder = Front.Bare();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<BytesEcho>();
        builder.Services.AddSingleton<IServiceMethodProvider<BytesEcho>, BytesEchoMethods>();
        var app = builder.Build();
        app.MapGrpcService<BytesEcho>();
        return Front.UntilInputEndsAsync(app, Front.BareAddress, ct);
    }

    /// <summary>And the messages: the request read, the answer written.</summary>
    public static Task<int> MessagesAsync(CancellationToken ct)
    {
        var builder = Front.Bare();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<MessageEcho>();
        var app = builder.Build();
        app.MapGrpcService<MessageEcho>();
        return Front.UntilInputEndsAsync(app, Front.BareAddress, ct);
    }

    /// <summary>And our front: authentication, limits, errors.</summary>
    public static Task<int> FrontAsync(CancellationToken ct) => Front.ServeAsync(Front.BehindOurFront<MessageEcho>(), app => app.MapGrpcService<MessageEcho>(), ct);

    private sealed class MessageEcho : RouterService.RouterServiceBase
    {
        // By the number of senders, which tells the questions apart.
        private readonly Dictionary<int, RouteResponse> kept = Questions.Sizes.Select(size => Questions.Of(size)).ToDictionary(question => question.Senders.Count, question => new RouteResponse { Decision = Questions.Answer(question) });

        public override Task<RouteResponse> Route(RouteRequest request, ServerCallContext context) => Task.FromResult(kept[request.Senders.Count]);

        public override async Task RouteMany(IAsyncStreamReader<RouteManyRequest> requestStream, IServerStreamWriter<RouteManyResponse> responseStream, ServerCallContext context)
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                var item = requestStream.Current;
                await responseStream.WriteAsync(new RouteManyResponse { CorrelationId = item.CorrelationId, Decision = kept[item.Route.Senders.Count].Decision }, context.CancellationToken);
            }
        }
    }

    private sealed class BytesEchoMethods : IServiceMethodProvider<BytesEcho>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<BytesEcho> context)
        {
            context.AddUnaryMethod(
                new Method<byte[], byte[]>(MethodType.Unary, Routes.Service, "Route", BytesEcho.Bytes, BytesEcho.Bytes), [], (echo, request, _) => Task.FromResult(echo.Answers[request.Length]));
            context.AddDuplexStreamingMethod(
                new Method<byte[], byte[]>(MethodType.DuplexStreaming, Routes.Service, "RouteMany", BytesEcho.Bytes, BytesEcho.Bytes),
                [],
                async (echo, requests, responses, call) =>
                {
                    while (await requests.MoveNext(call.CancellationToken)) await responses.WriteAsync(echo.Answers[requests.Current.Length], call.CancellationToken);
                });
        }
    }
}

/// <summary>Answers of the router as bytes, by how many bytes their question has, which tells the questions apart.</summary>
internal sealed class BytesEcho
{
    public static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);

    public IReadOnlyDictionary<int, byte[]> Answers { get; } = Questions.Sizes
        .SelectMany(size => new[]
        {
            (Question: Questions.Of(size).ToByteArray(), Answer: new RouteResponse { Decision = Questions.Answer(Questions.Of(size)) }.ToByteArray()),
            (Question: Questions.Item(size).ToByteArray(), Answer: Questions.AnswerToItem(Questions.Item(size)).ToByteArray()),
        })
        .ToDictionary(pair => pair.Question.Length, pair => pair.Answer);
}
