using System.Globalization;
using System.Text.Json;

namespace Pennypost.Bench.EmptyAccount;

/// <summary>
/// What other tools are seen to do (facts of the trade: GetSales fails the lead at the node, others skip it and come back): the list is worked through in its order, each person by a call, and a refusal is that person's.
/// </summary>
/// <param name="comesBack">Whether a person who was skipped is tried again on the next day; else the node has failed, and only somebody who starts it again by hand changes that.</param>
internal sealed class NaiveWay(Provider provider, Scene scene, bool comesBack)
{
    private readonly List<string> left = [.. scene.People];
    private readonly Dictionary<string, string> idOf = [];
    private int failed;

    public async Task<Found> RunAsync(DateTimeOffset now, DateTimeOffset renewal, CancellationToken ct)
    {
        var found = new Found(comesBack ? "skip per prospect" : "fail at the node", scene);
        await provider.SetAsync(scene, renewal, ct);
        await FreeSendsAsync(ct);
        found.Free = await provider.FreeSendsAsync(ct);
        await DaysAsync(Scene.UntilTopUp, ct);
        await provider.CountAsync(found, ct);
        await provider.TopUpAsync(scene, ct);
        now += Scene.UntilTopUp;
        await DaysAsync(renewal - now, ct);
        await provider.CountAsync(found, ct);
        await DaysAsync(Scene.AfterRenewal, ct);
        await provider.CountAsync(found, ct);
        (found.Waiting, found.Lost) = (left.Count, failed);
        return found;
    }

    private async Task FreeSendsAsync(CancellationToken ct)
    {
        var seat = scene.SeatIds.First();
        foreach (var person in scene.Relations)
            await StartAsync(seat, person, inMail: false, ct);
        foreach (var person in scene.Invited)
            await InviteAsync(seat, person, ct);
    }

    private async Task InviteAsync(string seat, string person, CancellationToken ct)
    {
        using var answer = await provider.Api.PostAsJsonAsync(new Uri("api/v1/users/invite", UriKind.Relative), new { account_id = seat, provider_id = await IdAsync(seat, person, ct), message = $"Hello {person}" }, ct);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"The sandbox refused an invitation: {await answer.Content.ReadAsStringAsync(ct)}");
    }

    /// <summary>One pass over the list a day, as a campaign makes it.</summary>
    private async Task DaysAsync(TimeSpan span, CancellationToken ct)
    {
        for (; span > TimeSpan.Zero; span -= TimeSpan.FromDays(1))
        {
            await PassAsync(ct);
            await provider.AdvanceAsync(span < TimeSpan.FromDays(1) ? span : TimeSpan.FromDays(1), ct);
        }
    }

    private async Task PassAsync(CancellationToken ct)
    {
        var seats = scene.SeatIds.ToList();
        for (var place = 0; place < left.Count;)
        {
            if (await StartAsync(seats[place % seats.Count], left[place], inMail: true, ct))
            {
                left.RemoveAt(place);
            }
            else if (comesBack)
            {
                place++;
            }
            else
            {
                left.RemoveAt(place);
                failed++;
            }
        }
    }

    private async Task<bool> StartAsync(string seat, string person, bool inMail, CancellationToken ct)
    {
        using var form = new MultipartFormDataContent { { new StringContent(seat), "account_id" }, { new StringContent(await IdAsync(seat, person, ct)), "attendees_ids" }, { new StringContent($"Hello {person}"), "text" } };
        if (inMail)
        {
            form.Add(new StringContent("classic"), "linkedin[api]");
            form.Add(new StringContent("true"), "linkedin[inmail]");
        }

        using var answer = await provider.Api.PostAsync(new Uri("api/v1/chats", UriKind.Relative), form, ct);
        return answer.IsSuccessStatusCode;
    }

    private async Task<string> IdAsync(string seat, string person, CancellationToken ct)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{seat}/{person}");
        if (!idOf.TryGetValue(key, out var id))
        {
            var profile = await provider.Api.GetFromJsonAsync<JsonElement>(new Uri($"api/v1/users/{person}?account_id={seat}", UriKind.Relative), ct);
            idOf[key] = id = profile.GetProperty("provider_id").GetString()!;
        }

        return id;
    }
}
