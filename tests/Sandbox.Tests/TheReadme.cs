using System.Text.RegularExpressions;

namespace Sandbox.Tests;

/// <summary>What the README tells people to paste is what works.</summary>
public sealed partial class TheReadme
{
    [Fact]
    public async Task Shows_only_commands_that_work_one_after_the_other()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "sandbox-readme.md"));
        await using var sandbox = await RunningSandbox.StartAsync();
        var done = new List<string>();
        foreach (Match command in Curl().Matches(readme))
        {
            var path = command.Groups["path"].Value;
            var reply = command.Groups["delete"].Success ? await sandbox.DeleteAsync(path)
                : command.Groups["body"].Success ? await sandbox.PostAsync(path, command.Groups["body"].Value)
                : await sandbox.GetAsync(path);
            Assert.True(reply.Status < 300, path + " " + reply);
            done.Add(path.Split('?')[0]);
        }

        // Every control is shown.
        string[] controls =
        [
            "world", "accounts", "prospects", "reply", "decline", "accept", "ignore", "sends", "restrict", "disconnect", "reconnect", "top-up", "balance", "grant-late",
            "clock", "faults", "ledger", "deliveries", "recipients", "credits", "webhook-posts",
        ];
        Assert.Empty(controls.Select(c => "/sandbox/v1/" + c).Except(done));
    }

    [GeneratedRegex("""
        ^curl\ -s\ -H\ "\$H"\ (?<delete>-X\ DELETE\ )?"?\$S(?<path>[^\s"]+)"?\s*(-d\ '(?<body>[^']*)')?
        """, RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Curl();
}
