package org.merlinmq.storage;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.disk.Damage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what is damaged, and wakes the thread that mends what can be made again from the log.
 *
 * <p>Threading: any thread.
 */
final class Damages implements Consumer<Damage> {
    private static final Logger LOG = LoggerFactory.getLogger(Damages.class);

    private final AtomicBoolean news = new AtomicBoolean();
    private volatile @Nullable Thread mender;

    @Override
    public void accept(Damage damage) {
        LOG.error("damage file={} position={} what=\"{}\"", damage.file(), damage.position(), damage.what());
        news.set(true);
        LockSupport.unpark(mender);
    }

    /** Sets who is woken. */
    void mender(Thread thread) {
        mender = thread;
    }

    /** Whether there was damage since this was asked last: what comes meanwhile is told by this answer or by the next. */
    boolean take() {
        return news.getAndSet(false);
    }
}
