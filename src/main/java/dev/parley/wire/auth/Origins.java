package dev.parley.wire.auth;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which pages of the web may speak to Parley: its own, and those of the sites that CORS is set up
/// for; the list is the same.
public final class Origins {
  private final List<Predicate<String>> listed;
  private final boolean open;

  /// @param listed as `quarkus.http.cors.origins` has them: an origin, `*` for all, or a regular
  ///   expression between slashes
  /// @param open nobody is asked who he is. Then a page is Parley's own only under a name of
  ///   loopback or under a bare address: any site can give its own name the address of this node,
  ///   and its pages would be Parley's as far as the browser can tell. Other names have to be
  ///   listed
  public Origins(List<String> listed, boolean open) {
    this.listed = listed.stream().map(String::strip).map(Origins::listed).toList();
    this.open = open;
  }

  private static Predicate<String> listed(String entry) {
    if (entry.equals("*")) {
      return _ -> true;
    }
    if (entry.length() > 2 && entry.startsWith("/") && entry.endsWith("/")) {
      Pattern pattern = Pattern.compile(entry.substring(1, entry.length() - 1));
      return origin -> pattern.matcher(origin).matches();
    }
    String meant = normal(entry);
    return origin -> normal(origin).equals(meant);
  }

  /// @param origin what the request says of the page it comes from; empty: it comes from none
  /// @param scheme of the request's own address
  /// @param authority of the request's own address, with the port if it has one
  public boolean allows(List<String> origin, @Nullable String scheme, @Nullable String authority) {
    return switch (origin.size()) {
      case 0 -> true;
      case 1 ->
          isOwn(origin.getFirst(), scheme, authority)
              || listed.stream().anyMatch(entry -> entry.test(origin.getFirst()));
      default -> false;
    };
  }

  private boolean isOwn(String origin, @Nullable String scheme, @Nullable String authority) {
    return scheme != null
        && authority != null
        && (!open || isNobodysName(authority))
        && normal(origin).equals(normal(scheme + "://" + authority));
  }

  /// Whether no site of the web can have the name.
  private static boolean isNobodysName(String authority) {
    String host = authority.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
    return host.equals("localhost")
        || host.endsWith(".localhost")
        || host.startsWith("[")
        || host.matches("[0-9]+(\\.[0-9]+){3}");
  }

  /// In lower case, and without the port that its scheme has anyhow.
  private static String normal(String origin) {
    String lower = origin.toLowerCase(Locale.ROOT);
    String port = lower.startsWith("https:") ? ":443" : ":80";
    return lower.endsWith(port) ? lower.substring(0, lower.length() - port.length()) : lower;
  }
}
