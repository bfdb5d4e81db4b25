using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Dashboard.Dialogs;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>Who may do what? For administrators.</summary>
public sealed partial class AccessPage
{
    private const string LastWords = "The last administrator who may sign in stays one.";
    private static readonly string[] Tabs = ["users", "keys"];
    private static readonly TimeSpan Idle = TimeSpan.FromDays(30);
    private static readonly TimeSpan SoonOver = TimeSpan.FromDays(7);

    // The least role, counted from viewer.
    private static readonly (string What, int Least)[] May =
    [
        ("See every page", 0), ("Export and show calls", 0), ("Approve, schedule and reject plans", 1), ("Cancel and roll back moves", 1), ("Halt all", 1),
        ("Import query logs", 1), ("Change settings and policies", 2), ("Manage users and keys", 2), ("See the jobs", 2),
    ];

    private IReadOnlyList<User> users = [];
    private IReadOnlyList<ApiKey> keys = [];

    private enum KeyState
    {
        Active,
        Expiring,
        Idle,
        Expired,
    }

    /// <summary>"users" or "keys".</summary>
    [SupplyParameterFromQuery(Name = "tab")]
    public string? Tab { get; set; }

    [Inject]
    private UserStore Users { get; set; } = null!;

    [Inject]
    private ApiKeyStore Keys { get; set; } = null!;

    [Inject]
    private AuditTrail Trail { get; set; } = null!;

    [Inject]
    private SecurityOptions Limits { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private bool ShowsKeys => Tab == "keys";

    // Keys and sessions live in real time.
    private DateTimeOffset Real => Time.GetUtcNow();

    private string Attention
    {
        get
        {
            var expiring = keys.Where(k => StateOf(k) == KeyState.Expiring).Select(k => k.Name).ToArray();
            var idle = keys.Count(k => StateOf(k) == KeyState.Idle);
            return expiring.Length > 0 ? $"{string.Join(", ", expiring)} expires within a week."
                : idle > 0 ? $"{Show.Sentence(Show.Word(idle))} {(idle == 1 ? "key was" : "keys were")} not used for 30 days."
                : "No key is idle or about to expire.";
        }
    }

    private protected override async Task LoadAsync(CancellationToken cancellation)
    {
        users = await Users.ListAsync(cancellation);
        keys = await Keys.ListAsync(cancellation);
    }

    private KeyState StateOf(ApiKey key) =>
        key.ExpiresAt <= Real ? KeyState.Expired
        : key.ExpiresAt - Real < SoonOver ? KeyState.Expiring
        : Real - (key.LastUsedAt ?? key.CreatedAt) > Idle ? KeyState.Idle
        : KeyState.Active;

    private static string WordOf(KeyState state) => state switch { KeyState.Expiring => "Expires soon", KeyState.Idle => "Not used for 30 days", _ => state.ToString() };

    private static string ToneOf(KeyState state) => state switch { KeyState.Active => "ok", KeyState.Expired => "err", _ => "warn" };

    private void Go(string tab) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("tab", tab == "keys" ? "keys" : null));

    private async Task NewUserAsync()
    {
        var dialog = await Dialogs.ShowAsync<UserDialog>("Add user", new DialogParameters<UserDialog> { { x => x.ShortestPassword, Limits.MinPasswordLength }, { x => x.Do, AddUserAsync } }, DialogLook.Form);
        await dialog.Result;
        await ReloadAsync();
    }

    private async Task<string?> AddUserAsync(string name, string password, string role)
    {
        if (Users.Problems(name, password) is { Count: > 0 } problems)
        {
            return string.Join(' ', problems.SelectMany(p => p.Value));
        }

        if (await Users.AddAsync(name, password, role, Gone) is not { } user)
        {
            return $"There is a user \"{name.Trim()}\" already; choose another name.";
        }

        await Trail.AddAsync(UserName, "user-added", user.Name, role, Gone);
        Snackbar.Add($"Added {user.Name}, {role}");
        return null;
    }

    private bool IsLast(User user) => user is { Role: Roles.Administrator, Disabled: false } && users.Count(u => u is { Role: Roles.Administrator, Disabled: false }) == 1;

    private async Task EditAsync(User user)
    {
        var parameters = new DialogParameters<RoleDialog> { { x => x.Name, user.Name }, { x => x.Role, user.Role }, { x => x.Call, role => new ApiCall("PATCH", $"/api/v1/users/{user.Id}", JsonSerializer.Serialize(new { role })) }, { x => x.Do, role => ChangeAsync(user, role, null) } };
        var dialog = await Dialogs.ShowAsync<RoleDialog>($"Role of {user.Name}", parameters, DialogLook.Form);
        await dialog.Result;
        await ReloadAsync();
    }

    private async Task ResetAsync(User user)
    {
        var parameters = new DialogParameters<ResetDialog> { { x => x.Name, user.Name }, { x => x.Minutes, Limits.ResetLinkMinutes }, { x => x.Call, new ApiCall("POST", $"/api/v1/users/{user.Id}/password-reset") }, { x => x.Do, () => LinkAsync(user) } };
        var dialog = await Dialogs.ShowAsync<ResetDialog>($"New password for {user.Name}", parameters, DialogLook.Form);
        await dialog.Result;
    }

    private async Task<string?> LinkAsync(User user)
    {
        if (await Users.MakeResetAsync(user.Id, Gone) is not { } made)
        {
            return null;
        }

        await Trail.AddAsync(UserName, "password-reset-made", user.Name, $"works until {made.ExpiresAt:u}", Gone);
        return $"{Navigation.BaseUri.TrimEnd('/')}/reset?code={made.Code}";
    }

    private Task SwitchAsync(User user) => ConfirmAsync(
        $"{(user.Disabled ? "Enable" : "Disable")} {user.Name}",
        user.Disabled ? [$"{user.Name} may sign in again.", "API keys that act for this person work again."]
            : [$"{user.Name} is signed out everywhere and cannot sign in.", $"{Show.Of(KeysOf(user), "API key")} that act for this person answer 401 while it lasts."],
        new ApiCall("PATCH", $"/api/v1/users/{user.Id}", JsonSerializer.Serialize(new { disabled = !user.Disabled })), user.Disabled ? "Disable it again here." : "Enable it again here.",
        () => ChangeAsync(user, null, !user.Disabled), destroys: !user.Disabled);

    private Task RemoveAsync(User user) => ConfirmAsync(
        $"Remove {user.Name}", [$"{user.Name} is signed out everywhere and forgotten; the audit keeps the name.", $"{Show.Of(KeysOf(user), "API key")} that act for this person are revoked."],
        new ApiCall("DELETE", $"/api/v1/users/{user.Id}"), "It cannot be undone: add the person again. To stop somebody for a while, disable them instead.",
        async () =>
        {
            var (removed, refusal) = await Users.RemoveAsync(user.Id, Gone);
            return await DoneAsync(removed, refusal, "user-removed", user.Role, $"Removed {user.Name}");
        }, destroys: true);

    private int KeysOf(User user) => keys.Count(k => k.Person == user.Name);

    private async Task<string?> ChangeAsync(User user, string? role, bool? disabled)
    {
        var (changed, refusal) = await Users.ChangeAsync(user.Id, role, null, Gone, disabled);
        return await DoneAsync(changed, refusal, "user-changed", role is not null ? $"role {role}" : disabled == true ? "disabled" : "enabled", $"Changed {user.Name}");
    }

    private async Task<string?> DoneAsync(User? user, string? refusal, string action, string detail, string done)
    {
        if (user is null)
        {
            return refusal ?? "This person is gone already.";
        }

        Keys.Forget();
        await Trail.AddAsync(UserName, action, user.Name, detail, Gone);
        Snackbar.Add(done);
        return null;
    }

    private async Task ConfirmAsync(string verb, IReadOnlyList<string> happens, ApiCall call, string undo, Func<Task<string?>> act, bool destroys)
    {
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, verb }, { x => x.Happens, happens }, { x => x.Clients, "Nothing: clients of the cluster do not sign in here." }, { x => x.Undo, undo }, { x => x.Call, call }, { x => x.AsksReason, false },
            { x => x.IsDestructive, destroys }, { x => x.Do, _ => act() },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>(verb, parameters, DialogLook.Form);
        await dialog.Result;
        await ReloadAsync();
    }

    private async Task NewKeyAsync()
    {
        var dialog = await Dialogs.ShowAsync<KeyDialog>("New API key", new DialogParameters<KeyDialog> { { x => x.MaxDays, Limits.MaxKeyDays }, { x => x.Base, Navigation.BaseUri.TrimEnd('/') }, { x => x.Do, CreateKeyAsync } }, DialogLook.Form);
        await dialog.Result;
        await ReloadAsync();
    }

    private async Task<string> CreateKeyAsync(string name, string role, int days, IReadOnlyList<string> scopes)
    {
        var (key, secret) = await Keys.CreateAsync(name, role, scopes, UserName, TimeSpan.FromDays(days), Gone);
        await Trail.AddAsync(UserName, "key-created", key.Name, $"{role}, {days} days, {(scopes.Count == 0 ? "all areas" : string.Join(' ', scopes))}", Gone);
        return secret;
    }

    private async Task RevokeAsync(ApiKey key)
    {
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, $"Revoke {key.Name}" },
            { x => x.Happens, [$"The key {key.Name} is deleted.", "Calls that use it get 401 within ten seconds."] },
            { x => x.Clients, key.LastUsedAt is { } used ? $"It was last used {Zone.Age(used, Real)}. Whatever used it stops until it has another key." : "It was never used." },
            { x => x.Undo, "It cannot be undone: make a new key." },
            { x => x.Call, new ApiCall("DELETE", $"/api/v1/tokens/{key.Id}") },
            { x => x.Do, reason => RevokeForAsync(key, reason) },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>($"Revoke {key.Name}", parameters, DialogLook.Form);
        await dialog.Result;
        await ReloadAsync();
    }

    private async Task<string?> RevokeForAsync(ApiKey key, string reason)
    {
        if (!await Keys.RevokeAsync(key.Id, Gone))
        {
            return $"The key {key.Name} is gone already.";
        }

        await Trail.AddAsync(UserName, "key-revoked", key.Name, reason, Gone);
        Snackbar.Add($"Revoked {key.Name}");
        return null;
    }
}
