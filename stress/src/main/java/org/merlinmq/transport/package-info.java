/** What may happen to the loops' common bound at the same time: {@link org.merlinmq.transport.InFlightBytesStress}. */
@NullMarked
package org.merlinmq.transport;

import org.jspecify.annotations.NullMarked;
