using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>The cluster's members: who is suspected, how far they are from each other, and joining, draining and leaving.</summary>
internal static class MemberEndpoints
{
    private const int MaxReason = 1000;
    private const int MaxZone = 64;

    /// <summary>Maps members.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var read = api.MapGroup("/members").WithTags("members");
        var change = api.MapGroup("/members").WithTags("members").RequireAuthorization(Roles.Operator);
        read.MapGet("", List).WithName("ListMembers").WithSummary("Members with state, suspicion, incarnation, round trips and how far a drain or a filling is")
            .WithDescription("Nodes that gossip knows and the member list does not are listed last: stage joining or left.").Produces<Page<MemberRow>>().ProducesValidationProblem();
        read.MapGet("/join", (IMemberQueries queries) => queries.Join()).WithName("GetJoinHelp").WithSummary("How a node is added: whether the control plane can start one, and the command that starts one elsewhere");
        read.MapGet("/{id}", (string id, IMemberQueries queries) => queries.Member(id) is { } member ? Results.Ok(member) : NoMember(id)).WithName("GetMember")
            .WithSummary("One member, by its name or its id").Produces<MemberRow>().ProducesProblem(404);
        read.MapGet("/{id}/fill", (string id, IMemberQueries queries) => queries.Member(id) is { } member ? Results.Ok(queries.FillPlan(member.Id)) : NoMember(id)).WithName("GetFillPlan")
            .WithSummary("The plan of kind \"membership\" that would give a member its share of replicas and leaders").Produces<MembershipPlan>().ProducesProblem(404);
        change.MapPost("", AddAsync).WithName("AddMember").WithSummary("Starts one more node of a local cluster; it joins by itself")
            .WithDescription("Where the nodes run elsewhere it is refused: GET /members/join has the command.").Produces<Outcome>(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(409);
        change.MapPost("/{id}/drain", DrainAsync).WithName("DrainMember").WithSummary("Empties a member: its replicas and leaders go to others, a few groups at a time")
            .WithDescription("An operation: the answer's Location is the member, whose progress says how far it is. DELETE ends it.").Produces<Outcome>(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        change.MapDelete("/{id}/drain", CancelDrainAsync).WithName("CancelDrain").WithSummary("Ends a drain: what is under way goes back, what has moved stays")
            .Produces<Outcome>().ProducesValidationProblem().ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        change.MapPost("/{id}/plan", PlanAsync).WithName("PlanMember").WithSummary("Proposes the plan of kind \"membership\" that moves segments to the shards that came with a member, or from those that go with a drained one")
            .WithDescription("It is proposed by itself when a member joins or is drained, and approved as any plan is.").Produces<Outcome>(StatusCodes.Status201Created).ProducesProblem(404).ProducesProblem(409);
        Action("leave", "LetMemberLeave", "Lets a member go that holds nothing any more", (desk, id, by, reason, cancellation) => desk.LeaveAsync(id, by, reason, cancellation));
        Action("remove", "RemoveMember", "Puts a dead member's replicas elsewhere now, and lets it go then", (desk, id, by, reason, cancellation) => desk.RemoveAsync(id, by, reason, cancellation));
        Action("fill", "FillMember", "Carries out the member's plan of kind \"membership\"", (desk, id, by, reason, cancellation) => desk.FillAsync(id, by, reason, cancellation));

        void Action(string verb, string name, string summary, Func<IMemberDesk, NodeId, string, string, CancellationToken, Task<Outcome>> ask) => change
            .MapPost($"/{{id}}/{verb}", async (string id, ReasonBody body, HttpContext http, IMemberQueries queries, IMemberDesk desk, CancellationToken cancellation) =>
            {
                var check = new RequestCheck();
                var reason = check.Text("reason", body.Reason, 1, MaxReason);
                return check.Refusal ?? (queries.Member(id) is { } member ? Accepted(member.Name, await ask(desk, member.Id, Caller.Of(http), reason, cancellation)) : NoMember(id));
            })
            .WithName(name).WithSummary(summary).Produces<Outcome>(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
    }

    /// <summary>404 that names what was looked for.</summary>
    internal static IResult NoMember(string id) => Refusals.NotFound($"There is no member \"{id}\"; name one as GET /members does, or by its id of 16 hexadecimal digits.");

    private static async Task<IResult> PlanAsync(string id, HttpContext http, IMemberQueries queries, IPlanBench bench, CancellationToken cancellation)
    {
        if (queries.Member(id) is not { } member)
        {
            return NoMember(id);
        }

        var outcome = await bench.ForMemberAsync(member.Id, Caller.ActorOf(http), cancellation);
        return outcome.Done ? Results.Created($"/api/v1/plans/{outcome.Id}", outcome) : Refusals.Of(outcome);
    }

    private static IResult List(int? offset, int? limit, IMemberQueries queries, ApiOptions options)
    {
        var check = new RequestCheck();
        var from = check.Number("offset", offset, 0, 0, 1_000_000);
        var count = check.Number("limit", limit, options.PageRows, 1, options.MaxPageRows);
        return check.Refusal ?? Results.Ok(Page<MemberRow>.Of(queries.Members(), from, count));
    }

    private static async Task<IResult> AddAsync(AddMemberBody body, HttpContext http, IMemberDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var zone = check.Text("zone", body.Zone, 0, MaxZone);
        var reason = check.Text("reason", body.Reason, 1, MaxReason);
        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        var outcome = await desk.AddAsync(zone, Caller.Of(http), reason, cancellation);
        return Accepted(outcome.Id ?? "", outcome);
    }

    private static async Task<IResult> DrainAsync(string id, DrainBody body, HttpContext http, IMemberQueries queries, IMemberDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body.Reason, 1, MaxReason);
        return check.Refusal ?? (queries.Member(id) is { } member
            ? Accepted(member.Name, await desk.DrainAsync(member.Id, body.ThenLeave ?? false, Caller.Of(http), reason, cancellation))
            : NoMember(id));
    }

    private static async Task<IResult> CancelDrainAsync(string id, string? reason, HttpContext http, IMemberQueries queries, IMemberDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var why = check.Text("reason", reason, 0, MaxReason);
        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        if (queries.Member(id) is not { } member)
        {
            return NoMember(id);
        }

        var outcome = await desk.CancelDrainAsync(member.Id, Caller.Of(http), why, cancellation);
        return outcome.Done ? Results.Ok(outcome) : Refusals.Of(outcome);
    }

    private static IResult Accepted(string name, Outcome outcome) => outcome.Done ? Results.Accepted($"/api/v1/members/{Uri.EscapeDataString(name)}", outcome) : Refusals.Of(outcome);
}
