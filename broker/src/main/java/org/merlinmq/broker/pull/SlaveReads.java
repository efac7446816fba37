package org.merlinmq.broker.pull;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Where readers go next: those that lag by more than the memory holds to a slave, so that what they read from the disk does not
 * push out what others read; all others to the master.
 *
 * <p>Threading: any thread.
 *
 * <p>Source: RocketMQ's {@code suggestWhichBrokerId}, {@code slaveReadEnable} and {@code accessMessageInMemoryMaxRatio}. RocketMQ
 * points to slaves that may not be there.
 */
public final class SlaveReads {
    private final LongSupplier logEnd;
    private final long nearBytes;
    private volatile BooleanSupplier slaveThere = () -> false;
    private volatile boolean copy;

    /**
     * Of a broker that knows of no slave yet.
     *
     * @param logEnd where its log ends
     * @param nearBytes what lies within so much of the end is read from memory
     */
    public SlaveReads(LongSupplier logEnd, long nearBytes) {
        this.logEnd = logEnd;
        this.nearBytes = nearBytes;
    }

    /**
     * Points readers that lag to slaves from now on.
     *
     * @param there whether there is one that keeps up; asked for each answer with messages, so it is cheap
     */
    public void pointToSlaves(BooleanSupplier there) {
        slaveThere = there;
    }

    /** This broker is a slave: its readers may have been given more than it has yet. */
    public void ofCopy() {
        copy = true;
    }

    boolean isCopy() {
        return copy;
    }

    /** The id of the broker to pull from next, by where the first message of an answer lies. */
    long brokerFor(PullTarget target, long logOffset) {
        return slaveThere.getAsBoolean() && logEnd.getAsLong() - logOffset > nearBytes
                ? target.slowBroker()
                : target.usualBroker();
    }
}
