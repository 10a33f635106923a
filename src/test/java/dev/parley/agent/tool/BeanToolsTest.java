package dev.parley.agent.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolMemoryId;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.exception.ToolArgumentsException;
import dev.langchain4j.exception.ToolExecutionException;
import dev.parley.agent.tool.Tools.Call;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BeanToolsTest {

  record Weather(String city, int degrees) {}

  static class Bean implements ToolBean {
    final List<String> called = new ArrayList<>();

    @Tool("Adds two numbers")
    public int add(int a, int b) {
      return a + b;
    }

    @Tool(name = "weather_of")
    Weather weather(@P("the city") String city) {
      return new Weather(city, 20);
    }

    @Tool
    public String who(@ToolMemoryId String session) {
      called.add(session);
      return session;
    }

    @Tool
    public void nothing() {
      called.add("nothing");
    }

    @Tool
    public String fail(@P(name = "why", required = false) @Nullable String why) throws IOException {
      throw new IOException(why);
    }

    @Tool
    public Image picture() {
      return Image.builder().url("http://127.0.0.1/").build();
    }

    public String noTool() {
      return "";
    }
  }

  /// As a proxy of the container is: of a class below, without annotations, and with no state.
  static final class Proxy extends Bean {
    private final Bean target = new Bean();
    private final List<String> passed = new ArrayList<>();

    @Override
    public int add(int first, int second) {
      passed.add("add");
      return target.add(first, second);
    }

    @Override
    public String who(String session) {
      passed.add("who");
      return target.who(session);
    }
  }

  static final class Twice implements ToolBean {
    @Tool(name = "add")
    String other() {
      return "";
    }
  }

  static final class Dotted implements ToolBean {
    @Tool(name = "a.b")
    String tool() {
      return "";
    }
  }

  static final class Hidden implements ToolBean {
    @Tool
    @SuppressWarnings("UnusedMethod")
    private String tool() {
      return "";
    }
  }

  static final class Empty implements ToolBean {}

  @Test
  void findsThemByName() {
    assertThat(BeanTools.of(List.of(new Bean())).keySet())
        .containsExactly("add", "fail", "nothing", "picture", "weather_of", "who");
    assertThat(found(new Bean(), "add").specification().description())
        .isEqualTo("Adds two numbers");
    assertThat(found(new Bean(), "add").specification().parameters().required())
        .containsExactly("a", "b");
    assertThat(found(new Bean(), "who").specification().parameters()).isNull();
  }

  @Test
  void givesTextAsItIsAndTheRestAsJson() throws Exception {
    Bean bean = new Bean();
    assertThat(run(bean, "add", "{\"a\":1,\"b\":2}")).isEqualTo("3");
    assertThat(run(bean, "weather_of", "{\"city\":\"Ulm\"}"))
        .isEqualToIgnoringWhitespace("{\"city\":\"Ulm\",\"degrees\":20}");
    assertThat(run(bean, "who", "{}")).isEqualTo("user:agent:thread");
    assertThat(run(bean, "nothing", "{}")).isEqualTo("Success");
    assertThatThrownBy(() -> run(bean, "picture", "{}"))
        .hasMessage("it gave something else than text");
  }

  @Test
  void throwsWhatTheToolThrows() {
    assertThatThrownBy(() -> run(new Bean(), "fail", "{\"why\":\"no disk\"}"))
        .isInstanceOf(ToolExecutionException.class)
        .hasMessage("no disk")
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void refusesArgumentsThatDoNotFit() {
    for (String arguments : List.of("{", "[]", "{\"a\":1}", "{\"a\":\"x\",\"b\":1}")) {
      assertThatThrownBy(() -> run(new Bean(), "add", arguments))
          .isInstanceOf(ToolArgumentsException.class);
    }
  }

  @Test
  void callsAProxyAndNotWhatIsBehindIt() throws Exception {
    Proxy proxy = new Proxy();
    assertThat(found(proxy, "add").specification().parameters().required())
        .containsExactly("a", "b");
    assertThat(run(proxy, "add", "{\"a\":1,\"b\":2}")).isEqualTo("3");
    assertThat(run(proxy, "who", "{}")).isEqualTo("user:agent:thread");
    assertThat(proxy.passed).containsExactly("add", "who");
    assertThat(proxy.called).isEmpty();
    assertThat(proxy.target.called).containsExactly("user:agent:thread");
  }

  @Test
  void refusesWhatCannotBeCalled() {
    assertThatThrownBy(() -> BeanTools.of(List.of(new Bean(), new Twice())))
        .hasMessage("two tools are called add");
    assertThatThrownBy(() -> BeanTools.of(List.of(new Dotted())))
        .hasMessageContaining("models do not take the name of");
    assertThatThrownBy(() -> BeanTools.of(List.of(new Hidden())))
        .hasMessageContaining("a private method");
    assertThatThrownBy(() -> BeanTools.of(List.of(new Empty())))
        .hasMessageContaining("has no method with @Tool");
  }

  private static BeanTools.Found found(Bean bean, String name) {
    return Objects.requireNonNull(BeanTools.of(List.of(bean)).get(name));
  }

  private static String run(Bean bean, String name, String arguments) throws Exception {
    return found(bean, name).tool().run(new Call("user:agent:thread", name, arguments));
  }
}
