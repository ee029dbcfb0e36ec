using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace Pennypost.Sandbox.Api;

/// <summary>A JSON object from a caller, read field by field so that one answer can name everything that is wrong.</summary>
internal sealed class JsonBody
{
    private readonly JsonElement root;
    private readonly string path;
    private readonly List<Violation> violations;
    private readonly HashSet<string> known = [];

    public JsonBody(JsonElement root, List<Violation> violations, string path = "")
    {
        this.root = root;
        this.violations = violations;
        this.path = path;
    }

    public List<Violation> Violations => violations;

    /// <summary>Null when the body is no JSON object of at most <paramref name="mostBytes"/>. An empty body is an empty object.</summary>
    public static async Task<JsonBody?> ReadAsync(HttpContext http, int mostBytes = 64 * 1024)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = mostBytes;
        try
        {
            using var buffer = new MemoryStream();
            await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
            if (buffer.Length == 0)
                return new(JsonSerializer.SerializeToElement(new { }), []);
            var root = JsonDocument.Parse(buffer.ToArray(), new JsonDocumentOptions { MaxDepth = 16 }).RootElement;
            return root.ValueKind == JsonValueKind.Object && IsText(root) ? new(root, []) : null;
        }
        catch (Exception problem) when (problem is JsonException or BadHttpRequestException)
        {
            return null;
        }
    }

    public bool Has(string name) => Get(name) is not null;

    /// <summary>For fields whose reading does not say that they are missing.</summary>
    public void Require(string name)
    {
        if (!Has(name))
            violations.Add(Violation.Required(path + name));
    }

    public string? Text(string name, int mostLength = 2_000, bool required = false)
    {
        if (Get(name) is not { } value)
        {
            if (required)
                violations.Add(Violation.Required(path + name));
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            Refuse(name, "must be a string");
            return null;
        }

        var text = value.GetString()!;
        if (text.Length > mostLength)
            Refuse(name, $"has {text.Length} characters, at most {mostLength} are allowed");
        if (required && text.Length == 0)
            violations.Add(Violation.Required(path + name));
        return text;
    }

    public string Id(string name)
    {
        var id = Text(name, required: true) ?? "";
        if (id.Length > 0 && !Ids.IsValid(id))
            Refuse(name, "must be 1 to 64 letters, digits, _ or -");
        return id;
    }

    public string? OptionalId(string name)
    {
        var id = Text(name);
        if (id is not null && !Ids.IsValid(id))
            Refuse(name, "must be 1 to 64 letters, digits, _ or -");
        return id;
    }

    public long? Number(string name, long least, long most, bool required = false)
    {
        if (Get(name) is not { } value)
        {
            if (required)
                violations.Add(Violation.Required(path + name));
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most)
            return number;
        Refuse(name, $"must be a whole number from {least} to {most}");
        return null;
    }

    public double? Share(string name)
    {
        if (Get(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.GetDouble() is >= 0 and <= 1 and var share)
            return share;
        Refuse(name, "must be a number from 0 to 1");
        return null;
    }

    public bool? Flag(string name)
    {
        if (Get(name) is not { } value)
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Refuse(name, "must be true or false");
        return null;
    }

    /// <summary>A value of an enum, as its name in snake case.</summary>
    public T? Choice<T>(string name)
        where T : struct, Enum
    {
        if (Text(name) is not { } text)
            return null;
        foreach (var value in Enum.GetValues<T>())
        {
            if (JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()) == text)
                return value;
        }

        Refuse(name, "must be one of " + string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)));
        return null;
    }

    public DateTimeOffset? Time(string name)
    {
        if (Get(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time))
            return time.ToUniversalTime();
        Refuse(name, "must be an ISO 8601 time with its offset");
        return null;
    }

    /// <summary>A length of time in seconds.</summary>
    public TimeSpan? Seconds(string name, long most = 400L * 24 * 3600) => Number(name, 0, most) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    public JsonBody? Object(string name)
    {
        if (Get(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Object)
            return new(value, violations, path + name + ".");
        Refuse(name, "must be an object");
        return null;
    }

    public IReadOnlyList<JsonBody> Objects(string name, int most)
    {
        var items = Items(name, most);
        var objects = new List<JsonBody>();
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].ValueKind == JsonValueKind.Object)
                objects.Add(new(items[i], violations, $"{path}{name}[{i}]."));
            else
                Refuse($"{name}[{i}]", "must be an object");
        }

        return objects;
    }

    /// <summary>A list of objects, each of which may be written as the text of its field <paramref name="field"/> alone.</summary>
    public IReadOnlyList<JsonBody> ObjectsOrTexts(string name, string field, int most)
    {
        var items = Items(name, most);
        var objects = new List<JsonBody>();
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].ValueKind is JsonValueKind.String or JsonValueKind.Object)
                objects.Add(new(items[i].ValueKind == JsonValueKind.Object ? items[i] : Alone(field, items[i]), violations, $"{path}{name}[{i}]."));
            else
                Refuse($"{name}[{i}]", "must be a string or an object");
        }

        return objects;

        static JsonElement Alone(string field, JsonElement value) => JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { [field] = value });
    }

    public IReadOnlyList<string> Texts(string name, int most)
    {
        var texts = new List<string>();
        foreach (var item in Items(name, most))
        {
            if (item.ValueKind == JsonValueKind.String)
                texts.Add(item.GetString()!);
            else
                Refuse(name, "must hold only strings");
        }

        return texts;
    }

    /// <summary>The fields of an object whose names are data.</summary>
    public IEnumerable<string> Names() => root.EnumerateObject().Select(p => p.Name);

    public void Refuse(string name, string problem) => violations.Add(new(path + name, problem));

    /// <summary>A field that nothing has asked for is a mistake of the caller's, and is named too.</summary>
    public void RefuseUnknown()
    {
        foreach (var name in Names().Where(n => !known.Contains(n)))
            Refuse(name, "is not known here");
    }

    /// <summary>The parser lets escapes of half a character through, which later are no text at all.</summary>
    private static bool IsText(JsonElement root)
    {
        try
        {
            return Check(root);
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        static bool Check(JsonElement element) => element.ValueKind switch
        {
            JsonValueKind.String => element.GetString() is not null,
            JsonValueKind.Array => element.EnumerateArray().All(Check),
            JsonValueKind.Object => element.EnumerateObject().All(p => p.Name is not null && Check(p.Value)),
            _ => true,
        };
    }

    private IReadOnlyList<JsonElement> Items(string name, int most)
    {
        if (Get(name) is not { } value)
            return [];
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > most)
        {
            Refuse(name, $"must be a list of at most {most}");
            return [];
        }

        return [.. value.EnumerateArray()];
    }

    private JsonElement? Get(string name)
    {
        known.Add(name);
        return root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
