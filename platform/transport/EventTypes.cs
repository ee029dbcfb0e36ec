using Google.Protobuf;
using Google.Protobuf.Reflection;
using Pennypost.Types.V1;

namespace Pennypost.Transport;

/// <summary>Which contract the data of an event is of: the first word of its type says it.</summary>
public static class EventTypes
{
    private static readonly JsonFormatter _formatter = new(JsonFormatter.Settings.Default);
    private static readonly JsonParser _parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>Family to contract.</summary>
    public static IReadOnlyDictionary<string, MessageDescriptor> Families { get; } = new Dictionary<string, MessageDescriptor>(StringComparer.Ordinal)
    {
        ["message"] = MessageEvent.Descriptor,
        ["pool"] = PoolEvent.Descriptor,
        ["breaker"] = BreakerEvent.Descriptor,
        ["alert"] = AlertEvent.Descriptor,
        ["account"] = AccountStateEvent.Descriptor,
        ["operator"] = OperatorAct.Descriptor,
    };

    /// <summary>The type's first word.</summary>
    public static string FamilyOf(string type) => type.Split('.', 2)[0];

    /// <summary>As proto3 JSON.</summary>
    public static string Write(IMessage data) => _formatter.Format(data);

    /// <summary>From proto3 JSON; null for a family that this version does not know. Fields that it does not know are left out: a newer version may have sent it.</summary>
    /// <exception cref="InvalidProtocolBufferException">It is not of the family's contract.</exception>
    public static IMessage? Read(string type, string json) =>
        Families.TryGetValue(FamilyOf(type), out var contract) ? _parser.Parse(json, contract) : null;
}
