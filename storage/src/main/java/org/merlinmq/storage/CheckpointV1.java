package org.merlinmq.storage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.merlinmq.storage.state.StateIndex;

/**
 * Reads the checkpoint of 0.1.0, which knew three indexes: their files stood in one list, with the progress of the timers
 * before it.
 *
 * <pre>
 * 12 lastStoreMillis  8
 * 20 runSetBytes      4
 * 24 upToLogOffset    8
 * 32 timerDueMillis   8
 * 40 timerLogOffset   8
 * 48 count            4
 * 52 files            44 each: kind 4 (1 queue, 2 key, 3 timer), then the 40 bytes of a RunFile
 * </pre>
 */
final class CheckpointV1 {
    private static final List<String> NAMES = List.of("queue", "key", "timer");
    private static final int TIMER = 3;
    private static final int HEAD_BYTES = 40;
    private static final int KIND_BYTES = 4;
    private static final int FILE_BYTES = 40;

    private CheckpointV1() {}

    /** Reads on behind the version. */
    static Checkpoint read(ByteBuffer in) {
        Checkpoint.expect(in, HEAD_BYTES);
        long lastStoreMillis = in.getLong();
        int setBytes = in.getInt();
        if (setBytes != in.remaining()) {
            throw new IllegalArgumentException("expected a run set of " + in.remaining() + " bytes, found " + setBytes);
        }
        long upTo = in.getLong();
        ByteBuffer timerPlace = in.slice(in.position(), 2 * Long.BYTES);
        in.position(in.position() + 2 * Long.BYTES);
        int count = in.getInt();
        if (count < 0 || in.remaining() != (long) count * (KIND_BYTES + FILE_BYTES)) {
            throw new IllegalArgumentException(
                    "a run set of " + count + " files cannot have " + setBytes + " bytes: it is damaged");
        }
        List<Checkpoint.Part> parts = new ArrayList<>();
        for (int kind = 1; kind <= NAMES.size(); kind++) {
            ByteBuffer head = kind == TIMER ? timerPlace : ByteBuffer.allocate(0);
            parts.add(new Checkpoint.Part(NAMES.get(kind - 1), 1, part(in, kind, head)));
        }
        // Its state was beside the log: no record below changes it.
        parts.add(new Checkpoint.Part(StateIndex.FILES, 1, ByteBuffer.allocate(Long.BYTES)));
        return new Checkpoint(upTo, lastStoreMillis, parts);
    }

    private static ByteBuffer part(ByteBuffer files, int kind, ByteBuffer head) {
        int headBytes = head.remaining();
        ByteBuffer out = ByteBuffer.allocate(headBytes + Integer.BYTES + files.remaining());
        out.put(head).putInt(0);
        int found = 0;
        for (int at = files.position(); at < files.limit(); at += KIND_BYTES + FILE_BYTES) {
            int its = files.getInt(at);
            if (its < 1 || its > NAMES.size()) {
                throw new IllegalArgumentException("run kind " + its + " is unknown");
            }
            if (its == kind) {
                out.put(files.slice(at + KIND_BYTES, FILE_BYTES));
                found++;
            }
        }
        return out.putInt(headBytes, found).flip();
    }
}
