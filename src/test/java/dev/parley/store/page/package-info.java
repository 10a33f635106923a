/// Tests of what clients read page by page.
@NullMarked
package dev.parley.store.page;

import org.jspecify.annotations.NullMarked;
