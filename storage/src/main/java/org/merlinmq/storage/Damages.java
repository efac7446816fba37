package org.merlinmq.storage;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.thread.StoreThreads;
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
    private volatile StoreThreads.@Nullable Worker mender;

    @Override
    public void accept(Damage damage) {
        LOG.error("damage file={} position={} what=\"{}\"", damage.file(), damage.position(), damage.what());
        news.set(true);
        StoreThreads.Worker woken = mender;
        if (woken != null) {
            woken.wake();
        }
    }

    /** Sets who is woken. */
    void mender(StoreThreads.Worker worker) {
        mender = worker;
    }

    /** Whether there was damage since the last call. What comes meanwhile counts for this call or the next. */
    boolean take() {
        return news.getAndSet(false);
    }
}
