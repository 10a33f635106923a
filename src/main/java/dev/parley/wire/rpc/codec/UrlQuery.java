package dev.parley.wire.rpc.codec;

import org.jspecify.annotations.Nullable;

/// The query of a connection's URL.
final class UrlQuery {
  private UrlQuery() {}

  /// The value of the first parameter of that name.
  ///
  /// @param name with the `=` behind it
  static @Nullable String value(String query, String name) {
    for (String parameter : query.split("&", -1)) {
      if (parameter.startsWith(name)) {
        String value = parameter.substring(name.length());
        // the library's clients append a slash to a URL, query and all
        return value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
      }
    }
    return null;
  }
}
