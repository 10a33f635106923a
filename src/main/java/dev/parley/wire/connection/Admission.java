package dev.parley.wire.connection;

import dev.parley.wire.auth.Tokens;

/// What has a say in whether a socket may be, and for how long: the same for all endpoints.
///
/// @param addresses how many one address may have
/// @param users how many one user may have, where it is known who that is
/// @param tokens for sockets that are to outlive the token they were opened with
public record Admission(SocketLimit addresses, SocketLimit users, Tokens tokens) {}
