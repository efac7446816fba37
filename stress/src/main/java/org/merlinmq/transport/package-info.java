/** What may happen to the loops' common bound at the same time: {@link org.merlinmq.transport.InFlightStress}. */
@NullMarked
package org.merlinmq.transport;

import org.jspecify.annotations.NullMarked;
