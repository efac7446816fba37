package org.merlinmq.broker.stats;

import java.util.Arrays;

/**
 * When the counters were last sampled for one window of time. All counters share these times and keep their own values
 * at the same places.
 *
 * <p>A counter does not change between the last sample and the first message after an idle time, so that no sample is
 * needed while nothing happens.
 *
 * <p>Threading: guarded by the {@link ThroughputStats} that owns it.
 */
final class Samples {
    private final long[] takenMillis;
    private final long everyMillis;
    private int next;
    private int count;

    Samples(int kept, long everyMillis) {
        this.takenMillis = new long[kept];
        this.everyMillis = everyMillis;
    }

    int kept() {
        return takenMillis.length;
    }

    long windowMillis() {
        return everyMillis * (takenMillis.length - 1);
    }

    boolean isDue(long nowMillis) {
        return count == 0 || nowMillis - takenMillis[Math.floorMod(next - 1, takenMillis.length)] >= everyMillis;
    }

    /** The place for a sample taken now. */
    int take(long nowMillis) {
        int place = next;
        takenMillis[place] = nowMillis;
        next = (next + 1) % takenMillis.length;
        count = Math.min(count + 1, takenMillis.length);
        return place;
    }

    /** The place of the last sample not later than a time, or the oldest kept; -1 if there is none. */
    int at(long millis) {
        int place = -1;
        for (int back = 1; back <= count; back++) {
            place = Math.floorMod(next - back, takenMillis.length);
            if (takenMillis[place] <= millis) {
                return place;
            }
        }
        return place;
    }

    long takenMillis(int place) {
        return takenMillis[place];
    }

    @Override
    public String toString() {
        return Arrays.toString(takenMillis);
    }
}
