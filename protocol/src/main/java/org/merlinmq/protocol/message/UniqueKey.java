package org.merlinmq.protocol.message;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicInteger;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * Makes the ids by which clients know messages (property {@code UNIQ_KEY}), for messages that come without one.
 *
 * <pre>
 *  ip 4 or 16 | process 2 | salt 4 | milliseconds since the month began 4 | counter 2       in hexadecimal
 * </pre>
 *
 * <p>Threading: any thread. An id repeats only if one generator makes more than 65,536 in a millisecond.
 */
public final class UniqueKey {
    private static final int TAIL_CHARS = 24;

    private final Clock clock;
    private final ZoneId zone;
    private final byte[] prefix;
    private final AtomicInteger counter = new AtomicInteger();
    // Written as one value, so that readers never mix the ends of two months.
    private volatile Month month = new Month(0, Long.MIN_VALUE);

    private record Month(long startMillis, long endMillis) {}

    /**
     * Makes a generator.
     *
     * @param host 4 or 16 bytes of address
     * @param process number of the process; its low 16 bits count
     * @param salt distinguishes generators of one process
     * @param clock the time, and the zone in which months begin
     */
    public UniqueKey(byte[] host, long process, int salt, Clock clock) {
        this.clock = clock;
        this.zone = clock.getZone();
        this.prefix = new byte[2 * host.length + 12];
        int at = Hex.put(host, 0, host.length, prefix, 0);
        at = Hex.put(process, 2, prefix, at);
        Hex.put(salt, 4, prefix, at);
    }

    /**
     * Appends a new id.
     *
     * @param out where to
     */
    public void append(ByteWriter out) {
        out.put(prefix);
        int at = out.ensure(TAIL_CHARS);
        int i = Hex.put(millisOfMonth(), 4, out.array(), at);
        i = Hex.put(counter.getAndIncrement(), 2, out.array(), i);
        out.advance(i - at);
    }

    /**
     * Makes a new id.
     *
     * @return its text
     */
    public String next() {
        ByteWriter out = new ByteWriter(prefix.length + TAIL_CHARS);
        append(out);
        return Bytes.text(out.array(), 0, out.length());
    }

    private long millisOfMonth() {
        long now = clock.millis();
        Month current = month;
        if (now >= current.endMillis() || now < current.startMillis()) {
            LocalDate first = clock.instant().atZone(zone).toLocalDate().withDayOfMonth(1);
            current = new Month(startOf(first), startOf(first.plusMonths(1)));
            month = current;
        }
        return now - current.startMillis();
    }

    private long startOf(LocalDate day) {
        return day.atStartOfDay(zone).toInstant().toEpochMilli();
    }
}
