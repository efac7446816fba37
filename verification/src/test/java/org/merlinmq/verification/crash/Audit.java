package org.merlinmq.verification.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.verification.server.RawConnection;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.Talk;

/** Reads back what is stored and holds it against what was acknowledged. */
final class Audit {
    private static final int ANSWER_MILLIS = 30_000;

    private final String topic;
    private final Acknowledged acknowledged;

    Audit(String topic, Acknowledged acknowledged) {
        this.topic = topic;
        this.acknowledged = acknowledged;
    }

    /**
     * Reads each queue from an offset to its end.
     *
     * @return how many messages were found that had not been acknowledged
     */
    long run(Server server, long[] from) throws IOException {
        long unasked = 0;
        try (RawConnection connection = new RawConnection(server.broker(), ANSWER_MILLIS)) {
            for (int queue = 0; queue < acknowledged.queues(); queue++) {
                unasked += queue(connection, queue, from[queue]);
            }
        }
        return unasked;
    }

    private long queue(RawConnection connection, int queue, long from) throws IOException {
        long offset = from;
        long confirmed = 0;
        long unasked = 0;
        RecordView record = new RecordView();
        while (true) {
            Frame reply = connection.call(
                    Frame.request(RequestCode.PULL_MESSAGE, null).withFields(Talk.pullFields(topic, queue, offset)));
            if (reply.code() != ResponseCode.SUCCESS.number()) {
                assertThat(reply.code())
                        .as("queue %d at %d: %s", queue, offset, reply.remark())
                        .isIn(19, 21);
                assertThat(reply.requiredLong("maxOffset"))
                        .as("end of queue %d", queue)
                        .isEqualTo(offset);
                break;
            }
            byte[] body = reply.body();
            for (int at = 0; at < body.length; at += record.totalBytes()) {
                assertThat(record.on(body, at, body.length - at))
                        .as("a whole record in queue %d at %d", queue, offset)
                        .isTrue();
                assertThat(record.queueOffset())
                        .as("the next offset of queue %d", queue)
                        .isEqualTo(offset);
                assertThat(record.bodyCrcMatches())
                        .as("checksum in queue %d at %d", queue, offset)
                        .isTrue();
                long hash = Load.hash(Arrays.copyOfRange(body, record.bodyAt(), record.bodyAt() + record.bodyBytes()));
                Long expected = acknowledged.at(queue, offset);
                if (expected != null) {
                    assertThat(hash).as("body in queue %d at %d", queue, offset).isEqualTo(expected);
                    confirmed++;
                } else {
                    assertThat(acknowledged.wasAttempted(hash))
                            .as("queue %d holds at %d what nobody sent", queue, offset)
                            .isTrue();
                    unasked++;
                }
                offset++;
            }
        }
        assertThat(confirmed)
                .as("acknowledged messages in queue %d from %d on, which ends at %d", queue, from, offset)
                .isEqualTo(acknowledged.since(queue, from));
        return unasked;
    }
}
