namespace Sandbox.Tests;

public sealed class StartingAChat
{
    [Fact]
    public async Task Writes_to_a_relation_for_free_and_reuses_their_chat()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob","degree":"first"}""");
        var first = await sandbox.StartChatAsync("bob", "Hello Bob");
        var second = await sandbox.StartChatAsync("bob", "Hello again");
        Assert.Equal("201 ChatStarted", first.Status + " " + first.Text("object"));
        Assert.Equal(first.Text("chat_id"), second.Text("chat_id"));
        Assert.Equal((2, 1), (await sandbox.BalanceAsync("sales_navigator"), await sandbox.BalanceAsync("premium")));
    }

    /// <summary>F9: credits of one product never pay for another's InMails.</summary>
    [Fact]
    public async Task Takes_the_credit_of_the_product_it_was_sent_with()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"},{"id":"cat"},{"id":"dan"}""");
        Assert.Equal("201", (await sandbox.StartChatAsync("bob", "Hello", "Subject", "sales_navigator")).Type);
        Assert.Equal((1, 1), (await sandbox.BalanceAsync("sales_navigator"), await sandbox.BalanceAsync("premium")));
        Assert.Equal("201", (await sandbox.StartChatAsync("cat", "Hello", "Subject", "classic", inmail: true)).Type);
        Assert.Equal((1, 0), (await sandbox.BalanceAsync("sales_navigator"), await sandbox.BalanceAsync("premium")));
        var refused = await sandbox.StartChatAsync("dan", "Hello", "Subject", "classic", inmail: true);
        Assert.Equal("422 insufficient_credits", refused.Status + " " + refused.Type);
        Assert.Equal("Not enough credits — Provider cannot execute request because of insufficient credits", refused.Text("detail"));
        Assert.Null(await sandbox.BalanceAsync("recruiter"));
    }

    /// <summary>F18, F23, F34, as they show over the wire.</summary>
    [Fact]
    public async Task Answers_as_the_rules_say()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"open","open_profile":true},{"id":"off","inmail":"off"},{"id":"odd","inmail":"off_says_insufficient_credits"},{"id":"far","degree":"out_of_network"}""");
        Assert.Equal("201", (await sandbox.StartChatAsync("open", "Hello", "S", "sales_navigator")).Type);
        Assert.Equal("not_allowed_inmail", (await sandbox.StartChatAsync("off", "Hello", "S", "sales_navigator")).Type);
        Assert.Equal("insufficient_credits", (await sandbox.StartChatAsync("odd", "Hello", "S", "sales_navigator")).Type);
        Assert.Equal("no_connection_with_recipient", (await sandbox.StartChatAsync("far", "Hello")).Type);
        Assert.Equal(2, await sandbox.BalanceAsync("sales_navigator"));
        Assert.Equal("201", (await sandbox.StartChatAsync("far", "Hello", "S", "sales_navigator")).Type);
        Assert.Equal("cannot_resend_yet", (await sandbox.StartChatAsync("far", "Hello?", "S", "sales_navigator")).Type);
        Assert.Equal(1, await sandbox.BalanceAsync("sales_navigator"));
        var channels = (await sandbox.GetAsync("/sandbox/v1/deliveries")).Items("deliveries").Select(d => d.GetProperty("channel").GetString());
        Assert.Equal(["open_profile_inmail", "inmail"], channels);
    }

    [Fact]
    public async Task Names_every_mistake_in_one_answer()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        using var form = new MultipartFormDataContent { { new StringContent("facebook"), "linkedin[api]" }, { new StringContent("maybe"), "linkedin[inmail]" } };
        var reply = await Reply.OfAsync(await sandbox.Http.PostAsync("/api/v1/chats", form));
        Assert.Equal("400 invalid_parameters", reply.Status + " " + reply.Type);
        Assert.Equal(
            ["account_id", "attendees_ids", "text", "linkedin[api]", "linkedin[inmail]"],
            reply.Items("violations").Select(v => v.GetProperty("field").GetString()));
    }

    [Theory]
    [InlineData("application/json", "{}")]
    [InlineData("application/x-www-form-urlencoded", "account_id=ann")]
    [InlineData("multipart/form-data; boundary=x", "--x broken")]
    public async Task Takes_nothing_but_a_multipart_form(string contentType, string body)
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        using var content = new StringContent(body);
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        Assert.Equal("unsupported_media_type", (await Reply.OfAsync(await sandbox.Http.PostAsync("/api/v1/chats", content))).Type);
    }

    [Fact]
    public async Task Asks_a_recruiter_for_a_signature()
    {
        await using var sandbox = await RunningSandbox.WithAsync("""{"id":"bob"}""", """{"id":"ann","subscriptions":[{"plan":"recruiter_lite"}]}""");
        var id = await sandbox.ProviderIdAsync("bob", api: "recruiter");
        using var form = new MultipartFormDataContent
        {
            { new StringContent("ann"), "account_id" }, { new StringContent(id), "attendees_ids" }, { new StringContent("Hi"), "text" }, { new StringContent("recruiter"), "linkedin[api]" },
        };
        Assert.Equal("missing_parameters", (await Reply.OfAsync(await sandbox.Http.PostAsync("/api/v1/chats", form))).Type);
        Assert.Equal("201", (await sandbox.StartChatWithAsync(id, "Hi", "S", "recruiter")).Type);
        Assert.Equal(29, await sandbox.BalanceAsync("recruiter"));
    }
}
