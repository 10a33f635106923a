package dev.parley.app;

import dev.parley.agent.Agents;
import dev.parley.agent.http.ProviderHttp;
import dev.parley.agent.tool.ClockTools;
import dev.parley.agent.tool.ToolBean;
import dev.parley.agent.tool.Toolbox;
import dev.parley.store.Spending;
import io.quarkus.runtime.annotations.CommandLineArguments;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.Map;
import org.eclipse.microprofile.config.Config;

/// Puts the agents together, as [Composition] does the rest.
@Singleton
class AgentComposition {
  private final ParleyConfig config;

  AgentComposition(ParleyConfig config) {
    this.config = config;
  }

  @Produces
  @Singleton
  ClockTools clockTools() {
    return new ClockTools(InstantSource.system());
  }

  @Produces
  @Singleton
  Toolbox toolbox(@Any Instance<ToolBean> beans) {
    return ConfiguredTools.open(config, beans.stream().toList());
  }

  /// Once nothing runs any more: sessions are stopped ahead of what they use.
  void close(@Disposes Toolbox toolbox) {
    toolbox.close();
  }

  @Produces
  @Singleton
  ProviderHttp providerHttp(Vertx vertx) {
    return new ProviderHttp(vertx, ConfiguredModels.http(config.models()));
  }

  /// A command has nobody answer, and reaches no server for it.
  @Produces
  @Singleton
  Agents agents(
      Instance<Toolbox> toolbox,
      Instance<ProviderHttp> http,
      Spending spending,
      Config settings,
      @CommandLineArguments String[] args) {
    return switch (Task.of(args)) {
      case Task.Serve _ -> {
        EnvironmentCheck.check(System.getenv().keySet(), settings);
        yield new HostedAgents(config, toolbox.get(), http.get()::exchange, spending::spentToday)
            .all();
      }
      case Task.Rebuild _, Task.RenewIncarnations _ -> new Agents(Map.of());
    };
  }
}
