using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ShardConsole.ControlPlane.Data.Migrations
{
    /// <inheritdoc />
    public partial class Settings : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Held",
                table: "plans",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "RequestedBy",
                table: "plans",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Hash",
                table: "audit",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "Plan",
                table: "audit",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "Person",
                table: "api_keys",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "Scopes",
                table: "api_keys",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateTable(
                name: "settings_versions",
                columns: table => new
                {
                    Version = table.Column<long>(type: "INTEGER", nullable: false),
                    At = table.Column<long>(type: "INTEGER", nullable: false),
                    By = table.Column<string>(type: "TEXT", nullable: false),
                    Reason = table.Column<string>(type: "TEXT", nullable: false),
                    Differences = table.Column<string>(type: "TEXT", nullable: false),
                    Undoes = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_settings_versions", x => x.Version);
                });

            migrationBuilder.CreateIndex(
                name: "IX_audit_Plan",
                table: "audit",
                column: "Plan");

            // Policies were rows of their own; from here on they are part of the settings.
            migrationBuilder.Sql("""
                INSERT INTO settings_versions (Version, At, "By", Reason, Differences)
                SELECT 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000, 'system', 'policies of an earlier version', json_object('policies', json_group_array(json_object(
                    'name', Name, 'enabled', json(CASE WHEN Enabled THEN 'true' ELSE 'false' END), 'maxMoves', MaxMoves, 'maxBytes', MaxBytes,
                    'minConfidence', MinConfidence, 'minGainMinutes', MinGainMinutes, 'window', '')))
                FROM policies HAVING COUNT(*) > 0;
                """);

            migrationBuilder.DropTable(
                name: "policies");

            migrationBuilder.Sql("CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;");
            migrationBuilder.Sql("CREATE TRIGGER audit_keeps_values BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER audit_keeps_rows;");
            migrationBuilder.Sql("DROP TRIGGER audit_keeps_values;");

            migrationBuilder.DropTable(
                name: "settings_versions");

            migrationBuilder.DropIndex(
                name: "IX_audit_Plan",
                table: "audit");

            migrationBuilder.DropColumn(
                name: "Held",
                table: "plans");

            migrationBuilder.DropColumn(
                name: "RequestedBy",
                table: "plans");

            migrationBuilder.DropColumn(
                name: "Hash",
                table: "audit");

            migrationBuilder.DropColumn(
                name: "Plan",
                table: "audit");

            migrationBuilder.DropColumn(
                name: "Person",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "Scopes",
                table: "api_keys");

            migrationBuilder.CreateTable(
                name: "policies",
                columns: table => new
                {
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    Enabled = table.Column<bool>(type: "INTEGER", nullable: false),
                    MaxBytes = table.Column<long>(type: "INTEGER", nullable: false),
                    MaxMoves = table.Column<int>(type: "INTEGER", nullable: false),
                    MinConfidence = table.Column<double>(type: "REAL", nullable: false),
                    MinGainMinutes = table.Column<double>(type: "REAL", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_policies", x => x.Name);
                });
        }
    }
}
