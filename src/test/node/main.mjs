// Runs what a client is to show against a server: node client.mjs scenario|resume http://host:port
import { declare } from "./contract.mjs"
import { resume } from "./resume.mjs"
import { scenario } from "./scenario.mjs"

/**
 * @param version.name what it is called in what is printed
 * @param version.query what Parley has to be told of its dialect, or nothing
 * @param version.effect the modules Deferred, Effect, Fiber, Schedule, Stream
 * @param version.rpc the modules Rpc, RpcClient, RpcGroup, RpcSerialization
 * @param version.schema the module Schema
 * @param version.literal a schema of one of several strings
 * @param version.union a schema of one of several schemas
 * @param version.fork starts a child fiber
 * @param version.socket the protocol layer of a WebSocket, without its serialisation
 * @param version.http the same of HTTP
 */
export const main = async (version) => {
  const [what, base] = process.argv.slice(2)
  const { Effect } = version.effect
  const { RpcSerialization } = version.rpc
  const calls = declare(version)
  const serializations = { ndjson: RpcSerialization.layerNdjson, json: RpcSerialization.layerJson }
  const socketUrl = new URL(`/ws${version.query}`, base.replace(/^http/, "ws")).href
  const httpUrl = new URL(`/api/rpc${version.query}`, base).href
  const carriers = Object.entries(serializations).flatMap(([name, layer]) => [
    { name: `/ws ${name}`, live: true, layer: version.socket(socketUrl, layer) },
    { name: `/api/rpc ${name}`, live: name === "ndjson", layer: version.http(httpUrl, layer) },
  ])
  const run = (program, carrier) =>
    Effect.runPromise(
      program.pipe(Effect.scoped, Effect.provide(carrier.layer), Effect.timeout("240 seconds")),
    )
  const found = { ...version, base }
  switch (what) {
    case "scenario":
      for (const carrier of carriers) {
        const started = performance.now()
        await run(scenario(found, calls, carrier), carrier)
        const ms = Math.round(performance.now() - started)
        console.log(`${version.name} over ${carrier.name}: ok in ${ms} ms`)
      }
      break
    case "resume":
      await run(resume(found, calls), carriers[0])
      break
    default:
      throw new Error(`neither scenario nor resume: ${what}`)
  }
  process.exit(0)
}
