namespace Pennypost.Standalone.Tests;

/// <summary>A client of <c>clients/</c>, generated once for all tests, and its example.</summary>
internal sealed class ClientInAnotherLanguage
{
    private readonly string _name;
    private readonly string _program;
    private readonly string _example;
    private readonly (string Name, string Value)[] _environment;
    private readonly Lazy<Task> _generated;

    private ClientInAnotherLanguage(string name, string program, string example, params (string Name, string Value)[] environment)
    {
        (_name, _program, _example, _environment) = (name, program, Path.Combine(Folder(name), example), environment);
        _generated = new Lazy<Task>(() => Program.RunAsync(Path.Combine(Folder(name), name == "go" ? "build" : "generate"), []));
    }

    // Compiled: its example is a program.
    private static readonly ClientInAnotherLanguage Go = new("go", Path.Combine(Folder("go"), "gopath", "bin", "send-and-watch"), "");

    private static readonly ClientInAnotherLanguage Node = new("node", "node", "dist/send-and-watch.js");

    private static readonly ClientInAnotherLanguage Python = new(
        "python", "/usr/bin/python3", "send_and_watch.py", ("PYTHONPATH", $"{Path.Combine(Folder("python"), "generated")}:{Folder("python")}"));

    /// <summary>Ready to run.</summary>
    public static async Task<ClientInAnotherLanguage> GeneratedAsync(string language)
    {
        var client = new[] { Node, Python, Go }.Single(client => client._name == language);
        await client._generated.Value;
        return client;
    }

    /// <summary>Starts the example: one message, watched to its end.</summary>
    public Program Example(Uri api, string key, string messageId, string profile, params string[] more) =>
        Program.Start(_program, [.. _name == "go" ? Array.Empty<string>() : [_example], "--target", api.Authority, "--key", key, "--message-id", messageId, "--profile", profile, .. more], null, _environment);

    /// <summary>Runs a program text that uses the client.</summary>
    public async Task<Ended> RunAsync(string text)
    {
        using var started = Program.Start(_program, _name == "node" ? ["--input-type=module", "-e", text] : ["-c", text], Folder(_name), _environment);
        return await started.EndAsync();
    }

    private static string Folder(string name) => Repository.PathOf("clients", name);
}
