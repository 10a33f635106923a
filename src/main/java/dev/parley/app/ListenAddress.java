package dev.parley.app;

import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Where Parley listens.
@Singleton
class ListenAddress {
  private final String host;

  ListenAddress(@ConfigProperty(name = "quarkus.http.host") String host) {
    this.host = host;
  }

  String host() {
    return host;
  }

  /// Whether this machine alone reaches it. A name counts when all that it stands for does.
  boolean isLoopback() {
    try {
      return Stream.of(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
