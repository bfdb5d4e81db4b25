using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Dashboard.Dialogs;
using ShardConsole.ControlPlane.Dashboard.Text;

namespace ShardConsole.ControlPlane.Dashboard.Settings;

/// <summary>Who outside is told of what, and did it arrive? For administrators.</summary>
public sealed partial class WebhooksPanel
{
    private const int Rows = 50;

    private IReadOnlyList<WebhookView> hooks = [];
    private IReadOnlyList<DeliveryView> deliveries = [];
    private WebhookView? selected;
    private long picked;
    private long testing;

    [Inject]
    private IWebhookDesk Desk { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    // Deliveries live in real time.
    private DateTimeOffset Real => Time.GetUtcNow();

    private string Answer => hooks.Count == 0 ? "nobody outside is told of anything"
        : hooks.Count(h => h.Enabled && h.Last is { State: "failed" }) is > 0 and var failing ? $"the last delivery to {Show.Of(failing, "webhook")} failed"
        : hooks.Sum(h => h.Waiting) is > 0 and var waiting ? $"{Show.Of(waiting, "delivery", "deliveries")} on the way"
        : "everything arrived";

    private protected override async Task LoadAsync(CancellationToken cancellation)
    {
        if (!IsAdministrator)
        {
            return;
        }

        hooks = await Desk.ListAsync(cancellation);
        selected = hooks.FirstOrDefault(h => h.Id == picked) ?? (hooks.Count > 0 ? hooks[0] : null);
        deliveries = selected is null ? [] : await Desk.DeliveriesAsync(selected.Id, 0, Rows, cancellation);
    }

    private static string Short(string kind) => kind.Replace('-', ' ');

    private static string StateWords(DeliveryView d) => d.State switch
    {
        "waiting" => d.Attempts == 0 ? "On its way" : "Tried again soon",
        "delivered" => "Delivered",
        _ => d.Status > 0 ? $"Failed, {d.Status}" : "Failed",
    };

    private static string ToneOf(DeliveryView d) => d.State switch { "delivered" => "ok", "waiting" => d.Attempts == 0 ? "plain" : "warn", _ => "err" };

    private Task PickAsync(long id)
    {
        picked = id;
        return ReloadAsync();
    }

    private async Task SwitchAsync(WebhookView hook, bool on)
    {
        var outcome = await Desk.ChangeAsync(hook.Id, new WebhookInput(Enabled: on), UserName, Gone);
        Snackbar.Add(outcome.Done ? $"{hook.Name} is {(on ? "on" : "off")}" : outcome.Detail, outcome.Done ? Severity.Normal : Severity.Warning);
        await ReloadAsync();
    }

    private async Task TestAsync(WebhookView hook)
    {
        testing = hook.Id;
        StateHasChanged();
        try
        {
            var (outcome, delivery) = await Desk.TestAsync(hook.Id, UserName, Gone);
            Snackbar.Add($"{hook.Name}: {outcome.Detail}", delivery is { State: "delivered" } ? Severity.Success : Severity.Warning);
        }
        finally
        {
            testing = 0;
        }

        await PickAsync(hook.Id);
    }

    private async Task EditAsync(WebhookView? hook)
    {
        var parameters = new DialogParameters<WebhookDialog> { { x => x.Webhook, hook }, { x => x.Do, input => SaveAsync(hook, (WebhookInput)input) } };
        var dialog = await Dialogs.ShowAsync<WebhookDialog>(hook is null ? "Add webhook" : $"Change {hook.Name}", parameters, DialogLook.Form);
        await dialog.Result;
        await ReloadAsync();
    }

    private async Task<(string? Failure, string Secret)> SaveAsync(WebhookView? hook, WebhookInput input)
    {
        if (hook is not null)
        {
            var changed = await Desk.ChangeAsync(hook.Id, input, UserName, Gone);
            return (changed.Done ? null : changed.Detail, "");
        }

        var (outcome, added, secret) = await Desk.AddAsync(input, UserName, Gone);
        picked = added?.Id ?? picked;
        return (outcome.Done ? null : outcome.Detail, secret);
    }

    private Task NewSecretAsync(WebhookView hook) => ConfirmAsync(
        hook, $"Draw a new secret for {hook.Name}", ["A new secret is drawn and shown once.", "The next message is signed with it."],
        "The receiver refuses messages until it knows the new secret; they are tried again for a while.", "The former secret cannot be had back.", new ApiCall("POST", $"/api/v1/webhooks/{hook.Id}/secret"),
        async () =>
        {
            var (outcome, _, secret) = await Desk.NewSecretAsync(hook.Id, UserName, Gone);
            if (outcome.Done)
            {
                await Dialogs.ShowAsync<WebhookDialog>($"The secret of {hook.Name}", new DialogParameters<WebhookDialog> { { x => x.Secret, secret } }, DialogLook.Form);
            }

            return outcome;
        });

    private Task RemoveAsync(WebhookView hook) => ConfirmAsync(
        hook, $"Remove {hook.Name}", [$"{hook.Name} is told nothing more.", hook.Waiting > 0 ? $"{Show.Of(hook.Waiting, "delivery", "deliveries")} that wait are dropped." : "Nothing waits for it.", "Its log of deliveries goes with it."],
        "Nothing: webhooks only tell.", "It cannot be undone: add it again, with a new secret.", new ApiCall("DELETE", $"/api/v1/webhooks/{hook.Id}"), () => Desk.RemoveAsync(hook.Id, UserName, Gone));

    private async Task ConfirmAsync(WebhookView hook, string verb, IReadOnlyList<string> happens, string clients, string undo, ApiCall call, Func<Task<Outcome>> act)
    {
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, verb }, { x => x.Happens, happens }, { x => x.Clients, clients }, { x => x.Undo, undo }, { x => x.Call, call }, { x => x.AsksReason, false },
            { x => x.Do, async _ => await act() is { Done: false } refused ? refused.Detail : null },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>(verb, parameters, DialogLook.Form);
        await dialog.Result;
        await PickAsync(hook.Id);
    }
}
