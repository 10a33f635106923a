package dev.parley.agent.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.SourceDocument;
import dev.parley.content.ChatStreamEvent.SourceUrl;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Finds what an answer rests on in the events of its provider: the library has no word for it.
/// Each source is said once in a turn, however often it is cited; what is not in one of the formats
/// is passed over.
///
/// The formats are OpenAI's annotations of Chat Completions (OpenRouter's, too), Perplexity's and
/// xAI's lists beside the choices, and the citations of Anthropic's Messages API.
final class Sources {
  /// Of a turn. A search finds some twenty; more than a few are not read by anybody.
  static final int SOURCES_MAX = 64;

  /// Longer ones carry data, and are no page's.
  static final int URL_CHARS_MAX = 4096;

  /// Longer ones are no titles.
  static final int TITLE_CHARS_MAX = 1024;

  /// What every format has one of. A text that quotes one has backslashes before its quotation
  /// marks, so that events of plain words are not read here.
  private static final List<String> SIGNS =
      List.of("\"annotations\"", "\"search_results\"", "\"citations\"", "\"citations_delta\"");

  private static final String PLAIN_TEXT = "text/plain";
  private static final String PDF = "application/pdf";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Consumer<Content> said;
  private final Set<String> known = new HashSet<>();

  /// @param said takes each source, in order
  Sources(Consumer<Content> said) {
    this.said = said;
  }

  /// Takes into account what the turn has said, where it is a source.
  void goOnAfter(Content event) {
    if (event instanceof SourceUrl page) {
      boolean _ = known.add(page.url());
    } else if (event instanceof SourceDocument document) {
      boolean _ = known.add(document.mediaType() + " " + document.title());
    }
  }

  /// @param data of one event
  void read(String data) {
    if (known.size() == SOURCES_MAX || SIGNS.stream().noneMatch(data::contains)) {
      return;
    }
    JsonNode event;
    try {
      event = JSON.readTree(data);
    } catch (JsonProcessingException notJson) {
      // the library says what becomes of the answer
      return;
    }
    for (JsonNode note : event.at("/choices/0/delta/annotations")) {
      if ("url_citation".equals(text(note.path("type")))) {
        page(note.path("url_citation"));
      }
    }
    // before the urls alone, which are the same without titles
    event.path("search_results").forEach(this::page);
    event.path("citations").forEach(url -> page(text(url), null));
    if ("citations_delta".equals(text(event.at("/delta/type")))) {
      cited(event.at("/delta/citation"));
    }
  }

  private void cited(JsonNode citation) {
    switch (text(citation.path("type"))) {
      case "web_search_result_location" -> page(citation);
      case "char_location" -> document(PLAIN_TEXT, text(citation.path("document_title")));
      case "page_location" -> document(PDF, text(citation.path("document_title")));
      case null, default -> {}
    }
  }

  private void page(JsonNode page) {
    page(text(page.path("url")), text(page.path("title")));
  }

  private void page(@Nullable String url, @Nullable String title) {
    if (url != null && isPage(url) && isNew(url)) {
      said.accept(new SourceUrl(id(), url, isTitle(title) ? title : null));
    }
  }

  private void document(String mediaType, @Nullable String title) {
    // no url has a space in it
    if (title != null && isTitle(title) && isNew(mediaType + " " + title)) {
      said.accept(new SourceDocument(id(), mediaType, title));
    }
  }

  private boolean isNew(String source) {
    return known.size() < SOURCES_MAX && known.add(source);
  }

  private String id() {
    return "s" + (known.size() - 1);
  }

  private static boolean isPage(String url) {
    if (url.length() > URL_CHARS_MAX || !url.chars().allMatch(c -> c > ' ')) {
      return false;
    }
    String scheme = url.substring(0, Math.max(0, url.indexOf("://"))).toLowerCase(Locale.ROOT);
    return scheme.equals("http") || scheme.equals("https");
  }

  private static boolean isTitle(@Nullable String title) {
    return title != null && !title.isBlank() && title.length() <= TITLE_CHARS_MAX;
  }

  private static @Nullable String text(JsonNode word) {
    return word.isTextual() ? word.textValue() : null;
  }
}
