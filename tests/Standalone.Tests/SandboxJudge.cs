using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Pennypost.Standalone.Tests;

/// <summary>The sandbox provider's controls and what it counted, over HTTP.</summary>
internal sealed class SandboxJudge : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _folder;

    public SandboxJudge(Uri sandbox, string folder)
    {
        _http = new HttpClient { BaseAddress = sandbox };
        _folder = folder;
    }

    /// <summary>Null while the sandbox is not up yet.</summary>
    public async Task<JsonNode?> TryGetAsync(string path)
    {
        try
        {
            return await GetAsync(path);
        }
        catch (Exception notYet) when (notYet is HttpRequestException or IOException)
        {
            return null;
        }
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        Identify();
        return JsonNode.Parse(await _http.GetStringAsync(new Uri(path, UriKind.Relative)))!;
    }

    public async Task<JsonNode> PostAsync(string path, object body)
    {
        Identify();
        using var response = await _http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {text}");
        return JsonNode.Parse(text)!;
    }

    private void Identify()
    {
        if (!_http.DefaultRequestHeaders.Contains("X-API-KEY"))
            _http.DefaultRequestHeaders.Add("X-API-KEY", StandaloneProcess.SandboxKeyIn(_folder));
    }

    public void Dispose() => _http.Dispose();
}
