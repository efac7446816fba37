/**
 * Fakes and readers that the tests of all modules share: seeds, a clock that is set, a disk that fails, threads that one
 * thread steps, golden bytes.
 *
 * <p>Test scope only; no module's own classes live here. Start at {@link org.merlinmq.testkit.Seeds}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.testkit;
