using System.Reflection;

namespace Pennypost.Standins.Tests.Surface;

public sealed class StandingIn
{
    private static readonly string[] Names = ["Grpc.Core.Api", "Grpc.Net.Common", "Pipelines.Sockets.Unofficial", "System.IO.Hashing"];

    private static string PathOf(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly + ".dll");

    private static Dictionary<string, string> Standins => Names.ToDictionary(name => name, PathOf);

    public static TheoryData<string, int> Officials => new()
    {
        // The second number is a floor for what is looked at, so that the check cannot pass by looking at nothing.
        { "Grpc.AspNetCore.Server", 90 },
        { "Grpc.Net.Client", 90 },
        { "StackExchange.Redis", 90 },
    };

    [Theory]
    [MemberData(nameof(Officials))]
    public void Offers_every_member_that_the_official_assembly_imports(string official, int checkedMin)
    {
        using var imports = new Imports(PathOf(official), Standins);

        Assert.Empty(imports.Missing());
        Assert.True(imports.Checked >= checkedMin, $"only {imports.Checked} imports were looked at");
    }

    [Theory]
    [InlineData("Grpc.AspNetCore.Server", "Grpc.Core.Api")]
    [InlineData("Grpc.Net.Client", "Grpc.Net.Common")]
    [InlineData("StackExchange.Redis", "Pipelines.Sockets.Unofficial")]
    [InlineData("StackExchange.Redis", "System.IO.Hashing")]
    public void Would_be_noticed_if_it_lacked_something(string official, string standin)
    {
        var wrong = Standins;
        wrong[standin] = typeof(FactAttribute).Assembly.Location;
        using var imports = new Imports(PathOf(official), wrong);

        Assert.NotEmpty(imports.Missing());
    }

    [Theory]
    [InlineData("Grpc.AspNetCore.Server")]
    [InlineData("Grpc.Net.Client")]
    [InlineData("StackExchange.Redis")]
    public void Has_the_identity_that_the_official_assembly_asks_for(string official)
    {
        using var imports = new Imports(PathOf(official), Standins);
        var references = imports.References();

        Assert.NotEmpty(references);
        foreach (var reference in references)
        {
            var standin = AssemblyName.GetAssemblyName(PathOf(reference.Name!));
            Assert.Equal(reference.Name, standin.Name);
            Assert.Equal(Convert.ToHexString(reference.GetPublicKeyToken()!), Convert.ToHexString(standin.GetPublicKeyToken()!));
            Assert.True(standin.Version >= reference.Version, $"{official} asks for {reference}, the stand-in is {standin}");
        }
    }

    [Theory]
    [InlineData("Grpc.Core.Api", "2.0.0.0", "D754F35622E28BAD")]
    [InlineData("Grpc.Net.Common", "2.0.0.0", "D754F35622E28BAD")]
    [InlineData("Pipelines.Sockets.Unofficial", "1.0.0.0", "42EA0A778E13FBE2")]
    [InlineData("System.IO.Hashing", "10.0.0.9", "CC7B13FFCD2DDD51")]
    public void Has_the_published_identity(string standin, string version, string publicKeyToken)
    {
        var name = AssemblyName.GetAssemblyName(PathOf(standin));

        Assert.Equal(Version.Parse(version), name.Version);
        Assert.Equal(publicKeyToken, Convert.ToHexString(name.GetPublicKeyToken()!));
    }

    [Fact]
    public void Says_that_it_is_a_stand_in()
    {
        foreach (var name in Names)
        {
            var assembly = Assembly.LoadFrom(PathOf(name));

            Assert.Contains("stand-in", assembly.GetCustomAttribute<AssemblyProductAttribute>()!.Product, StringComparison.Ordinal);
            Assert.Contains("never published", assembly.GetCustomAttribute<AssemblyProductAttribute>()!.Product, StringComparison.Ordinal);
            Assert.EndsWith("-pennypost.standin", assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion, StringComparison.Ordinal);
        }
    }

    /// <summary>Loading a type fails if an abstract or an interface member that it inherits from a stand-in is one that it does not implement.</summary>
    [Theory]
    [MemberData(nameof(Officials))]
    public void Asks_no_member_of_the_official_types_that_they_do_not_implement(string official, int _) =>
        Assert.NotEmpty(Assembly.LoadFrom(PathOf(official)).GetTypes());

    /// <summary>An override whose base method is missing would load without complaint, and never be called.</summary>
    [Theory]
    [MemberData(nameof(Officials))]
    public void Has_a_base_for_every_override(string official, int _)
    {
        const BindingFlags declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        var overrides = Assembly.LoadFrom(PathOf(official)).GetTypes()
            .Where(type => type is { IsClass: true })
            .SelectMany(type => type.GetMethods(declared))
            .Where(method => method.IsVirtual && !method.Attributes.HasFlag(MethodAttributes.NewSlot))
            .ToList();

        Assert.NotEmpty(overrides);
        Assert.Empty(overrides.Where(method => method.GetBaseDefinition().DeclaringType == method.DeclaringType).Select(method => $"{method.DeclaringType}: {method}"));
    }

    public static TheoryData<Type, string> ConstantsCompiledIntoCallers => new()
    {
        { typeof(global::Grpc.Core.StatusCode), "OK=0 Cancelled=1 Unknown=2 InvalidArgument=3 DeadlineExceeded=4 NotFound=5 AlreadyExists=6 PermissionDenied=7 ResourceExhausted=8 FailedPrecondition=9 Aborted=10 OutOfRange=11 Unimplemented=12 Internal=13 Unavailable=14 DataLoss=15 Unauthenticated=16" },
        { typeof(global::Grpc.Core.MethodType), "Unary=0 ClientStreaming=1 ServerStreaming=2 DuplexStreaming=3" },
        { typeof(global::Grpc.Core.WriteFlags), "BufferHint=1 NoCompress=2" },
        { typeof(global::Grpc.Core.ConnectivityState), "Idle=0 Connecting=1 Ready=2 TransientFailure=3 Shutdown=4" },
        { typeof(global::Pipelines.Sockets.Unofficial.SocketConnectionOptions), "None=0 ZeroLengthReads=1 InlineReads=2 InlineWrites=4 InlineConnect=8" },
        { typeof(global::Pipelines.Sockets.Unofficial.Arenas.ArenaFlags), "None=0 ClearAtReset=1 ClearAtDispose=2" },
        { typeof(global::Pipelines.Sockets.Unofficial.PipeShutdownKind), "None=0 PipeDisposed=1 ReadEndOfStream=100 ReadDisposed=101 ReadIOException=102 ReadException=103 ReadSocketError=104 ReadFlushCompleted=105 ReadFlushCanceled=106 WriteEndOfStream=200 WriteDisposed=201 WriteIOException=203 WriteException=204 WriteSocketError=205 InputReaderCompleted=300 InputWriterCompleted=301 OutputReaderCompleted=302 OutputWriterCompleted=303 ProtocolExitClient=400 ProtocolExitServer=401" },
    };

    [Theory]
    [MemberData(nameof(ConstantsCompiledIntoCallers))]
    public void Has_the_numbers_that_are_compiled_into_callers(Type type, string expected) =>
        Assert.Equal(expected, string.Join(' ', Enum.GetValues(type).Cast<object>().Select(value => $"{value}={Convert.ToInt32(value)}")));
}
