package org.merlinmq.storage;

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

    private volatile boolean news;
    private volatile @Nullable Thread mender;

    @Override
    public void accept(Damage damage) {
        LOG.error("damage file={} position={} what=\"{}\"", damage.file(), damage.position(), damage.what());
        news = true;
        LockSupport.unpark(mender);
    }

    /** Sets who is woken. */
    void mender(Thread thread) {
        mender = thread;
    }

    /** Whether there was damage since this was asked last. */
    boolean take() {
        boolean was = news;
        news = false;
        return was;
    }
}
