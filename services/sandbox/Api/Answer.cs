using Pennypost.Sandbox.Rules;
using Pennypost.Sandbox.Storage;

namespace Pennypost.Sandbox.Api;

/// <summary>An answer on its way to the caller.</summary>
internal sealed record Answer(int Status, object Body)
{
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
            type = "errors/" + (violations.All(v => v.IsMissing) ? ErrorType.MissingParameters.Name : ErrorType.InvalidParameters.Name),
            status = StatusCodes.Status400BadRequest,
            violations = violations.Select(v => new { field = v.Field, problem = v.Problem }),
        });

    public bool IsRefusal => Status >= 400;

    public Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        return http.Response.WriteAsJsonAsync(Body, Body.GetType(), WorldFile.Json, contentType: null, http.RequestAborted);
    }
}

/// <summary>One thing that is wrong with one field.</summary>
internal sealed record Violation(string Field, string Problem)
{
    private const string Missing = "is required";

    public bool IsMissing => Problem == Missing;

    public static Violation Required(string field) => new(field, Missing);
}
