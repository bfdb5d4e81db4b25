using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.Components.Fakes;

/// <summary>A calendar that remembers what was asked of it.</summary>
internal sealed class FakeEvents : IEventDesk
{
    public List<EventView> Events { get; } = [];

    public List<EventProposalView> Proposals { get; } = [];

    public List<string> Asked { get; } = [];

    public Outcome Answer { get; set; } = new(null, "");

    public Task<IReadOnlyList<EventView>> ListAsync(DateTimeOffset now, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<EventView>>([.. Events]);

    public Task<Outcome> AddAsync(EventInput input, string by, CancellationToken cancellation) => Ask($"add {input.Name} {input.Rule} {input.Minutes} {input.Zone} {input.Scope} {input.Factor} by {by}");

    public Task<Outcome> ChangeAsync(long id, EventInput input, string by, CancellationToken cancellation) => Ask($"change {id} {input.Name} {input.Rule} by {by}");

    public Task<Outcome> RemoveAsync(long id, string by, CancellationToken cancellation) => Ask($"remove {id} by {by}");

    public Task<IReadOnlyList<EventProposalView>> ProposalsAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<EventProposalView>>([.. Proposals]);

    public Task<Outcome> AcceptAsync(long id, string by, CancellationToken cancellation) => Ask($"accept {id} by {by}");

    public Task<Outcome> DismissAsync(long id, string by, CancellationToken cancellation) => Ask($"dismiss {id} by {by}");

    private Task<Outcome> Ask(string what)
    {
        Asked.Add(what);
        return Task.FromResult(Answer);
    }
}
