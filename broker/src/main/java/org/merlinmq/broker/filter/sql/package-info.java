/**
 * Filters by expressions of SQL92 over the properties of a message: compiled once, evaluated on the record's bytes.
 *
 * <p>Start at {@link org.merlinmq.broker.filter.sql.SqlFilter}.
 */
@NullMarked
package org.merlinmq.broker.filter.sql;

import org.jspecify.annotations.NullMarked;
