/// What clients read page by page: a session's history and turns, a user's sessions.
///
/// [Pages] is the port, [PageReader] the door for the protocols. A page begins at a place that is
/// named by what stands there, never by a number of rows, so what is appended meanwhile moves
/// nothing (keyset paging).
///
/// **Invariants**
/// - A page is one statement, so one instant: a session that is being deleted is there whole or not
///   at all.
/// - A page is bounded by a number, and where messages are in it by bytes; the bound is applied by
///   the server, so what does not fit is not read.
/// - Every page is served by an index; `PagePlansTest` asks the planner.
///
/// **Failure.** While the store is away a page fails with
/// [dev.parley.store.StoreUnavailableException]; a message that cannot be read fails the pages that
/// hold it.
@NullMarked
package dev.parley.store.page;

import org.jspecify.annotations.NullMarked;
