using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Pennypost.Standins.Tests.Grpc;

public sealed class ConfiguringAChannel(EchoServer server) : IClassFixture<EchoServer>
{
    private static readonly CallCredentials Token = CallCredentials.FromInterceptor((context, metadata) =>
    {
        metadata.Add("authorization", $"Bearer {context.MethodName}");
        return Task.CompletedTask;
    });

    [Fact]
    public async Task Sends_call_credentials_over_an_insecure_channel_that_allows_it()
    {
        using var channel = server.Channel(options =>
        {
            options.Credentials = ChannelCredentials.Create(ChannelCredentials.Insecure, Token);
            options.UnsafeUseInsecureChannelCallCredentials = true;
        });

        Assert.Equal("Bearer Say", (await new Echo.EchoClient(channel).SayAsync(new Word { Text = "authorization" })).Text);
    }

    [Fact]
    public void Refuses_call_credentials_over_an_insecure_channel_that_does_not_allow_it() =>
        Assert.ThrowsAny<Exception>(() => server.Channel(options => options.Credentials = ChannelCredentials.Create(ChannelCredentials.Insecure, Token)));

    [Fact]
    public async Task Sends_the_credentials_of_one_call_and_composed_ones_in_order()
    {
        using var channel = server.Channel(options => options.UnsafeUseInsecureChannelCallCredentials = true);
        var client = new Echo.EchoClient(channel);

        Assert.Equal("Bearer Say", (await client.SayAsync(new Word { Text = "authorization" }, new CallOptions(credentials: Token))).Text);
        Assert.Equal("Bearer Say, Bearer Say", (await client.SayAsync(new Word { Text = "authorization" }, new CallOptions(credentials: CallCredentials.Compose(Token, Token)))).Text);
    }

    [Fact]
    public async Task Repeats_a_failed_call_as_often_as_its_policy_says()
    {
        using var channel = server.Channel(options => options.ServiceConfig = new ServiceConfig
        {
            MethodConfigs =
            {
                new MethodConfig
                {
                    Names = { MethodName.Default },
                    RetryPolicy = new RetryPolicy { MaxAttempts = 3, InitialBackoff = TimeSpan.FromMilliseconds(5), MaxBackoff = TimeSpan.FromMilliseconds(20), BackoffMultiplier = 1.5, RetryableStatusCodes = { StatusCode.Unavailable } },
                },
            },
        });
        var client = new Echo.EchoClient(channel);

        Assert.Equal(3, (await client.FailAsync(new Word { Text = Guid.NewGuid().ToString(), Times = 2 })).Times);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await client.FailAsync(new Word { Text = Guid.NewGuid().ToString(), Times = 3 }));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    [Fact]
    public async Task Spreads_calls_over_the_addresses_of_a_static_resolver()
    {
        var second = new EchoServer();
        await second.InitializeAsync();
        try
        {
            var addresses = new[] { server.Address, second.Address }.Select(address => new BalancerAddress(address.Host, address.Port)).ToArray();
            await using var services = new ServiceCollection().AddSingleton<ResolverFactory>(new StaticResolverFactory(_ => addresses)).BuildServiceProvider();
            using var channel = GrpcChannel.ForAddress("static:///echo", new GrpcChannelOptions
            {
                Credentials = ChannelCredentials.Insecure,
                ServiceProvider = services,
                ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new RoundRobinConfig() } },
            });
            var client = new Echo.EchoClient(channel);
            var before = server.Seen.Calls;
            var deadline = DateTime.UtcNow.AddSeconds(20);
            while (server.Seen.Calls == before || second.Seen.Calls == 0)
            {
                Assert.True(DateTime.UtcNow < deadline, "one of two addresses was never called");
                await client.SayAsync(new Word { Text = "x" }, new CallOptions(deadline: deadline).WithWaitForReady());
            }

            Assert.Equal(ConnectivityState.Ready, channel.State);
            await channel.ShutdownAsync();
        }
        finally
        {
            await second.DisposeAsync();
        }
    }

    [Fact]
    public async Task Passes_every_kind_of_call_through_interceptors_from_the_outside_in()
    {
        var seen = new List<string>();
        using var channel = server.Channel();
        var client = new Echo.EchoClient(channel.Intercept(new Notes(seen, "outer"), new Notes(seen, "inner")));

        await client.SayAsync(new Word());
        client.Say(new Word());
        using (var repeat = client.Repeat(new Word { Times = 1 })) Assert.True(await repeat.ResponseStream.MoveNext());
        using (var count = client.Count())
        {
            await count.RequestStream.CompleteAsync();
            await count;
        }
        using (var chat = client.Chat())
        {
            await chat.RequestStream.CompleteAsync();
            Assert.False(await chat.ResponseStream.MoveNext());
        }

        Assert.Equal(["outer unary", "inner unary", "outer blocking", "inner blocking", "outer server", "inner server", "outer client", "inner client", "outer duplex", "inner duplex"], seen);
    }

    [Fact]
    public async Task Gives_every_call_the_headers_of_a_function()
    {
        using var channel = server.Channel();
        var client = new Echo.EchoClient(channel.Intercept(headers =>
        {
            headers.Add("authorization", "by function");
            return headers;
        }));

        Assert.Equal("by function", (await client.SayAsync(new Word { Text = "authorization" })).Text);
    }

    [Fact]
    public async Task Passes_every_kind_of_handler_through_the_servers_interceptor()
    {
        var client = server.Client();
        using var unary = client.SayAsync(new Word());
        await unary;
        using var counting = client.Count();
        await counting.RequestStream.CompleteAsync();
        await counting;
        using var repeating = client.Repeat(new Word());
        while (await repeating.ResponseStream.MoveNext()) Assert.Fail("nothing was asked for");
        using var chatting = client.Chat();
        await chatting.RequestStream.CompleteAsync();
        while (await chatting.ResponseStream.MoveNext()) Assert.Fail("nothing was said");

        Assert.Equal("unary", unary.GetTrailers().GetValue("intercepted"));
        Assert.Equal("client-streaming", counting.GetTrailers().GetValue("intercepted"));
        Assert.Equal("server-streaming", repeating.GetTrailers().GetValue("intercepted"));
        Assert.Equal("duplex", chatting.GetTrailers().GetValue("intercepted"));
    }

    private sealed class Notes(List<string> seen, string name) : Interceptor
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add(name + " blocking");
            return continuation(request, context);
        }

        // Wraps the call, as interceptors do that want to see its end.
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add(name + " unary");
            var call = continuation(request, context);
            return new AsyncUnaryCall<TResponse>(call.ResponseAsync, call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add(name + " server");
            var call = continuation(request, context);
            return new AsyncServerStreamingCall<TResponse>(call.ResponseStream, call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add(name + " client");
            var call = continuation(context);
            return new AsyncClientStreamingCall<TRequest, TResponse>(call.RequestStream, call.ResponseAsync, call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add(name + " duplex");
            var call = continuation(context);
            return new AsyncDuplexStreamingCall<TRequest, TResponse>(call.RequestStream, call.ResponseStream, call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }
    }
}
