using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Core.Utils;

namespace Pennypost.Standins.Tests.Grpc;

/// <summary>Points in which an earlier version of the stand-ins differed from the official package: each was seen there and is held here.</summary>
public sealed class StandingInForCoreApi
{
    [Fact]
    public void Allows_metadata_to_change_while_it_is_searched()
    {
        var metadata = new Metadata { { "k", "1" }, { "k", "2" } };

        var seen = new List<string>();
        foreach (var entry in metadata.GetAll("K"))
        {
            seen.Add(entry.Value);
            if (seen.Count == 1) metadata.Add("k", "3");
        }

        Assert.Equal(["1", "2", "3"], seen);
        Assert.Equal("3", metadata.GetValue("k"));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("X-Key_1.a", true)]
    [InlineData("\u212A", false)]
    [InlineData("a b", false)]
    [InlineData("é", false)]
    public void Checks_a_key_before_lower_casing_it(string key, bool allowed)
    {
        if (allowed) Assert.Equal(key.ToLowerInvariant(), new Metadata.Entry(key, "v").Key);
        else Assert.Throws<ArgumentException>(() => new Metadata.Entry(key, "v"));
    }

    [Fact]
    public void Keeps_text_and_bytes_apart_by_the_key()
    {
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("k-bin", "v"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("k", new byte[] { 1 }));
        Assert.Throws<InvalidOperationException>(() => new Metadata.Entry("k-bin", new byte[] { 1 }).Value);
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("k", "v"));

        var bytes = new byte[] { 1, 2 };
        var entry = new Metadata.Entry("k-bin", bytes);
        bytes[0] = 9;
        entry.ValueBytes[1] = 9;
        Assert.Equal([1, 2], entry.ValueBytes);
    }

    [Fact]
    public void Refuses_arrays_where_a_marshaller_works_by_contexts()
    {
        var marshaller = Marshallers.Create<string>((_, _) => { }, _ => "");

        Assert.Throws<NotImplementedException>(() => marshaller.Serializer("x"));
        Assert.Throws<NotImplementedException>(() => marshaller.Deserializer([]));
    }

    [Fact]
    public void Ignores_a_payload_length_that_nobody_asked_for() => new NoSerialization().SetPayloadLength(5);

    [Fact]
    public async Task Shuts_a_channel_down_as_often_as_it_is_asked()
    {
        var channel = new CountingChannel();
        await channel.ShutdownAsync();
        await channel.ShutdownAsync();

        Assert.Equal(2, channel.Shutdowns);
    }

    [Fact]
    public void Lets_a_client_alone_decide_about_the_host()
    {
        var invoker = new HostInvoker();
        var client = new HostClient(invoker);
        var method = new Method<string, string>(MethodType.Unary, "s", "m", Marshallers.StringMarshaller, Marshallers.StringMarshaller);

        client.Invoker.BlockingUnaryCall(method, "of the call", default, "");
        Assert.Null(invoker.Host);
        client.WithHost("of the client").Invoker.BlockingUnaryCall(method, "of the call", default, "");
        Assert.Equal("of the client", invoker.Host);
        Assert.Throws<ArgumentNullException>(() => client.WithHost(null!));
    }

    [Fact]
    public void Refuses_what_must_not_be_null()
    {
        Assert.Throws<ArgumentNullException>(() => new HostInvoker().Intercept((Func<Metadata, Metadata>)null!));
        Assert.Throws<ArgumentNullException>(() => new AuthContext(null, null!));
        Assert.Throws<ArgumentNullException>(() => AuthProperty.Create("name", null!));
        Assert.Throws<ArgumentNullException>(() => AuthProperty.Create(null!, []));
        Assert.Throws<ArgumentException>(() => CallCredentials.Compose(CallCredentials.FromInterceptor((_, _) => Task.CompletedTask)));
    }

    [Fact]
    public void Composes_any_channel_credentials_and_leaves_the_judgement_to_the_client() =>
        Assert.NotNull(ChannelCredentials.Create(ChannelCredentials.Insecure, CallCredentials.FromInterceptor((_, _) => Task.CompletedTask)));

    [Fact]
    public async Task Writes_without_a_token_that_can_be_cancelled_and_refuses_with_one()
    {
        IAsyncStreamWriter<string> writer = new PlainWriter();
        await writer.WriteAsync("a", CancellationToken.None);
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAsync<NotSupportedException>(() => writer.WriteAsync("b", cancellation.Token));
        Assert.Equal(["a"], ((PlainWriter)writer).Written);
    }

    [Fact]
    public void Refuses_a_method_that_is_bound_twice()
    {
        var method = new Method<string, string>(MethodType.Unary, "s", "m", Marshallers.StringMarshaller, Marshallers.StringMarshaller);
        var builder = ServerServiceDefinition.CreateBuilder().AddMethod(method, (UnaryServerMethod<string, string>)((request, _) => Task.FromResult(request)));

        Assert.Throws<ArgumentException>(() => builder.AddMethod(method, (UnaryServerMethod<string, string>)((request, _) => Task.FromResult(request))));
        Assert.NotNull(new ServiceBinderBase());
    }

    [Fact]
    public void Checks_preconditions()
    {
        GrpcPreconditions.CheckArgument(true);
        GrpcPreconditions.CheckState(true, "m");
        Assert.Equal("x", GrpcPreconditions.CheckNotNull("x", "p"));
        Assert.Throws<ArgumentException>(() => GrpcPreconditions.CheckArgument(false));
        Assert.Equal("m", Assert.Throws<ArgumentException>(() => GrpcPreconditions.CheckArgument(false, "m")).Message);
        Assert.Throws<ArgumentNullException>(() => GrpcPreconditions.CheckNotNull<string>(null!));
        Assert.Equal("p", Assert.Throws<ArgumentNullException>(() => GrpcPreconditions.CheckNotNull<string>(null!, "p")).ParamName);
        Assert.Throws<InvalidOperationException>(() => GrpcPreconditions.CheckState(false));
        Assert.Equal("m", Assert.Throws<InvalidOperationException>(() => GrpcPreconditions.CheckState(false, "m")).Message);
        Assert.Equal("2.85.0", VersionInfo.CurrentVersion);
    }

    private sealed class NoSerialization : SerializationContext;

    private sealed class PlainWriter : IAsyncStreamWriter<string>
    {
        public List<string> Written { get; } = [];
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(string message)
        {
            Written.Add(message);
            return Task.CompletedTask;
        }
    }

    private sealed class CountingChannel() : ChannelBase("target")
    {
        public int Shutdowns { get; private set; }
        public override CallInvoker CreateCallInvoker() => new HostInvoker();

        protected override Task ShutdownAsyncCore()
        {
            Shutdowns++;
            return Task.CompletedTask;
        }
    }

    private sealed class HostInvoker : CallInvoker
    {
        public string? Host { get; private set; } = "none yet";

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        {
            Host = host;
            return (TResponse)(object)request;
        }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();
        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();
        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();
        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();
    }

    private sealed class HostClient : ClientBase<HostClient>
    {
        public HostClient(CallInvoker invoker) : base(invoker) { }
        private HostClient(ClientBaseConfiguration configuration) : base(configuration) { }
        public CallInvoker Invoker => CallInvoker;
        protected override HostClient NewInstance(ClientBaseConfiguration configuration) => new(configuration);
    }
}
