using System.CommandLine;
using Pennypost.Standalone;

var demo = new Option<FileInfo?>("--demo") { Description = "Sends this list of prospects (CSV) through the sandbox provider, shows what became of it, and goes on serving." };
var data = new Option<DirectoryInfo>("--data") { Description = "Where state is kept.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(Environment.CurrentDirectory, ".data", "standalone")) };
var rest = new Option<int>("--rest-port") { Description = "Port of the REST API; 0 for any free one.", DefaultValueFactory = _ => 5080 };
var grpc = new Option<int>("--grpc-port") { Description = "Port of the gRPC API; 0 for any free one.", DefaultValueFactory = _ => 5081 };
var sandbox = new Option<int>("--sandbox-port") { Description = "Port of the sandbox provider and its controls; 0 for any free one.", DefaultValueFactory = _ => 5090 };
var exit = new Option<bool>("--exit") { Description = "Stops when the demo is over: exit code 0 if all that must hold held." };

var root = new RootCommand("Pennypost in one process: every service, SQLite, and a sandbox provider. Nothing leaves this machine.") { demo, data, rest, grpc, sandbox, exit };
root.Validators.Add(result =>
{
    if (result.GetValue(demo) is { Exists: false } missing)
        result.AddError($"There is no file {missing.FullName}.");
    foreach (var port in new[] { rest, grpc, sandbox })
        if (result.GetValue(port) is < 0 or > 65_535)
            result.AddError($"{port.Name} must be from 0 to 65535.");
    if (result.GetValue(exit) && result.GetValue(demo) is null)
        result.AddError("--exit goes with --demo.");
});
root.SetAction((arguments, ct) => Standalone.RunAsync(
    new(arguments.GetRequiredValue(data), arguments.GetValue(demo), arguments.GetValue(rest), arguments.GetValue(grpc), arguments.GetValue(sandbox), arguments.GetValue(exit)), ct));
return await root.Parse(args).InvokeAsync();
