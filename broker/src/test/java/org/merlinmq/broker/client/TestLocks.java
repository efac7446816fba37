package org.merlinmq.broker.client;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.merlinmq.broker.group.FakeJournal;

/** Locks whose clock, members and journal are a test's. */
public final class TestLocks {
    final AtomicLong now = new AtomicLong(1_000);
    final FakeJournal journal = new FakeJournal();
    /** Who is connected: {@code group client}. */
    final Set<String> members = new HashSet<>();
    /** Who was notified: {@code group address}. */
    final List<String> notified = new ArrayList<>();
    /** In how many milliseconds the locks want to be looked at again, in the order asked. */
    final List<Long> alarms = new ArrayList<>();

    QueueLocks locks = make();

    TestLocks() {}

    private QueueLocks make() {
        return new QueueLocks(
                now::get,
                new LockRecords(journal),
                (group, client) -> members.contains(group + " " + client),
                (group, channels) -> channels.forEach(channel -> notified.add(group + " " + channel.address())),
                alarms::add);
    }

    /** Goes on as after a start of the broker: with what the journal holds, and nobody connected. */
    void restart() {
        members.clear();
        notified.clear();
        alarms.clear();
        locks = make();
        journal.replay(locks::apply);
    }

    /** Lets time pass as far as the locks asked, and has them look. */
    void alarm() {
        now.addAndGet(alarms.removeLast());
        locks.expire();
    }

    /**
     * Locks of a clock that stands still.
     *
     * @return none is held
     */
    public static QueueLocks standing() {
        return new TestLocks().locks;
    }
}
