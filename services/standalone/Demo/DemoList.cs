namespace Pennypost.Standalone.Demo;

/// <summary>A list of prospects.</summary>
/// <param name="Path">The CSV file.</param>
/// <param name="ImportId">Imported again under the same id, it is the same messages.</param>
/// <param name="AccountId">The one sender that may write to them; null for any.</param>
internal sealed record DemoList(string Path, string ImportId = "demo", string? AccountId = null);
