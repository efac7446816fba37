/**
 * What a stored record means to the indexes. {@link org.merlinmq.storage.facts.RecordFacts} is the one place that works
 * it out: start there.
 */
@NullMarked
package org.merlinmq.storage.facts;

import org.jspecify.annotations.NullMarked;
