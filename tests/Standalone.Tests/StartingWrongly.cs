namespace Pennypost.Standalone.Tests;

/// <summary>What a newcomer gets wrong: each is named in a line, nothing is started, and no stack is printed.</summary>
public sealed class StartingWrongly : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>How these tests were built: the program beside them was built alike.</summary>
    private static readonly string Configuration = typeof(StartingWrongly).Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyConfigurationAttribute), false)
        .Cast<System.Reflection.AssemblyConfigurationAttribute>().Single().Configuration;

    private readonly string _folder = StandaloneProcess.NewFolder();

    [Theory]
    [InlineData("There is no file", "--demo", "/no/such/list.csv")]
    [InlineData("--exit goes with --demo", "--exit")]
    [InlineData("--wat", "--wat")]
    public async Task A_wrong_argument_is_named(string says, params string[] arguments)
    {
        await using var standalone = StandaloneProcess.Start(_folder, arguments);

        Assert.Equal(1, await standalone.WaitForExitAsync(Limit));
        await standalone.WaitForAsync(says, Limit);
        Assert.DoesNotContain("   at ", standalone.Output, StringComparison.Ordinal);
    }

    /// <summary>The web SDK's own choice was the project's folder: the README's first command found no list.</summary>
    [Fact]
    public async Task The_readmes_command_looks_for_the_list_where_it_was_called()
    {
        var start = new System.Diagnostics.ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.Root };
        foreach (var argument in (string[])["run", "--project", "services/standalone", "--no-build", "-c", Configuration, "--", "--demo", "examples/no-such-list.csv"])
            start.ArgumentList.Add(argument);
        using var run = System.Diagnostics.Process.Start(start)!;
        var said = await Task.WhenAll(run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync()).WaitAsync(Limit);

        Assert.Contains($"There is no file {Repository.PathOf("examples", "no-such-list.csv")}.", string.Concat(said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_its_option()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var taken = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        await using var standalone = StandaloneProcess.StartAt(_folder, taken);

        Assert.Equal(2, await standalone.WaitForExitAsync(Limit));
        await standalone.WaitForAsync(FormattableString.Invariant($"--sandbox-port: port {taken} is in use"), Limit);
        Assert.DoesNotContain("   at ", standalone.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_in_use_is_named()
    {
        await using var first = await StandaloneProcess.ServeAsync(_folder);
        await using var second = StandaloneProcess.Start(_folder);

        Assert.Equal(2, await second.WaitForExitAsync(Limit));
        await second.WaitForAsync($"Another process uses {_folder}", Limit);
    }

    [Fact]
    public async Task Without_a_sender_no_request_is_offered_that_would_be_refused()
    {
        await using var standalone = await StandaloneProcess.ServeAsync(_folder);

        await standalone.WaitForAsync("There is no sender yet", Limit);
        Assert.DoesNotContain("curl", standalone.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_is_refused_as_a_whole_is_answered_with_everything_that_is_wrong_with_it()
    {
        var list = Path.Combine(_folder, "list.csv");
        await File.WriteAllTextAsync(list, "Profile link;Text\nhttps://www.linkedin.com/in/ada;Hello\n");
        await using var standalone = StandaloneProcess.Start(_folder, "--demo", list, "--exit");

        Assert.Equal(1, await standalone.WaitForExitAsync(Limit));
        await standalone.WaitForAsync("must be separated by commas", Limit);
        Assert.Contains("must have a column Message, Note, Email Text or Engagement", standalone.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", standalone.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_one_s_own_needs_no_world_beside_it()
    {
        var list = Path.Combine(_folder, "list.csv");
        await File.WriteAllTextAsync(list, "LinkedIn URL,Message,Note\nhttps://www.linkedin.com/in/ada-lovelace,Hello Ada,Hello\n");
        await using var standalone = StandaloneProcess.Start(_folder, "--demo", list, "--exit");

        Assert.Equal(0, await standalone.WaitForExitAsync(Limit));
        await standalone.WaitForAsync("1 accepted", Limit);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
