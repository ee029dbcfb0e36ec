using System.Text;
using Pennypost.Gateway.Import;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Tests;

// F73: CSV import.
public sealed class ImportingCsv(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    private const string Header = "First Name,Last Name,Profile URL,Title,Company,Location,Priority,Subject,Message,Note";
    private static readonly ImportSettings Settings = new("autumn", "autumn", [], []);

    [Fact]
    public async Task Good_rows_are_accepted_and_bad_ones_named_by_line_with_every_violation()
    {
        var answer = await ImportAsync("?import_id=mixed", $"""
            {Header}
            Ada,Lovelace,https://www.linkedin.com/in/ada/,CTO,Engines,London,High,Hello,"Dear Ada,
            two lines",
            Bob,,,,,,Urgent,{new string('s', 201)},,{new string('n', 301)}
            Cyd,,cyd,,,,,,Hi,
            too,short
            """);

        Assert.Equal(200, answer.Status);
        Assert.Equal((4, 2, 2), (answer.Json["rows"]!.GetValue<int>(), answer.Json["acceptedCount"]!.GetValue<int>(), answer.Json["refusedCount"]!.GetValue<int>()));
        Assert.Equal([2, 5], answer.Json["accepted"]!.AsArray().Select(row => row!["line"]!.GetValue<int>()));
        var refused = answer.Json["refused"]!.AsArray();
        Assert.Equal([4, 6], refused.Select(row => row!["line"]!.GetValue<int>()));
        Assert.Equal(["Priority", "Profile URL", "Subject", "Note"], refused[0]!["violations"]!.AsArray().Select(violation => violation!["field"]!.GetValue<string>()));
        var kept = gateway.Dispatcher.Messages.Values.Single(message => message.Spec.CampaignId == "mixed" && message.Spec.Prospect.FirstName == "Ada").Spec;
        Assert.Equal(("Dear Ada,\ntwo lines", Priority.High, "Hello"), (kept.Content.Body.ReplaceLineEndings("\n"), kept.Priority, kept.Content.Subject));
    }

    [Fact]
    public async Task The_same_upload_again_is_the_same_messages()
    {
        var file = $"{Header}\nAda,,ada,,,,,,Hi,\nBob,,bob,,,,,,Hi,\n";
        var first = await ImportAsync("?import_id=again", file);
        var second = await ImportAsync("?import_id=again", file);
        var moved = await ImportAsync("?import_id=again", $"{Header}\nBob,,bob,,,,,,Hi,\n");

        Assert.All(first.Json["accepted"]!.AsArray(), row => Assert.False(row!["existed"]!.GetValue<bool>()));
        Assert.All(second.Json["accepted"]!.AsArray(), row => Assert.True(row!["existed"]!.GetValue<bool>()));
        Assert.True(moved.Json["accepted"]![0]!["existed"]!.GetValue<bool>());
        Assert.Equal(2, gateway.Dispatcher.Messages.Values.Count(message => message.Spec.CampaignId == "again"));
    }

    [Fact]
    public async Task Rows_may_name_their_segment_and_variant_F79()
    {
        var answer = await ImportAsync("?import_id=labels", "Profile URL,Message,Segment,Variant\nada,Hi,founders,\nada,Hi,,founders\nbob,Hi,a b,\n");

        Assert.Equal((2, 1), (answer.Json["acceptedCount"]!.GetValue<int>(), answer.Json["refusedCount"]!.GetValue<int>()));
        Assert.Equal("Segment", answer.Json["refused"]![0]!["violations"]![0]!["field"]!.GetValue<string>());
        Assert.Equal(
            [("", "founders"), ("founders", "")],
            gateway.Dispatcher.Messages.Values.Where(message => message.Spec.CampaignId == "labels").Select(message => (message.Spec.Segment, message.Spec.Variant)).Order());
    }

    private const string Everything = "Profile URL,Message,Subject,E-mail,Email Verified,Email Text,Engagement,Post ID,Post Comment,Routing Policy";

    [Theory]
    [InlineData("ada,Hi,,,,,,,,", null)]
    [InlineData("ada,Hi,,ada@example.com,,,,,,", null)]
    [InlineData("ada,Hi,,ada@example.com,2026-11-27,,,,,", null)]
    [InlineData("ada,Hi,,ada@example.com,2026-11-27T10:00:00Z,,,,,", null)]
    [InlineData("ada,Hi,,ada@example.com,2026-11-27T10:00:00.5+02:00,,,,,careful", null)]
    [InlineData("ada,,Hello,ada@example.com,,Dear Ada,,,,", null)]
    [InlineData("ada,,,,,,profile view,,,", null)]
    [InlineData("ada,,,,,,LIKE,urn:li:activity:1,,", null)]
    [InlineData("ada,,,,,,Comment,urn:li:activity:1,Well said,", null)]
    [InlineData("ada,Hi,,ada.example.com,,,,,,", "E-mail")]
    [InlineData("ada,Hi,,a@b@c,,,,,,", "E-mail")]
    [InlineData("ada,Hi,,ada@example.com,yes,,,,,", "Email Verified")]
    [InlineData("ada,Hi,,ada@example.com,27.11.2026,,,,,", "Email Verified")]
    [InlineData("ada,Hi,,ada@example.com,2026-11-27T10:00:00,,,,,", "Email Verified")]
    [InlineData("ada,Hi,,ada@example.com,2026-02-30,,,,,", "Email Verified")]
    [InlineData("ada,,,,,,Follow,,,", "Engagement")]
    [InlineData("ada,,,,,,,urn:li:activity:1,,", "Engagement")]
    [InlineData("ada,,,,,,,,Well said,", "Engagement")]
    [InlineData("ada,,,,,,,,,", "Message, Note, Email Text, Engagement")]
    [InlineData("ada,Hi,,,,,,,,no policy", "Routing Policy")]
    [InlineData("ada,,,not one,never,,Follow,,,", "Email Verified, Engagement, E-mail")]
    public void Addresses_engagements_and_policies_have_columns_F22_F87(string row, string? wrong)
    {
        var columns = ImportColumns.Read(Everything.Split(','), [], new Violations());

        var read = ImportRow.Read(columns, row.Split(','), 2, Settings);

        if (wrong is null) Assert.IsType<ImportRow.Good>(read);
        else Assert.Equal(wrong, string.Join(", ", Assert.IsType<ImportRow.Bad>(read).Violations.Select(violation => violation.Field)));
    }

    [Fact]
    public async Task What_a_row_says_stands_in_its_message_F22_F87()
    {
        await ImportAsync("?import_id=full", $"{Everything}\nada,,Hello,ada@example.com,2026-11-27T12:00:00+02:00,Dear Ada,,,,careful\nbob,,,,,,Comment,urn:li:activity:1,Well said,\n");

        var kept = gateway.Dispatcher.Messages.Values.Where(message => message.Spec.CampaignId == "full").Select(message => message.Spec).OrderBy(spec => spec.Prospect.Profile).ToList();
        Assert.Equal(
            ("ada@example.com", new DateTime(2026, 11, 27, 10, 0, 0), "Dear Ada", "careful", null),
            (kept[0].Prospect.Email, kept[0].Prospect.EmailVerifyTime.ToDateTime(), kept[0].Content.Email, kept[0].Policy, kept[0].Content.Engagement));
        Assert.Equal((Channel.Comment, "urn:li:activity:1", "Well said"), (kept[1].Content.Engagement.Channel, kept[1].Content.Engagement.PostId, kept[1].Content.Engagement.Comment));
    }

    [Fact]
    public async Task What_only_the_dispatcher_finds_is_named_by_column_too()
    {
        gateway.Dispatcher.OnAccept = request =>
        {
            var violations = new Violations();
            if (request.Message.Policy == "nowhere") violations.Add("message.policy", "must name a routing policy that the tenant keeps");
            if (request.Message is { Content: { Email.Length: > 0, Subject.Length: 0 } }) violations.Add("message.content.subject", "is required with email");
            return violations.Any ? new FaultDomain("dispatcher").Invalid(violations) : null;
        };
        var answer = await ImportAsync("?import_id=known", $"{Everything}\nada,,,ada@example.com,,Dear Ada,,,,nowhere\nbob,Hi,,,,,,,,\n");
        gateway.Dispatcher.OnAccept = _ => null;

        var refused = Assert.Single(answer.Json["refused"]!.AsArray())!;
        Assert.Equal((2, "INVALID_REQUEST", 1), (refused["line"]!.GetValue<int>(), refused["reason"]!.GetValue<string>(), answer.Json["acceptedCount"]!.GetValue<int>()));
        Assert.Equal(["Routing Policy", "Subject"], refused["violations"]!.AsArray().Select(violation => violation!["field"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Validate_only_keeps_nothing()
    {
        // F72
        var answer = await ImportAsync("?import_id=dry&validate_only=true", $"{Header}\nAda,,ada,,,,,,Hi,\n");

        Assert.Equal(1, answer.Json["acceptedCount"]!.GetValue<int>());
        Assert.DoesNotContain(gateway.Dispatcher.Messages.Values, message => message.Spec.CampaignId == "dry");
    }

    [Theory]
    [InlineData("", "header line")]
    [InlineData("First Name,Message\nAda,Hi\n", "column with the profile")]
    [InlineData("Profile URL,Company\nada,Engines\n", "column Message, Note, Email Text or Engagement")]
    [InlineData("Profile URL;Message\nada;Hi\n", "not semicolons")]
    [InlineData("Profile URL,LinkedIn URL,Message\nada,ada,Hi\n", "means the same as")]
    public async Task A_file_that_cannot_be_imported_changes_nothing(string file, string says)
    {
        var answer = await ImportAsync("?import_id=whole", file);

        Assert.Equal(400, answer.Status);
        Assert.Equal("IMPORT_INVALID", answer.Reason);
        Assert.Contains(says, answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Dispatcher.Messages.Values, message => message.Spec.CampaignId == "whole");
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF_8_refuse_the_whole_file()
    {
        var answer = await ImportAsync("?import_id=latin", [.. Encoding.UTF8.GetBytes($"{Header}\nAda,,ada,,,,,,Hi,\nJos"), 0xE9, .. ",,jose,,,,,,Hola,\n"u8]);

        Assert.Equal("IMPORT_INVALID", answer.Reason);
        Assert.Contains("not UTF-8", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Dispatcher.Messages.Values, message => message.Spec.CampaignId == "latin");
    }

    [Fact]
    public async Task A_file_in_UTF_16_is_refused_though_its_byte_order_mark_says_so()
    {
        var answer = await ImportAsync("?import_id=wide", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes($"{Header}\nAda,,ada,,,,,,Hi,\n")]);

        Assert.Equal("IMPORT_INVALID", answer.Reason);
        Assert.Contains("not UTF-8", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameters_are_all_checked_at_once()
    {
        var answer = await ImportAsync("?validate_only=maybe&colour=red&account_ids=a&account_ids=a", "x");

        Assert.Equal(["account_ids[1]", "colour", "import_id", "validate_only"], answer.Violations.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(-1, 200)]
    [InlineData(0, 200)]
    [InlineData(1, 400)]
    public async Task Rows_up_to_the_limit(int over, int status)
    {
        var limited = new RunningGateway(new() { ["Gateway:MaxImportRows"] = "20" });
        await limited.InitializeAsync();
        var rows = string.Concat(Enumerable.Range(0, 20 + over).Select(n => $"p{n},Hi\n"));

        var answer = await PostAsync(limited, "?import_id=rows", Encoding.UTF8.GetBytes("Profile URL,Message\n" + rows));

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? 20 + over : 0, limited.Dispatcher.Messages.Count);
        await limited.DisposeAsync();
    }

    [Fact]
    public async Task A_file_over_the_byte_limit_is_413_and_changes_nothing()
    {
        var limited = new RunningGateway(new() { ["Gateway:MaxImportBytes"] = "2048" });
        await limited.InitializeAsync();
        const string start = "Profile URL,Message\nada,Hi\nbob,";

        var fits = await PostAsync(limited, "?import_id=b0&validate_only=true", Encoding.UTF8.GetBytes(start + new string('x', 2_048 - start.Length)));
        var over = await PostAsync(limited, "?import_id=b1", Encoding.UTF8.GetBytes(start + new string('x', 2_049 - start.Length)));

        Assert.Equal(200, fits.Status);
        Assert.Equal((413, "REQUEST_TOO_LARGE"), (over.Status, over.Reason));
        Assert.Empty(limited.Dispatcher.Messages);
        await limited.DisposeAsync();
    }

    [Fact]
    public async Task Progress_comes_line_by_line_and_the_report_last()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages:importCsv?import_id=progress");
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        request.Content = new StringContent("Profile URL,Message\n" + string.Concat(Enumerable.Range(0, 450).Select(n => $"p{n},Hi\n")), Encoding.UTF8, "text/csv");
        using var response = await gateway.Http.SendAsync(request);
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => System.Text.Json.Nodes.JsonNode.Parse(line)!).ToList();

        Assert.Equal([200, 400, 450], lines.SkipLast(1).Select(line => line["progress"]!["done"]!.GetValue<int>()));
        Assert.Equal(450, lines[^1]["acceptedCount"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_example_file_is_read_with_every_bad_row_named()
    {
        var answer = await PostAsync(gateway, "?import_id=example&validate_only=true", await File.ReadAllBytesAsync(Repository.PathOf("examples", "prospects.csv")));

        Assert.Equal(200, answer.Status);
        Assert.InRange(answer.Json["acceptedCount"]!.GetValue<int>(), 150, 10_000);
        Assert.NotEmpty(answer.Json["refused"]!.AsArray());
        Assert.All(answer.Json["refused"]!.AsArray(), row => Assert.NotEmpty(row!["violations"]!.AsArray()));
    }

    [Theory]
    [InlineData("ada,Hi,High", Priority.High, null)]
    [InlineData("ada,Hi,hIGH", Priority.High, null)]
    [InlineData("ada,Hi,", Priority.Normal, null)]
    [InlineData("ada,Hi,low", Priority.Low, null)]
    [InlineData("ada,Hi,Urgent", default(Priority), "Urgency")]
    [InlineData("ada,,High", default(Priority), "Text of message, Note")]
    [InlineData(",Hi,High", default(Priority), "Profile URL")]
    [InlineData("ada,Hi", default(Priority), "row")]
    [InlineData("ada,Hi,High,more", default(Priority), "row")]
    public void A_row_becomes_a_message_or_names_its_columns(string row, Priority priority, string? column)
    {
        var columns = new ImportColumns(3,
            new Dictionary<ImportColumn, int> { [ImportColumn.Profile] = 0, [ImportColumn.Message] = 1, [ImportColumn.Priority] = 2 },
            new Dictionary<ImportColumn, string> { [ImportColumn.Profile] = "Profile URL", [ImportColumn.Message] = "Text of message", [ImportColumn.Priority] = "Urgency" });

        var read = ImportRow.Read(columns, row.Split(','), 7, Settings);

        if (column is null) Assert.Equal(priority, Assert.IsType<ImportRow.Good>(read).Message.Priority);
        else Assert.Equal(column, Assert.Single(Assert.IsType<ImportRow.Bad>(read).Violations).Field);
    }

    [Fact]
    public void Ids_depend_on_the_import_and_every_column_and_on_nothing_else()
    {
        var violations = new Violations();
        var columns = ImportColumns.Read(["Profile URL", "Message", "Location"], [], violations);
        string Id(string importId, params string[] cells) => Assert.IsType<ImportRow.Good>(ImportRow.Read(columns, cells, 2, Settings with { ImportId = importId })).Message.MessageId;

        string IdWith(string column, string cell) =>
            Assert.IsType<ImportRow.Good>(ImportRow.Read(ImportColumns.Read(["Profile URL", "Message", column], [], violations), ["ada", "Hi", cell], 2, Settings with { ImportId = "a" })).Message.MessageId;

        Assert.Equal(Id("a", "ada", "Hi", "London"), Id("a", " ada ", "Hi", "Paris"));
        Assert.NotEqual(Id("a", "ada", "Hi", ""), Id("b", "ada", "Hi", ""));
        Assert.NotEqual(Id("a", "ada", "Hi", ""), Id("a", "ada", "Ho", ""));
        // Columns that came later: a row with nothing in them is the message that it always was.
        Assert.Equal(Id("a", "ada", "Hi", ""), IdWith("Email", ""));
        Assert.NotEqual(IdWith("Email", "ada@example.com"), IdWith("Email", ""));
        Assert.NotEqual(IdWith("Routing Policy", "careful"), IdWith("Segment", "careful"));
        Assert.True(Ids.IsId(Id("a", "ada", "Hi", "")));
    }

    // The header, what is said of it, and what each column means then: its place by meaning.
    [Theory]
    [InlineData("Link,Text", "Link=LinkedIn URL|Text=Message", "Profile:0 Message:1")]
    [InlineData("Link,Text", " link = profile url |TEXT=message", "Profile:0 Message:1")]
    [InlineData("Link,Message,Vorname", "Link=Profile|Vorname=First Name", "Profile:0 FirstName:2 Message:1")]
    [InlineData("名前,Straße,Note", "名前=First Name|straße=Profile URL", "Profile:1 FirstName:0 Note:2")]
    [InlineData("a=b,Message", "a=b=Profile", "Profile:0 Message:1")]
    // What is said wins, and the known one is left alone.
    [InlineData("LinkedIn URL,Link,Message", "Link=LinkedIn URL", "Profile:1 Message:2")]
    [InlineData("LinkedIn URL,Profile URL,Link,Message", "Link=LinkedIn URL", "Profile:2 Message:3")]
    [InlineData("Profile URL,Message,Note", "Message=Note", "Profile:0 Note:1")]
    [InlineData("Profile URL,Message,Note", "Message=Note|Note=Message", "Profile:0 Message:2 Note:1")]
    // Nothing behind the sign leaves one alone, and lets another one be known.
    [InlineData("Profile URL,Message,Title", "Title=", "Profile:0 Message:1")]
    [InlineData("Profile URL,Message,Title", "Title= ", "Profile:0 Message:1")]
    [InlineData("Profile URL,Message,Location", "Location=", "Profile:0 Message:1")]
    [InlineData("Profile URL,LinkedIn URL,Message", "Profile URL=", "Profile:1 Message:2")]
    public void What_is_said_of_columns_goes_before_what_is_known_F73(string header, string said, string places)
    {
        var violations = new Violations();

        var columns = ImportColumns.Read(header.Split(','), said.Split('|'), violations);

        Assert.Empty(violations.All);
        Assert.Equal(places, string.Join(' ', columns.Places.OrderBy(place => place.Key).Select(place => $"{place.Key}:{place.Value}")));
        Assert.All(columns.Places, place => Assert.Equal(header.Split(',')[place.Value], columns.HeaderOf(place.Key)));
    }

    [Theory]
    [InlineData("Link=Colour", "columns[0]")]
    [InlineData("Link", "columns[0]")]
    [InlineData("=Message", "columns[0]")]
    [InlineData("", "columns[0]")]
    [InlineData("Away=Note", "columns[0]")]
    [InlineData("Away=", "columns[0]")]
    [InlineData("Twice=Note", "columns[0]")]
    [InlineData("Link=Note|Text=note", "columns[1]")]
    [InlineData("Link=Note|link=Title", "columns[1]")]
    [InlineData("Link=|Link=Title", "columns[1]")]
    [InlineData("Link=Colour|Link=Note|Away=Title|Text=NOTE|link=Company|nothing", "columns[0] columns[3] columns[4] columns[5] columns[2]")]
    public void All_that_is_wrong_with_what_is_said_is_named_at_once_F73(string said, string fields)
    {
        var violations = new Violations();

        ImportColumns.Read("Profile URL,Message,Link,Text,Twice,twice".Split(','), said.Split('|'), violations);

        Assert.Equal(fields, string.Join(' ', violations.All.Select(violation => violation.Field)));
    }

    [Theory]
    [InlineData(99, 200, "")]
    [InlineData(100, 200, "")]
    [InlineData(101, 200, "columns")]
    [InlineData(100, 201, "columns[0]")]
    [InlineData(101, 201, "columns columns[0]")]
    public void No_more_is_said_and_no_longer_than_there_is_room_for_F73(int count, int length, string fields)
    {
        List<string> header = ["Profile URL", "Message", .. Enumerable.Range(0, 98).Select(n => $"c{n}")];
        header[2] = new string('c', length - 1);
        var violations = new Violations();

        ImportColumns.Read(header, [$"{header[2]}=", "Profile URL=Profile", "Message=Message", .. Enumerable.Range(3, count - 3).Select(n => n < header.Count ? $"{header[n]}=" : "more=")], violations);

        Assert.Equal(fields, string.Join(' ', violations.All.Select(violation => violation.Field)));
    }

    [Fact]
    public async Task A_file_with_names_of_its_own_is_the_same_messages_and_is_told_in_its_own_words_F73()
    {
        var ours = await ImportAsync("?import_id=words", "LinkedIn URL,First Name,Message,Priority\nada,Ada,Hi,High\n");
        var theirs = await ImportAsync("?import_id=words&columns=Link=LinkedIn+URL&columns=Vorname=First%20Name&columns=Text%3DMessage&columns=Wichtig=Priority&columns=Title=",
            "Title,Wichtig,Text,Vorname,Link\nFrau,High,Hi,Ada,ada\nHerr,sehr,,Bob,\n");

        Assert.Equal(200, theirs.Status);
        Assert.Equal(ours.Json["accepted"]![0]!["messageId"]!.GetValue<string>(), theirs.Json["accepted"]![0]!["messageId"]!.GetValue<string>());
        Assert.True(theirs.Json["accepted"]![0]!["existed"]!.GetValue<bool>());
        Assert.Equal(["Wichtig", "Link", "Text, Note"], theirs.Json["refused"]![0]!["violations"]!.AsArray().Select(violation => violation!["field"]!.GetValue<string>()));
        Assert.Equal("", gateway.Dispatcher.Messages.Values.Single(message => message.Spec.CampaignId == "words").Spec.Prospect.Title);
    }

    [Fact]
    public async Task What_is_wrong_with_what_is_said_comes_with_what_is_wrong_with_the_header_and_nothing_is_kept_F73()
    {
        var file = await ImportAsync("?import_id=said&columns=Link=Colour&columns=Away=Note", "First Name,Link\nAda,ada\n");
        var parameters = await ImportAsync("?columns=Link=Colour&columns=Away=Note", "First Name,Link\nAda,ada\n");

        Assert.Equal((400, "IMPORT_INVALID"), (file.Status, file.Reason));
        Assert.Equal(["columns[0]", "columns[1]", "header"], file.Violations);
        Assert.Equal((400, "INVALID_REQUEST"), (parameters.Status, parameters.Reason));
        Assert.Equal(["import_id", "columns[0]"], parameters.Violations);
        Assert.DoesNotContain(gateway.Dispatcher.Messages.Values, message => message.Spec.CampaignId == "said");
    }

    [Fact]
    public async Task The_pages_example_of_other_names_is_imported_as_it_stands_F73()
    {
        var page = await File.ReadAllTextAsync(Repository.PathOf("docs", "csv.md"));
        var section = page[page.IndexOf("## Your own column names", StringComparison.Ordinal)..];
        var commands = section.Split('\n').SkipWhile(line => !line.StartsWith("    ", StringComparison.Ordinal)).TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal));
        var folder = Directory.CreateTempSubdirectory("pennypost");
        var start = new System.Diagnostics.ProcessStartInfo("bash", ["-ec", string.Join('\n', commands).Replace("curl ", "curl -sS ", StringComparison.Ordinal)])
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardOutput = true,
            Environment = { ["PENNYPOST"] = gateway.App.HttpAddress().ToString().TrimEnd('/'), ["KEY"] = gateway.Acme.Text.Reveal() },
        };
        using var shell = System.Diagnostics.Process.Start(start)!;
        var answer = System.Text.Json.Nodes.JsonNode.Parse(await shell.StandardOutput.ReadToEndAsync())!;
        await shell.WaitForExitAsync();
        folder.Delete(true);

        Assert.Equal((1, 0), ((int)answer["acceptedCount"]!, (int)answer["refusedCount"]!));
        var kept = Assert.Single(gateway.Dispatcher.Messages.Values, message => message.Spec.CampaignId == "german").Spec;
        Assert.Equal(("Ada", "", "May I ask?"), (kept.Prospect.FirstName, kept.Prospect.Title, kept.Content.Body));
    }

    private Task<Answer> ImportAsync(string query, string file) => PostAsync(gateway, query, Encoding.UTF8.GetBytes(file));

    private Task<Answer> ImportAsync(string query, byte[] file) => PostAsync(gateway, query, file);

    private static async Task<Answer> PostAsync(RunningGateway gateway, string query, byte[] file)
    {
        using var content = new ByteArrayContent(file) { Headers = { ContentType = new("text/csv") } };
        using var response = await gateway.Http.PostAsync("/v1/messages:importCsv" + query, content);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }
}
