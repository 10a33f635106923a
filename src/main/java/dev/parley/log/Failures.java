package dev.parley.log;

import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Failures as a line of the log may show them. An exception's message may quote what a client
/// sent: a parser's does, and a database's names rows. So it is left out, but for what is known to
/// be about the network, or a code of the database.
public final class Failures {
  private static final int CAUSES_MAX = 5;
  private static final Pattern CODE = Pattern.compile("SQLSTATE [0-9A-Z]{5}");

  private Failures() {}

  /// In a few words: the classes of the failure and of its causes, and what may be said of them.
  public static String named(Throwable failure) {
    List<String> names = new ArrayList<>();
    @Nullable Throwable cause = failure;
    while (cause != null && names.size() < CAUSES_MAX) {
      names.add(name(cause));
      cause = cause.getCause();
    }
    return String.join(", because of ", names);
  }

  private static String name(Throwable failure) {
    String name = failure.getClass().getSimpleName();
    @Nullable String message = failure.getMessage();
    boolean harmless =
        message != null
            && (failure instanceof SocketException
                || failure instanceof UnknownHostException
                || CODE.matcher(message).matches());
    return harmless ? name + " (" + message + ")" : name;
  }

  /// The same failure with its stack and its causes, and no word of what it says.
  public static Throwable withoutMessages(Throwable failure) {
    return bare(failure, CAUSES_MAX);
  }

  private static Throwable bare(Throwable failure, int left) {
    @Nullable Throwable cause = failure.getCause();
    Throwable shown =
        new Throwable(
            failure.getClass().getName(),
            cause == null || left == 1 ? null : bare(cause, left - 1));
    shown.setStackTrace(failure.getStackTrace());
    return shown;
  }
}
