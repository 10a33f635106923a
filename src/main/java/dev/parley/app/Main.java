package dev.parley.app;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/// The entry point: makes sure that there is a database, then runs the application on it.
@QuarkusMain
public final class Main {
  Main() {}

  public static void main(String... args) {
    DatabaseAddress.ensure();
    Quarkus.run(args);
  }
}
