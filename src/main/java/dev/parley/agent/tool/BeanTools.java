package dev.parley.agent.tool;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.agent.tool.ToolSpecifications;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.service.tool.DefaultToolExecutor;
import dev.langchain4j.service.tool.ToolExecutionResult;
import dev.parley.agent.ToolName;
import dev.parley.agent.tool.Tools.Call;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The tools that beans have.
final class BeanTools {

  /// A tool of a bean, without limits.
  record Found(ToolSpecification specification, BlockingTool tool) {}

  private record Signature(String name, List<Class<?>> parameters) {}

  private BeanTools() {}

  /// By name.
  ///
  /// @throws IllegalArgumentException a bean has no tools, a tool cannot be called, or two have one
  ///   name
  static SortedMap<String, Found> of(Collection<?> beans) {
    SortedMap<String, Found> found = new TreeMap<>();
    for (Object bean : beans) {
      List<Method> methods = methods(bean.getClass());
      if (methods.isEmpty()) {
        throw new IllegalArgumentException(
            bean.getClass().getName() + " has no method with @Tool, so there is nothing to call");
      }
      for (Method method : methods) {
        Found one = tool(bean, method);
        String name = one.specification().name();
        if (found.put(name, one) != null) {
          throw new IllegalArgumentException("two tools are called " + name);
        }
      }
    }
    return found;
  }

  /// A proxy and an intercepted bean are of a class below the one that has the annotations. What
  /// that one declares is called on the object there is, so that what stands in front of a bean
  /// does its work.
  private static List<Method> methods(Class<?> type) {
    Map<Signature, Method> found = new HashMap<>();
    for (Class<?> at = type; at != null && at != Object.class; at = at.getSuperclass()) {
      for (Method method : at.getDeclaredMethods()) {
        if (method.isAnnotationPresent(Tool.class) && !method.isBridge()) {
          Method _ =
              found.putIfAbsent(
                  new Signature(method.getName(), List.of(method.getParameterTypes())), method);
        }
      }
    }
    return new ArrayList<>(found.values());
  }

  private static Found tool(Object bean, Method method) {
    ToolSpecification specification = ToolSpecifications.toolSpecificationFrom(method);
    if (!ToolName.isUsable(specification.name())) {
      throw new IllegalArgumentException("models do not take the name of " + method);
    }
    if (Modifier.isPrivate(method.getModifiers())) {
      throw new IllegalArgumentException("a private method cannot be called on a proxy: " + method);
    }
    DefaultToolExecutor executor =
        DefaultToolExecutor.builder()
            .object(bean)
            .originalMethod(method)
            .methodToInvoke(method)
            .wrapToolArgumentsExceptions(true)
            .propagateToolExecutionExceptions(true)
            .build();
    return new Found(specification, call -> text(executor, call));
  }

  private static String text(DefaultToolExecutor executor, Call call) {
    ToolExecutionResult result =
        executor.executeWithContext(
            ToolExecutionRequest.builder().name(call.name()).arguments(call.arguments()).build(),
            InvocationContext.builder().chatMemoryId(call.memoryId()).build());
    if (!result.resultContents().stream().allMatch(TextContent.class::isInstance)) {
      throw new UnsupportedOperationException("it gave something else than text");
    }
    return result.resultContents().stream()
        .map(content -> ((TextContent) content).text())
        .collect(Collectors.joining("\n"));
  }
}
