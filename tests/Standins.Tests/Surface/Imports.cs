using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Pennypost.Standins.Tests.Surface;

/// <summary>
/// Reads from an assembly's metadata what it imports from others, and says what of it they do not offer, signature by signature, as the
/// runtime would resolve it.
/// </summary>
internal sealed class Imports : IDisposable
{
    private readonly PEReader file;
    private readonly MetadataReader importer;
    private readonly Dictionary<string, Offer> offers;

    public Imports(string importerPath, IReadOnlyDictionary<string, string> offeringPathsByName)
    {
        file = new PEReader(File.OpenRead(importerPath));
        importer = file.GetMetadataReader();
        offers = offeringPathsByName.ToDictionary(offering => offering.Key, offering => new Offer(offering.Value));
    }

    /// <summary>How many imported types and members were looked at: a check that looks at nothing shows nothing.</summary>
    public int Checked { get; private set; }

    public IReadOnlyList<AssemblyName> References() =>
        [.. importer.AssemblyReferences.Select(handle => importer.GetAssemblyReference(handle).GetAssemblyName()).Where(name => offers.ContainsKey(name.Name!))];

    public IReadOnlyList<string> Missing()
    {
        Checked = 0;
        var missing = new List<string>();
        foreach (var handle in importer.TypeReferences)
        {
            if (OfferOf(handle) is not { } offer) continue;
            Checked++;
            var name = SignatureText.NameOf(importer, handle);
            if (!offer.HasType(name)) missing.Add(name);
        }
        foreach (var handle in importer.MemberReferences)
        {
            var member = importer.GetMemberReference(handle);
            if (Parent(member.Parent) is not { } parent || OfferOf(parent) is not { } offer) continue;
            Checked++;
            var type = SignatureText.NameOf(importer, parent);
            var name = importer.GetString(member.Name);
            var signature = member.GetKind() == MemberReferenceKind.Field
                ? "field " + member.DecodeFieldSignature(SignatureText.Instance, null)
                : SignatureText.Of(member.DecodeMethodSignature(SignatureText.Instance, null));
            if (!offer.HasMember(type, name, signature, importer.GetString(importer.GetAssemblyDefinition().Name))) missing.Add($"{type}::{name} {signature}");
        }
        return missing;
    }

    // A member of a generic type hangs on an instantiation, whose signature begins with the generic type itself.
    private TypeReferenceHandle? Parent(EntityHandle handle)
    {
        if (handle.Kind == HandleKind.TypeReference) return (TypeReferenceHandle)handle;
        if (handle.Kind != HandleKind.TypeSpecification) return null;
        var blob = importer.GetBlobReader(importer.GetTypeSpecification((TypeSpecificationHandle)handle).Signature);
        if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance) return null;
        blob.ReadCompressedInteger();
        var generic = blob.ReadTypeHandle();
        return generic.Kind == HandleKind.TypeReference ? (TypeReferenceHandle)generic : null;
    }

    private Offer? OfferOf(TypeReferenceHandle handle)
    {
        var scope = importer.GetTypeReference(handle).ResolutionScope;
        while (scope.Kind == HandleKind.TypeReference) scope = importer.GetTypeReference((TypeReferenceHandle)scope).ResolutionScope;
        if (scope.Kind != HandleKind.AssemblyReference) return null;
        return offers.GetValueOrDefault(importer.GetString(importer.GetAssemblyReference((AssemblyReferenceHandle)scope).Name));
    }

    public void Dispose()
    {
        file.Dispose();
        foreach (var offer in offers.Values) offer.Dispose();
    }

    /// <summary>What one assembly offers.</summary>
    private sealed class Offer : IDisposable
    {
        private readonly PEReader file;
        private readonly MetadataReader reader;
        private readonly Dictionary<string, TypeDefinitionHandle> types;
        private readonly ImmutableHashSet<string> friends;

        public Offer(string path)
        {
            file = new PEReader(File.OpenRead(path));
            reader = file.GetMetadataReader();
            types = reader.TypeDefinitions.ToDictionary(handle => SignatureText.NameOf(reader, handle));
            friends = [.. Assembly.LoadFrom(path).GetCustomAttributes<System.Runtime.CompilerServices.InternalsVisibleToAttribute>().Select(friend => new AssemblyName(friend.AssemblyName).Name!)];
        }

        public bool HasType(string name) => types.TryGetValue(name, out var handle) && IsVisible(handle);

        public bool HasMember(string type, string name, string signature, string importer)
        {
            if (!types.TryGetValue(type, out var handle)) return false;
            var definition = reader.GetTypeDefinition(handle);
            foreach (var method in definition.GetMethods().Select(reader.GetMethodDefinition))
            {
                if (reader.StringComparer.Equals(method.Name, name)
                    && SignatureText.Of(method.DecodeSignature(SignatureText.Instance, null)) == signature
                    && IsReachable((int)(method.Attributes & MethodAttributes.MemberAccessMask), importer)) return true;
            }
            foreach (var field in definition.GetFields().Select(reader.GetFieldDefinition))
            {
                if (reader.StringComparer.Equals(field.Name, name)
                    && "field " + field.DecodeSignature(SignatureText.Instance, null) == signature
                    && IsReachable((int)(field.Attributes & FieldAttributes.FieldAccessMask), importer)) return true;
            }
            // A delegate's members are the runtime's, but they are written in the metadata like any other; a base class's members count too.
            return definition.BaseType.Kind == HandleKind.TypeDefinition
                && HasMember(SignatureText.NameOf(reader, (TypeDefinitionHandle)definition.BaseType), name, signature, importer);
        }

        private bool IsVisible(TypeDefinitionHandle handle)
        {
            var definition = reader.GetTypeDefinition(handle);
            return (definition.Attributes & TypeAttributes.VisibilityMask) switch
            {
                TypeAttributes.Public => true,
                TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem => IsVisible(definition.GetDeclaringType()),
                _ => false,
            };
        }

        // The access bits of methods and fields are the same.
        private bool IsReachable(int access, string importer) => (MethodAttributes)access switch
        {
            MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem => true,
            MethodAttributes.Assembly or MethodAttributes.FamANDAssem => friends.Contains(importer),
            _ => false,
        };

        public void Dispose() => file.Dispose();
    }
}
