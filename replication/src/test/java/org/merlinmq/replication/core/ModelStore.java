package org.merlinmq.replication.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.stream.Message.CopyPart;
import org.merlinmq.storage.SetAsideLog;
import org.merlinmq.storage.log.EpochTable.Epoch;

/** A log in memory: a record is its length (4), its id (8), and bytes of no meaning. A loss of power takes what was not synced. */
final class ModelStore implements MemberStore {
    private static final int HEAD_BYTES = 12;
    private static final int MAX_FILL = 30;

    private List<Epoch> epochs = List.of(new Epoch(0, 0));
    private long base;
    private byte[] bytes = new byte[1 << 10];
    private int begin;
    private int length;
    private int whole;
    private int flushed;
    private boolean following;

    /** Whether a log that begins again is kept beside it. */
    private final boolean room;

    private @Nullable ModelStore setAside;

    ModelStore(boolean room) {
        this.room = room;
    }

    /** Of the records below the beginning, then of all. */
    private long stateAtBegin;

    private long state;

    private void reset(long from, long stateBefore) {
        epochs = List.of(new Epoch(0, 0));
        base = from;
        stateAtBegin = stateBefore;
        state = stateBefore;
        begin = 0;
        length = 0;
        whole = 0;
        flushed = 0;
    }

    @Override
    public List<Epoch> epochs() {
        return epochs;
    }

    @Override
    public long begin() {
        return base + begin;
    }

    @Override
    public long end() {
        return base + whole;
    }

    @Override
    public long flushed() {
        return base + Math.min(flushed, whole);
    }

    @Override
    public long append(long id) {
        assertThat(following).isFalse();
        long at = end();
        ByteBuffer record = ByteBuffer.allocate(HEAD_BYTES + (int) (id * 7 % MAX_FILL));
        record.putInt(record.capacity()).putLong(id);
        while (record.hasRemaining()) {
            record.put((byte) id);
        }
        take(record.array());
        return at;
    }

    private void take(byte[] more) {
        if (bytes.length - length < more.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more.length));
        }
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
        ByteBuffer all = ByteBuffer.wrap(bytes, 0, length);
        while (length - whole >= HEAD_BYTES && length - whole >= all.getInt(whole)) {
            state = state * 31 + all.getLong(whole + 4);
            whole += all.getInt(whole);
        }
    }

    @Override
    public void flush() {
        flushed = whole;
    }

    @Override
    public int copy(long from, ByteBuffer to) {
        int at = (int) (from - base);
        if (at < begin) {
            return -1;
        }
        int count = Math.min(to.remaining(), whole - at);
        to.put(bytes, at, count);
        return count;
    }

    @Override
    public long idAt(long logOffset) {
        if (logOffset < begin()) {
            return 0;
        }
        int at = (int) (logOffset - base);
        return at + HEAD_BYTES > whole ? -1 : ByteBuffer.wrap(bytes).getLong(at + 4);
    }

    @Override
    public void startFollowing() {
        assertThat(following).isFalse();
        following = true;
    }

    @Override
    public void receive(long logOffset, byte[] more) {
        assertThat(following).isTrue();
        assertThat(logOffset).isEqualTo(base + length);
        take(more);
    }

    @Override
    public void stopFollowing() {
        assertThat(following).isTrue();
        following = false;
        length = whole;
        flushed = Math.min(flushed, whole);
    }

    @Override
    public boolean cutBack(long logOffset) {
        assertThat(following).isFalse();
        if (logOffset < begin()) {
            return false;
        }
        assertThat(logOffset).isLessThanOrEqualTo(end());
        endsAt((int) (logOffset - base));
        assertThat(end()).as("cut at a record").isEqualTo(logOffset);
        return true;
    }

    private void endsAt(int end) {
        byte[] left = Arrays.copyOf(bytes, end);
        int synced = Math.min(flushed, end);
        state = stateAtBegin;
        length = begin;
        whole = begin;
        take(Arrays.copyOfRange(left, begin, end));
        length = whole;
        flushed = Math.min(synced, whole);
    }

    @Override
    public void adopt(List<Epoch> adopted) {
        epochs = List.copyOf(adopted);
    }

    @Override
    public void beginEpoch(int epoch) {
        epochs = new EpochHistory(epochs, end()).begin(epoch).epochs();
    }

    @Override
    public void deleteBelow(long logOffset) {
        ByteBuffer all = ByteBuffer.wrap(bytes, 0, length);
        while (begin < whole && base + begin + all.getInt(begin) <= logOffset) {
            stateAtBegin = stateAtBegin * 31 + all.getLong(begin + 4);
            begin += all.getInt(begin);
        }
    }

    @Override
    public long state() {
        return state;
    }

    @Override
    public List<CopyPart> copyParts(int epoch) {
        byte[] bytes = ByteBuffer.allocate(8).putLong(stateAtBegin).array();
        return List.of(new CopyPart(epoch, begin(), SimGroup.SEGMENT_BYTES, begin(), false, true, 1, bytes));
    }

    @Override
    public boolean hasRoom() {
        return room;
    }

    @Override
    public boolean empty() {
        assertThat(following).isFalse();
        if (setAside == null && room && end() > begin()) {
            setAside = new ModelStore(room);
            setAside.become(this);
            // It was closed.
            setAside.flush();
        }
        reset(0, 0);
        return setAside != null;
    }

    private void become(ModelStore other) {
        epochs = other.epochs;
        base = other.base;
        bytes = other.bytes.clone();
        begin = other.begin;
        length = other.whole;
        whole = other.whole;
        flushed = other.flushed;
        stateAtBegin = other.stateAtBegin;
        state = other.state;
    }

    @Override
    public @Nullable SetAsideLog setAside() {
        ModelStore old = setAside;
        return old == null ? null : new SetAsideLog(old.epochs, old.begin(), old.end());
    }

    @Override
    public void copyIsLevel() {
        assertThat(setAside).isNotNull();
        setAside = null;
    }

    @Override
    public void putBack() {
        assertThat(following).isFalse();
        become(requireNonNull(setAside));
        setAside = null;
    }

    @Override
    public Counting counting() {
        return setAside == null ? MemberStore.super.counting() : setAside.counting();
    }

    @Override
    public boolean takeCopyPart(CopyPart part) {
        assertThat(following).isFalse();
        reset(part.logOffset(), ByteBuffer.wrap(part.bytes()).getLong());
        return part.last();
    }

    @Override
    public void forgetCopyParts() {
        // There is one part.
    }

    @Override
    public void loseRecords(RandomGenerator random) {
        endsAt(random.nextInt(begin, whole + 1));
        epochs = new EpochHistory(epochs, end()).epochs();
    }

    @Override
    public MemberStore fresh() {
        return new ModelStore(room);
    }

    @Override
    public MemberStore crash(boolean power, RandomGenerator random) {
        following = false;
        if (power && flushed < length) {
            int left = random.nextInt(3) == 0 ? flushed : random.nextInt(flushed, length + 1);
            endsAt(Math.max(begin, left));
            flushed = whole;
        } else {
            length = whole;
            flushed = Math.min(flushed, whole);
        }
        epochs = new EpochHistory(epochs, end()).epochs();
        return this;
    }
}
