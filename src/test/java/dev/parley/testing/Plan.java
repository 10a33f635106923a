package dev.parley.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// How the server carried out a statement.
///
/// @param root what `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)` says of it
public record Plan(JsonNode root) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// The statement is carried out twice: by the plan for any parameters, which a server comes to
  /// use for a statement that is kept, and by the plan for these. What it changes is taken back.
  ///
  /// @param connection in no transaction
  /// @param parameters as SQL
  public static List<Plan> of(Connection connection, String sql, String parameters)
      throws SQLException {
    List<Plan> plans = new ArrayList<>();
    for (String mode : List.of("force_generic_plan", "force_custom_plan")) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        boolean _ = statement.execute("SET LOCAL plan_cache_mode = " + mode);
        boolean _ = statement.execute("PREPARE planned AS " + sql);
        try (ResultSet row =
            statement.executeQuery(
                "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE planned(" + parameters + ")")) {
          if (!row.next()) {
            throw new AssertionError("the server explains nothing");
          }
          plans.add(new Plan(MAPPER.readTree(row.getString(1)).path(0).path("Plan")));
        }
        boolean _ = statement.execute("DEALLOCATE planned");
      } catch (JsonProcessingException e) {
        throw new AssertionError("the server's plan is no JSON", e);
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    }
    return plans;
  }

  /// Tables that were read from end to end.
  public List<String> scanned() {
    return root.findParents("Node Type").stream()
        .filter(node -> node.path("Node Type").asText().equals("Seq Scan"))
        .map(node -> node.path("Relation Name").asText())
        .toList();
  }

  /// Indexes that were used.
  public List<String> indexes() {
    return root.findValuesAsText("Index Name");
  }

  /// Rows of the table that were read, those that were read in vain included.
  public long read(String table) {
    return root.findParents("Relation Name").stream()
        .filter(node -> node.path("Relation Name").asText().equals(table))
        .filter(node -> node.path("Node Type").asText().endsWith("Scan"))
        .mapToLong(node ->
            node.path("Actual Loops").asLong()
                * (node.path("Actual Rows").asLong()
                    + node.path("Rows Removed by Filter").asLong()))
        .sum();
  }

  /// Pages of memory that were touched.
  public long buffers() {
    return root.path("Shared Hit Blocks").asLong() + root.path("Shared Read Blocks").asLong();
  }

  @Override
  public String toString() {
    return root.toPrettyString();
  }
}
