/** Who a broker is: the one thing that everything in it may need to say. Settings of what it does are not here. */
@org.jspecify.annotations.NullMarked
package org.merlinmq.broker.identity;
