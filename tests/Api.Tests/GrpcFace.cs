using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Pennypost.Gateway;
using Pennypost.Gateway.Keys;
using Pennypost.Hosting;

namespace Pennypost.Api.Tests;

/// <summary>Any rpc by its name, over gRPC: what goes over the wire is bytes, so that anything can be sent.</summary>
internal sealed class GrpcFace(ChannelBase channel, ApiKeyText? key)
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);
    private static readonly Marshaller<byte[]> _bytes = Marshallers.Create(bytes => bytes, bytes => bytes);
    private static readonly JsonFormatter _json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));
    private readonly CallInvoker _invoker = channel.CreateCallInvoker();

    public static MethodDescriptor Rpc(string name) => PublicCalls.Find(name)!;

    public static IMessage Request(string rpc, JsonObject request) => JsonParser.Default.Parse(request.ToJsonString(), Rpc(rpc).InputType);

    public Task<Answered> CallAsync(string rpc, JsonObject request) => CallAsync(rpc, Request(rpc, request).ToByteArray());

    public async Task<Answered> CallAsync(string rpc, byte[] request)
    {
        var method = Rpc(rpc);
        var options = new CallOptions(key is null ? [] : new Metadata { { "authorization", $"Bearer {key.Text.Reveal()}" } }, DateTime.UtcNow + _limit);
        try
        {
            var wire = Wire(method, method.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary);
            if (method.IsClientStreaming)
                return Answered.OfStream(await StreamAsync(method, options, request));
            if (!method.IsServerStreaming)
                return new("OK", "", [], Json(method, await _invoker.AsyncUnaryCall(wire, null, options, request)), "");

            var all = new JsonArray();
            using var call = _invoker.AsyncServerStreamingCall(wire, null, options, request);
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
                all.Add(Json(method, call.ResponseStream.Current));
            return new("OK", "", [], all, "");
        }
        catch (RpcException exception)
        {
            var fault = RpcFault.From(exception);
            return new(Names.Of(fault.Code), fault.Reason, [.. fault.Violations.Select(violation => violation.Field)], null, fault.Message);
        }
    }

    private async Task<JsonArray> StreamAsync(MethodDescriptor method, CallOptions options, byte[] request)
    {
        using var call = _invoker.AsyncDuplexStreamingCall(Wire(method, MethodType.DuplexStreaming), null, options);
        try
        {
            await call.RequestStream.WriteAsync(request);
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException)
        {
            // It has ended before; its answers tell why.
        }

        var all = new JsonArray();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
            all.Add(Json(method, call.ResponseStream.Current));
        return all;
    }

    private static Method<byte[], byte[]> Wire(MethodDescriptor method, MethodType type) => new(type, method.Service.FullName, method.Name, _bytes, _bytes);

    private static JsonNode Json(MethodDescriptor method, byte[] answer) => JsonNode.Parse(_json.Format(method.OutputType.Parser.ParseFrom(answer)))!;
}
