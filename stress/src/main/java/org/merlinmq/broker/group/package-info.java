/** What may happen to tables by name at the same time. Start at {@link org.merlinmq.broker.group.NameTableStress}. */
@NullMarked
package org.merlinmq.broker.group;

import org.jspecify.annotations.NullMarked;
