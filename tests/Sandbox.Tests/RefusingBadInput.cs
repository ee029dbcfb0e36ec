namespace Sandbox.Tests;

/// <summary>One answer names every mistake, and nothing has changed.</summary>
public sealed class RefusingBadInput
{
    [Fact]
    public async Task In_a_world_document_keeps_all_of_it_out()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        var reply = await sandbox.PostAsync("/sandbox/v1/world", """
            {"accounts":[{"id":"ann","subscriptions":[{"plan":"sales_navigator","renewal_day":5,"balance":-1},{"plan":"sales_navigator"}],"limits":{"notes":3},"rules":{"invitation_limit_error":"oops"}},{"id":"bad id"}],
             "prospects":[{"id":"bob","degree":"fourth","behaviour":{"reply_probability":2,"accept_after_at_least_seconds":5,"accept_after_at_most_seconds":1}},{"id":"bob"},{"inmail":"ajar"}],
             "generate":{"prospects":0},"colour":"blue"}
            """);
        Assert.Equal(400, reply.Status);
        string[] expected =
        [
            "accounts[0].subscriptions[0].balance", "accounts[0].subscriptions[0].renewal_day", "accounts[0].subscriptions", "accounts[0].limits.notes", "accounts[0].rules.invitation_limit_error", "accounts[1].id",
            "prospects[0].degree", "prospects[0].behaviour.reply_probability", "prospects[0].behaviour.accept_after_at_most_seconds", "prospects[2].id", "prospects[2].inmail", "generate.prospects", "colour", "prospects",
        ];
        Assert.Equal(expected.Order(), reply.Items("violations").Select(v => v.GetProperty("field").GetString()!).Distinct().Order());
        Assert.Empty((await sandbox.GetAsync("/api/v1/accounts")).Items());
    }

    [Theory]
    [InlineData("top-up", """{"account_id":"nobody","product":"gold","amount":0,"x":1}""", "account_id,product,amount,x")]
    [InlineData("top-up", "{}", "account_id,product,amount")]
    [InlineData("balance", """{"account_id":"ann","product":"recruiter","balance":-1}""", "product,balance")]
    [InlineData("grant-late", """{"account_id":"ann","product":"sales_navigator"}""", "delay_seconds")]
    [InlineData("reply", "{}", "account_id,prospect_id")]
    [InlineData("reply", """{"chat_id":"none","text":7}""", "chat_id,text")]
    [InlineData("accept", """{"account_id":"ann","prospect_id":"bob","noticed_after_seconds":-1}""", "prospect_id,noticed_after_seconds")]
    [InlineData("ignore", """{"invitation_id":"none"}""", "invitation_id")]
    [InlineData("sends", """{"kind":"pigeon","api":"carrier"}""", "account_id,prospect_id,kind,api,text")]
    [InlineData("restrict", """{"account_id":"zed"}""", "account_id")]
    [InlineData("accounts", """{"id":""}""", "id")]
    [InlineData("prospects", """{"id":"x y","first_name":3}""", "id,first_name")]
    [InlineData("faults", """{"endpoint":"chats.start","kind":"http","retry_after_seconds":-1}""", "status,retry_after_seconds")]
    [InlineData("faults", """{"endpoint":"chats.start","kind":"http_after","status":499,"delay_ms":120001}""", "status,delay_ms")]
    [InlineData("faults", """{"endpoint":"chats.start","kind":"drop_after","status":502,"retry_after_seconds":5,"rate":1.5,"repeat":true}""", "status,retry_after_seconds,rate,repeat")]
    [InlineData("faults", """{"endpoint":"chats.start","kind":"pass","rate":-0.1,"times":1000001}""", "kind,rate,times")]
    [InlineData("faults", """{"endpoint":"chats.start","kind":"late","delay_ms":1}""", "kind")]
    [InlineData("faults", """{"endpoint":"accounts.list","kind":"restrict"}""", "kind")]
    [InlineData("faults", """{"endpoint":"webhooks.create","script":["pass","disconnect"]}""", "script[1].kind")]
    [InlineData("faults", """{"endpoint":"event.new_relation","kind":"late"}""", "delay_ms")]
    [InlineData("faults", """{"endpoint":"event.new_relation","kind":"reordered","delay_ms":86400001}""", "delay_ms")]
    [InlineData("faults", """{"endpoint":"event.new_relation","script":["lost","pass","error"]}""", "script[2].kind")]
    [InlineData("faults", """{"endpoint":"chats.start","kind":"error","type":"provider_error","delay_ms":1,"status":500,"retry_after_seconds":1,"rate":0.5,"script":[]}""", "kind,type,delay_ms,status,retry_after_seconds,rate,script")]
    [InlineData("faults", """{"endpoint":"chats.start","script":"pass","repeat":7}""", "script,repeat")]
    [InlineData("faults", """{"endpoint":"chats.start","script":["pas","lost",7,{"kind":"http"},{"type":"x","why":1},{"kind":"delay_before","delay_ms":120001},"pass"]}""", "script[0].kind,script[1].kind,script[2],script[3].status,script[4].kind,script[4].type,script[4].why,script[5].delay_ms")]
    public async Task Of_a_control_names_every_field(string control, string body, string fields)
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        var before = (await sandbox.LedgerAsync()).Items("accounts")[0].ToString();
        var reply = await sandbox.PostAsync("/sandbox/v1/" + control, body);
        Assert.Equal(400, reply.Status);
        Assert.Equal(fields.Split(',').Order(), reply.Items("violations").Select(v => v.GetProperty("field").GetString()!).Order());
        Assert.Equal(before, (await sandbox.LedgerAsync()).Items("accounts")[0].ToString());
        Assert.Empty((await sandbox.GetAsync("/sandbox/v1/faults")).Items("faults"));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{\"a\":")]
    public async Task That_is_no_object_is_malformed(string body)
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        Assert.Equal("malformed_request", (await sandbox.PostAsync("/sandbox/v1/world", body)).Type);
        Assert.Equal("malformed_request", (await sandbox.PostAsync("/api/v1/users/invite", body)).Type);
        Assert.Equal("malformed_request", (await sandbox.PostAsync("/api/v1/webhooks", body)).Type);
        Assert.Equal("malformed_request", (await sandbox.PostAsync("/sandbox/v1/clock", body)).Type);
    }

    /// <summary>Whatever comes in, the answer is one of the provider's: never a failure of the sandbox itself.</summary>
    [Fact]
    public async Task That_is_garbage_never_breaks_it()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""");
        string[] posts =
        [
            "api/v1/chats", "api/v1/chats/x/messages", "api/v1/users/invite", "api/v1/webhooks", "sandbox/v1/world", "sandbox/v1/accounts", "sandbox/v1/prospects", "sandbox/v1/reply", "sandbox/v1/decline",
            "sandbox/v1/accept", "sandbox/v1/ignore", "sandbox/v1/sends", "sandbox/v1/restrict", "sandbox/v1/top-up", "sandbox/v1/balance", "sandbox/v1/grant-late", "sandbox/v1/clock", "sandbox/v1/clock/pause", "sandbox/v1/faults",
        ];
        string[] bodies =
        [
            "", "null", "7", "\"", "{", "{}", "[{}]", "{\"id\":null}", "{\"id\":{}}", "{\"account_id\":[1],\"product\":{},\"amount\":1e999}", "{\"a\":\"\\ud800\"}", "{\"\\ud800\":1}",
            "{\"accounts\":{},\"prospects\":[[]],\"generate\":[]}", "{\"accounts\":[{\"id\":\"a\",\"subscriptions\":[7]}]}", "{\"to\":\"9999-12-31T23:59:59Z\"}", "{\"advance_ms\":9223372036854775807}",
            "{\"headers\":[1],\"account_ids\":[{}],\"source\":[]}", new string('[', 5_000), "\u0000\ufffd",
            "{\"endpoint\":\"*\",\"script\":[1,{},[],null,\"\",{\"kind\":[]}],\"rate\":\"x\",\"repeat\":{}}", "{\"endpoint\":\"*\",\"kind\":\"http\",\"status\":5e2,\"rate\":1e-400,\"times\":1.5}",
        ];
        var random = new Random(7);
        foreach (var path in posts)
        {
            foreach (var type in new[] { "application/json", "multipart/form-data; boundary=b", "multipart/form-data", "application/x-www-form-urlencoded" })
            {
                foreach (var body in bodies)
                    await AnsweredAsync(path, System.Text.Encoding.UTF8.GetBytes(body), type);
                var noise = new byte[random.Next(1, 300)];
                random.NextBytes(noise);
                await AnsweredAsync(path, noise, type);
            }
        }

        foreach (var query in new[] { "after=%00", "cursor=AAAA", "cursor=%F0%9F", "limit=99999999999", "account_id=%20", "account_id=ann&linkedin_api=x" })
        {
            foreach (var path in new[] { "api/v1/chats", "api/v1/messages", "api/v1/users/relations", "api/v1/users/bob", "api/v1/users/ACoAA$$$$$$$$$$$$$$$$$$$$$$", "api/v1/chat_attendees/x/chats", "sandbox/v1/deliveries", "api/v1/accounts" })
                Assert.InRange((await sandbox.GetAsync("/" + path + "?" + query)).Status, 200, 499);
        }

        Assert.Equal(0, (await sandbox.LedgerAsync()).Number("deliveries"));

        async Task AnsweredAsync(string path, byte[] body, string type)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            using var response = await sandbox.Http.PostAsync("/" + path, content);
            Assert.True((int)response.StatusCode < 500, $"{path} {type} {Convert.ToHexString(body)}");
        }
    }

    [Fact]
    public async Task That_is_too_large_is_refused()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        Assert.Equal("malformed_request", (await sandbox.PostAsync("/sandbox/v1/reply", $$"""{"text":"{{new string('x', 70_000)}}"}""")).Type);
    }

    [Fact]
    public async Task Above_a_limit_is_refused()
    {
        await using var sandbox = await RunningSandbox.StartAsync(("MaxAccounts", "1"), ("MaxProspects", "2"), ("MaxDeliveries", "1"), ("MaxHooks", "1"), ("MaxFaults", "1"));
        Assert.Equal(400, (await sandbox.PostAsync("/sandbox/v1/world", """{"accounts":[{"id":"a"},{"id":"b"}]}""")).Status);
        Assert.Equal(400, (await sandbox.PostAsync("/sandbox/v1/world", """{"generate":{"prospects":3}}""")).Status);
        await sandbox.WorldAsync("""{"accounts":[{"id":"ann"}],"prospects":[{"id":"bob","degree":"first"},{"id":"cat"}]}""");
        Assert.Equal("201", (await sandbox.StartChatAsync("bob", "Hello")).Type);
        Assert.Equal("service_unavailable", (await sandbox.StartChatAsync("bob", "Hello again")).Type);
        Assert.Equal("service_unavailable", (await sandbox.InviteAsync("cat")).Type);
        await sandbox.PostAsync("/api/v1/webhooks", """{"request_url":"http://127.0.0.1:1/","source":"users"}""");
        Assert.Equal("limit_exceeded", (await sandbox.PostAsync("/api/v1/webhooks", """{"request_url":"http://127.0.0.1:1/","source":"users"}""")).Type);
        await sandbox.ControlAsync("faults", """{"endpoint":"accounts.get","kind":"error"}""");
        Assert.Equal(400, (await sandbox.PostAsync("/sandbox/v1/faults", """{"endpoint":"accounts.get","kind":"error"}""")).Status);
    }

    [Fact]
    public async Task Above_the_steps_of_a_script_is_refused()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        Assert.Equal("200 400", (await OrderAsync(200)).Status + " " + (await OrderAsync(201)).Status);

        Task<Reply> OrderAsync(int steps) =>
            sandbox.PostAsync("/sandbox/v1/faults", $$"""{"endpoint":"accounts.get","script":[{{string.Join(',', Enumerable.Repeat("\"pass\"", steps))}}]}""");
    }

    [Fact]
    public async Task For_an_endpoint_that_does_not_exist_is_the_providers_own_not_found()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        Assert.Equal("resource_not_found", (await sandbox.GetAsync("/api/v1/emails")).Type);
    }
}
