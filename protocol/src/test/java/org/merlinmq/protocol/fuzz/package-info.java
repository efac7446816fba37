/** Every decoder against whatever bytes a peer may send: a bounded part in each test run, longer by {@code ./build fuzz}. */
@org.jspecify.annotations.NullMarked
package org.merlinmq.protocol.fuzz;
