package org.jspecify.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Stands in for JSpecify's own in mutation testing only. A mutant is put in place of a loaded
/// class, and the JVM refuses that for a record whose components carry annotations that it can see:
/// such mutants would count as found without ever having run.
@Documented
@Target(ElementType.TYPE_USE)
@Retention(RetentionPolicy.CLASS)
public @interface Nullable {}
