package dev.parley.wire.rpc.codec;

/// How the client's version of the library writes the cause of a failed call. Everything else is
/// the same in all of them, but for ids, which are echoed as they came.
public enum Dialect {
  /// `@effect/rpc` 0.x for `effect` 3: string ids, a cause is a tree of objects.
  V3,
  /// The betas of `effect` 4: string ids, a cause is an array. Cannot be told from V3 by what it
  /// sends, so the client's URL says so.
  V4_BETA,
  /// `effect` 4: number ids, a cause is an array.
  V4;

  private static final String PARAMETER = "dialect=";

  /// @param beta whether the connection was opened as one of V4_BETA
  public static Dialect of(RpcId id, boolean beta) {
    return id.number() ? V4 : beta ? V4_BETA : V3;
  }

  /// Whether the query of the connection's URL asks for V4_BETA.
  public static boolean isBeta(String query) {
    return "v4beta".equals(UrlQuery.value(query, PARAMETER));
  }

  String fail(String errorJson) {
    return cause("{\"_tag\":\"Fail\",\"error\":" + errorJson + "}");
  }

  String die(String defectJson) {
    return cause("{\"_tag\":\"Die\",\"defect\":" + defectJson + "}");
  }

  String interrupt() {
    return cause(
        switch (this) {
          case V3 -> "{\"_tag\":\"Interrupt\",\"fiberId\":{\"_tag\":\"None\"}}";
          case V4_BETA, V4 -> "{\"_tag\":\"Interrupt\",\"fiberId\":null}";
        });
  }

  private String cause(String one) {
    return switch (this) {
      case V3 -> one;
      case V4_BETA, V4 -> "[" + one + "]";
    };
  }
}
