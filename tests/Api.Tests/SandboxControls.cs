using System.Net.Http.Json;

namespace Pennypost.Api.Tests;

/// <summary>What the provider in the sandbox is told to do.</summary>
internal static class SandboxControls
{
    public static async Task OrderAsync(this HttpClient sandbox, string path, object body)
    {
        using var response = await sandbox.PostAsJsonAsync(path, body);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {await response.Content.ReadAsStringAsync()}");
    }
}
