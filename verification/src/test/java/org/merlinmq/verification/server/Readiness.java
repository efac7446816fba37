package org.merlinmq.verification.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;

/** Asks the name server for a route and the broker for an offset: what clients do first. */
final class Readiness {
    private static final int ANSWER_MILLIS = 2_000;

    private Readiness() {}

    static boolean of(InetSocketAddress nameserver, InetSocketAddress broker) {
        return answers(nameserver, RequestCode.GET_ROUTEINFO_BY_TOPIC, Map.of("topic", "TBW102"))
                && answers(broker, RequestCode.GET_MAX_OFFSET, Map.of("topic", "TBW102", "queueId", "0"));
    }

    /** Whether a server takes connections there. */
    static boolean listens(InetSocketAddress address) {
        try {
            new RawConnection(address, ANSWER_MILLIS).close();
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static boolean answers(InetSocketAddress to, RequestCode code, Map<String, String> fields) {
        try (RawConnection connection = new RawConnection(to, ANSWER_MILLIS)) {
            Frame reply = connection.call(Frame.request(code, null).withFields(fields));
            return reply.code() == ResponseCode.SUCCESS.number();
        } catch (IOException notYet) {
            return false;
        }
    }
}
