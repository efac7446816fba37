package org.merlinmq.replication.apache;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.thread.PlatformThreads;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.BrokenLogException;
import org.merlinmq.storage.log.LogReceiver;
import org.merlinmq.transport.HostPort;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a store the copy of a RocketMQ master's log: connects to it, takes its bytes, and connects again whenever that ends.
 *
 * <p>From its start until it is closed the store takes nothing else.
 *
 * <p>Threading: {@code replica-master} does the work; {@link #masterChanged} and {@link #close} on any thread.
 *
 * <p>Errors: logged with the cure, once until it is better, and tried again: after half a second, then after twice as long
 * each time up to ten.
 */
public final class ApacheSlave implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApacheSlave.class);
    private static final int RECEIVE_BUFFER_BYTES = 1 << 20;

    private final LogReceiver receiver;
    private final MasterAddress master;
    private final StreamTiming timing;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock.
    private boolean closing;
    private boolean addressChanged;
    private @Nullable PeerConnection connection;

    /** Whether the connection that is open has brought a frame that fits. Written by the thread. */
    private volatile boolean connected;

    /** Whether the next connection is to ask for the log from its first byte on. Of the thread alone. */
    private boolean whole;

    /** Why the last attempt failed, as it was logged; empty while the master is followed. Of the thread alone. */
    private String reported = "";

    private ApacheSlave(LogReceiver receiver, MasterAddress master, StreamTiming timing) {
        this.receiver = receiver;
        this.master = master;
        this.timing = timing;
        this.thread = Thread.ofPlatform().name("replica-master").unstarted(this::run);
    }

    /**
     * Begins to follow a master.
     *
     * @param storage the copy; if its log has no byte yet it has to begin where the master's does, or at the last segment of it
     *     (see {@link #beginning})
     * @param master where it is
     * @param timing of the connection
     * @return the running slave
     */
    public static ApacheSlave start(Storage storage, MasterAddress master, StreamTiming timing) {
        ApacheSlave slave = new ApacheSlave(storage.follow(), master, timing);
        slave.thread.start();
        return slave;
    }

    /**
     * Asks a master where its last segment begins.
     *
     * @param address of its replication port, {@code host:port}
     * @param timing of the connection
     * @return a log offset: a multiple of the size of its segments
     * @throws IOException if it does not answer in time: RocketMQ's may take one heartbeat
     */
    public static long beginning(String address, StreamTiming timing) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(socketAddress(address), (int) timing.connect().toMillis());
            socket.setSoTimeout((int) timing.silence().toMillis());
            socket.getOutputStream().write(new byte[ApacheStream.REPORT_BYTES]);
            return new DataInputStream(socket.getInputStream()).readLong();
        }
    }

    /** Whether the master is connected and has sent something. */
    public boolean connected() {
        return connected;
    }

    /** Tells that {@link MasterAddress} may answer something else now: tried at once. */
    public void masterChanged() {
        lock.lock();
        try {
            addressChanged = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        long waitMillis = timing.retry().toMillis();
        while (!isClosing()) {
            String address = master.find();
            if (address == null) {
                LOG.info("master-awaited logOffset={}", receiver.end());
                pause(Long.MAX_VALUE);
            } else {
                waitMillis = follow(address) ? timing.retry().toMillis() : waitMillis;
                pause(waitMillis);
                waitMillis = Math.min(waitMillis * 2, timing.maxRetry().toMillis());
            }
        }
    }

    /** Follows one connection to its end; returns whether anything came. */
    private boolean follow(String address) {
        ApacheSlaveStream stream =
                new ApacheSlaveStream(receiver, timing, whole, () -> following(address), PeerConnection.nowMillis());
        String why;
        try {
            PeerConnection opened = connect(address);
            begin(opened);
            why = opened.run(stream);
        } catch (BrokenLogException e) {
            why = e.getMessage() + "; is mappedFileSizeCommitLog the master's?";
        } catch (IOException | DiskException | IllegalArgumentException e) {
            why = String.valueOf(e.getMessage());
        } finally {
            end();
        }
        boolean came = connected;
        connected = false;
        whole = stream.beginsLater();
        if (!whole && !isClosing()) {
            report(address + ": " + why);
        }
        return came;
    }

    private PeerConnection connect(String address) throws IOException {
        SocketChannel channel = SocketChannel.open();
        boolean done = false;
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
            channel.socket()
                    .connect(socketAddress(address), (int) timing.connect().toMillis());
            done = true;
        } finally {
            if (!done) {
                channel.close();
            }
        }
        return new PeerConnection(channel, false);
    }

    /** The address in a text; a name is resolved anew. */
    private static InetSocketAddress socketAddress(String text) throws IOException {
        InetSocketAddress address = HostPort.parse(text).resolve();
        if (address.isUnresolved()) {
            throw new UnknownHostException("the name " + address.getHostString() + " cannot be resolved");
        }
        return address;
    }

    /** Makes a connection the one that {@link #close} ends, or has ended. */
    private void begin(PeerConnection opened) {
        lock.lock();
        try {
            connection = opened;
            if (closing) {
                opened.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            connection = null;
        } finally {
            lock.unlock();
        }
    }

    private void following(String address) {
        connected = true;
        reported = "";
        LOG.info("replica-follows master={} logOffset={}", address, receiver.end());
    }

    private void report(String why) {
        if (!why.equals(reported)) {
            reported = why;
            LOG.warn(
                    "replica-not-connected logOffset={} cause=\"{}\" action=\"tried again until it works\"",
                    receiver.end(),
                    why);
        }
    }

    private boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    /** Waits, less long if the address may have changed or this is closed. */
    private void pause(long millis) {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(millis);
            while (!closing && !addressChanged && left > 0) {
                left = changed.awaitNanos(left);
            }
            addressChanged = false;
        } catch (InterruptedException e) {
            // Nobody interrupts this thread but a bug: it ends as if it had been closed.
            closing = true;
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the connection and lets the store take appends again, behind the last whole record that came. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
            if (connection != null) {
                connection.close();
            }
        } finally {
            lock.unlock();
        }
        PlatformThreads.join(thread);
        receiver.close();
    }
}
