/**
 * One script of raw frames against a server, its answers compared line by line with the answers of Apache's server, which
 * are recorded in {@code src/test/resources/golden/apache-5.5.0/replies.txt}.
 *
 * <p>What may differ is listed, with the reason, in {@code golden/allowed.txt}. To record again:
 *
 * <pre>
 * verification/resolve apache
 * ./build mvn test -pl verification -am -Dtest=DifferentialTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dverification.server=apache-5.5.0 -Dverification.record=true
 * </pre>
 *
 * Start at {@link org.merlinmq.verification.differential.Script}.
 */
@NullMarked
package org.merlinmq.verification.differential;

import org.jspecify.annotations.NullMarked;
