using System.Text.RegularExpressions;
using Google.Api;
using Google.Protobuf.Reflection;
using Pennypost.Errors.V1;

namespace Pennypost.Protos.Tests;

/// <summary>What Buf's STANDARD rules and STYLE ask of a proto, held against the descriptors.</summary>
public sealed partial class WritingTheContract
{
    [Fact]
    public void Every_element_has_a_comment()
    {
        var elements = Contract.Elements().ToList();
        Assert.True(elements.Count > 500, $"Only {elements.Count} elements were read: the walk does not see the protos.");
        Assert.Empty(elements.Where(element => element.Comment.Length < 2).Select(element => $"{element.File} {element.Name}"));
    }

    [Fact]
    public void Packages_folders_and_namespaces_agree()
    {
        foreach (var file in Contract.Files)
        {
            var folder = file.Name[..file.Name.LastIndexOf('/')];
            Assert.Equal(folder.Replace('/', '.'), file.Package);
            Assert.EndsWith(".v1", file.Package, StringComparison.Ordinal);
            var segments = file.Package.Split('.').Select(segment => char.ToUpperInvariant(segment[0]) + segment[1..]);
            Assert.Equal(string.Join('.', segments), file.Options.CsharpNamespace);
        }
    }

    [Fact]
    public void Every_call_has_a_request_and_a_response_of_its_own()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (file, _, method) in Contract.Methods)
        {
            Assert.Equal($".{file.Package}.{method.Name}Request", method.InputType);
            Assert.Equal($".{file.Package}.{method.Name}Response", method.OutputType);
            Assert.True(seen.Add(method.InputType) && seen.Add(method.OutputType), $"{method.Name} shares a request or a response.");
        }
    }

    [Fact]
    public void Services_messages_and_fields_are_named_by_the_rules()
    {
        foreach (var file in Contract.Files)
        {
            Assert.All(file.Service, service => Assert.EndsWith("Service", service.Name, StringComparison.Ordinal));
            Assert.All(file.MessageType, message => Assert.Matches(Pascal(), message.Name));
            Assert.All(file.MessageType.SelectMany(message => message.Field), field => Assert.Matches(Snake(), field.Name));
        }
    }

    [Fact]
    public void Times_end_in_time_or_say_until_or_before()
    {
        var times = from file in Contract.Files
                    from message in file.MessageType
                    from field in message.Field
                    where field.TypeName == ".google.protobuf.Timestamp"
                    select field.Name;
        Assert.All(times, name => Assert.Matches("(_time|_until|_before|^now)$", name));
    }

    [Fact]
    public void Enum_values_carry_their_enums_name_and_zero_means_unset()
    {
        foreach (var (_, @enum) in Contract.Enums)
        {
            var prefix = UpperSnake(@enum.Name) + "_";
            Assert.All(@enum.Value, value => Assert.StartsWith(prefix, value.Name, StringComparison.Ordinal));
            Assert.Equal(prefix + "UNSPECIFIED", @enum.Value.Single(value => value.Number == 0).Name);
        }
    }

    [Fact]
    public void Lists_are_paged()
    {
        // The keys of a tenant are at most 200 and come at once.
        foreach (var (file, _, method) in Contract.Methods.Where(call => call.Method.Name.StartsWith("List", StringComparison.Ordinal) && call.Method.Name != "ListApiKeys"))
        {
            Assert.Superset(new HashSet<string> { "page_size", "page_token" }, FieldsOf(file, method.InputType));
            Assert.Contains("next_page_token", FieldsOf(file, method.OutputType));
        }
    }

    [Fact]
    public void No_request_names_a_tenant()
    {
        // Tenancy comes from the credential alone. Only what the installation's operator does names one, and the record of it.
        var fields = from file in Contract.Files where !file.Name.EndsWith("/admin.proto", StringComparison.Ordinal) from message in file.MessageType from field in message.Field select field.Name;
        Assert.DoesNotContain(fields, name => name.Contains("tenant", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_public_call_has_a_path_and_says_its_scope()
    {
        var comments = Contract.Elements().Where(element => element.Kind == "rpc" && element.File.Contains("gateway", StringComparison.Ordinal))
            .ToDictionary(element => element.Name, element => element.Comment);
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var method in Gateway.V1.PennypostService.Descriptor.Methods.Concat(Gateway.V1.AdminService.Descriptor.Methods))
        {
            var rule = method.GetOptions().GetExtension(AnnotationsExtensions.Http);
            Assert.NotNull(rule);
            Assert.NotEqual(HttpRule.PatternOneofCase.None, rule.PatternCase);
            Assert.True(paths.Add(rule.PatternCase + " " + rule.Get + rule.Put + rule.Post + rule.Delete), $"{method.Name} has another call's path.");
            Assert.Contains("Scope: `", comments[method.Name], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_error_a_call_names_is_a_reason()
    {
        var reasons = Enum.GetNames<ErrorReason>().Select(UpperSnake).ToHashSet(StringComparer.Ordinal);
        foreach (var rpc in Contract.Elements().Where(element => element.Kind is "rpc" or "service"))
        {
            foreach (Match match in CodeAndReason().Matches(rpc.Comment))
            {
                Assert.True(reasons.Contains(match.Groups["reason"].Value), $"{rpc.Name} names {match.Value}, which is no reason.");
                Assert.Contains(match.Groups["code"].Value, StatusCodes);
            }
        }
    }

    [Fact]
    public void Every_error_reason_says_its_status_code()
    {
        var values = Contract.Elements().Where(element => element.Name.StartsWith("ERROR_REASON_", StringComparison.Ordinal) && !element.Name.EndsWith("UNSPECIFIED", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(values);
        Assert.All(values, value => Assert.True(StatusCodes.Any(code => value.Comment.Contains(code, StringComparison.Ordinal)), $"{value.Name} does not say its status code."));
    }

    [Fact]
    public void Every_error_reason_is_used()
    {
        var code = string.Join('\n', new[] { "services", "platform" }
            .SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(File.ReadAllText));
        var unused = Enum.GetNames<ErrorReason>().Where(name => name != nameof(ErrorReason.Unspecified) && !Regex.IsMatch(code, $@"ErrorReason\.{name}\b")).ToList();
        Assert.True(unused.Count == 0, $"No service answers {string.Join(", ", unused)}.");
    }

    private static readonly string[] StatusCodes =
    [
        "INVALID_ARGUMENT", "UNAUTHENTICATED", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "FAILED_PRECONDITION", "ABORTED",
        "DEADLINE_EXCEEDED", "INTERNAL", "UNIMPLEMENTED", "CANCELLED", "NOT_FOUND", "ALREADY_EXISTS",
    ];

    // A service's requests may stand in files beside it.
    private static HashSet<string> FieldsOf(FileDescriptorProto file, string typeName) =>
        [.. Contract.Files.Where(other => other.Package == file.Package).SelectMany(other => other.MessageType).Single(message => "." + file.Package + "." + message.Name == typeName).Field.Select(field => field.Name)];

    private static string UpperSnake(string pascal) => WordStart().Replace(pascal, "_").ToUpperInvariant();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();

    [GeneratedRegex("^[A-Z][A-Za-z0-9]*$")]
    private static partial Regex Pascal();

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
    private static partial Regex Snake();

    [GeneratedRegex("(?<code>[A-Z_]{4,})/(?<reason>[A-Z_]{4,})")]
    private static partial Regex CodeAndReason();
}
