/// The JSON of frames, events and snapshots: encoded here and nowhere else.
///
/// Written and read by hand over Jackson's streaming and tree API: no reflection, the same in a
/// native binary. A frame's JSON is the exact text a client receives.
@NullMarked
package dev.parley.store.json;

import org.jspecify.annotations.NullMarked;
