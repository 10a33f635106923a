package dev.parley.agent.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.SourceDocument;
import dev.parley.content.ChatStreamEvent.SourceUrl;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourcesTest {
  private final List<Content> said = new ArrayList<>();
  private final Sources sources = new Sources(said::add);

  @Test
  void saysASourceOnce() {
    sources.read("{\"citations\":[\"https://a.example\",\"https://b.example\"]}");
    sources.read("{\"citations\":[\"https://a.example\",\"https://c.example\"]}");
    sources.read(annotation("\"https://b.example\"", "\"B\""));
    sources.read(document("char_location", "\"Notes\""));
    sources.read(document("char_location", "\"Notes\""));
    assertThat(said)
        .containsExactly(
            new SourceUrl("s0", "https://a.example", null),
            new SourceUrl("s1", "https://b.example", null),
            new SourceUrl("s2", "https://c.example", null),
            new SourceDocument("s3", "text/plain", "Notes"));
  }

  @Test
  void takesTitlesFromWhereTheyAre() {
    sources.read(
        """
        {"citations":["https://a.example"],"search_results":[\
        {"url":"https://a.example","title":"A","date":"2026-01-01"},\
        {"url":"https://b.example","title":null}]}\
        """);
    assertThat(said)
        .containsExactly(
            new SourceUrl("s0", "https://a.example", "A"),
            new SourceUrl("s1", "https://b.example", null));
  }

  @Test
  void leavesOutATitleThatIsNone() {
    sources.read(annotation("\"https://a.example\"", "\" \""));
    sources.read(annotation("\"https://b.example\"", "7"));
    sources.read(annotation("\"https://c.example\"", quoted("t", Sources.TITLE_CHARS_MAX + 1)));
    assertThat(said)
        .containsExactly(
            new SourceUrl("s0", "https://a.example", null),
            new SourceUrl("s1", "https://b.example", null),
            new SourceUrl("s2", "https://c.example", null));
    sources.read(document("page_location", quoted("t", Sources.TITLE_CHARS_MAX + 1)));
    sources.read(document("page_location", "null"));
    assertThat(said).hasSize(3);
  }

  @Test
  void saysSoManyInATurn() {
    for (int i = 0; i < Sources.SOURCES_MAX + 3; i++) {
      sources.read("{\"citations\":[\"https://a.example/" + i + "\"]}");
    }
    assertThat(said).hasSize(Sources.SOURCES_MAX);
    assertThat(said.getLast())
        .isEqualTo(
            new SourceUrl(
                "s" + (Sources.SOURCES_MAX - 1),
                "https://a.example/" + (Sources.SOURCES_MAX - 1),
                null));
  }

  @Test
  void takesUrlsOfPagesUpToALength() {
    String longest = "https://a.example/" + "x".repeat(Sources.URL_CHARS_MAX - 18);
    sources.read("{\"citations\":[\"" + longest + "\",\"" + longest + "x\"]}");
    sources.read("{\"citations\":[\"HTTP://b.example/a|b\"]}");
    assertThat(said)
        .containsExactly(
            new SourceUrl("s0", longest, null), new SourceUrl("s1", "HTTP://b.example/a|b", null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[DONE]",
        "[\"citations\"]",
        "\"citations\"",
        "{\"citations\"",
        "{\"citations\":}",
        "{\"citations\":7}",
        "{\"citations\":\"https://a.example\"}",
        "{\"citations\":[7,null,[],{\"url\":\"https://a.example\"}]}",
        "{\"citations\":[\"javascript:alert(1)\",\"ftp://a.example\",\"data:,a\",\"a.example\",\"\"]}",
        "{\"citations\":[\"https://a.example/a b\",\"https://a.example/\\n\",\" https://a.example\"]}",
        "{\"search_results\":{\"title\":\"A\"}}",
        "{\"search_results\":[\"https://a.example\",{\"title\":\"A\"},{\"url\":7}]}",
        "{\"choices\":[{\"delta\":{\"annotations\":7}}]}",
        "{\"choices\":[{\"delta\":{\"annotations\":[null,{\"type\":\"url_citation\"}]}}]}",
        "{\"choices\":[{\"delta\":{\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":7}]}}]}",
        "{\"choices\":{\"delta\":{\"annotations\":[]}}}",
        "{\"choices\":[{\"delta\":{\"content\":\"{\\\"citations\\\":[\\\"https://a.example\\\"]}\"}}]}",
        "{\"delta\":{\"type\":\"citations_delta\"}}",
        "{\"delta\":{\"type\":\"citations_delta\",\"citation\":[]}}",
        "{\"delta\":{\"type\":\"citations_delta\",\"citation\":{\"type\":\"web_search_result_location\"}}}",
        "{\"delta\":{\"type\":\"citations_delta\",\"citation\":{\"type\":\"content_block_location\"}}}",
        "{\"delta\":{\"type\":\"citations_delta\",\"citation\":{\"type\":\"page_location\"}}}"
      })
  void passesOverWhatIsNoSource(String data) {
    sources.read(data);
    assertThat(said).isEmpty();
  }

  private static String annotation(String url, String title) {
    return """
    {"choices":[{"delta":{"annotations":[{"type":"url_citation",\
    "url_citation":{"url":%s,"title":%s}}]}}]}\
    """
        .formatted(url, title);
  }

  private static String document(String type, String title) {
    return """
    {"delta":{"type":"citations_delta","citation":{"type":"%s","document_title":%s}}}\
    """
        .formatted(type, title);
  }

  private static String quoted(String letter, int times) {
    return "\"" + letter.repeat(times) + "\"";
  }
}
