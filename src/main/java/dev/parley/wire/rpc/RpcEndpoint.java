package dev.parley.wire.rpc;

import dev.parley.wire.call.Calls;
import dev.parley.wire.connection.WireMetrics;
import dev.parley.wire.rpc.codec.RpcReader;
import java.util.function.LongSupplier;

/// What the connections of one endpoint have in common.
///
/// @param nanoTime as [System#nanoTime]
record RpcEndpoint(
    Calls calls,
    RpcReader reader,
    RpcSettings settings,
    WireMetrics.Endpoint metrics,
    LongSupplier nanoTime) {}
