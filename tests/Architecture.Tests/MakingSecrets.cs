using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Topology;

namespace Pennypost.Architecture.Tests;

/// <summary>deploy/make-secrets, run into a folder of the test's own.</summary>
public sealed class MakingSecrets : IDisposable
{
    private static readonly string[] Tenants = ["acme", "other_1"];
    private readonly string _parent = Directory.CreateTempSubdirectory("pennypost-secrets-").FullName;

    private string Folder => Path.Combine(_parent, "secrets");

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public void Makes_everything_that_the_compose_file_asks_for()
    {
        Make();

        Assert.Empty(Compose.Secrets.Values.Select(Path.GetFileName).Except(Names()));
        Assert.All(Names(), name => Assert.NotEqual("", Read(name)));
        // Beside these only what people and tenants' programs need.
        Assert.Equal(["rabbitmq-tenant-acme", "rabbitmq-tenant-other_1", "webhook-secret"], Names().Except(Compose.Secrets.Values.Select(Path.GetFileName)).Order());
        Assert.Equal([Folder], Directory.GetFileSystemEntries(_parent));
    }

    /// <summary>A container's user is a stranger to this machine, so that a mounted file must be readable by all: then the folder is what keeps others out.</summary>
    [Fact]
    public void Lets_nobody_but_the_owner_into_the_folder_and_every_container_read_its_files()
    {
        Make();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Mode(Folder));
        foreach (var name in Names())
        {
            var mounted = Compose.Secrets.Values.Any(file => Path.GetFileName(file) == name);
            Assert.Equal(mounted ? UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead : UnixFileMode.UserRead, Mode(Path.Combine(Folder, name)));
        }
    }

    [Fact]
    public void Gives_every_key_256_random_bits_within_what_the_services_take()
    {
        Make();

        string[] keys = ["service-token", "identifier-key", "key-hash-secret", "sandbox-key", "webhook-secret"];
        Assert.All(keys.Select(Read), key => Assert.Matches("^[0-9a-f]{64}$", key));
        Assert.Equal(keys.Length, keys.Select(Read).Distinct().Count());
    }

    [Fact]
    public void Gives_the_broker_the_users_and_permissions_of_the_tests_and_no_guest()
    {
        Make();
        var definitions = JsonNode.Parse(Read("rabbitmq-definitions.json"))!;
        var permissions = definitions["permissions"]!.AsArray();

        Assert.Equal(
            BrokerUsers.Of(Tenants).Order(Comparer<BrokerUser>.Create((one, other) => string.CompareOrdinal(one.Name, other.Name))),
            permissions.Select(row => new BrokerUser((string)row!["user"]!, (string)row["configure"]!, (string)row["write"]!, (string)row["read"]!)).OrderBy(user => user.Name, StringComparer.Ordinal));
        Assert.All(permissions, row => Assert.Equal("/", (string)row!["vhost"]!));
        Assert.Equal(permissions.Select(row => (string)row!["user"]!).Order(), definitions["users"]!.AsArray().Select(user => (string)user!["name"]!).Order());
        Assert.All(definitions["users"]!.AsArray(), user => Assert.Equal("", (string)user!["tags"]!));
    }

    /// <summary>base64(salt + SHA-256(salt + password)), with a salt of 4 bytes: as RabbitMQ documents it.</summary>
    [Fact]
    public void Gives_the_broker_salted_hashes_that_fit_the_passwords()
    {
        Make();
        var users = JsonNode.Parse(Read("rabbitmq-definitions.json"))!["users"]!.AsArray();

        foreach (var user in users)
        {
            var stored = Convert.FromBase64String((string)user!["password_hash"]!);
            Assert.Equal("rabbit_password_hashing_sha256", (string)user["hashing_algorithm"]!);
            Assert.Equal(SHA256.HashData([.. stored[..4], .. Encoding.UTF8.GetBytes(Read("rabbitmq-" + user["name"]))]), stored[4..]);
            Assert.Null(user["password"]);
        }
        Assert.Equal(users.Count, users.Select(user => (string)user!["password_hash"]!).Distinct().Count());
    }

    [Fact]
    public void Gives_each_user_of_Redis_its_own_keys_and_no_dangerous_command()
    {
        Make();
        var users = Read("redis-users.acl").Split('\n').Select(line => line.Split(' ')).ToDictionary(words => words[1]);

        Assert.Equal(["credits", "default", "dispatcher", "gateway", "health"], users.Keys.Order());
        Assert.Contains("off", users["default"]);
        foreach (var service in new[] { "credits", "dispatcher", "gateway" })
        {
            var password = Read("redis-" + service).Split(',').Single(part => part.StartsWith("password=", StringComparison.Ordinal))["password=".Length..];
            Assert.StartsWith($"redis:6379,user={service},", Read("redis-" + service), StringComparison.Ordinal);
            Assert.Contains("#" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password))), users[service]);
            Assert.Equal(["~{pennypost-" + service + ":s*"], users[service].Where(word => word[0] is '~' or '%' or '&'));
            Assert.True(Array.IndexOf(users[service], "-@all") < Array.FindIndex(users[service], word => word[0] == '+'));
            Assert.DoesNotContain(users[service], word => word.StartsWith("+@", StringComparison.Ordinal) || word is "+config" or "+flushall" or "+keys" or "+scan" or "+del" or "+script");
        }
        Assert.Equal(["+ping"], users["health"].Where(word => word[0] is '+' or '~'));
    }

    [Fact]
    public void Leaves_what_is_there_as_it_is()
    {
        Make();
        var before = Names().ToDictionary(name => name, Read);

        Assert.Contains("Nothing was changed", Make(), StringComparison.Ordinal);

        Assert.Equal(before, Names().ToDictionary(name => name, Read));
        Assert.Equal([Folder], Directory.GetFileSystemEntries(_parent));
    }

    [Fact]
    public void Says_what_is_missing_instead_of_making_what_would_not_fit()
    {
        Make();
        File.Delete(Path.Combine(Folder, "redis-users.acl"));

        var (code, _, error) = Run(["--to", Folder, .. Tenants]);

        Assert.Equal(1, code);
        Assert.Contains("lacks redis-users.acl", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Folder, "redis-users.acl")));
    }

    /// <summary>A tenant's name becomes part of a regular expression and of a document.</summary>
    [Fact]
    public void Refuses_a_tenant_that_is_no_id()
    {
        var (code, _, error) = Run(["--to", Folder, "acme", ".*"]);

        Assert.Equal(2, code);
        Assert.Contains("'.*' is no tenant", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_parent));
    }

    /// <summary>Or nobody but the first tenant could use the broker.</summary>
    [Fact]
    public void Knows_the_tenants_of_the_compose_file_unless_told_of_others()
    {
        var (code, _, _) = Run(["--to", Folder]);
        var dispatcher = Compose.Containers.Single(container => container.Name == "dispatcher");

        Assert.Equal(0, code);
        Assert.Equal(
            dispatcher.Environment.Where(variable => variable.Key.StartsWith("Transport__Tenants__", StringComparison.Ordinal)).Select(variable => "rabbitmq-tenant-" + variable.Value),
            Names().Where(name => name.StartsWith("rabbitmq-tenant-", StringComparison.Ordinal)));
    }

    private string Make()
    {
        var (code, output, error) = Run(["--to", Folder, .. Tenants]);
        Assert.True(code == 0, error);
        return output;
    }

    private static (int Code, string Output, string Error) Run(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Tree.Root, "deploy/make-secrets")) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(30_000))
            process.Kill();
        return (process.ExitCode, output, error.Result);
    }

    private List<string> Names() => [.. Directory.GetFiles(Folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private string Read(string name) => File.ReadAllText(Path.Combine(Folder, name)).Trim();

    private static UnixFileMode Mode(string path) => OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException() : File.GetUnixFileMode(path);
}
