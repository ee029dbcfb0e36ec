using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Pennypost.Sandbox.Rules;
using Pennypost.Sandbox.Storage;

namespace Pennypost.Sandbox.Api;

/// <summary>An answer on its way to the caller, already written out: it says how the world was during the act, whatever happens before it is sent.</summary>
internal sealed class Answer
{
    private readonly byte[] body;
    private readonly string contentType;
    private readonly int? retryAfterSeconds;

    private Answer(int status, object body)
        : this(status, JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), WorldFile.Json), "application/json; charset=utf-8", null)
    {
    }

    private Answer(int status, byte[] body, string contentType, int? retryAfterSeconds)
    {
        Status = status;
        this.body = body;
        this.contentType = contentType;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    public int Status { get; }

    public bool IsRefusal => Status >= 400;

    public static Answer Ok(object body) => new(StatusCodes.Status200OK, body);

    public static Answer Created(object body) => new(StatusCodes.Status201Created, body);

    /// <summary>The provider's error envelope (facts 1.4).</summary>
    public static Answer Error(ErrorType type, string? detail) =>
        new(type.Status, new { title = type.Title, detail, instance = (string?)null, type = "errors/" + type.Name, status = type.Status });

    public static Answer Error(Refusal refusal) => Error(refusal.Type, refusal.Detail);

    /// <summary>What a proxy in front of the provider says when it has no answer to pass on: a page for people, without the provider's envelope.</summary>
    public static Answer Proxy(int status)
    {
        var said = $"{status} {ReasonPhrases.GetReasonPhrase(status)}".TrimEnd();
        var page = $"<html>\r\n<head><title>{said}</title></head>\r\n<body>\r\n<center><h1>{said}</h1></center>\r\n</body>\r\n</html>\r\n";
        return new(status, Encoding.UTF8.GetBytes(page), "text/html", null);
    }

    /// <summary>One error that names everything that is wrong with the input.</summary>
    public static Answer Invalid(IReadOnlyList<Violation> violations) => new(
        StatusCodes.Status400BadRequest,
        new
        {
            title = ErrorType.InvalidParameters.Title,
            detail = string.Join("; ", violations.Select(v => v.Field + " " + v.Problem)),
            instance = (string?)null,
            type = "errors/" + (violations.All(v => v.IsMissing) ? ErrorType.MissingParameters.Name : ErrorType.InvalidParameters.Name),
            status = StatusCodes.Status400BadRequest,
            violations = violations.Select(v => new { field = v.Field, problem = v.Problem }),
        });

    /// <summary>The same, with the header <c>Retry-After</c>.</summary>
    public Answer RetryAfter(int? seconds) => new(Status, body, contentType, seconds);

    public async Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        http.Response.ContentType = contentType;
        if (retryAfterSeconds is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    public override string ToString() => Encoding.UTF8.GetString(body);
}

/// <summary>One thing that is wrong with one field.</summary>
internal sealed record Violation(string Field, string Problem)
{
    private const string Missing = "is required";

    public bool IsMissing => Problem == Missing;

    public static Violation Required(string field) => new(field, Missing);
}
