using Microsoft.AspNetCore.Http.Features;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Api;

/// <summary>A multipart form, which is the only body that the provider's writing endpoints take.</summary>
internal sealed class Multipart(IFormCollection form)
{
    /// <summary>A text of 1,900 characters and a few ids are far below this.</summary>
    private const int MostBytes = 256 * 1024;

    /// <summary>Null when the body is no multipart form, or a broken or oversized one.</summary>
    public static async Task<Multipart?> ReadAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType || http.Request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) != true)
            return null;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = MostBytes;
        try
        {
            return new(await http.Request.ReadFormAsync(new FormOptions { ValueCountLimit = 64, ValueLengthLimit = MostBytes }, http.RequestAborted));
        }
        catch (Exception problem) when (problem is InvalidDataException or IOException)
        {
            return null;
        }
    }

    public static Answer Refusal() => Answer.Error(ErrorType.UnsupportedMediaType, "The body must be a well-formed multipart/form-data form of at most 256 KiB.");

    public string? Optional(string name) => form.TryGetValue(name, out var values) ? values.ToString() : null;

    public string? First(params string[] names) => names.Select(Optional).FirstOrDefault(v => v is { Length: > 0 });

    public string Required(string name, List<Violation> violations)
    {
        var value = Optional(name);
        if (string.IsNullOrEmpty(value))
            violations.Add(Violation.Required(name));
        return value ?? "";
    }

    public IReadOnlyList<string> All(string name) =>
        form.TryGetValue(name, out var values) ? [.. values.OfType<string>().Where(v => v.Length > 0)] : [];

    public void RefuseFiles(List<Violation> violations)
    {
        if (form.Files.Count > 0)
            violations.Add(new("attachments", "are not kept by the sandbox"));
    }
}
