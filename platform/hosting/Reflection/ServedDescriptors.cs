using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Routing;

namespace Pennypost.Hosting;

/// <summary>The descriptors of the services that this host serves, found from its own routes: nothing to keep in step by hand.</summary>
public sealed class ServedDescriptors(IEnumerable<EndpointDataSource> endpoints)
{
    private readonly Lazy<IReadOnlyList<ServiceDescriptor>> services = new(() => [.. endpoints
        .SelectMany(source => source.Endpoints)
        .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.ServiceType)
        .OfType<Type>().Distinct()
        .Select(DescriptorOf).OfType<ServiceDescriptor>()
        .OrderBy(service => service.FullName, StringComparer.Ordinal)]);

    /// <summary>Every service of this host, by name.</summary>
    public IReadOnlyList<ServiceDescriptor> Services => services.Value;

    /// <summary>Their full names.</summary>
    public IEnumerable<string> ServiceNames => Services.Select(service => service.FullName);

    /// <summary>Every file that they need, each before those that import it.</summary>
    public IReadOnlyList<FileDescriptor> Files()
    {
        var files = new List<FileDescriptor>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var service in Services) Visit(service.File);
        return files;

        void Visit(FileDescriptor file)
        {
            if (!seen.Add(file.Name)) return;
            foreach (var dependency in file.Dependencies) Visit(dependency);
            files.Add(file);
        }
    }

    // The generated base class of a service is nested in the class that has its descriptor.
    private static ServiceDescriptor? DescriptorOf(Type service)
    {
        for (var type = service; type is not null; type = type.BaseType)
            if (type.DeclaringType?.GetProperty("Descriptor")?.GetValue(null) is ServiceDescriptor descriptor) return descriptor;
        return null;
    }
}
