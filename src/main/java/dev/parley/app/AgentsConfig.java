package dev.parley.app;

import dev.parley.agent.Agents;
import io.smallrye.config.Secret;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// The settings of agents, of the models that they ask and of the tools that they use; part of
/// [ParleyConfig].
interface AgentsConfig {

  /// Who answers in the name of an agent.
  enum Answerer {
    /// A model of Anthropic.
    ANTHROPIC,
    /// A model of OpenAI, or of whatever speaks as it does.
    OPENAI,
    /// A model that Ollama runs.
    OLLAMA,
    /// The demo agent, which asks no model.
    DEMO
  }

  /// Whether somebody has to agree to a call of a tool.
  enum Approval {
    /// Nobody is asked.
    NONE,
    /// A user is asked for each call.
    REQUIRED
  }

  /// All agents.
  interface AgentConfig {

    /// How long an agent may say nothing while it is wanted to, before its turn ends with an error.
    @WithDefault("60s")
    Duration timeout();

    /// How long a tool call waits for somebody to agree to it, before it is refused.
    @WithDefault("5m")
    Duration approvalTimeout();

    /// Messages of history that an agent is given, the newest.
    @WithDefault("200")
    int historyMessages();

    /// Their bytes, as they are stored; the newest message is given whatever it has.
    @WithDefault("4194304")
    int historyBytesMax();
  }

  /// One agent. It answers when it has a provider; `demo` is the demo agent by itself. What is
  /// optional here and has no other meaning is left to the provider.
  interface HostedAgentConfig {

    /// Who answers. An id with no more than `on-crash` and `webhook` needs none: nobody answers.
    Optional<Answerer> provider();

    /// The model, as the provider calls it. Needed wherever a model is asked.
    Optional<String> model();

    /// Where the provider is, `http` or `https`, when it is not where it usually is: a proxy, or
    /// something else that speaks the same.
    Optional<String> baseUrl();

    /// What the provider knows this node by. Without one the agent is there and says so.
    Optional<Secret<String>> apiKey();

    /// A file that holds the key, so that it stands in no environment; not beside `api-key`.
    Optional<Path> apiKeyFile();

    /// What the model is told ahead of every conversation.
    Optional<String> systemPrompt();

    /// How freely it chooses its words, 0 to 2.
    OptionalDouble temperature();

    /// Tokens of one answer of the model. Anthropic wants to be told, and is told 4096 when nothing
    /// is said.
    OptionalInt maxTokens();

    /// Tokens that a model may think with before it answers, beside those of the answer; absent: it
    /// is not asked to think. Anthropic takes 1024 and more; for Ollama it counts only that there
    /// is one.
    OptionalInt thinkingBudget();

    /// Tools that the model may use: a bean's by its name, one of an MCP server as
    /// `<server>_<tool>`, all of a server as `<server>.*`, all there are as `*`. None by itself:
    /// what a model may do is a decision, and small models do badly with tools.
    Optional<List<String>> tools();

    /// Tokens of one request, as Parley estimates them: system prompt, history and message, of
    /// which history gives way; 32 000 when it is not said. Less than the model's window by the
    /// answer, the tools and what the estimate is off by.
    OptionalInt historyTokens();

    /// Messages of history that the model is told; at most, and when it is not said,
    /// `parley.agent.history-messages`.
    OptionalInt historyMessages();

    /// As `parley.agent.timeout`, for this agent. Longer than any of its tools may take, for it
    /// says nothing while it waits for one.
    Optional<Duration> timeout();

    /// What becomes of a turn whose node was lost: `interrupt` ends it with what it had said,
    /// `continue` lets an agent that can go on from its last durable word, `restart` discards what
    /// it had said and answers anew, once.
    @WithDefault("interrupt")
    Agents.OnCrash onCrash();

    /// How often one turn may ask the model, 16 times when it is not said: a model that goes on
    /// calling tools has to end some time.
    OptionalInt stepsMax();

    /// Tokens past which a turn asks its model no more; 0, and when it is not said: no limit.
    OptionalLong turnTokensMax();

    /// The same for all turns of a session.
    OptionalLong sessionTokensMax();

    /// The same for all turns of a user that end on one day in UTC, whatever agent answered.
    OptionalLong userDayTokensMax();

    /// Who is told of each finished answer of this agent; absent: nobody.
    Optional<WebhookConfig> webhook();
  }

  /// A webhook. Exactly one of `secret` and `secret-file` is given.
  interface WebhookConfig {

    /// Where it is posted to, `http` or `https`.
    String url();

    /// What signs it: base64 behind `whsec_`, or any text.
    Optional<Secret<String>> secret();

    /// A file that holds the secret, so that it stands in no environment.
    Optional<Path> secretFile();

    /// How long one call may take. Shorter than `parley.effects.lease`, with room for the database.
    @WithDefault("10s")
    Duration timeout();
  }

  /// How models are asked, all alike.
  interface ModelsConfig {

    /// Connections to one provider: answers that stream at once.
    @WithDefault("256")
    int connectionsMax();

    /// Requests that wait for one of them; the next one fails at once.
    @WithDefault("256")
    int waitingMax();

    /// How long a connection's establishment may take; the wait for one, twice that.
    @WithDefault("10s")
    Duration connectTimeout();

    /// Bytes of one event of an answer: it is in memory before it can be read.
    @WithDefault("1048576")
    int eventBytesMax();

    /// Bytes of one answer, as the provider writes them.
    @WithDefault("16777216")
    long answerBytesMax();

    /// How often a model is asked again that could not answer and has said nothing yet.
    @WithDefault("3")
    int retriesMax();

    /// First pause before that; doubled each time, and a part of it left to chance.
    @WithDefault("500ms")
    Duration retryPauseMin();

    /// All pauses of one call together, never more than half of the agent's timeout: somebody waits
    /// for the answer. A provider that wants to be left alone for longer is not asked again.
    @WithDefault("20s")
    Duration retryWaitMax();

    /// Calls of tools in one step; those beyond are not run, and the model is told.
    @WithDefault("32")
    int toolCallsMax();
  }

  /// Tools, unless a tool has something else of its own.
  interface AnyToolConfig {

    /// From a call to its outcome, waiting included. Shorter than the timeout of every agent that
    /// uses the tool.
    @WithDefault("30s")
    Duration timeout();

    /// Calls of one tool that run at once on this node: what the tool's world can bear.
    @WithDefault("8")
    int concurrencyMax();

    /// Calls that wait for one of those to end; the next one fails.
    @WithDefault("32")
    int waitingMax();

    /// Bytes of an answer: it is kept in the turn, and sent to the model again with each of its
    /// steps.
    @WithDefault("65536")
    int outputBytesMax();

    /// Whether somebody has to agree to each call.
    @WithDefault("none")
    Approval approval();
  }

  /// One tool; what is absent is as for all tools.
  interface ToolConfig {

    /// As `parley.tool.timeout`.
    Optional<Duration> timeout();

    /// As `parley.tool.concurrency-max`.
    OptionalInt concurrencyMax();

    /// As `parley.tool.waiting-max`.
    OptionalInt waitingMax();

    /// As `parley.tool.output-bytes-max`.
    OptionalInt outputBytesMax();

    /// As `parley.tool.approval`.
    Optional<Approval> approval();
  }

  /// One MCP server, which is either at a `url` or started by a `command`.
  interface McpConfig {

    /// Its endpoint for streamable HTTP.
    Optional<String> url();

    /// Sent with each request to the URL.
    Optional<Secret<String>> bearerToken();

    /// A file that holds the token, so that it stands in no environment; not beside `bearer-token`.
    Optional<Path> bearerTokenFile();

    /// Program and arguments of one that is spoken to on its standard input and output.
    Optional<List<String>> command();

    /// What a started server finds in its environment; nothing else of the node's, where secrets
    /// are. A name of small letters without `_` is put into capitals: Parley's own environment
    /// could not say such a name otherwise.
    Map<String, Secret<String>> environment();

    /// How long it may take to be reached and to say what tools it has.
    @WithDefault("10s")
    Duration timeout();

    /// Between two looks at its tools, and at whether it is there.
    @WithDefault("30s")
    Duration checkInterval();

    /// How long it is left alone at most when it is away.
    @WithDefault("60s")
    Duration retryPauseMax();

    /// Bytes of one of its messages; what is longer is not read.
    @WithDefault("4194304")
    int messageBytesMax();
  }
}
