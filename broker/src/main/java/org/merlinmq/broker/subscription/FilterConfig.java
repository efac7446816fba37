package org.merlinmq.broker.subscription;

import org.merlinmq.broker.filter.sql.SqlLimits;

/**
 * Which expressions clients may subscribe by.
 *
 * @param sql whether by SQL92 (enablePropertyFilter)
 * @param limits how large an SQL92 expression may be
 */
public record FilterConfig(boolean sql, SqlLimits limits) {
    /** All kinds, of a size that is enough for applications. */
    public static final FilterConfig DEFAULT = new FilterConfig(true, new SqlLimits(64 << 10, 1000, 100));
}
