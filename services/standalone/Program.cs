using System.CommandLine;
using System.CommandLine.Invocation;
using Pennypost.Standalone;

var demo = new Option<FileInfo?>("--demo") { Description = "Sends this list of prospects (CSV) through the sandbox provider, shows what became of it, and goes on serving." };
var data = new Option<DirectoryInfo>("--data") { Description = "Where state is kept.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(Environment.CurrentDirectory, ".data", "standalone")) };
var rest = Port("--rest-port", "Port of the REST API; 0 for any free one.", 5080);
var grpc = Port("--grpc-port", "Port of the gRPC API; 0 for any free one.", 5081);
var sandbox = Port("--sandbox-port", "Port of the sandbox provider and its controls; 0 for any free one.", 5090);
var exit = new Option<bool>("--exit") { Description = "Stops when the demo is over: exit code 0 if all that must hold held." };

var root = new RootCommand("Pennypost in one process: every service, SQLite, and a sandbox provider. Nothing leaves this machine.") { demo, data, rest, grpc, sandbox, exit };
root.Validators.Add(result =>
{
    if (result.GetValue(demo) is { Exists: false } missing)
        result.AddError($"There is no file {missing.FullName}.");
    if (result.GetValue(exit) && result.GetValue(demo) is null)
        result.AddError("--exit goes with --demo.");
});
root.SetAction((arguments, ct) => Standalone.RunAsync(
    new(arguments.GetRequiredValue(data), arguments.GetValue(demo), arguments.GetValue(rest), arguments.GetValue(grpc), arguments.GetValue(sandbox), arguments.GetValue(exit)), ct));

var parsed = root.Parse(args);
// What is wrong, and no page of help behind it: the mistake would scroll away.
if (parsed.Action is ParseErrorAction wrong)
    wrong.ShowHelp = false;
return await parsed.InvokeAsync();

static Option<int> Port(string name, string description, int unlessSaid) => new(name)
{
    Description = description,
    DefaultValueFactory = _ => unlessSaid,
    CustomParser = argument =>
    {
        if (ushort.TryParse(argument.Tokens.Single().Value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var port))
            return port;
        argument.AddError($"{name} must be a whole number from 0 to 65535.");
        return 0;
    },
};
