using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.Limits;
using Pennypost.Gateway.Stored;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Tests;

// F69: so many calls a day, over all instances and restarts, never passed.
public sealed class SpendingADaysCalls
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    public async Task The_last_call_is_answered_and_the_next_is_told_when_the_day_ends(int limit)
    {
        var gateway = new RunningGateway(new() { ["Gateway:TenantCallsPerDay"] = $"{limit}" });
        await gateway.InitializeAsync();

        for (var call = 1; call <= limit; call++)
        {
            var answered = await gateway.SendAsync("GET", "/v1/accounts");
            Assert.Equal((200, $"{limit}", $"{limit - call}"), (answered.Status, Header(answered, "ratelimit-day-limit"), Header(answered, "ratelimit-day-remaining")));
            Assert.InRange(int.Parse(Header(answered, "ratelimit-day-reset"), CultureInfo.InvariantCulture), 1, 86_400);
        }
        var refused = await gateway.SendAsync("GET", "/v1/accounts");
        var grpc = RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () => await gateway.Api.ListAccountsAsync(new ListAccountsRequest(), RunningGateway.As(gateway.Acme))));
        using var zenith = gateway.Client(gateway.Zenith);

        Assert.Equal((429, "DAILY_QUOTA_USED_UP", "0"), (refused.Status, refused.Reason, Header(refused, "ratelimit-day-remaining")));
        Assert.NotNull(refused.Response.Headers.RetryAfter);
        Assert.Equal((ErrorReason.DailyQuotaUsedUp, StatusCode.ResourceExhausted, $"{limit}"), (grpc.ErrorReason, grpc.Code, grpc.Metadata["limit"]));
        Assert.Equal(DateTimeOffset.UtcNow.UtcDateTime.Date.AddDays(1), DateTimeOffset.Parse(grpc.Metadata["reset_time"], CultureInfo.InvariantCulture).UtcDateTime);
        Assert.InRange(grpc.RetryAfter!.Value.TotalSeconds, 1, 86_400);
        // Keys can still be looked at and revoked, and other tenants have a day of their own.
        Assert.Equal(200, (await gateway.SendAsync("GET", "/v1/apiKeys")).Status);
        Assert.Equal(200, (await gateway.SendAsync("GET", "/v1/accounts", client: zenith)).Status);
        await gateway.DisposeAsync();
    }

    [Theory]
    [InlineData(2, 429)]
    [InlineData(3, 200)]
    [InlineData(4, 200)]
    public async Task Each_message_of_a_batch_and_each_row_of_an_import_counts_and_none_is_sent_if_all_are_too_many(int limit, int status)
    {
        foreach (var import in new[] { false, true })
        {
            var gateway = new RunningGateway(new() { ["Gateway:TenantCallsPerDay"] = $"{limit}" });
            await gateway.InitializeAsync();

            var answered = import ? await ImportAsync(gateway) : await gateway.SendAsync("POST", "/v1/messages:batch",
                $$"""{"messages": [{{string.Join(',', Enumerable.Range(1, 3).Select(n => RunningGateway.MessageJson($"m{n}")))}}]}""");

            Assert.Equal(status, answered.Status);
            Assert.Equal(status == 200 ? 3 : 0, gateway.Dispatcher.Messages.Count);
            if (status == 429) Assert.Equal("DAILY_QUOTA_USED_UP", answered.Reason);
            // A batch that was refused counts as the one call that it was.
            Assert.Equal(limit == 3 ? 429 : 200, (await gateway.SendAsync("GET", "/v1/accounts")).Status);
            Assert.Equal(429, (await gateway.SendAsync("GET", "/v1/accounts")).Status);
            await gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task Two_instances_and_a_restart_together_answer_exactly_as_many_as_there_are()
    {
        var folder = Directory.CreateTempSubdirectory("pennypost");
        const int limit = 60;
        var settings = new Dictionary<string, string?> { ["Store:Path"] = folder.FullName, ["Gateway:TenantCallsPerDay"] = $"{limit}" };
        var key = ApiKeyText.New("acme");
        var (first, second) = (new RunningGateway(settings), new RunningGateway(settings));
        await first.InitializeAsync();
        await second.InitializeAsync();
        await first.App.EnsureApiKeyAsync(key, "shared", default);
        var answered = 0;

        // Both at once, until neither has anything left to give.
        await Task.WhenAll(new[] { first, second }.Select(instance => SpendAsync(instance, 20)));
        await second.DisposeAsync();
        var restarted = new RunningGateway(settings);
        await restarted.InitializeAsync();
        // What the stopped one had left it gave back; what lies with an instance that is idle comes back within seconds.
        await Eventually.HoldsAsync(async () =>
        {
            await SpendAsync(first, 5);
            await SpendAsync(restarted, 5);
            return answered >= limit;
        });
        await Task.WhenAll(new[] { first, restarted }.Select(instance => SpendAsync(instance, 20)));

        Assert.Equal(limit, answered);
        await first.DisposeAsync();
        await restarted.DisposeAsync();
        folder.Delete(true);

        async Task SpendAsync(RunningGateway instance, int calls)
        {
            using var client = instance.Client(key);
            for (var call = 0; call < calls; call++)
                if ((await instance.SendAsync("GET", "/v1/accounts", client: client)).Status == 200) Interlocked.Increment(ref answered);
        }
    }

    [Fact]
    public async Task A_tenants_own_limit_takes_the_place_of_the_installations_within_a_second()
    {
        var gateway = new RunningGateway();
        await gateway.InitializeAsync();
        using var operators = gateway.Client(await gateway.KeyAsync("operators", Scopes.All));
        Assert.False((await gateway.SendAsync("GET", "/v1/accounts")).Response.Headers.Contains("ratelimit-day-limit"));

        await gateway.SendAsync("PUT", "/v1/tenants/acme", """{"callsPerDay": "3"}""", operators);
        await Eventually.HoldsAsync(async () => (await gateway.SendAsync("GET", "/v1/accounts")).Status == 429);
        await gateway.SendAsync("PUT", "/v1/tenants/acme", """{"callsPerDay": "1000000"}""", operators);
        await Eventually.HoldsAsync(async () => (await gateway.SendAsync("GET", "/v1/accounts")).Status == 200);
        await gateway.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    public async Task A_key_with_a_limit_of_its_own_is_told_so_and_the_tenants_other_keys_go_on_F69(int limit)
    {
        var gateway = new RunningGateway();
        await gateway.InitializeAsync();
        var key = await gateway.KeyAsync("acme", Scopes.OfATenant, callsPerDay: limit);
        using var client = gateway.Client(key);

        for (var call = 1; call <= limit; call++)
        {
            var answered = await gateway.SendAsync("GET", "/v1/accounts", client: client);
            Assert.Equal((200, $"{limit}", $"{limit - call}"), (answered.Status, Header(answered, "ratelimit-day-limit"), Header(answered, "ratelimit-day-remaining")));
        }
        var refused = await gateway.SendAsync("GET", "/v1/accounts", client: client);
        var grpc = RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () => await gateway.Api.ListAccountsAsync(new ListAccountsRequest(), RunningGateway.As(key))));

        Assert.Equal((429, "DAILY_QUOTA_USED_UP", "0", $"{limit}"), (refused.Status, refused.Reason, Header(refused, "ratelimit-day-remaining"), Header(refused, "ratelimit-day-limit")));
        Assert.Equal((ErrorReason.DailyQuotaUsedUp, $"key:acme.{key.KeyId}", $"{limit}"), (grpc.ErrorReason, grpc.QuotaSubject, grpc.Metadata["limit"]));
        // It can still revoke itself, and nobody else is held.
        Assert.Equal(200, (await gateway.SendAsync("GET", "/v1/apiKeys", client: client)).Status);
        Assert.Equal(200, (await gateway.SendAsync("GET", "/v1/accounts")).Status);
        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task What_the_keys_day_refuses_the_tenants_does_not_count_F69()
    {
        var gateway = new RunningGateway(new() { ["Gateway:TenantCallsPerDay"] = "10" });
        await gateway.InitializeAsync();
        using var held = gateway.Client(await gateway.KeyAsync("acme", Scopes.OfATenant, callsPerDay: 4));

        // A batch that the key has not enough for counts as the one call that it is, with both.
        var batch = await gateway.SendAsync("POST", "/v1/messages:batch", $$"""{"messages": [{{string.Join(',', Enumerable.Range(1, 5).Select(n => RunningGateway.MessageJson($"m{n}")))}}]}""", held);
        Assert.Equal((429, 0), (batch.Status, gateway.Dispatcher.Messages.Count));
        Assert.Equal(3, await AnsweredAsync(gateway, held, 9));
        Assert.Equal(6, await AnsweredAsync(gateway, gateway.Http, 9));
        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task What_the_tenants_day_refuses_the_keys_does_not_count_F69()
    {
        var gateway = new RunningGateway(new() { ["Gateway:TenantCallsPerDay"] = "3" });
        await gateway.InitializeAsync();
        using var operators = gateway.Client(await gateway.KeyAsync("operators", Scopes.All));
        using var held = gateway.Client(await gateway.KeyAsync("acme", Scopes.OfATenant, callsPerDay: 7));
        Assert.Equal(3, await AnsweredAsync(gateway, gateway.Http, 4));

        var refused = await gateway.SendAsync("GET", "/v1/accounts", client: held);
        Assert.Equal(0, await AnsweredAsync(gateway, held, 20));
        await gateway.SendAsync("PUT", "/v1/tenants/acme", """{"callsPerDay": "1000"}""", operators);
        await Eventually.HoldsAsync(async () => (await gateway.SendAsync("GET", "/v1/accounts")).Status == 200);

        Assert.Contains("\"tenant:acme\"", refused.Text, StringComparison.Ordinal);
        Assert.Equal(7, await AnsweredAsync(gateway, held, 9));
        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task Answers_tell_of_the_day_that_has_less_left_F69()
    {
        var gateway = new RunningGateway(new() { ["Gateway:TenantCallsPerDay"] = "6" });
        await gateway.InitializeAsync();
        using var held = gateway.Client(await gateway.KeyAsync("acme", Scopes.OfATenant, callsPerDay: 4));

        // Limit and remaining, after a call of the key with a limit and of the one without.
        (bool Held, string Told)[] course = [(true, "4: 3"), (false, "6: 4"), (true, "4: 2"), (false, "6: 2"), (true, "4: 1"), (false, "6: 0"), (true, "6: 0")];
        foreach (var (isHeld, told) in course)
        {
            var answered = await gateway.SendAsync("GET", "/v1/accounts", client: isHeld ? held : gateway.Http);
            Assert.Equal(told, $"{Header(answered, "ratelimit-day-limit")}: {Header(answered, "ratelimit-day-remaining")}");
        }
        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task A_key_is_held_over_two_instances_and_a_restart_and_its_tenant_counts_no_more_than_was_answered_F69()
    {
        var folder = Directory.CreateTempSubdirectory("pennypost");
        const int limit = 40, ofAll = 60;
        var settings = new Dictionary<string, string?> { ["Store:Path"] = folder.FullName, ["Gateway:TenantCallsPerDay"] = $"{ofAll}" };
        var (first, second) = (new RunningGateway(settings), new RunningGateway(settings));
        await first.InitializeAsync();
        await second.InitializeAsync();
        var (held, free) = (await first.KeyAsync("acme", Scopes.OfATenant, callsPerDay: limit), await first.KeyAsync("acme", Scopes.OfATenant));
        await KnownAsync(second);
        var answered = 0;

        // All at once, until neither has anything left to give to the key.
        await Task.WhenAll(new[] { first, second, first, second }.Select(instance => SpendAsync(instance, held, 20)));
        await second.DisposeAsync();
        var restarted = new RunningGateway(settings);
        await restarted.InitializeAsync();
        await KnownAsync(restarted);
        await Eventually.HoldsAsync(async () =>
        {
            await Task.WhenAll(new[] { first, restarted }.Select(instance => SpendAsync(instance, held, 5)));
            return answered >= limit;
        });
        await Task.WhenAll(new[] { first, restarted }.Select(instance => SpendAsync(instance, held, 20)));
        Assert.Equal(limit, answered);
        await Eventually.HoldsAsync(async () =>
        {
            await Task.WhenAll(new[] { first, restarted }.Select(instance => SpendAsync(instance, free, 5)));
            return answered >= ofAll;
        });
        await Task.WhenAll(new[] { first, restarted }.Select(instance => SpendAsync(instance, free, 20)));
        Assert.Equal(ofAll, answered);
        await first.DisposeAsync();
        await restarted.DisposeAsync();
        folder.Delete(true);

        async Task SpendAsync(RunningGateway instance, ApiKeyText key, int calls)
        {
            using var client = instance.Client(key);
            Interlocked.Add(ref answered, await AnsweredAsync(instance, client, calls));
        }

        // By calls that count nothing.
        async Task KnownAsync(RunningGateway instance)
        {
            foreach (var key in new[] { held, free })
            {
                using var client = instance.Client(key);
                await Eventually.HoldsAsync(async () => (await instance.SendAsync("GET", "/v1/apiKeys", client: client)).Status == 200);
            }
        }
    }

    [Fact]
    public void However_instances_ask_come_go_and_repeat_themselves_no_day_is_passed() =>
        Prop.ForAll(Courses().ToArbitrary(), course =>
        {
            var (limit, steps) = course;
            StoredQuota? quota = null;
            var (held, made, day, number) = (new Dictionary<string, (long Number, long Calls)>(), 0L, 0L, 0L);
            foreach (var (instance, needed, spend, minutes, repeat, dies) in steps)
            {
                var now = Noon.AddMinutes(minutes * 30);
                if (QuotaLeases.DayOf(now) != day) (day, made) = (QuotaLeases.DayOf(now), 0);
                var mine = held.GetValueOrDefault(instance);
                var asked = new LeaseAsked(instance, ++number, mine.Calls, needed, limit);
                var (after, given) = QuotaLeases.Decide(quota, asked, now);
                if (repeat && QuotaLeases.Decide(after, asked, now) is var again && (given.Calls > 0 ? again.Given != given : again.Given.Calls != 0)) return false;
                quota = after;
                if (given.Calls != 0 && given.Calls < needed) return false;
                var use = dies ? 0 : Math.Min(given.Calls, spend);
                made += use;
                held[instance] = (number, given.Calls - use);
                // Who dies comes back as somebody else, and knows nothing of what it had.
                if (dies) held.Remove(instance);
                if (made > limit || quota.Spent + quota.Leases.Values.Sum(lease => lease.Calls) > Math.Max(limit, made)) return false;
            }
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Theory]
    [InlineData(1_000_000, 1_000)]
    [InlineData(1_600, 100)]
    [InlineData(17, 1)]
    [InlineData(1, 1)]
    [InlineData(0, 0)]
    public void The_fewer_are_left_the_smaller_is_a_lease(long limit, long given) =>
        Assert.Equal(given, QuotaLeases.Decide(null, new LeaseAsked("a", 1, 0, 1, limit), Noon).Given.Calls);

    private static Gen<(long Limit, List<(string Instance, long Needed, long Spend, int HalfHours, bool Repeat, bool Dies)> Steps)> Courses() =>
        from limit in Gen.Choose(0, 400)
        from steps in (from instance in Gen.Elements("a", "b", "c")
                       from needed in Gen.Choose(0, 30)
                       from spend in Gen.Choose(0, 40)
                       from wait in Gen.Choose(0, 2)
                       from repeat in Gen.Elements(true, false)
                       from dies in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
                       select (instance, (long)needed, (long)spend, wait, repeat, dies)).ListOf(60)
        select ((long)limit, Timed(steps));

    /// <summary>Time goes forward only.</summary>
    private static List<(string, long, long, int, bool, bool)> Timed(IEnumerable<(string Instance, long Needed, long Spend, int Wait, bool Repeat, bool Dies)> steps)
    {
        var (at, timed) = (0, new List<(string, long, long, int, bool, bool)>());
        foreach (var step in steps) timed.Add((step.Instance, step.Needed, step.Spend, at += step.Wait, step.Repeat, step.Dies));
        return timed;
    }

    private static async Task<Answer> ImportAsync(RunningGateway gateway)
    {
        const string rows = "LinkedIn URL,Message\nhttps://www.linkedin.com/in/ada,Hello\nhttps://www.linkedin.com/in/grace,Hello\nhttps://www.linkedin.com/in/edith,Hello\n";
        using var content = new StringContent(rows, System.Text.Encoding.UTF8, "text/csv");
        var response = await gateway.Http.PostAsync(new Uri("/v1/messages:importCsv?import_id=i1", UriKind.Relative), content);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }

    private static async Task<int> AnsweredAsync(RunningGateway gateway, HttpClient client, int calls)
    {
        var answered = 0;
        for (var call = 0; call < calls; call++)
            if ((await gateway.SendAsync("GET", "/v1/accounts", client: client)).Status == 200) answered++;
        return answered;
    }

    private static string Header(Answer answer, string name) => answer.Response.Headers.GetValues(name).Single();
}
