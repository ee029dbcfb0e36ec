using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace Pennypost.Hosting;

/// <summary>gRPC reflection v1 over the descriptors of this host. A setting; off in production.</summary>
internal sealed class ReflectionService(ServedDescriptors served) : ServerReflection.ServerReflectionBase
{
    private readonly Lazy<IReadOnlyDictionary<string, FileDescriptor>> files = new(() => served.Files().ToDictionary(file => file.Name));
    private readonly Lazy<IReadOnlyDictionary<string, FileDescriptor>> symbols = new(() => Symbols(served.Files()));

    public override async Task ServerReflectionInfo(IAsyncStreamReader<ServerReflectionRequest> requestStream, IServerStreamWriter<ServerReflectionResponse> responseStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext(context.CancellationToken))
            await responseStream.WriteAsync(Answer(requestStream.Current), context.CancellationToken);
    }

    internal ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var response = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                response.ListServicesResponse = new ListServiceResponse { Service = { served.ServiceNames.Select(name => new ServiceResponse { Name = name }) } };
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename when files.Value.TryGetValue(request.FileByFilename, out var file):
                response.FileDescriptorResponse = WithDependencies(file);
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol when symbols.Value.TryGetValue(request.FileContainingSymbol, out var file):
                response.FileDescriptorResponse = WithDependencies(file);
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType when symbols.Value.ContainsKey(request.AllExtensionNumbersOfType):
                response.AllExtensionNumbersResponse = new ExtensionNumberResponse
                {
                    BaseTypeName = request.AllExtensionNumbersOfType,
                    ExtensionNumber = { Extensions(request.AllExtensionNumbersOfType).Select(extension => extension.FieldNumber) },
                };
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension
                when Extensions(request.FileContainingExtension.ContainingType).FirstOrDefault(extension => extension.FieldNumber == request.FileContainingExtension.ExtensionNumber) is { } extension:
                response.FileDescriptorResponse = WithDependencies(extension.File);
                break;
            default:
                response.ErrorResponse = new ErrorResponse { ErrorCode = (int)StatusCode.NotFound, ErrorMessage = "not found" };
                break;
        }
        return response;
    }

    private IEnumerable<FieldDescriptor> Extensions(string type) =>
        files.Value.Values.SelectMany(file => file.Extensions.UnorderedExtensions).Where(extension => extension.ExtendeeType?.FullName == type);

    private static FileDescriptorResponse WithDependencies(FileDescriptor file)
    {
        var response = new FileDescriptorResponse();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Visit(file);
        return response;

        void Visit(FileDescriptor visited)
        {
            if (!seen.Add(visited.Name)) return;
            response.FileDescriptorProto.Add(visited.SerializedData);
            foreach (var dependency in visited.Dependencies) Visit(dependency);
        }
    }

    private static Dictionary<string, FileDescriptor> Symbols(IEnumerable<FileDescriptor> files)
    {
        var symbols = new Dictionary<string, FileDescriptor>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            foreach (var service in file.Services)
            {
                symbols[service.FullName] = file;
                foreach (var method in service.Methods) symbols[method.FullName] = file;
            }
            foreach (var type in file.EnumTypes) symbols[type.FullName] = file;
            foreach (var extension in file.Extensions.UnorderedExtensions) symbols[extension.FullName] = file;
            foreach (var message in file.MessageTypes) Add(message);

            void Add(MessageDescriptor message)
            {
                symbols[message.FullName] = file;
                foreach (var field in message.Fields.InDeclarationOrder()) symbols[field.FullName] = file;
                foreach (var type in message.EnumTypes) symbols[type.FullName] = file;
                foreach (var nested in message.NestedTypes) Add(nested);
            }
        }
        return symbols;
    }
}

/// <summary>The same under the older name, which many tools still ask first; the two are equal on the wire.</summary>
internal sealed class ReflectionAlphaService(ServedDescriptors served) : Grpc.Reflection.V1Alpha.ServerReflection.ServerReflectionBase
{
    private readonly ReflectionService current = new(served);

    public override async Task ServerReflectionInfo(IAsyncStreamReader<Grpc.Reflection.V1Alpha.ServerReflectionRequest> requestStream, IServerStreamWriter<Grpc.Reflection.V1Alpha.ServerReflectionResponse> responseStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            var answer = current.Answer(ServerReflectionRequest.Parser.ParseFrom(requestStream.Current.ToByteString()));
            await responseStream.WriteAsync(Grpc.Reflection.V1Alpha.ServerReflectionResponse.Parser.ParseFrom(answer.ToByteString()), context.CancellationToken);
        }
    }
}
