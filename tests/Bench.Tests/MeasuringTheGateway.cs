using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Pennypost.Bench.Fronting;
using Pennypost.Bench.Load;
using Pennypost.Gateway.V1;

namespace Bench.Tests;

/// <summary>B9: what the gateway is held against answers the same, and everything that is compared answers. Nothing is said of how fast.</summary>
public sealed class MeasuringTheGateway
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.2);

    [Fact]
    public async Task The_gateway_and_its_control_answer_the_same_messages()
    {
        await using var control = await Contender.AloneAsync("front-bytes");
        await using var gateway = await Contender.BeforeAsync("peers", "gateway", Calls.Key);
        foreach (var contender in new[] { control, gateway })
        {
            using var channel = GrpcChannel.ForAddress(contender.Server.Address);
            var client = new PennypostService.PennypostServiceClient(channel);
            var headers = new Metadata { { "authorization", "Bearer " + Calls.Key } };
            Assert.Equal(Calls.ReadAnswer, await client.GetPoolAsync(new GetPoolRequest { PoolId = Calls.Pool.PoolId }, headers, DateTime.UtcNow.AddSeconds(30)));
            var asked = new SendMessageRequest { Message = JsonParser.Default.Parse<MessageSpec>(Calls.Json["a write"].Body) };
            Assert.Equal(Calls.WriteAnswer, await client.SendMessageAsync(asked, headers, DateTime.UtcNow.AddSeconds(30)));
        }

        foreach (var call in Calls.Fronted.Values)
            Assert.All([GatewayBench.ByGrpc(control, call)(Moment), GatewayBench.ByGrpc(gateway, call)(Moment)], sample => Assert.True(sample.Operations > 0 && sample.ServerCpu > 0));
        // What the service behind it takes is told with it.
        Assert.True(GatewayBench.ByGrpc(gateway, Calls.Fronted["a read"])(Moment).StoreCpu > 0);
    }

    [Fact]
    public async Task The_services_behind_it_answer_direct()
    {
        await using var peers = await Contender.AloneAsync("peers");
        foreach (var call in Calls.Direct.Values) Assert.True(GatewayBench.ByGrpc(peers, call)(Moment).Operations > 0);
    }

    [Fact]
    public async Task The_gateway_and_a_minimal_API_answer_JSON_of_the_same_length()
    {
        await using var echo = await Contender.AloneAsync("front-json");
        await using var gateway = await Contender.BeforeAsync("peers", "gateway-json", Calls.Key);
        using var http = new HttpClient();
        foreach (var call in Calls.Json.Values)
        {
            var (ours, theirs) = (await BodyAsync(gateway, call), await BodyAsync(echo, call));
            Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(System.Text.Json.Nodes.JsonNode.Parse(ours), System.Text.Json.Nodes.JsonNode.Parse(theirs)), $"{ours}\n{theirs}");
            Assert.All([GatewayBench.ByJson(echo, call)(Moment), GatewayBench.ByJson(gateway, call)(Moment)], sample => Assert.True(sample.Operations > 0 && sample.ServerCpu > 0));
        }

        async Task<string> BodyAsync(Contender contender, JsonRequest call)
        {
            using var request = new HttpRequestMessage(new HttpMethod(call.Verb), new Uri(contender.Server.Address, call.Path));
            request.Headers.Authorization = new("Bearer", Calls.Key);
            if (call.Body.Length > 0) request.Content = new StringContent(call.Body, System.Text.Encoding.UTF8, "application/json");
            using var response = await http.SendAsync(request);
            return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        }
    }
}
