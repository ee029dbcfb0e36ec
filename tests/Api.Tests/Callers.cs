using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pennypost.Gateway.Keys;

namespace Pennypost.Api.Tests;

/// <summary>Programs in other languages that call what they are told to, with the clients of <c>clients/</c>: a line of JSON in, a line of JSON out.</summary>
internal static class Callers
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(4);

    // Once each: two that install what they need at the same time break each other.
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> _generated = new(StringComparer.Ordinal);

    /// <summary>Makes a client ready to run.</summary>
    public static Task GenerateAsync(string language) => _generated.GetOrAdd(language, _ => new(() =>
    {
        var client = Repository.PathOf("clients", language);
        return RunAsync(Path.Combine(client, "generate"), [], client, "");
    })).Value;

    public static async Task<List<Answered?>> AskAsync(string language, Uri api, ApiKeyText key, IReadOnlyList<(string Rpc, byte[] Request)> asked)
    {
        var client = Repository.PathOf("clients", language);
        await GenerateAsync(language);
        var input = string.Join('\n', asked.Select(one => JsonSerializer.Serialize(new { rpc = one.Rpc, request = Convert.ToBase64String(one.Request) }))) + "\n";
        var (program, caller) = language == "node" ? ("node", Path.Combine(client, "dist", "call-by-name.js")) : ("/usr/bin/python3", Path.Combine(client, "call_by_name.py"));
        var output = await RunAsync(program, [caller, "--target", api.Authority, "--key", key.Text.Reveal()], client, input);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Of(JsonNode.Parse(line)!))];
    }

    private static Answered Of(JsonNode line) => line["answer"] is JsonArray all
        ? Answered.OfStream((JsonArray)all.DeepClone())
        : line["answer"] is { } answer
        ? new("OK", "", [], answer.DeepClone(), "")
        : new((string)line["code"]!, (string)line["reason"]!, [.. line["violations"]!.AsArray().Select(field => (string)field!)], null, (string)line["details"]!);

    /// <summary>Runs a program to its end, which must be a good one, and answers what it wrote.</summary>
    public static async Task<string> RunAsync(string program, string[] arguments, string folder, string input)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment["PYTHONPATH"] = $"{Path.Combine(folder, "generated")}:{folder}";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(_limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        Assert.True(process.ExitCode == 0, $"{program} {arguments.FirstOrDefault()}: {await errors}{await output}");
        return await output;
    }
}
