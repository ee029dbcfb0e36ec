using System.Net.Http.Headers;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Pennypost.Credits.V1;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting.Tests;

public sealed class AnsweringErrors
{
    private static readonly FaultDomain Faults = new("credits");

    [Fact]
    public void Every_reason_has_a_code_of_its_own_choice()
    {
        foreach (var reason in Enum.GetValues<ErrorReason>().Where(reason => reason is not (ErrorReason.Unspecified or ErrorReason.Internal)))
            Assert.True(reason.Code() != StatusCode.Internal, $"{reason} has no code in ErrorReasons.Code");
    }

    [Fact]
    public void Every_reason_comes_back_from_the_wire_as_it_went()
    {
        foreach (var reason in Enum.GetValues<ErrorReason>().Where(reason => reason != ErrorReason.Unspecified))
        {
            var fault = RpcFault.From(Faults.Refuse(reason, "No.", ("pool_id", "p1")));

            Assert.Equal(reason, fault.ErrorReason);
            Assert.Equal(reason.Code(), fault.Code);
            Assert.Equal("p1", fault.Metadata["pool_id"]);
        }
    }

    [Fact]
    public async Task Names_every_violation_at_once()
    {
        await using var host = await TestHost.StartAsync();
        host.Script.OnGetPool = (_, _) =>
        {
            var violations = new Violations();
            violations.Id("pool_id", "");
            violations.Range("page_size", 501, 0, 500);
            throw Faults.Invalid(violations);
        };

        var fault = await FaultOf(host);

        Assert.Equal(StatusCode.InvalidArgument, fault.Code);
        Assert.Equal(["pool_id", "page_size"], fault.Violations.Select(violation => violation.Field));
        Assert.Equal("2", fault.Metadata["violations"]);
    }

    [Fact]
    public async Task Keeps_a_thousand_violations_within_a_trailer()
    {
        await using var host = await TestHost.StartAsync();
        host.Script.OnGetPool = (_, _) =>
        {
            var violations = new Violations();
            for (var i = 0; i < 1_200; i++) violations.Add($"messages[{i}].message_id", "is required");
            throw Faults.Invalid(violations);
        };

        var call = host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme"));
        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await call);

        var fault = RpcFault.From(refusal);
        Assert.Equal("1200", fault.Metadata["violations"]);
        Assert.Contains("more violations", fault.Violations[^1].Description, StringComparison.Ordinal);
        Assert.InRange(refusal.Trailers.GetValueBytes(RpcFault.DetailsTrailer)!.Length, 1_000, 5_800);
    }

    [Fact]
    public async Task Says_when_to_try_again_and_whose_quota_it_was()
    {
        await using var host = await TestHost.StartAsync();
        host.Script.OnGetPool = (_, _) => throw Faults.QuotaUsedUp(ErrorReason.RateLimited, "Too fast.", "tenant:acme", TimeSpan.FromSeconds(1.5), ("limit", "100"));

        var fault = await FaultOf(host);

        Assert.Equal(StatusCode.ResourceExhausted, fault.Code);
        Assert.Equal(TimeSpan.FromSeconds(1.5), fault.RetryAfter);
        Assert.Equal("tenant:acme", fault.QuotaSubject);
    }

    [Fact]
    public async Task Tells_nothing_of_a_bug_and_logs_it_once()
    {
        await using var host = await TestHost.StartAsync();
        host.Script.OnGetPool = (_, _) => throw new InvalidOperationException("canary-8c1f of ada@example.com");

        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme")));

        Assert.Equal(ErrorReason.Internal, RpcFault.From(refusal).ErrorReason);
        Assert.DoesNotContain("canary", refusal.ToString(), StringComparison.Ordinal);
        Assert.Single(host.Log.All, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Maps_the_exceptions_that_a_host_declares()
    {
        await using var host = await TestHost.StartAsync(configure: pennypost => pennypost.MapException<TimeoutException>((_, faults) => faults.Unavailable("store")));
        host.Script.OnGetPool = (_, _) => throw new TimeoutException("inner");

        var fault = await FaultOf(host);

        Assert.Equal(ErrorReason.DependencyUnavailable, fault.ErrorReason);
        Assert.Equal("store", fault.Metadata["dependency"]);
        Assert.NotNull(fault.RetryAfter);
    }

    /// <summary>The client calls a connection that broke under a call INTERNAL; to our caller it is a peer that is away, and is tried again.</summary>
    [Theory]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.Unknown)]
    public async Task Answers_for_a_peer_whose_connection_broke_that_it_is_away(StatusCode said)
    {
        await using var host = await TestHost.StartAsync();
        host.Script.OnGetPool = (_, _) => throw new RpcException(new Status(said, "cut", new IOException("reset")));

        Assert.Equal(ErrorReason.DependencyUnavailable, (await FaultOf(host)).ErrorReason);
    }

    [Fact]
    public async Task Names_a_method_that_does_not_exist()
    {
        await using var host = await TestHost.StartAsync();
        var method = new Method<GetPoolRequest, GetPoolResponse>(MethodType.Unary, "pennypost.credits.v1.CreditsService", "Nothing",
            Marshallers.Create(r => Google.Protobuf.MessageExtensions.ToByteArray(r), GetPoolRequest.Parser.ParseFrom),
            Marshallers.Create(r => Google.Protobuf.MessageExtensions.ToByteArray(r), GetPoolResponse.Parser.ParseFrom));

        var refusal = await Assert.ThrowsAsync<RpcException>(async () =>
            await host.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(TestHost.As("acme")), new GetPoolRequest()));

        Assert.True(RpcFault.HasDetails(refusal));
        Assert.Equal(ErrorReason.MethodNotFound, RpcFault.From(refusal).ErrorReason);
    }

    [Fact]
    public async Task Calls_bytes_that_are_no_message_an_invalid_request()
    {
        await using var host = await TestHost.StartAsync();
        var refusal = await RawAsync(host, [0, 0, 0, 0, 3, 0x0A, 0xFF, 0xFF]);

        Assert.Equal(ErrorReason.InvalidRequest, refusal.ErrorReason);
        Assert.Equal(StatusCode.InvalidArgument, refusal.Code);
    }

    [Fact]
    public async Task Calls_a_truncated_frame_an_invalid_request()
    {
        await using var host = await TestHost.StartAsync();
        var refusal = await RawAsync(host, [0, 0, 0, 0, 9, 1]);

        Assert.Equal(ErrorReason.InvalidRequest, refusal.ErrorReason);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task Reads_messages_up_to_the_limit(int over, bool read)
    {
        const int limit = 2_048;
        await using var host = await TestHost.StartAsync(new() { ["Hosting:MaxReceiveMessageBytes"] = $"{limit}" });
        // A string field costs a tag and two bytes of length.
        var request = new GetPoolRequest { PoolId = new string('p', limit + over - 3) };
        Assert.Equal(limit + over, request.CalculateSize());

        var call = host.Credits.GetPoolAsync(request, TestHost.As("acme"));

        if (read) await call;
        else
        {
            var refusal = await Assert.ThrowsAsync<RpcException>(async () => await call);
            Assert.True(RpcFault.HasDetails(refusal));
            Assert.Equal(ErrorReason.RequestTooLarge, RpcFault.From(refusal).ErrorReason);
            Assert.Equal("2048", RpcFault.From(refusal).Metadata["limit_bytes"]);
        }
    }

    [Fact]
    public void Reads_a_broken_connection_as_a_dependency_that_is_down()
    {
        var fault = RpcFault.From(new RpcException(new Status(StatusCode.Unavailable, "refused")));

        Assert.Equal(ErrorReason.DependencyUnavailable, fault.ErrorReason);
    }

    [Fact]
    public void Reads_garbage_details_by_the_code_alone()
    {
        var trailers = new Metadata { { RpcFault.DetailsTrailer, [0xFF, 0xFF, 0xFF] } };

        Assert.Equal(ErrorReason.LostRace, RpcFault.From(new RpcException(new Status(StatusCode.Aborted, ""), trailers)).ErrorReason);
    }

    private static async Task<RpcFault> FaultOf(TestHost host) =>
        RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () => await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme"))));

    private static async Task<RpcFault> RawAsync(TestHost host, byte[] body)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.GrpcAddress, "/pennypost.credits.v1.CreditsService/GetPool"))
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.Add("te", "trailers");
        foreach (var header in TestHost.As("acme")) request.Headers.Add(header.Key, header.Value);
        using var response = await client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        var headers = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : response.Headers;
        var details = headers.GetValues(RpcFault.DetailsTrailer).Single();
        return RpcFault.From(Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '='))))!;
    }
}
