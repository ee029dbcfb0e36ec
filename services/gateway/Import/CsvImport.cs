using System.Text.Json;
using System.Text.Json.Serialization;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.Limits;
using Pennypost.Gateway.Rest;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Import;

/// <summary>
/// <c>POST /v1/messages:importCsv?import_id=...</c>, <c>text/csv</c>. The whole file is read before the first message is handed over, so that a file
/// that cannot be imported changes nothing. Then good rows are accepted and bad ones named, each with its line. The same upload again is the same
/// messages: one that broke off is simply sent again.
/// </summary>
internal sealed class CsvImport(PublicApi api, DailyQuota quota, CallPipeline pipeline, IOptions<GatewayOptions> options, IOptionsMonitor<HostingOptions> hosting)
{
    public const string Route = "/v1/messages:importCsv";
    private const int RowsPerProgress = 200;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public void Map(WebApplication app) => app.MapPost(Route, new RequestDelegate(ImportAsync));

    private async Task ImportAsync(HttpContext http)
    {
        using var call = new RestCall(http, Scopes.ImportCsv, TimeSpan.FromSeconds(hosting.CurrentValue.MaxStreamSeconds));
        var progress = http.Request.Headers.Accept.ToString().Contains("application/x-ndjson", StringComparison.OrdinalIgnoreCase);
        try
        {
            var report = await pipeline.UnaryAsync<HttpContext, ImportReport>((asked, context) => ImportAsync(asked, progress, context), http, call);
            if (!progress) http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(JsonSerializer.Serialize(report, Json) + "\n", http.RequestAborted);
        }
        catch (RpcException exception)
        {
            if (http.Response.HasStarted) await http.Response.WriteAsync(HttpFault.Body(RpcFault.From(exception)) + "\n", http.RequestAborted);
            else await HttpFault.WriteAsync(http, RpcFault.From(exception));
        }
    }

    private async Task<ImportReport> ImportAsync(HttpContext http, bool progress, ServerCallContext context)
    {
        var (settings, validateOnly) = Settings(http);
        // The import has its own limit, which the file's reader keeps.
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
        var (columns, rows) = await CsvFile.ReadAsync(http.Request.Body, settings, options.Value.MaxImportBytes, options.Value.MaxImportRows, context.CancellationToken);
        // The call has counted as one already.
        await quota.TakeAsync(context, rows.Count - 1);

        var report = new ImportReport(settings.ImportId, validateOnly, rows.Count);
        foreach (var bad in rows.OfType<ImportRow.Bad>()) report.Refused.Add(new RefusedRow(bad.Line, null, "INVALID_REQUEST", null, bad.Violations));
        // Each row has a deadline of its own, not the whole import's.
        var each = OnBehalf.Of(context.Caller().Tenant, context.CancellationToken);
        var done = report.Refused.Count;
        foreach (var chunk in rows.OfType<ImportRow.Good>().Chunk(RowsPerProgress))
        {
            var answers = await api.AcceptAllAsync([.. chunk.Select(row => row.Message)], validateOnly, each);
            for (var i = 0; i < chunk.Length; i++) report.Add(chunk[i], answers[i], columns);
            done += chunk.Length;
            if (progress) await TellAsync(http, new { progress = new { done, rows = rows.Count } }, context.CancellationToken);
        }
        report.Refused.Sort((one, other) => one.Line.CompareTo(other.Line));
        return report;
    }

    private static (ImportSettings Settings, bool ValidateOnly) Settings(HttpContext http)
    {
        var violations = new Violations();
        var query = http.Request.Query;
        foreach (var name in query.Keys.Where(name => name is not ("import_id" or "campaign_id" or "account_ids" or "columns" or "validate_only")))
            violations.Add(JsonReading.Shown(name), "is not a parameter of this call");
        string One(string name)
        {
            if (query[name].Count > 1) violations.Add(name, "stands there twice");
            return query[name].FirstOrDefault() ?? "";
        }
        var importId = One("import_id");
        violations.Id("import_id", importId);
        var campaignId = One("campaign_id");
        violations.OptionalId("campaign_id", campaignId);
        var accounts = new Google.Protobuf.Collections.RepeatedField<string> { query["account_ids"].Select(id => id ?? "") };
        violations.AccountIds("account_ids", accounts);
        var validateOnly = One("validate_only");
        if (validateOnly is not ("" or "true" or "false")) violations.Add("validate_only", "must be true or false");
        if (http.Request.ContentType?.Split(';')[0].Trim().Equals("text/csv", StringComparison.OrdinalIgnoreCase) != true) violations.Add("content-type", "must be text/csv");
        List<string> columns = [.. query["columns"].Select(column => column ?? "")];
        if (violations.Any)
        {
            // The file is not read then, but this much can be said. Otherwise it comes together with what is wrong with the header.
            SaidColumn.Read(columns, violations);
            throw Errors.Invalid(violations);
        }
        return (new ImportSettings(importId, campaignId.Length == 0 ? importId : campaignId, accounts, columns), validateOnly == "true");
    }

    private static async Task TellAsync(HttpContext http, object line, CancellationToken cancellationToken)
    {
        if (!http.Response.HasStarted) http.Response.ContentType = "application/x-ndjson";
        await http.Response.WriteAsync(JsonSerializer.Serialize(line, Json) + "\n", cancellationToken);
        await http.Response.Body.FlushAsync(cancellationToken);
    }
}

/// <summary>What became of every row.</summary>
internal sealed class ImportReport(string importId, bool validateOnly, int rows)
{
    public string ImportId { get; } = importId;
    public bool ValidateOnly { get; } = validateOnly;
    public int Rows { get; } = rows;
    public int AcceptedCount => Accepted.Count;
    public int RefusedCount => Refused.Count;
    public List<AcceptedRow> Accepted { get; } = [];
    public List<RefusedRow> Refused { get; } = [];

    public void Add(ImportRow.Good row, Handed answer, ImportColumns columns)
    {
        if (answer.Result.Refusal is not { } refusal) Accepted.Add(new AcceptedRow(row.Line, row.Message.MessageId, answer.Result.Existed));
        // What only the dispatcher knows, such as which policies there are, is told by column as well.
        else if (answer.Violations.Count > 0) Refused.Add(new RefusedRow(row.Line, row.Message.MessageId, refusal.Reason, null, ImportRow.InTheFile(answer.Violations, columns)));
        else Refused.Add(new RefusedRow(row.Line, row.Message.MessageId, refusal.Reason, refusal.Text, null));
    }
}

/// <summary>A row that is a message now.</summary>
/// <param name="Line">Where it begins in the file; the header is line 1.</param>
/// <param name="MessageId">Derived from the import and the row's content.</param>
/// <param name="Existed">Whether an earlier upload brought it.</param>
internal sealed record AcceptedRow(int Line, string MessageId, bool Existed);

/// <summary>A row that is none: violations if it is malformed, otherwise what refused it.</summary>
internal sealed record RefusedRow(int Line, string? MessageId, string Reason, string? Text, IReadOnlyList<Violation>? Violations);
