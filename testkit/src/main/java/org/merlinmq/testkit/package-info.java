/**
 * Fakes and readers that the tests of all modules share: seeds, a clock that is set, golden bytes.
 *
 * <p>Test scope only; no module's own classes live here. Start at {@link org.merlinmq.testkit.Seeds}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.testkit;
