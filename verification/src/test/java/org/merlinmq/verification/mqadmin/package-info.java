/**
 * Each command of the official {@code mqadmin}, 4.9.8 and 5.5.0, against a server: what it prints is compared line by line
 * with what it prints of Apache's server 5.5.0, recorded in {@code src/test/resources/golden/mqadmin}.
 *
 * <p>What may differ is listed, with the reason, in {@code golden/mqadmin/allowed.txt}; docs/mqadmin.md has both as a
 * table. To record again:
 *
 * <pre>
 * verification/resolve apache
 * ./build mvn test -pl verification -am -Dtest=MqadminTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dverification.server=apache-5.5.0 -Dverification.record=true
 * </pre>
 *
 * That also records the options of each command and the heads of its tables, which do not depend on the server. Our own
 * {@code bin/mqadmin} is compared with all of it by {@code OwnMqadminTest}.
 *
 * Start at {@link org.merlinmq.verification.mqadmin.MqadminScript}.
 */
@NullMarked
package org.merlinmq.verification.mqadmin;

import org.jspecify.annotations.NullMarked;
