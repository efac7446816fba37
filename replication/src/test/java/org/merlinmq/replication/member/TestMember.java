package org.merlinmq.replication.member;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.replication.apache.ApacheMaster;
import org.merlinmq.replication.core.ReplicationSettings;
import org.merlinmq.storage.FlushMode;
import org.merlinmq.storage.Progress;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.storage.StoreEnvironment;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.RecordReader;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.state.StateChange;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.transport.tls.TlsFiles;

/** A member with a store and a port of its own, and a gate before its appends as a broker has it. */
final class TestMember implements StoreHost, MemberEvents, AutoCloseable {
    static final int SEGMENT = 128 << 10;
    static final UUID BOOT = new UUID(1, 1);
    private static final int TYPE = 7;

    /** What all members of a group have in common. */
    record Group(int size, int copies, boolean flushed, Map<Integer, String> addresses, Special special) {
        Group(int size, int copies, boolean flushed, Map<Integer, String> addresses) {
            this(size, copies, flushed, addresses, Special.NONE);
        }

        Group with(Special other) {
            return new Group(size, copies, flushed, addresses, other);
        }

        ReplicationSettings settings(int member) {
            List<Integer> members = new ArrayList<>();
            for (int each = 0; each < size; each++) {
                members.add(each);
            }
            return new ReplicationSettings(
                    member,
                    members,
                    copies,
                    flushed,
                    SEGMENT,
                    special.windowBytes,
                    8 << 10,
                    special.catchUpBytesPerSecond,
                    special.inSyncBytes,
                    special.heartbeatMillis,
                    special.timeoutMillis,
                    10);
        }
    }

    /** What few groups have. */
    record Special(
            boolean checkpoints,
            String secret,
            @Nullable TlsFiles tls,
            int windowBytes,
            long catchUpBytesPerSecond,
            long inSyncBytes,
            long heartbeatMillis,
            long timeoutMillis) {
        static final Special NONE = new Special(true, "", null, 64 << 10, 100 << 20, 1 << 20, 50, 10_000);
        static final Special NO_CHECKPOINTS = new Special(false, "", null, 64 << 10, 100 << 20, 1 << 20, 50, 10_000);

        /** Its leader sends no heartbeats while a test lasts. */
        static final Special THROTTLED = new Special(true, "", null, 64 << 10, 1 << 20, 10 << 10, 500_000, 1_000_000);

        /** Nothing but its sockets wakes a leader whose log does not grow. */
        static final Special QUIET = new Special(true, "", null, 64 << 20, 100 << 20, 1 << 30, 500_000, 1_000_000);

        /** A copy takes many seconds, but for its last 128 KB. */
        static final Special SLOW = new Special(true, "", null, 64 << 10, 32 << 10, 128 << 10, 50, 10_000);

        Special secret(String known) {
            return new Special(
                    checkpoints,
                    known,
                    tls,
                    windowBytes,
                    catchUpBytesPerSecond,
                    inSyncBytes,
                    heartbeatMillis,
                    timeoutMillis);
        }

        Special silent(long millis) {
            return new Special(
                    checkpoints, secret, tls, windowBytes, catchUpBytesPerSecond, inSyncBytes, heartbeatMillis, millis);
        }

        Special tls(TlsFiles files) {
            return new Special(
                    checkpoints,
                    secret,
                    files,
                    windowBytes,
                    catchUpBytesPerSecond,
                    inSyncBytes,
                    heartbeatMillis,
                    timeoutMillis);
        }
    }

    final int number;
    final Disk disk;
    final SimClock clock = new SimClock();
    private final StorageConfig config;
    private final Object gate = new Object();
    private boolean open;
    private volatile Storage storage;
    private final int copies;
    final Member member;
    final GroupAcceptor acceptor;
    volatile long confirmed;
    volatile int inSync;
    final ConcurrentLinkedQueue<String> reports = new ConcurrentLinkedQueue<>();

    TestMember(Group group, int number, Disk disk, Path folder, UUID boot) throws IOException {
        this.number = number;
        this.disk = disk;
        this.config = StorageConfig.defaults(folder)
                .withSegmentBytes(SEGMENT)
                .withFlush(group.flushed ? FlushMode.SYNC : FlushMode.ASYNC)
                // A full disk is found by writing to it, not by a look every ten seconds.
                .withDiskLimits(1, 1, 1)
                .withCheckpoints(
                        group.special.checkpoints ? 32 << 10 : 1 << 30,
                        group.special.checkpoints ? Duration.ofMillis(20) : Duration.ofDays(1));
        this.copies = group.settings(number).copies();
        this.storage = open();
        String secret = group.special.secret;
        MemberSetup setup = new MemberSetup(
                group.settings(number),
                number == 0,
                77 + number,
                boot,
                each -> group.addresses.get(each),
                secret.isEmpty() ? null : new SharedSecret(secret, new SecureRandom()),
                group.special.tls);
        this.member = new Member(setup, this, this);
        this.acceptor = GroupAcceptor.serve(
                ApacheMaster.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                member::take,
                (channel, first) -> reports.add("a slave of RocketMQ's"));
        group.addresses.putIfAbsent(number, "127.0.0.1:" + acceptor.port());
        member.start();
    }

    @Override
    public StorageConfig config() {
        return config;
    }

    @Override
    public StoreEnvironment environment() {
        return StoreEnvironment.of(disk, clock);
    }

    @Override
    public Storage storage() {
        return storage;
    }

    @Override
    public void reopen(Runnable change) {
        storage.close();
        try {
            change.run();
        } finally {
            storage = open();
        }
    }

    private Storage open() {
        Storage opened = Storage.open(config, environment(), RecordRule.NONE, Progress.SILENT);
        if (copies > 0) {
            opened.readConfirmedOnly();
        }
        return opened;
    }

    @Override
    public void leads(int epoch, long group) {
        synchronized (gate) {
            open = true;
        }
    }

    @Override
    public void stoodDown(String reason) {
        synchronized (gate) {
            open = false;
        }
    }

    @Override
    public void follows(int leader) {
        // The view shows it.
    }

    @Override
    public void confirmed(long logOffset) {
        confirmed = logOffset;
    }

    @Override
    public void readable(long logOffset) {
        storage.readableTo(logOffset);
    }

    @Override
    public void inSync(int copies) {
        inSync = copies;
    }

    @Override
    public void reported(String sentence) {
        reports.add(sentence);
    }

    boolean leads() {
        return member.view().role() == MemberView.Role.LEADS;
    }

    void awaitLead() {
        await("member " + number + " leads", this::leads);
    }

    /** Appends a message and sometimes a change of the state; returns whether the gate was open. */
    boolean append(int id) {
        return append(id, ("message " + id + "x".repeat(id % 700)).getBytes(StandardCharsets.UTF_8));
    }

    private boolean append(int id, byte[] body) {
        synchronized (gate) {
            if (!open) {
                return false;
            }
            Storage to = storage;
            AppendBatch batch = to.newBatch(done -> {});
            byte[] topic = {'T'};
            RecordWriter writer = new RecordWriter()
                    .queueId(0)
                    .bornHost(new byte[] {127, 0, 0, 1}, 4711)
                    .storeHost(new byte[] {127, 0, 0, 1}, 10911)
                    .bornMillis(1000);
            int at = writer.begin(batch.bytes(), body, 0, body.length, topic, 0, topic.length);
            int size = writer.end(batch.bytes());
            RecordView view = new RecordView();
            view.on(batch.bytes().array(), at, size);
            batch.add(to.queue("T", 0), at, size, new RecordFacts().read(view, RecordRule.NONE));
            to.append(batch);
            // Under sync flush another thread finishes the batch: the log has taken its place in its order.
            assertThat(config.flush() == FlushMode.SYNC || batch.status() == AppendStatus.STORED)
                    .as(batch.reason())
                    .isTrue();
            if (id % 10 == 0) {
                to.append(new StateChange().put(TYPE, new byte[] {(byte) (id % 70)}, body));
            }
            return true;
        }
    }

    /** Changes the state; what it has then is as large as all values together. */
    void change(int key, byte[] value) {
        synchronized (gate) {
            assertThat(open).isTrue();
            storage.append(new StateChange().put(TYPE, new byte[] {(byte) key, 1}, value));
        }
    }

    void fill(int from, int count) {
        for (int id = from; id < from + count; id++) {
            assertThat(append(id)).as("member %s takes sends", number).isTrue();
        }
    }

    /** Appends messages of which two fill a segment. */
    void fillLarge(int count) {
        for (int i = 0; i < count; i++) {
            assertThat(append(1, new byte[SEGMENT / 2 - 1000])).isTrue();
        }
    }

    long end() {
        return storage.maxLogOffset();
    }

    /** The log's bytes from an offset to its end. */
    byte[] log(long from) {
        byte[] bytes = new byte[(int) (end() - from)];
        for (int at = 0; at < bytes.length; ) {
            at += storage.copyLog(from + at, bytes, at, bytes.length - at);
        }
        return bytes;
    }

    /** The bodies of all messages that are left. */
    List<String> messages() {
        List<String> bodies = new ArrayList<>();
        Queue queue = storage.queue("T", 0);
        EntrySlice slice = new EntrySlice(16);
        RecordReader reader = storage.newRecordReader();
        byte[] record = new byte[16 << 10];
        RecordView view = new RecordView();
        for (long at = queue.minOffset(); queue.readStored(at, 16, slice) > 0; at += slice.count) {
            for (int i = 0; i < slice.count; i++) {
                assertThat(reader.read(slice, i, record, 0)).isEqualTo(RecordReader.READ_OK);
                view.on(record, 0, slice.size[i]);
                bodies.add(new String(record, view.bodyAt(), view.bodyBytes(), StandardCharsets.UTF_8));
            }
        }
        return bodies;
    }

    /** Where a message begins. */
    long logOffset(int id) {
        EntrySlice slice = new EntrySlice(1);
        assertThat(storage.queue("T", 0).readStored(id, 1, slice)).isPositive();
        return slice.logOffset[0];
    }

    Map<String, String> state() {
        Map<String, String> state = new TreeMap<>();
        storage.checkpoint();
        storage.state().replay((type, key, value) -> {
            String name = type + Arrays.toString(key);
            if (value == null) {
                state.remove(name);
            } else {
                state.put(name, new String(value, StandardCharsets.UTF_8));
            }
        });
        return state;
    }

    /** Waits until this member has what the leader has, and compares all of it. */
    void awaitCopyOf(TestMember leader) {
        await(
                () -> "member " + number + " has what " + leader.number + " has: " + member.view() + ", and "
                        + leader.member.view() + "; reports " + reports + " and " + leader.reports,
                () -> {
                    MemberView view = member.view();
                    return view.leader() == leader.number
                            && view.end() == leader.end()
                            && view.epoch() == leader.member.view().epoch();
                });
        long begin = Math.max(storage.minLogOffset(), leader.storage.minLogOffset());
        assertThat(log(begin)).isEqualTo(leader.log(begin));
        assertThat(storage.epochs().epochs()).isEqualTo(leader.storage.epochs().epochs());
        assertThat(messages()).isEqualTo(leader.messages());
        assertThat(state()).isEqualTo(leader.state());
    }

    static void await(String what, BooleanSupplier holds) {
        await(() -> what, holds);
    }

    static void await(Supplier<String> what, BooleanSupplier holds) {
        long started = System.nanoTime();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - started).as(what).isLessThan(TimeUnit.SECONDS.toNanos(60));
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Ends it as a kill does. The store is closed when its disk is dead. */
    void kill() {
        acceptor.close();
        member.kill();
        synchronized (gate) {
            open = false;
        }
    }

    @Override
    public void close() {
        acceptor.close();
        member.close();
        storage.close();
    }
}
