using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pennypost.Hosting;

/// <summary>A text that must not be seen: it prints, logs and serializes as <c>***</c>, and is compared in constant time.</summary>
[TypeConverter(typeof(FromText))]
[JsonConverter(typeof(Redacted))]
public sealed class Secret(string value)
{
    /// <summary>The text itself. Call it only where it goes onto the wire.</summary>
    public string Reveal() => value;

    /// <summary>Its length in characters.</summary>
    public int Length => value.Length;

    /// <summary>Whether the texts are the same. Among texts as long as this it takes as long whether they are or not; how long one is says nothing of what it is.</summary>
    public bool Matches(string? candidate) =>
        candidate is not null && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(value.AsSpan()), MemoryMarshal.AsBytes(candidate.AsSpan()));

    /// <inheritdoc />
    public override string ToString() => "***";

    /// <summary>A new one: 256 random bits, in base64url.</summary>
    public static Secret Random() => new(System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    private sealed class FromText : TypeConverter
    {
        public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

        public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
            value is string text ? new Secret(text) : base.ConvertFrom(context, culture, value);
    }

    private sealed class Redacted : JsonConverter<Secret>
    {
        public override Secret? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString() is { } text ? new Secret(text) : null;

        public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue("***");
    }
}
