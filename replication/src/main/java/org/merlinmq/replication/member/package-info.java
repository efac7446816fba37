/**
 * A member of a broker group as a server runs it: the thread, the sockets and the files around the rules of {@link
 * org.merlinmq.replication.core.MemberCore}. Start at {@link org.merlinmq.replication.member.Member}.
 *
 * <p>What a broker does as a master or a slave is not here: it hears of it by {@link
 * org.merlinmq.replication.member.MemberEvents}, and opens the store by {@link org.merlinmq.replication.member.StoreHost}.
 */
@NullMarked
package org.merlinmq.replication.member;

import org.jspecify.annotations.NullMarked;
