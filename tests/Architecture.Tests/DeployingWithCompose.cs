using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Pennypost.Architecture.Tests;

/// <summary>No image can be had where this is tested, so the file is read instead of run: it must say what it has to, and nothing that the code does not know.</summary>
public sealed partial class DeployingWithCompose
{
    private static readonly string[] Ours = ["credits", "router", "dispatcher", "gateway", "sandbox"];

    [Fact]
    public void There_is_a_container_for_every_service_and_for_what_they_stand_on()
    {
        var services = Project.All.Where(project => project.Service is not null and not "services/standalone").Select(project => project.Service!["services/".Length..]).Distinct();

        Assert.Equal(Ours.Order(), services.Order());
        Assert.Equal(Ours.Append("redis").Append("rabbitmq").Order(), Compose.Containers.Select(container => container.Name).Order());
        Assert.Equal(Ours.Order(), Compose.Containers.Where(container => container.IsOurs).Select(container => container.Name).Order());
    }

    [Fact]
    public void Every_image_is_pinned_to_an_exact_tag()
    {
        var version = XElement.Parse(Tree.Read("Directory.Build.props")).Descendants("Version").Single().Value;
        var stages = Stages();

        Assert.All(Compose.Containers, container => Assert.Matches(@"^[a-z/]+:\d+\.\d+\.\d+(-[a-z]+)?$", container["image"]));
        Assert.All(Compose.Containers.Where(container => container.IsOurs), container => Assert.Equal($"pennypost/{container.Name}:{version}", container["image"]));
        Assert.All(stages.Where(stage => !stages.Exists(other => other.Name == stage.From)), stage => Assert.Matches(@"^[a-z./]+:\d+\.\d+\.\d+-[a-z]+(\d+\.\d+)?$", stage.From));
    }

    [Fact]
    public void Every_service_has_a_stage_of_its_own_that_starts_it_without_a_shell_as_nobody_special()
    {
        var stages = Stages();

        foreach (var container in Compose.Containers.Where(container => container.IsOurs))
        {
            var build = container.Yaml["build"]!;
            Assert.Equal("deploy/Dockerfile", (string?)build["dockerfile"]);
            var stage = stages.Single(stage => stage.Name == (string?)build["target"]);
            var assembly = Assert.Single(Project.All, project => project.Service == "services/" + container.Name && (string?)project.Xml.Attribute("Sdk") == "Microsoft.NET.Sdk.Web").Name;
            Assert.Equal("runtime", stage.From);
            Assert.Contains($"""ENTRYPOINT ["dotnet", "{assembly}.dll"]""", stage.Text, StringComparison.Ordinal);
        }
        Assert.Contains("\nUSER $APP_UID\n", stages.Single(stage => stage.Name == "runtime").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_container_says_when_it_is_healthy_and_none_needs_a_shell_for_it()
    {
        foreach (var container in Compose.Containers)
        {
            var test = Compose.Texts(container.Yaml["healthcheck"]?["test"]);
            Assert.Equal(["CMD"], test.Take(1));
            // What a service is ready for is what its dependents wait for. The sandbox depends on nothing.
            if (container.IsOurs)
                Assert.EndsWith(container.Name == "sandbox" ? "/health" : "/health/ready", test[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_container_runs_without_privileges()
    {
        foreach (var container in Compose.Containers)
        {
            Assert.Matches("^(app|redis|rabbitmq)$", container["user"]);
            Assert.Equal("true", container["read_only"]);
            Assert.Equal(["ALL"], Compose.Texts(container.Yaml["cap_drop"]));
            Assert.Contains("no-new-privileges:true", Compose.Texts(container.Yaml["security_opt"]));
            Assert.Null(container.Yaml["privileged"]);
            Assert.Null(container.Yaml["cap_add"]);
        }
    }

    [Fact]
    public void Every_container_has_limits_and_starts_again_by_itself()
    {
        foreach (var container in Compose.Containers)
        {
            Assert.Matches("^[0-9]+[mg]$", container["mem_limit"]);
            Assert.Matches("^[0-9]+$", container["pids_limit"]);
            Assert.Matches("^[0-9.]+$", container["cpus"]);
            Assert.NotNull(container.Yaml["logging"]?["options"]?["max-size"]);
            Assert.Equal("unless-stopped", container["restart"]);
        }
    }

    /// <summary>And nothing but these two has a way in; the store and the broker have no way out either.</summary>
    [Fact]
    public void Only_the_gateway_and_the_sandbox_can_be_reached_and_only_from_this_machine()
    {
        var open = Compose.Containers.Where(container => container.Yaml["ports"] is not null).ToList();

        Assert.Equal(["gateway", "sandbox"], open.Select(container => container.Name).Order());
        Assert.All(open.SelectMany(container => Compose.Texts(container.Yaml["ports"])), port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        Assert.Equal("true", (string?)Compose.File["networks"]!["inside"]!["internal"]);
        Assert.All(Compose.Containers, container => Assert.Contains("inside", Compose.Texts(container.Yaml["networks"])));
        Assert.Equal(["dispatcher", "gateway", "sandbox"], Compose.Containers.Where(container => Compose.Texts(container.Yaml["networks"]).Contains("outside")).Select(container => container.Name).Order());
    }

    [Fact]
    public void The_ports_for_trying_a_service_alone_are_opened_on_this_machine_only()
    {
        var services = Compose.Read("deploy/open-ports.yml")["services"]!.AsObject();

        Assert.Equal(["credits", "dispatcher", "router"], services.Select(service => service.Key).Order());
        Assert.All(services.SelectMany(service => Compose.Texts(service.Value!["ports"])), port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        Assert.All(services.SelectMany(service => service.Value!["environment"]!.AsObject()), variable => Assert.True(Settings.Has(variable.Key), variable.Key));
    }

    [Fact]
    public void Every_variable_and_every_secret_of_a_service_names_a_setting_that_exists()
    {
        var ours = Compose.Containers.Where(container => container.IsOurs).ToList();
        var names = ours.SelectMany(container => container.Environment.Keys.Concat(container.Secrets.Select(secret => secret.Target)).Select(name => (container.Name, Variable: name))).ToList();

        Assert.True(Settings.All.Count > 80, "the settings were not found");
        Assert.True(names.Count > 40, "the variables were not found");
        // What ASP.NET Core itself reads is not ours to know.
        Assert.DoesNotContain(names, name => name.Variable != "ASPNETCORE_HTTP_PORTS" && !name.Variable.StartsWith("Logging__Console__", StringComparison.Ordinal) && !Settings.Has(name.Variable));
        Assert.False(Settings.Has("Hosting__GrpcPorts"));
        Assert.False(Settings.Has("Store__ConnectionString__0"));
        Assert.All(ours.Where(container => container.Name != "sandbox"), container => Assert.Equal("/run/secrets", container.Environment["Hosting__SecretsPath"]));
    }

    [Fact]
    public void No_secret_stands_in_what_is_committed()
    {
        string[] files = ["docker-compose.yml", "deploy/open-ports.yml", "deploy/Dockerfile", "deploy/rabbitmq/rabbitmq.conf"];

        Assert.Empty(files.SelectMany(file => LooksSecret().Matches(Tree.Read(file).Replace("Logging__Console__FormatterOptions__", "", StringComparison.Ordinal)).Select(match => $"{file}: {match.Value}")));
        Assert.DoesNotContain(Compose.Containers.SelectMany(container => container.Environment.Keys), name => NamesASecret().IsMatch(name));
        Assert.All(Compose.Secrets.Values, file => Assert.StartsWith(".secrets/", file, StringComparison.Ordinal));
        Assert.Contains(".secrets/", Tree.Read(".gitignore").Split('\n'));
        // Left out first; what is let in again is named.
        Assert.Equal("*", Tree.Read(".dockerignore").Split('\n').First(line => !line.StartsWith('#')));
        Assert.DoesNotContain("secrets", string.Concat(Tree.Read(".dockerignore").Split('\n').Where(line => line.StartsWith('!'))), StringComparison.Ordinal);
    }

    [GeneratedRegex("(?i)(password|passwd|secret|token|api-?key)\\s*[=:]\\s*[^\\s,}{]|[0-9a-f]{32,}|[A-Za-z0-9+/_-]{40,}")]
    private static partial Regex LooksSecret();

    [GeneratedRegex("(?i)(password|passwd|secret|token|key|connectionstring)s?(__[0-9]+)?$")]
    private static partial Regex NamesASecret();

    [Fact]
    public void Every_secret_is_given_to_somebody_and_everybody_is_given_only_his_own()
    {
        var given = Compose.Containers.SelectMany(container => container.Secrets.Select(secret => (Container: container.Name, secret.Source))).ToList();

        Assert.Equal(Compose.Secrets.Keys.Order(), given.Select(secret => secret.Source).Distinct().Order());
        string[] infrastructure = ["redis", "rabbitmq"];
        foreach (var (container, source) in given)
        {
            if (source != "service-token" && given.Count(other => other.Source == source) > 1)
                Assert.Fail($"{source} is given to more than one.");
            if (infrastructure.Any(server => source.StartsWith(server + "-", StringComparison.Ordinal)) && !infrastructure.Contains(container))
                Assert.EndsWith("-" + container, source, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_profile_of_its_own_starts_each_service_with_everything_that_it_waits_for()
    {
        var containers = Compose.Containers.ToDictionary(container => container.Name);

        Assert.All(containers.Values, container => Assert.Contains("all", container.Profiles));
        Assert.All(Ours, name => Assert.Contains(name, containers[name].Profiles));
        Assert.All(containers.Values.SelectMany(container => container.Profiles), profile => Assert.Contains(profile, Ours.Append("all")));
        // A dependency outside of a profile that is started makes Docker refuse the whole file.
        foreach (var container in containers.Values)
            foreach (var other in container.WaitsFor)
                Assert.Empty(container.Profiles.Except(containers[other].Profiles).Select(profile => $"{container} waits for {other}, which is not in {profile}"));
        Assert.Equal(["router"], containers.Values.Where(container => container.Profiles.Contains("router")).Select(container => container.Name));
        Assert.Equal(["sandbox"], containers.Values.Where(container => container.Profiles.Contains("sandbox")).Select(container => container.Name));
    }

    [Fact]
    public void The_page_says_what_each_profile_starts()
    {
        var rows = ProfileRow().Matches(Tree.Read("docs/deploy.md")).ToDictionary(row => row.Groups["profile"].Value, row => row.Groups["starts"].Value);
        var profiles = Compose.Containers.SelectMany(container => container.Profiles).Distinct();

        Assert.Equal(
            profiles.ToDictionary(profile => profile, profile => string.Join(", ", Compose.Containers.Where(container => container.Profiles.Contains(profile)).Select(container => container.Name).Order())),
            rows);
    }

    [GeneratedRegex(@"^\| `(?<profile>\w+)` \| (?<starts>[a-z, ]+) \|", RegexOptions.Multiline)]
    private static partial Regex ProfileRow();

    [Fact]
    public void Every_service_waits_for_whom_it_is_told_of()
    {
        foreach (var container in Compose.Containers.Where(container => container.IsOurs))
        {
            var told = container.Environment.Where(variable => variable.Key.StartsWith("Hosting__Peers__", StringComparison.Ordinal)).Select(variable => variable.Key.Split("__")[2]).ToList();
            if (container.Environment.ContainsKey("Store__Backend"))
                told.Add("redis");
            if (container.Environment.ContainsKey("Transport__Kind"))
                told.Add("rabbitmq");
            Assert.Equal(told.Order(), container.WaitsFor.Order());
            Assert.All(container.Environment.Where(variable => variable.Key.StartsWith("Hosting__Peers__", StringComparison.Ordinal)),
                peer => Assert.Equal($"http://{peer.Key.Split("__")[2]}:{container.Environment["Hosting__GrpcPort"]}", peer.Value));
        }
    }

    /// <summary>Without it an acknowledged hold can be lost with the power.</summary>
    [Fact]
    public void Redis_acknowledges_only_what_is_on_the_disk_and_never_drops_a_key()
    {
        var command = string.Join(' ', Compose.Texts(Compose.Containers.Single(container => container.Name == "redis").Yaml["command"]));

        Assert.Contains("--appendonly yes --appendfsync always", command, StringComparison.Ordinal);
        Assert.Contains("--maxmemory-policy noeviction", command, StringComparison.Ordinal);
        Assert.Contains("--aclfile /run/secrets/redis-users.acl", command, StringComparison.Ordinal);
    }

    [Fact]
    public void What_must_outlive_a_container_is_in_a_named_volume()
    {
        var volumes = Compose.File["volumes"]!.AsObject().Select(volume => volume.Key).ToList();
        var used = Compose.Containers.SelectMany(container => Compose.Texts(container.Yaml["volumes"])).Select(volume => volume.Split(':')).ToList();

        Assert.Equal(volumes.Order(), used.Where(volume => volume[0][0] != '.').Select(volume => volume[0]).Order());
        Assert.All(used.Where(volume => volume[0][0] == '.'), file => Assert.True(File.Exists(Path.Combine(Tree.Root, file[0])) && file[2] == "ro", file[0]));
    }

    private static List<(string Name, string From, string Text)> Stages()
    {
        var stages = Stage().Matches(Tree.Read("deploy/Dockerfile")).Select(stage => (stage.Groups["name"].Value, stage.Groups["from"].Value, stage.Groups["text"].Value)).ToList();
        Assert.NotEmpty(stages);
        return stages;
    }

    [GeneratedRegex(@"^FROM (?:--platform=\S+ )?(?<from>\S+) AS (?<name>\S+)\n(?<text>.*?)(?=^FROM |\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Stage();
}
