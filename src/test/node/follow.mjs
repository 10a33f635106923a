// How a test follows a stream and waits for what it wants to see.

/** @param version as client.mjs hands it in */
export const following = (version) => {
  const { Deferred, Effect, Fiber, Stream } = version.effect

  /**
   * Reads a stream until `isLast`, in a fiber of its own.
   *
   * @param live whether to wait for the first value
   */
  const watch = (client, stream, payload, isLast, live = true) =>
    Effect.gen(function* () {
      const ready = yield* Deferred.make()
      const events = []
      const fiber = yield* version.fork(
        client(stream, payload).pipe(
          Stream.takeUntil(isLast),
          Stream.runForEach((event) => {
            events.push(event)
            return Deferred.succeed(ready, undefined)
          }),
        ),
      )
      if (live) {
        yield* Effect.raceFirst(Deferred.await(ready), Fiber.join(fiber))
      }
      return { events, fiber }
    })

  /** Asks again and again until the answer is as it should be; whoever runs it has a time limit. */
  const until = (asking, isRight) =>
    Effect.gen(function* () {
      while (!isRight(yield* asking)) {
        yield* Effect.sleep("20 millis")
      }
    })

  /** As `until`, of the server's metrics. */
  const untilMetrics = (text) =>
    until(
      Effect.promise(() => fetch(new URL("/q/metrics", version.base)).then((r) => r.text())),
      (metrics) => metrics.includes(text),
    )

  return { watch, until, untilMetrics }
}
