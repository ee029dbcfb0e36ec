namespace Sandbox.Tests;

public sealed class StartingIt
{
    [Fact]
    public async Task Takes_its_key_from_a_file_where_a_folder_of_secrets_is_named()
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-sandbox-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "Sandbox__ApiKey"), "key-from-a-file\n");
        await using (var sandbox = await RunningSandbox.StartAsync(("SecretsPath", folder)))
        {
            using var withTheFilesKey = new HttpRequestMessage(HttpMethod.Get, "/api/v1/accounts") { Headers = { { "X-API-KEY", "key-from-a-file" } } };

            Assert.Equal(System.Net.HttpStatusCode.OK, (await sandbox.Http.SendAsync(withTheFilesKey)).StatusCode);
            Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await sandbox.Http.GetAsync("/api/v1/accounts")).StatusCode);
        }
        Directory.Delete(folder, recursive: true);
    }
}
