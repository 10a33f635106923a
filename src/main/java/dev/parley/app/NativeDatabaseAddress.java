package dev.parley.app;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import java.nio.file.Path;

/// In a native image nothing leads to the embedded PostgreSQL, so that what unpacks and starts it
/// is left out as its programs are.
@TargetClass(DatabaseAddress.class)
final class NativeDatabaseAddress {
  private NativeDatabaseAddress() {}

  @Substitute
  @SuppressWarnings("unused")
  private static void openEmbedded(Path dataDir) {
    throw DatabaseAddress.noDatabase();
  }
}
