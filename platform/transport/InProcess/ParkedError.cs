namespace Pennypost.Transport;

/// <summary>Work or an event that its handler could not deal with.</summary>
/// <param name="Group">Whose handler.</param>
/// <param name="Id">The event's or the work's id.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="Kind">Its type.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Error">The last exception's type; its text may hold what must not be shown.</param>
/// <param name="Time">When it was parked.</param>
public sealed record ParkedError(string Group, string Id, string Tenant, string Kind, int Attempts, string Error, DateTimeOffset Time);
