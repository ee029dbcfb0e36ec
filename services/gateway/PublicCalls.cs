using Google.Protobuf.Reflection;
using Pennypost.Gateway.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Pennypost.Gateway;

/// <summary>Every rpc of the public API, over both of its services; no two have the same name.</summary>
internal static class PublicCalls
{
    public static readonly IReadOnlyList<ServiceDescriptor> Services = [PennypostService.Descriptor, AdminService.Descriptor];

    public static IEnumerable<MethodDescriptor> All => Services.SelectMany(service => service.Methods);

    /// <summary>Null if there is none.</summary>
    public static MethodDescriptor? Find(string name) => All.FirstOrDefault(method => method.Name == name);

    /// <summary>As a call names it: <c>/package.Service/Method</c>.</summary>
    public static string PathOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";
}
