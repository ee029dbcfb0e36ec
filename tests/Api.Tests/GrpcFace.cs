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
            var wire = new Method<byte[], byte[]>(method.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary, method.Service.FullName, method.Name, _bytes, _bytes);
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

    private static JsonNode Json(MethodDescriptor method, byte[] answer) => JsonNode.Parse(_json.Format(method.OutputType.Parser.ParseFrom(answer)))!;
}
