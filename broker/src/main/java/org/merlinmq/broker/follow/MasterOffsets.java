package org.merlinmq.broker.follow;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.offset.OffsetJson;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.request.UpdateOffsetRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a slave's offsets those of its master, but for what consumers committed at the slave while the master was away: the
 * master gets that, as commits, before its offsets are taken over.
 *
 * <pre>
 *   offset here, as of the last exchange, is still the same ──► the master's is taken, lower or higher
 *   committed here since, and ahead of the master's         ──► committed at the master, and kept
 *   committed here since, and not ahead                     ──► the master's is taken
 * </pre>
 *
 * <p>What counts as committed here is what differs from the last exchange, or from the start: a slave that is restarted while its
 * master is away takes the master's offsets for what it had committed before.
 *
 * <p>Threading: one thread at a time.
 */
final class MasterOffsets {
    private static final Logger LOG = LoggerFactory.getLogger(MasterOffsets.class);

    private final OffsetTable offsets;

    /** What stood here after the last exchange. */
    private Map<Place, Long> known;

    private record Place(String group, String topic, int queueId) {
        static Place of(OffsetJson.Entry entry) {
            return new Place(entry.group(), entry.topic(), entry.queueId());
        }

        OffsetJson.Entry at(long queueOffset) {
            return new OffsetJson.Entry(group, topic, queueId, queueOffset);
        }
    }

    /** How a request is asked of the master. */
    @FunctionalInterface
    interface Master {
        Frame ask(Frame request) throws InterruptedException;
    }

    MasterOffsets(OffsetTable offsets) {
        this.offsets = offsets;
        this.known = snapshot();
    }

    /**
     * Gives the master what it lacks, and takes over the rest.
     *
     * @param text the master's offsets, as it answers request 43
     * @param master takes commits; null if it may not, since it is not known to have the messages: what was committed here is kept
     *     until it may
     * @throws org.merlinmq.protocol.json.JsonException if the text is none
     * @throws org.merlinmq.transport.CallFailedException if the master does not answer; nothing is taken over then
     */
    void exchange(byte[] text, @Nullable Master master) throws InterruptedException {
        List<OffsetJson.Entry> theirs = OffsetJson.entries(text);
        Map<Place, Long> here = snapshot();
        Map<Place, Long> ahead = new HashMap<>(here);
        ahead.entrySet().removeIf(each -> each.getValue().equals(known.get(each.getKey())));
        theirs.forEach(entry -> ahead.computeIfPresent(
                Place.of(entry), (place, offset) -> offset > entry.queueOffset() ? offset : null));
        Set<Place> kept = new HashSet<>();
        for (Map.Entry<Place, Long> each : ahead.entrySet()) {
            if (master == null || commit(master, each.getKey().at(each.getValue()))) {
                kept.add(each.getKey());
            }
        }
        List<OffsetJson.Entry> taken =
                theirs.stream().filter(entry -> !kept.contains(Place.of(entry))).toList();
        OffsetJson.take(taken, offsets);
        taken.forEach(entry -> here.put(Place.of(entry), entry.queueOffset()));
        if (master == null) {
            // Still committed here since.
            ahead.keySet().forEach(place -> here.put(place, known.getOrDefault(place, ConsumeProgress.NONE)));
        }
        known = here;
    }

    /** Commits an offset at the master; returns whether it has it now. */
    static boolean commit(Master master, OffsetJson.Entry offset) throws InterruptedException {
        UpdateOffsetRequest header =
                new UpdateOffsetRequest(offset.group(), offset.topic(), offset.queueId(), offset.queueOffset());
        Frame answer = master.ask(Frame.request(RequestCode.UPDATE_CONSUMER_OFFSET, header));
        if (answer.isOk()) {
            LOG.info(
                    "offset-handed-over group={} topic={} queue={} offset={}",
                    offset.group(),
                    offset.topic(),
                    offset.queueId(),
                    offset.queueOffset());
        } else {
            LOG.warn(
                    "offset-not-handed-over group={} topic={} queue={} offset={} cause=\"the master answered code {}: {}\"",
                    offset.group(),
                    offset.topic(),
                    offset.queueId(),
                    offset.queueOffset(),
                    answer.code(),
                    answer.remark());
        }
        return answer.isOk();
    }

    private Map<Place, Long> snapshot() {
        Map<Place, Long> all = new HashMap<>();
        offsets.forEach(of -> {
            for (int queueId = 0; queueId < of.queues(); queueId++) {
                long queueOffset = of.committed(queueId);
                if (queueOffset != ConsumeProgress.NONE) {
                    all.put(new Place(of.group(), of.topic(), queueId), queueOffset);
                }
            }
        });
        return all;
    }
}
