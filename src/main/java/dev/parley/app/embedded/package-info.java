/// A durable PostgreSQL that needs nothing installed: for development, tests and the packaged jar
/// when no database is configured.
///
/// The binaries are an archive on the class path, unpacked once; everything else is here, because
/// what is asked of this server is unusual for an embedded one. It is durable (`fsync`,
/// `synchronous_commit` and `full_page_writes` are on). It outlives the process that started it: a
/// killed JVM leaves a postmaster behind, and the next start uses it again. It must not stop while
/// the application still drains, so no signal of a terminal reaches it and no shutdown hook races.
///
/// **Who stops it: the last one out.** Every process that uses a data directory holds a shared file
/// lock on it, which the kernel drops when the process dies, however it dies. On a graceful exit a
/// process gives its share back and stops the server only if it then gets the lock exclusively. So
/// a second process that adopted the server and is refused by the application's own node lock does
/// not take the first one's database away, and a process that adopted an orphan does stop it.
///
/// **Failure.** Whatever keeps the server from starting ends in one [EmbeddedDatabaseException]
/// with the end of the server's log; nothing is retried but a port that somebody else took.
@NullMarked
package dev.parley.app.embedded;

import org.jspecify.annotations.NullMarked;
