using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ShardConsole.ControlPlane.Data;

/// <summary>
/// Everything that the control plane keeps. Moments are kept as Unix milliseconds, so that every provider orders them alike.
/// One context per unit of work, from the factory.
/// </summary>
internal sealed class ControlPlaneDb(DbContextOptions<ControlPlaneDb> options) : DbContext(options)
{
    public DbSet<FrameRow> Frames => Set<FrameRow>();

    public DbSet<IntakeRow> Intakes => Set<IntakeRow>();

    public DbSet<ForecastRow> Forecasts => Set<ForecastRow>();

    public DbSet<PlanRow> Plans => Set<PlanRow>();

    public DbSet<PlanLogRow> PlanLog => Set<PlanLogRow>();

    public DbSet<PlanMoveRow> PlanMoves => Set<PlanMoveRow>();

    public DbSet<ImportLogRow> Imports => Set<ImportLogRow>();

    public DbSet<AuditRow> Audit => Set<AuditRow>();

    public DbSet<UserRow> Users => Set<UserRow>();

    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();

    public DbSet<SettingRow> Settings => Set<SettingRow>();

    public DbSet<SettingsRow> SettingsVersions => Set<SettingsRow>();

    public DbSet<EventRow> Events => Set<EventRow>();

    public DbSet<EventProposalRow> EventProposals => Set<EventProposalRow>();

    public DbSet<PatternRow> Patterns => Set<PatternRow>();

    public DbSet<WebhookRow> Webhooks => Set<WebhookRow>();

    public DbSet<WebhookDeliveryRow> WebhookDeliveries => Set<WebhookDeliveryRow>();

    public DbSet<PasswordResetRow> PasswordResets => Set<PasswordResetRow>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMsConverter>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<FrameRow>(e =>
        {
            e.ToTable("frames").HasKey(f => new { f.Tier, f.Metric, f.Start, f.Source });
            e.HasIndex(f => f.Source);
        });
        modelBuilder.Entity<IntakeRow>().ToTable("intakes").HasKey(i => new { i.Node, i.Boot });
        modelBuilder.Entity<ForecastRow>().ToTable("forecasts").HasKey(f => new { f.Lead, f.Metric, f.Target });
        modelBuilder.Entity<PlanRow>(e =>
        {
            e.ToTable("plans").HasKey(p => p.Hash);
            e.HasIndex(p => p.State);
            e.Property(p => p.Version).IsConcurrencyToken();
            e.HasMany(p => p.Log).WithOne().HasForeignKey(l => l.PlanHash);
            e.HasMany(p => p.Moves).WithOne().HasForeignKey(m => m.PlanHash);
        });
        modelBuilder.Entity<PlanLogRow>().ToTable("plan_log").HasKey(l => l.Id);
        modelBuilder.Entity<PlanMoveRow>().ToTable("plan_moves").HasKey(m => new { m.PlanHash, m.Number });
        modelBuilder.Entity<ImportLogRow>().ToTable("imports").HasKey(i => i.Id);
        modelBuilder.Entity<AuditRow>(e =>
        {
            e.ToTable("audit").HasKey(a => a.Id);
            e.Property(a => a.Id).ValueGeneratedNever();
            e.HasIndex(a => a.At);
            e.HasIndex(a => a.Plan);
        });
        modelBuilder.Entity<UserRow>(e =>
        {
            e.ToTable("users").HasKey(u => u.Id);
            e.HasIndex(u => u.Name).IsUnique();
        });
        modelBuilder.Entity<ApiKeyRow>(e =>
        {
            e.ToTable("api_keys").HasKey(k => k.Id);
            e.HasIndex(k => k.Hash).IsUnique();
        });
        modelBuilder.Entity<SettingRow>().ToTable("settings").HasKey(s => s.Name);
        modelBuilder.Entity<SettingsRow>(e =>
        {
            e.ToTable("settings_versions").HasKey(s => s.Version);
            e.Property(s => s.Version).ValueGeneratedNever();
        });
        modelBuilder.Entity<EventRow>(e =>
        {
            e.ToTable("events").HasKey(r => r.Id);
            e.Property(r => r.Id).ValueGeneratedNever();
        });
        modelBuilder.Entity<EventProposalRow>().ToTable("event_proposals").HasKey(r => r.Id);
        modelBuilder.Entity<PatternRow>(e =>
        {
            e.ToTable("patterns").HasKey(r => r.Id);
            e.Property(r => r.Id).ValueGeneratedNever();
        });
        modelBuilder.Entity<WebhookRow>().ToTable("webhooks").HasKey(r => r.Id);
        modelBuilder.Entity<WebhookDeliveryRow>(e =>
        {
            e.ToTable("webhook_deliveries").HasKey(r => r.Id);
            e.HasIndex(r => new { r.WebhookId, r.State, r.Id });
            e.HasOne<WebhookRow>().WithMany().HasForeignKey(r => r.WebhookId);
        });
        modelBuilder.Entity<PasswordResetRow>(e =>
        {
            e.ToTable("password_resets").HasKey(r => r.Hash);
            e.HasOne<UserRow>().WithMany().HasForeignKey(r => r.UserId);
        });
    }

    private sealed class UnixMsConverter() : ValueConverter<DateTimeOffset, long>(
        at => at.ToUnixTimeMilliseconds(), ms => DateTimeOffset.FromUnixTimeMilliseconds(ms));
}
