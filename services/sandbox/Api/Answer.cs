using System.Text.Json;
using Pennypost.Sandbox.Rules;
using Pennypost.Sandbox.Storage;

namespace Pennypost.Sandbox.Api;

/// <summary>An answer on its way to the caller, already written out: it says how the world was during the act, whatever happens before it is sent.</summary>
internal sealed class Answer
{
    private readonly byte[] body;

    private Answer(int status, object body)
    {
        Status = status;
        this.body = JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), WorldFile.Json);
    }

    public int Status { get; }

    public bool IsRefusal => Status >= 400;

    public static Answer Ok(object body) => new(StatusCodes.Status200OK, body);

    public static Answer Created(object body) => new(StatusCodes.Status201Created, body);

    /// <summary>The provider's error envelope (facts 1.4).</summary>
    public static Answer Error(ErrorType type, string? detail) =>
        new(type.Status, new { title = type.Title, detail, instance = (string?)null, type = "errors/" + type.Name, status = type.Status });

    public static Answer Error(Refusal refusal) => Error(refusal.Type, refusal.Detail);

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

    public async Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    public override string ToString() => System.Text.Encoding.UTF8.GetString(body);
}

/// <summary>One thing that is wrong with one field.</summary>
internal sealed record Violation(string Field, string Problem)
{
    private const string Missing = "is required";

    public bool IsMissing => Problem == Missing;

    public static Violation Required(string field) => new(field, Missing);
}
